"""Looking back: planned when the last measure ends, counted when due, asked about, and opened again by a new report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from tracker.domain.issues import PUBLIC, IssueAction, IssueState
from tracker.domain.look_back import PERIODS_DAYS, Answer, Comparison, compare, percent
from tracker.domain.permissions import SYSTEM
from tracker.extensions import again_if_interrupted, db, insert_rows, transaction
from tracker.models import ActionItem, Case, Issue, IssueCase, LookBack, LookBackAnswer, Report
from tracker.services import links
from tracker.services.action_notices import users
from tracker.services.issue_moves import locked_issue, take_issue
from tracker.services.issue_reports import count_between, first_report_at, reachable, sent_after
from tracker.services.notices import tell
from tracker.services.recipients import Staff

BATCH = 50
ASKED_FOR = timedelta(days=100)
"""So long after the measures the reporters' page asks whether it is better: a little past the last look back."""
REOPENED = frozenset({IssueState.REVIEWING, IssueState.DONE})
"""Where a new report opens the question again. Long-term and raised ones are known not to be over."""


class AnswerRefused(Exception):
    """There is no question to answer here, or not from this device."""


@dataclass(frozen=True)
class LookBackView:
    """One look back; `comparison` None: it is still to come.

    Attributes:
        before_days: exposure before; fewer than `days` where the service is younger.
    """

    days: int
    decided_at: datetime
    since_at: datetime
    due_at: datetime
    made_at: datetime | None
    before_days: int
    comparison: Comparison | None


@dataclass(frozen=True)
class Review:
    """Everything there is about whether the measures of an issue helped, newest measures only.

    Attributes:
        views: shortest period first.
        answers: what reporters answered → how many devices.
    """

    since_at: datetime
    views: Sequence[LookBackView]
    answers: Mapping[Answer, int]


def plan(issue_id: int, now: datetime) -> None:
    """Plan the looks back 7, 30 and 90 days after `now`, when the last measure ended. Inside a transaction.

    Measures that ended together before have theirs; only what was decided since then counts as this round's.
    """
    forget_planned(issue_id)
    last = db.session.scalar(select(func.max(LookBack.since_at)).where(LookBack.issue_id == issue_id))
    items = select(func.min(ActionItem.made_at)).where(
        ActionItem.issue_id == issue_id, ActionItem.state == "closed"
    )
    if last is not None:
        items = items.where(ActionItem.ended_at > last)
    decided_at = db.session.scalar(items)
    if decided_at is None:  # nothing was done, it was only handed on
        return
    insert_rows(
        LookBack,
        [
            {
                "issue_id": issue_id,
                "days": days,
                "decided_at": decided_at,
                "since_at": now,
                "due_at": now + timedelta(days=days),
                "made_at": None,
                "before_count": 0,
                "after_count": 0,
                "before_days": 0,
            }
            for days in PERIODS_DAYS
        ],
    )


def forget_planned(issue_id: int) -> None:
    """Something more was decided, so what was planned says nothing; what was counted stays. Inside a transaction."""
    db.session.execute(delete(LookBack).where(LookBack.issue_id == issue_id, LookBack.made_at.is_(None)))


def make_due(now: datetime) -> int:
    """Count what is due, tell the committee and ask the reporters; at most one batch; return how many.

    A row is locked and counted once, however many processes ask.
    """

    def use_case() -> int:
        with transaction():
            due = db.session.scalars(
                select(LookBack)
                .where(LookBack.made_at.is_(None), LookBack.due_at <= now)
                .order_by(LookBack.due_at, LookBack.id)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            ).all()
            first = first_report_at() if due else None
            for look_back in due:
                _count(look_back, first, now)
                _tell(look_back, now)
            return len(due)

    return again_if_interrupted(use_case)


def reopen_due(now: datetime) -> int:
    """Open issues again of which somebody reported since the measures ended; return how many.

    Each in a transaction of its own, under the issue's lock; what moved on meanwhile is left alone.
    """
    ended = (
        select(LookBack.issue_id, func.max(LookBack.since_at).label("since_at"))
        .group_by(LookBack.issue_id)
        .subquery()
    )
    linked, any_case = aliased(Case), aliased(Case)
    candidates = db.session.scalars(
        select(Issue.id)
        .join(ended, ended.c.issue_id == Issue.id)
        .join(IssueCase, IssueCase.issue_id == Issue.id)
        .join(linked, linked.id == IssueCase.case_id)
        .join(any_case, or_(any_case.id == linked.id, any_case.main_case == linked.number))
        .join(Report, Report.case_id == any_case.id)
        .where(
            Issue.state.in_(sorted(state.value for state in REOPENED)),
            IssueCase.removed_at.is_(None),
            Report.sent_at > ended.c.since_at,
        )
        .distinct()
        .order_by(Issue.id)
        .limit(BATCH)
    ).all()
    return sum(again_if_interrupted(_Reopening(issue_id, now)) for issue_id in candidates)


@dataclass(frozen=True)
class _Reopening:
    issue_id: int
    now: datetime

    def __call__(self) -> bool:
        with transaction():
            return reopen_if_reported(locked_issue(self.issue_id), self.now)


def reopen_if_reported(issue: Issue, now: datetime) -> bool:
    """Open a locked issue again if it was reported after its measures ended; return whether it was.

    Inside a transaction; whoever links a report to an issue may ask at once, and a job asks every minute.
    """
    since = _since(issue.id)
    if since is None or IssueState(issue.state) not in REOPENED:
        return False
    reports = sent_after(issue.id, since)
    if not reports:
        return False
    number, at = reports[0]
    facts = {
        "case": number,
        "reported_at": at.isoformat(),
        "reports": len(reports),
        "since": since.isoformat(),
    }
    take_issue(issue, IssueAction.REOPEN, by=SYSTEM, now=now, note=number, facts=facts)
    tell(
        "issue_reported_again",
        key=f"issue:{issue.id}:again:{issue.version}",
        recipients=users(Staff().committee_of(issue)),
        facts=_facts(issue) | {"case": number, "reports": len(reports)},
        now=now,
    )
    return True


def review_of(issue_id: int) -> Review | None:
    """What is known of the issue's newest measures; None: none ended yet."""
    since = _since(issue_id)
    if since is None:
        return None
    rows = db.session.scalars(
        select(LookBack)
        .where(LookBack.issue_id == issue_id, LookBack.since_at == since)
        .order_by(LookBack.days)
    )
    counted = db.session.execute(
        select(LookBackAnswer.answer, func.count())
        .where(LookBackAnswer.issue_id == issue_id, LookBackAnswer.since_at == since)
        .group_by(LookBackAnswer.answer)
    )
    found = {Answer(answer): count for answer, count in counted}
    return Review(since, [_view(row) for row in rows], {each: found.get(each, 0) for each in Answer})


def for_pack(issue_id: int) -> dict[str, Any] | None:
    """The same as plain JSON values, to be frozen with a meeting's pack; None: there is nothing to look back at.

    Returns:
        since_on (ISO moment), answers {better, same, worse}, and look_backs: days, made_at, before, after, before_days,
        change_percent, low_percent, high_percent (of the interval of the change; null: without limit), verdict.
    """
    review = review_of(issue_id)
    if review is None:
        return None
    return {
        "since_at": review.since_at.isoformat(),
        "answers": {answer.value: count for answer, count in review.answers.items()},
        "look_backs": [
            {
                "days": view.days,
                "made_at": view.made_at.isoformat() if view.made_at else None,
                "before": found.before,
                "after": found.after,
                "before_days": view.before_days,
                "change_percent": found.change_percent,
                "low_percent": percent(found.low),
                "high_percent": None if found.high is None else percent(found.high),
                "verdict": found.verdict.value,
            }
            for view in review.views
            if (found := view.comparison) is not None
        ],
    }


# ---------------------------------------------------------------- the question to those who reported it


@dataclass(frozen=True)
class Question:
    """The question whether it is better, on the private page of somebody who reported it.

    Attributes:
        given: his answer, from this device; None: none yet.
    """

    issue_id: int
    number: str
    title: str
    since_at: datetime
    given: Answer | None


def question_for(link_key: str, device: str, now: datetime) -> Question | None:
    """What the private page behind a link has to ask; None: nothing.

    Raises:
        LinkUnknown: no such link.
    """
    report = links.report_behind(link_key)
    issue = issue_of_report(report)
    since = _since(issue.id) if issue is not None else None
    if issue is None or since is None or not since <= now < since + ASKED_FOR:
        return None
    if report.sent_at > since:  # who reports it only now has said how it is
        return None
    given = db.session.scalar(
        select(LookBackAnswer.answer).where(
            LookBackAnswer.issue_id == issue.id,
            LookBackAnswer.since_at == since,
            LookBackAnswer.device_hash == links.hash_of(device),
        )
    )
    return Question(issue.id, issue.number, issue.title, since, Answer(given) if given else None)


def answer(link_key: str, device: str, given: Answer, now: datetime) -> None:
    """Keep what somebody answered; a device has one answer, and the last one counts.

    Raises:
        LinkUnknown: no such link.
        AnswerRefused: nothing is asked there, or the device may not speak for the report.
    """

    def use_case() -> None:
        with transaction():
            report = links.report_behind(link_key)
            asked = question_for(link_key, device, now)
            if asked is None or not links.speaks_from(report, device):
                raise AnswerRefused
            row = {
                "issue_id": asked.issue_id,
                "since_at": asked.since_at,
                "report_id": report.id,
                "device_hash": links.hash_of(device),
                "answer": given.value,
                "at": now,
            }
            dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
            db.session.execute(
                dialect.insert(LookBackAnswer)
                .values(row)
                .on_conflict_do_update(
                    index_elements=["issue_id", "since_at", "device_hash"],
                    set_={"answer": given.value, "at": now, "report_id": report.id},
                )
            )

    again_if_interrupted(use_case)


def issue_of_report(report: Report) -> Issue | None:
    """The issue, known to the public, that the report's case belongs to, also through the case it was merged into."""
    followed = {report.case_id, links.followed_case(report).id}
    return db.session.scalar(
        select(Issue)
        .join(IssueCase, IssueCase.issue_id == Issue.id)
        .where(
            IssueCase.case_id.in_(sorted(followed)),
            IssueCase.removed_at.is_(None),
            Issue.state.in_(sorted(state.value for state in PUBLIC)),
        )
        .order_by(Issue.id.desc())
        .limit(1)
    )


# ---------------------------------------------------------------- inside


def _since(issue_id: int) -> datetime | None:
    return db.session.scalar(select(func.max(LookBack.since_at)).where(LookBack.issue_id == issue_id))


def _count(look_back: LookBack, first_report: datetime | None, now: datetime) -> None:
    length = timedelta(days=look_back.days)
    known = look_back.decided_at - first_report if first_report is not None else timedelta()
    look_back.before_days = max(0, min(look_back.days, known // timedelta(days=1)))
    before_from = look_back.decided_at - timedelta(days=look_back.before_days)
    look_back.before_count = count_between(look_back.issue_id, before_from, look_back.decided_at)
    look_back.after_count = count_between(look_back.issue_id, look_back.since_at, look_back.since_at + length)
    look_back.made_at = now


def _tell(look_back: LookBack, now: datetime) -> None:
    issue = db.session.get_one(Issue, look_back.issue_id)
    facts = _facts(issue) | {
        "days": look_back.days,
        "before": look_back.before_count,
        "after": look_back.after_count,
    }
    tell(
        "look_back_made",
        key=f"look_back:{look_back.id}",
        recipients=users(Staff().committee_of(issue)),
        facts=facts,
        now=now,
    )
    tell(  # asked once a round, at its first look back: people have had a week to see
        "better_asked",
        key=f"better:{issue.id}:{look_back.since_at:%Y%m%d%H%M%S}",
        recipients=reachable(issue.id, until=look_back.since_at),
        facts=_facts(issue),
        now=now,
    )


def _facts(issue: Issue) -> dict[str, Any]:
    return {"number": issue.number, "link": f"/issues/{issue.number}", "title": issue.title}


def _view(row: LookBack) -> LookBackView:
    comparison = None
    if row.made_at is not None and row.before_days > 0:
        comparison = compare(row.before_count, row.after_count, row.before_days, row.days)
    return LookBackView(
        row.days, row.decided_at, row.since_at, row.due_at, row.made_at, row.before_days, comparison
    )
