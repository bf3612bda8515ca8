"""Our scripts for phones: an address that names the content, and nothing sent that only people read.

There is no build step. What goes to a phone is the file itself without comments and indentation; its address carries
a mark of its content, so that a browser keeps it for good, also beside a page kept for times without network.
"""

import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

FOLDER = Path(__file__).parents[1] / "static" / "js"
FOR_PHONES = ("page.js", "report.js", "photos.js", "outbox.js", "worker.js")
"""Written so that a comment stands on lines of its own or at the end of one."""
_COMMENT_LINES = re.compile(r"^[ ]*/\*.*?\*/[ ]*$", re.DOTALL | re.MULTILINE)
_COMMENT_AT_END = re.compile(r"[ ]{2,}/\*[^\n]*\*/[ ]*$", re.MULTILINE)
_INDENTATION = re.compile(r"\n\s*")


def bind_scripts(app: Flask) -> None:
    """Give templates the addresses. Bound after compression, so that what is compressed is squeezed already."""
    app.jinja_env.globals.update(script_url=script_url, shelf_name=shelf_name)
    app.after_request(_squeeze)


def script_url(name: str) -> str:
    """The address of a script, such as ``/static/js/page.js?v=…``."""
    return url_for("static", filename=f"js/{name}", v=mark_of(name))


@cache
def mark_of(name: str) -> str:
    """Twelve characters that change with the script."""
    return hashlib.sha256(squeezed(name).encode()).hexdigest()[:12]


@cache
def shelf_name() -> str:
    """What a phone's kept pages are called: they and their scripts are of one version, and go together."""
    marks = "".join(mark_of(name) for name in FOR_PHONES)
    return f"forms-{hashlib.sha256(marks.encode()).hexdigest()[:12]}"


@cache
def squeezed(name: str) -> str:
    """A script as it is sent."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    for what, instead in ((_COMMENT_LINES, ""), (_COMMENT_AT_END, ""), (_INDENTATION, "\n")):
        text = what.sub(instead, text)
    return text.strip() + "\n"


def _squeeze(response: Response) -> Response:
    name = request.path.rpartition("/")[2]
    if request.endpoint != "static" or response.status_code != 200 or name not in FOR_PHONES:
        return response
    response.direct_passthrough = False
    response.make_sequence()  # closes the file with the answer
    response.set_data(squeezed(name))
    if request.args.get("v") == mark_of(name):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
