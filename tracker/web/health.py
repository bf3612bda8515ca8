"""For whoever watches the service: is the process alive, can it work?"""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from tracker.extensions import db
from tracker.web.access import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    return {"status": "alive"}


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    db.session.execute(text("SELECT 1"))
    return {"status": "ready"}
