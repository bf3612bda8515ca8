"""For whoever watches the service: is the process alive, can it work?"""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from tracker.extensions import db
from tracker.services.jobs import is_anybody_alive
from tracker.web.access import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    return {"status": "alive"}


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Not ready without a job process: reports would be taken in, and nobody would ever hear of a broken promise."""
    db.session.execute(text("SELECT 1"))
    if not is_anybody_alive():
        why = "No job process has been alive for a minute: start `flask jobs run`."
        return {"status": "not ready", "why": why}, 503
    return {"status": "ready"}
