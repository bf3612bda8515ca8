"""A mark on words that people read: collected for translation here, translated where they are shown."""


def N_(text: str) -> str:  # noqa: N802 - the mark that gettext's own manual uses
    """Return `text` unchanged; the translation catalogue is collected by this name."""
    return text
