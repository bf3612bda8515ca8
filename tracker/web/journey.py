"""The way of a case as its reporter sees it, like a parcel's: five stations, who has it now, what comes next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import pgettext

from tracker.domain.case_record import CaseRecord
from tracker.domain.lifecycle import State
from tracker.web.promise_words import Promise

_AT = {
    State.REPORTED: 1,
    State.NEEDS_INFO: 1,
    State.CHECKING: 1,
    State.FILED: 1,
    State.DISPATCHED: 2,
    State.RETURN_REQUESTED: 2,
    State.IN_PROGRESS: 2,
    State.ON_HOLD: 2,
    State.RESOLVED: 3,
    State.VERIFIED: 4,
    State.CLOSED: 5,
}
"""State → how many of the five stations lie behind it. Whatever ended otherwise has left the way."""


@dataclass(frozen=True)
class Station:
    """One of the five; standing: ``done``, ``now`` or ``next``."""

    name: str
    standing: str


def stations(record: CaseRecord) -> list[Station]:
    """The way, with where the case stands on it; empty for one that left it."""
    at = _AT.get(State(record.state))
    if at is None:
        return []
    names = [
        pgettext("station", "收到"),
        pgettext("station", "受理"),
        pgettext("station", "处理"),
        pgettext("station", "核查"),
        pgettext("station", "确认"),
    ]
    if at == len(names) and record.closing != "confirmed":
        names = names[:-1]  # closed without an answer: nobody confirmed it
    return [
        Station(name, "now" if place == at else "done" if place < at else "next")
        for place, name in enumerate(names)
    ]


def holder(record: CaseRecord, department: str, office: str) -> str:
    """Who has to do something now: an office or a department, never a person; empty: nobody any more.

    Args:
        department: name of the lead; empty: none.
        office: name of the street's centre.
    """
    match State(record.state):
        case State.REPORTED | State.CHECKING | State.FILED | State.RETURN_REQUESTED:
            return office
        case State.DISPATCHED | State.IN_PROGRESS | State.ON_HOLD:
            return department or office
        case State.RESOLVED:
            return _("核查人员（不是处理的单位）")
        case _:
            return ""


def ahead(record: CaseRecord, promised: Sequence[Promise], department: str) -> list[Promise]:
    """What comes next and by when, the next first; then what follows without a time of its own yet."""
    return [*promised, *_later(record, {promise.kind for promise in promised}, department)]


def _later(record: CaseRecord, promised: set[str], department: str) -> Iterator[Promise]:
    at = _AT.get(State(record.state), 9)
    if at < 2 or (at == 2 and not promised & {"done", "redo", "stage"}):
        yield Promise(_("%(unit)s去处理", unit=department) if department else _("负责的单位去处理"))
    if at < 3:
        yield Promise(_("另一位人员到现场核查"), note=_("处理的人不能自己说好就好。"))
    if at < 4:
        yield Promise(_("您来说：解决了没有"), note=_("没解决，就退回重新处理。"))
