"""Distinct voices: how many people a case concerns. Kept with the case, so that every list has it at hand."""

from collections.abc import Collection, Iterable

from sqlalchemy import or_, select, update

from tracker.domain.voices import distinct_voices
from tracker.extensions import db
from tracker.models import Case, Report


def recount(numbers: Iterable[str]) -> None:
    """Count the voices of these cases anew. Inside a transaction, after a report joined or a case was merged.

    A phone number that was erased since no longer ties two devices together; a count is not taken back for that,
    because nothing calls for a new one.
    """
    for number in sorted(numbers):
        with_merged = select(Case.id).where(or_(Case.number == number, Case.main_case == number))
        people = voices_of(db.session.scalars(with_merged).all())
        db.session.execute(update(Case).where(Case.number == number).values(voices=max(people, 1)))


def voices_of(case_ids: Collection[int]) -> int:
    """How many people reported any of these cases: by device, and by phone number where one was left."""
    senders = select(Report.device_hash, Report.phone_fingerprint).where(Report.case_id.in_(sorted(case_ids)))
    return distinct_voices((device, phone) for device, phone in db.session.execute(senders))
