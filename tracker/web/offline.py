"""What a phone needs for times without network: the worker that answers then, and a token to send later with."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from tracker.web.access import device, public
from tracker.web.scripts import shelf_name, squeezed

bp = Blueprint("offline", __name__)


@bp.get("/sw.js")
@public
def worker() -> ResponseReturnValue:
    """The service worker. At the root, because it may answer only for what lies below its own address."""
    answer = Response(
        squeezed("worker.js").replace("'SHELF'", f"'{shelf_name()}'"), mimetype="text/javascript"
    )
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.get("/form-token")
@public
def form_token() -> ResponseReturnValue:
    """A form token for a report that was written long ago, perhaps before this browser lost its cookies."""
    device()
    return jsonify(csrf_token=generate_csrf())
