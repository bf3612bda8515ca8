"""What people type, in the one form it is stored, compared and hashed in."""

_DROPPED = {code: None for code in range(32) if chr(code) not in "\t\n"} | {127: None}


def plain_text(typed: str) -> str:
    """`typed` without blanks around it, with plain line ends and without what no database or reader can take.

    Browsers send CRLF where a script sends LF; NUL is refused by PostgreSQL and half a surrogate pair by UTF-8.
    """
    whole = typed.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "ignore").decode()
    return whole.translate(_DROPPED).strip()
