"""What people decide about an issue: accept, dismiss, edit, split it, put cases in and take them out.

Every decision is made on the version its page showed, carries the key of its form, so that sending it twice decides
once, and keeps as rulings what it says about single reports: of those that go, and of those that stay, so that a
regrouping finds the same two sides.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import IssueAction, IssueState
from tracker.domain.permissions import SYSTEM, Actor, Permission
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Case, Issue, IssueEvent
from tracker.services.clocks import stop_for_issue
from tracker.services.issue_cases import (
    holders_of,
    lock_membership,
    numbers_of,
    present_case_ids,
    put_in,
    rule,
    take_out,
    voices_of,
)
from tracker.services.issue_moves import StaleIssue, locked_issue, locked_issue_numbered, take_issue
from tracker.services.issue_titles import title_for
from tracker.services.issue_wording import Wording, checked
from tracker.services.notices import tell
from tracker.services.numbers import next_number

_GROWS_MEANWHILE = frozenset(
    {IssueAction.EDIT, IssueAction.ADD_CASES, IssueAction.REMOVE_CASES, IssueAction.MESSAGE}
)
"""Decisions that mean the same whether or not the grouping has added a case since the page was shown."""

EMPTIED = N_("案件都已移到别的问题。")


@dataclass(frozen=True)
class Seen:
    """Which page a decision was made on.

    Attributes:
        version: of the issue, as the page showed it.
        key: of the form; a decision with the same key is the same one.
    """

    number: str
    version: int
    key: str


def accept(seen: Seen, wording: Wording, *, by: Actor, now: datetime) -> None:
    """Take a candidate on: title, cause, owner; all its cases are the issue's from here on.

    Raises:
        IssueMissing, StaleIssue, IssueStepRefused, NotPermitted, Incomplete: nothing was written.
    """

    def do(issue: Issue) -> dict[str, Any]:
        words = checked(wording, issue)
        issue.title, issue.cause, issue.owner_id = words.title, words.cause, words.owner_id
        issue.must_review = False
        rule(present_case_ids(issue.id), issue, "in", by=by, now=now)
        _tell_owner(issue, by, now)
        return {"title": words.title}

    _decide(seen, IssueAction.ACCEPT, do, by=by, now=now)


def edit(seen: Seen, wording: Wording, *, by: Actor, now: datetime) -> None:
    """Change title, cause or owner; the event says which.

    Raises:
        As ``accept``.
    """

    def do(issue: Issue) -> dict[str, Any]:
        words = checked(wording, issue)
        before = Wording(issue.title, issue.cause, issue.owner_id)
        issue.title, issue.cause, issue.owner_id = words.title, words.cause, words.owner_id
        if before.owner_id != words.owner_id:
            _tell_owner(issue, by, now)
        changed = {
            name: [getattr(before, name), getattr(words, name)]
            for name in ("title", "owner_id")
            if getattr(before, name) != getattr(words, name)
        }
        return changed | ({"cause": True} if before.cause != words.cause else {})

    _decide(seen, IssueAction.EDIT, do, by=by, now=now)


def dismiss(seen: Seen, reason: str, *, by: Actor, now: datetime) -> None:
    """Say that a candidate is none; it comes back only once half as many voices more have spoken.

    Raises:
        As ``accept``; Incomplete also without a reason.
    """

    def do(issue: Issue) -> dict[str, Any]:
        issue.dismissed_voices = max(1, voices_of(issue.id))
        issue.must_review = False
        return {"voices": issue.dismissed_voices}

    _decide(seen, IssueAction.DISMISS, do, by=by, now=now, note=reason)


def remove(seen: Seen, numbers: Collection[str], reason: str, *, by: Actor, now: datetime) -> None:
    """Take cases out: they never come back into this issue by themselves.

    Raises:
        As ``accept``; Incomplete also if none or all were chosen.
    """

    def do(issue: Issue) -> dict[str, Any]:
        chosen = _chosen(issue, numbers)
        take_out(issue, chosen, by=by, now=now)
        rule(chosen, issue, "out", by=by, now=now)
        rule(present_case_ids(issue.id), issue, "in", by=by, now=now)
        return {"cases": numbers_of(chosen)}

    _decide(seen, IssueAction.REMOVE_CASES, do, by=by, now=now, note=reason)


def split(seen: Seen, numbers: Collection[str], title: str, *, by: Actor, now: datetime) -> str:
    """Make a candidate of its own of some cases; return its number. The two never come together by themselves.

    Raises:
        As ``accept``; Incomplete also if none or all were chosen.
    """
    made: list[str] = []

    def do(issue: Issue) -> dict[str, Any]:
        chosen = _chosen(issue, numbers)
        other = _new_issue(issue, chosen, plain_text(title), by=by, now=now)
        made.append(other.number)
        put_in(other, chosen, by=by, now=now)
        rule(chosen, issue, "out", by=by, now=now)
        rule(chosen, other, "in", by=by, now=now)
        rule(present_case_ids(issue.id), issue, "in", by=by, now=now)
        return {"cases": numbers_of(chosen), "other": other.number}

    done = _decide(seen, IssueAction.SPLIT, do, by=by, now=now)
    return made[0] if made else str(done["other"])


def add(seen: Seen, numbers: Collection[str], *, by: Actor, now: datetime) -> None:
    """Put cases in, by number; one that is in another issue moves, and that issue's history says so.

    Raises:
        As ``accept``; Incomplete names numbers that cannot be added.
    """

    def do(issue: Issue) -> dict[str, Any]:
        present = set(present_case_ids(issue.id))
        cases = [case for case in cases_named(numbers, by) if case.id not in present]
        if not cases:
            raise Incomplete({"number": N_("这些案件已经在这个问题里。")})
        leave_others(issue, [case.id for case in cases], by=by, now=now)
        chosen = [case.id for case in cases]
        put_in(issue, chosen, by=by, now=now)
        rule(present_case_ids(issue.id), issue, "in", by=by, now=now)
        return {"cases": numbers_of(chosen)}

    _decide(seen, IssueAction.ADD_CASES, do, by=by, now=now)


# ---------------------------------------------------------------- how a decision is made


def _decide(
    seen: Seen,
    action: IssueAction,
    do: Callable[[Issue], dict[str, Any]],
    *,
    by: Actor,
    now: datetime,
    note: str = "",
) -> dict[str, Any]:
    """Lock, compare with what was seen, change, write the event; the event's facts."""

    def use_case() -> dict[str, Any]:
        with transaction():
            lock_membership()
            issue = locked_issue_numbered(seen.number, by)
            done = event_with_key(issue, action, seen.key)
            if done is not None:
                return done.facts
            require_unmoved(issue, seen, action)
            before = issue.state
            facts = do(issue) | {"key": seen.key}
            take_issue(issue, action, by=by, now=now, note=note, facts=facts)
            after_decision(issue, before, now)
            return facts

    return again_if_interrupted(use_case)


def event_with_key(issue: Issue, action: IssueAction, key: str) -> IssueEvent | None:
    """The event that the form with this key has already made."""
    recent = db.session.scalars(
        select(IssueEvent)
        .where(IssueEvent.issue_id == issue.id, IssueEvent.action == action)
        .order_by(IssueEvent.version.desc())
        .limit(50)
    )
    return next((event for event in recent if key and event.facts.get("key") == key), None)


def require_unmoved(issue: Issue, seen: Seen, action: IssueAction) -> None:
    """Raise StaleIssue if something happened since the page was shown that this decision should know of."""
    if issue.version == seen.version:
        return
    missed = db.session.scalars(
        select(IssueEvent).where(IssueEvent.issue_id == issue.id, IssueEvent.version > seen.version)
    ).all()
    only_grew = all(event.action == IssueAction.ADD_CASES and event.user_id is None for event in missed)
    if not (missed and only_grew and action in _GROWS_MEANWHILE):
        raise StaleIssue(seen.number, seen.version)


def after_decision(issue: Issue, before: str, now: datetime) -> None:
    """A candidate that was decided on ends the clock that waited for it."""
    if before == IssueState.CANDIDATE and issue.state != before:
        stop_for_issue(issue, now)


# ---------------------------------------------------------------- cases that were chosen


def _tell_owner(issue: Issue, by: Actor, now: datetime) -> None:
    """Whoever was given it by somebody else hears of it."""
    if issue.owner_id is not None and issue.owner_id != by.user_id:
        tell(
            "issue_owned",
            key=f"issue:{issue.id}:owner:{issue.version}",
            recipients=[f"user:{issue.owner_id}"],
            facts={"number": issue.number, "title": issue.title, "link": f"/issues/{issue.number}"},
            now=now,
        )


def _chosen(issue: Issue, numbers: Collection[str]) -> list[int]:
    present = present_case_ids(issue.id)
    chosen = list(
        db.session.scalars(
            select(Case.id).where(Case.id.in_(present), Case.number.in_(list(numbers))).order_by(Case.id)
        )
    )
    if not chosen:
        raise Incomplete({"case": N_("请先在案件表里勾选。")})
    if len(chosen) == len(present):
        raise Incomplete({"case": N_("至少留下一件；如果都不成立，请选“不成立”。")})
    return chosen


def _new_issue(issue: Issue, chosen: Sequence[int], title: str, *, by: Actor, now: datetime) -> Issue:
    cases = db.session.scalars(select(Case).where(Case.id.in_(chosen)).order_by(Case.id)).all()
    other = Issue(
        number=next_number("G", now),
        title=title[:80] or title_for(cases),
        cause="",
        area_code=issue.area_code,
        category=cases[0].category,
        cluster_key="",
        must_review=False,
        dismissed_voices=0,
        opened_at=now,
        state_at=now,
    )
    facts = {"cases": len(chosen), "other": issue.number}
    take_issue(other, IssueAction.PROPOSE, by=by, now=now, facts=facts)
    return other


def cases_named(numbers: Collection[str], by: Actor) -> list[Case]:
    """The cases with these numbers that the person may see; all of them, or none and the reason.

    Raises:
        Incomplete: ``number`` says which there are not.
    """
    wanted = list(dict.fromkeys(filter(None, map(str.strip, numbers))))
    if not wanted:
        raise Incomplete({"number": N_("请写上案件编号，或者勾选建议的案件。")})
    found = {
        case.number: case
        for case in db.session.scalars(select(Case).where(Case.number.in_(wanted)).order_by(Case.id))
        if by.may(Permission.ISSUES_SEE, case.area_code)
    }
    unknown = [number for number in wanted if number not in found]
    if unknown:
        raise Incomplete({"number": N_("没有这个编号的案件：") + " ".join(unknown)})
    return list(found.values())


def leave_others(issue: Issue, case_ids: Sequence[int], *, by: Actor, now: datetime) -> None:
    """Let the issues that hold these cases let go of them, each with its own event."""
    for other_id, taken in holders_of(case_ids).items():
        if other_id == issue.id:
            continue
        other = locked_issue(other_id)
        take_out(other, taken, by=by, now=now)
        rule(taken, other, "out", by=by, now=now)
        facts = {"cases": numbers_of(taken), "other": issue.number}
        take_issue(other, IssueAction.REMOVE_CASES, by=by, now=now, facts=facts)
        if other.state == IssueState.CANDIDATE and not present_case_ids(other.id):
            other.dismissed_voices, other.must_review = max(1, voices_of(other.id)), False
            take_issue(other, IssueAction.DISMISS, by=SYSTEM, now=now, note=EMPTIED)
            after_decision(other, IssueState.CANDIDATE, now)
