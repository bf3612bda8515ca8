"""What the grouping has learned, kept in the database and read once a process."""

import hashlib

from sqlalchemy import delete, select

from tracker.domain.grouping.model import NOTHING_LEARNED, Model
from tracker.domain.grouping.model_bytes import model_from_bytes, model_to_bytes
from tracker.extensions import db
from tracker.models import GroupingLesson
from tracker.services.parts import parts


def lesson_of(digest: str) -> Model:
    """The lesson in force; one that was replaced at this very moment counts as none."""
    if not digest:
        return NOTHING_LEARNED
    known = parts().lessons
    if digest not in known:
        state = db.session.scalar(select(GroupingLesson.state).where(GroupingLesson.digest == digest))
        if state is None:
            return NOTHING_LEARNED
        model = model_from_bytes(state)
        known.clear()
        known[digest] = model
    return known[digest]


def keep_lesson(model: Model) -> str:
    """Keep a lesson in place of the one before; return its digest. Inside a transaction."""
    state = model_to_bytes(model)
    digest = hashlib.sha256(state).hexdigest()
    db.session.execute(delete(GroupingLesson))
    db.session.add(GroupingLesson(digest=digest, state=state))
    db.session.flush()
    return digest
