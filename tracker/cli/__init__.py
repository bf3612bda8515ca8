"""Commands: ``flask --app wsgi …``. One module a subject; each reads its arguments and calls a use case."""

from flask import Flask


def register(app: Flask) -> None:
    """Give the application its commands."""
