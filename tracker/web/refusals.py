"""What rules and senders refuse with, in the reader's language."""

from flask_babel import gettext as _


def refusal(error: object) -> str:
    """The words of an error, or words kept of one.

    They are a sentence of the catalogue, or one that ends in a colon and what cannot be translated behind it: a day,
    a host, a server's answer.
    """
    words = str(error)
    if not words:
        return ""
    known, colon, detail = words.partition(_COLON)
    translated = _(words)
    return translated if translated != words or not colon else _(known + colon) + detail


_COLON = chr(0xFF1A)
"""The full-width one, as our sentences have it."""
