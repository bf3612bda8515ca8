"""One message from the committee to everybody who reported what an issue is about.

It is kept once, shown on each reporter's private page, and told to those who left a number. No case changes by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import PUBLIC, IssueAction
from tracker.domain.permissions import Actor
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Case, Issue, IssueCase, IssueMessage, Report
from tracker.services.issue_cases import reports_of
from tracker.services.issue_decisions import Seen, require_unmoved
from tracker.services.issue_moves import locked_issue_numbered, take_issue
from tracker.services.notices import tell

MESSAGE_CHARS = 500


@dataclass(frozen=True)
class CommitteeMessage:
    """A message as a reporter reads it."""

    text: str
    sent_at: datetime
    issue_title: str


@dataclass(frozen=True)
class FollowedIssue:
    """The accepted issue that a reporter's case is part of."""

    number: str
    title: str


@dataclass(frozen=True)
class Reach:
    """How many a message reaches: reports that show it on their page, and those among them that are sent one."""

    reports: int
    with_number: int


def send_message(seen: Seen, text: str, *, by: Actor, now: datetime) -> None:
    """Write to all reporters of the issue, once a form.

    Raises:
        IssueMissing, StaleIssue, IssueStepRefused, NotPermitted, Incomplete: nothing was sent.
    """
    words = plain_text(text)
    _check(words)

    def use_case() -> None:
        with transaction():
            issue = locked_issue_numbered(seen.number, by)
            if db.session.scalar(select(IssueMessage.id).where(IssueMessage.key == seen.key)):
                return
            require_unmoved(issue, seen, IssueAction.MESSAGE)
            facts = {"reports": reach_of(issue.id).reports, "key": seen.key}
            take_issue(issue, IssueAction.MESSAGE, by=by, now=now, note=words, facts=facts)
            message = IssueMessage(
                key=seen.key, issue_id=issue.id, text=words, sent_by=by.user_id or 0, sent_at=now
            )
            db.session.add(message)
            db.session.flush()
            tell(
                "issue_message",
                key=f"issue_message:{message.id}",
                recipients=[f"report:{report_id}" for report_id in _with_number(issue.id)],
                facts={"number": issue.number, "title": issue.title},
                now=now,
            )

    again_if_interrupted(use_case)


def reach_of(issue_id: int) -> Reach:
    """Whom a message would reach now."""
    reports = db.session.scalars(reports_of(issue_id)).all()
    return Reach(len(reports), len(_with_number(issue_id)))


def messages_for(report: Report) -> Sequence[CommitteeMessage]:
    """What was written to this report's sender, newest first: while his case was, or is, in the issue."""
    was_there = (IssueCase.added_at <= IssueMessage.sent_at) & (
        IssueCase.removed_at.is_(None) | (IssueCase.removed_at > IssueMessage.sent_at)
    )
    rows = db.session.execute(
        select(IssueMessage.text, IssueMessage.sent_at, Issue.title)
        .join(Issue, Issue.id == IssueMessage.issue_id)
        .join(IssueCase, IssueCase.issue_id == Issue.id)
        .where(IssueCase.case_id.in_(_followed(report)), or_(was_there, IssueCase.removed_at.is_(None)))
        .distinct()
        .order_by(IssueMessage.sent_at.desc())
    )
    return [CommitteeMessage(*row) for row in rows]


def issue_followed_by(report: Report) -> FollowedIssue | None:
    """The accepted issue that this report's case is part of now, if any."""
    row = db.session.execute(
        select(Issue.number, Issue.title)
        .join(IssueCase, IssueCase.issue_id == Issue.id)
        .where(
            IssueCase.case_id.in_(_followed(report)),
            IssueCase.removed_at.is_(None),
            Issue.state.in_(sorted(PUBLIC)),
        )
        .order_by(Issue.id)
        .limit(1)
    ).first()
    return FollowedIssue(*row) if row else None


def _followed(report: Report) -> list[int]:
    """The report's own case, and the one that it was merged into."""
    own = db.session.get_one(Case, report.case_id)
    main = select(Case.id).where(Case.number == own.main_case)
    return [own.id, *(db.session.scalars(main) if own.main_case else ())]


def _with_number(issue_id: int) -> list[int]:
    found = select(Report.id).where(Report.id.in_(reports_of(issue_id)), Report.phone_sealed != "")
    return list(db.session.scalars(found.order_by(Report.id)))


def _check(words: str) -> None:
    if not words:
        raise Incomplete({"text": N_("请写下要告诉大家的话。")})
    if len(words) > MESSAGE_CHARS:
        raise Incomplete({"text": N_("文字太长，请缩短后再提交。")})
