"""Commands: ``flask --app wsgi …``. One module a subject; each reads its arguments and calls a use case."""

from flask import Flask

from tracker.cli import serve


def register(app: Flask) -> None:
    """Give the application its commands."""
    for command in (serve.serve,):
        app.cli.add_command(command)
