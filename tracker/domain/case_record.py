"""What the case table knows of one case: a plain value that its history alone can rebuild.

``advance`` takes a record along one arrow; ``changes_between`` says what that changed, in the form the history
keeps; ``rebuild`` folds such changes back into the record. The columns of the case table carry the same names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from tracker.domain.lifecycle import State


@dataclass(frozen=True)
class CaseRecord:
    """Everything an arrow reads or changes.

    Attributes:
        version: number of history rows so far; what a page saw and sends back.
        category: code. Never empty once the case is reported.
        lead, co: department codes 主办 and 协办 it lies with now.
        handled_by: codes of every department it ever lay with; none of them may verify.
        returns, reworks, reopens, disputes, extensions, appeals: how often each happened.
        appeal_open: 1 while a declined case waits for the duty lead's second decision.
        held: 1 while it is kept apart, because its sender's device is banned: nobody works on it, nothing is promised.
        flagged: 1 if its photos are shown only to whoever asks for them: kept apart unseen, or voided as an abuse.
        look_by: role that must look before the handler may go on; empty: nobody.
        return_to: department the handler thinks it should be, while a return is asked for or was granted.
        return_until_at: last moment to ask for a return; None: no limit known.
        extension_on: day the handler asks for; due_on: day granted, replacing the promise.
        hold_until_on: review day of a case on hold.
        main_case: number of the case it was merged into.
        closing: ``confirmed`` by the reporter or ``lapsed`` without an answer.
        rating: 1 (worst) to 5, by the reporter; 0: none given.
        worse: how many of those it concerns say that it has got worse, since there last was a result.
        gone: how many people say that it is gone, since somebody last looked; gone_at: the first of them, None: nobody.
        gone_seen_at: when a verifier saw that it is gone; None: nobody did, or somebody met it again.
    """

    state: State = State.REPORTED
    version: int = 0
    outcome: str = ""
    category: str = ""
    lead: str = ""
    co: tuple[str, ...] = ()
    handled_by: tuple[str, ...] = ()
    returns: int = 0
    reworks: int = 0
    reopens: int = 0
    disputes: int = 0
    extensions: int = 0
    appeals: int = 0
    appeal_open: int = 0
    held: int = 0
    flagged: int = 0
    look_by: str = ""
    return_to: str = ""
    return_until_at: datetime | None = None
    extension_on: date | None = None
    due_on: date | None = None
    hold_until_on: date | None = None
    main_case: str = ""
    decline_reason: str = ""
    decline_channel: str = ""
    hold_reason: str = ""
    closing: str = ""
    rating: int = 0
    worse: int = 0
    gone: int = 0
    gone_at: datetime | None = None
    gone_seen_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def departments(self) -> frozenset[str]:
        """Codes of the departments it lies with now."""
        return frozenset((self.lead, *self.co)) - {""}


Changes = dict[str, list[Any]]
"""Field → [old, new], both as JSON values; the version is left out, it is a column of the history row."""


def changes_between(old: CaseRecord, new: CaseRecord) -> Changes:
    """What differs, oldest value first, ready for canonical JSON."""
    names = (field.name for field in fields(CaseRecord) if field.name != "version")
    return {
        name: [_to_json(getattr(old, name)), _to_json(getattr(new, name))]
        for name in names
        if getattr(old, name) != getattr(new, name)
    }


def rebuild(history: Iterable[tuple[int, Mapping[str, list[Any]]]]) -> CaseRecord:
    """The record that a case's history (version, changes) adds up to, oldest row first."""
    record = CaseRecord()
    for version, changes in history:
        record = replace(
            record, version=version, **{name: _from_json(name, new) for name, (_, new) in changes.items()}
        )
    return record


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _from_json(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "state":
        return State(value)
    if name.endswith("_at"):
        return datetime.fromisoformat(value)
    if name.endswith("_on"):
        return date.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
