"""What people see when something goes wrong: one page, a reference, what to do. The log has the rest."""

import secrets

from flask import Flask, Response, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

from tracker.adapters.photo_store import PhotoMissing, StorageFailed
from tracker.domain.permissions import NotPermitted
from tracker.services.actions import ItemMissing
from tracker.services.cases import CaseMissing
from tracker.services.issue_moves import IssueMissing
from tracker.services.links import LinkUnknown
from tracker.services.meeting_moves import MeetingMissing
from tracker.web.uploads import limits

_PAGES = frozenset({400, 403, 404, 413, 429, 500, 503})
RETRY_AFTER_S = 60


def bind_errors(app: Flask) -> None:
    """Answer every failure with a page; what is not yours looks as if it were not there."""
    app.register_error_handler(HTTPException, _known)
    app.register_error_handler(CSRFError, _misunderstood)
    app.register_error_handler(SecurityError, _not_our_host)
    missing_things = (
        CaseMissing,
        IssueMissing,
        ItemMissing,
        LinkUnknown,
        MeetingMissing,
        PhotoMissing,
        NotPermitted,
    )
    for missing in missing_things:
        app.register_error_handler(missing, _not_there)
    app.register_error_handler(StorageFailed, _unavailable)
    app.register_error_handler(SQLAlchemyError, _unavailable)
    app.register_error_handler(Exception, _unexpected)


def _known(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error.get_response()
    answer = _page(code if code in _PAGES else 400)
    answer.status_code = code
    return answer


def _misunderstood(_error: Exception) -> ResponseReturnValue:
    return _page(400)


def _not_our_host(_error: Exception) -> ResponseReturnValue:
    """A page has links, and links need an address of ours: who came by another gets a line of text."""
    return Response("400 Bad Request\n", 400, mimetype="text/plain")


def _not_there(_error: Exception) -> ResponseReturnValue:
    return _page(404)


def _unavailable(error: Exception) -> ResponseReturnValue:
    """The disk or the database cannot take it now; nothing was stored by halves."""
    answer = _page(503, _logged(error))
    answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def _unexpected(error: Exception) -> ResponseReturnValue:
    return _page(500, _logged(error))


def _logged(error: Exception) -> str:
    """Log the error under a short reference that the page shows; never what the person sent."""
    reference = secrets.token_hex(4)
    current_app.logger.error("error %s on %s", reference, request.endpoint, exc_info=error)
    return reference


def _page(code: int, reference: str = "") -> Response:
    if request.accept_mimetypes.best == "application/json":
        answer = jsonify(error=code, reference=reference)
    else:
        answer = Response(render_template(f"errors/{code}.html", error_id=reference, photo_limits=limits()))
    answer.status_code = code
    return answer
