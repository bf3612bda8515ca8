"""Answers that are paper: PDF files."""

from flask import Response


def paper_answer(content: bytes, name: str) -> Response:
    """A PDF under a file name (ASCII); the browser shows it, and saves it under that name."""
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
