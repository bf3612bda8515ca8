"""Common issues: what several cases share, who decided what about it, and who spoke up."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.issues import IssueAction, IssueState
from tracker.extensions import Base
from tracker.models.base import Moment, one_of

RULING_KINDS = ("in", "out")
"""in: the report belongs to this issue's group; out: never to it."""


class Issue(Base):
    """One trouble that many share. Moved by services/issue_moves.py alone."""

    __tablename__ = "issues"
    __table_args__ = (
        CheckConstraint(one_of("state", IssueState), name="state_known"),
        CheckConstraint("version > 0", name="version_from_one"),
        CheckConstraint("state <> 'dismissed' OR dismissed_voices > 0", name="dismissed_has_size"),
        Index("ix_issues_state_opened", "state", "opened_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """Such as ``G26-0007``."""
    title: Mapped[str] = mapped_column(String(80))
    cause: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    """Number of its events; what a page saw and sends back."""
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    category: Mapped[str] = mapped_column(String(10))
    """Code of the category most of its cases were filed under."""
    cluster_key: Mapped[str] = mapped_column(String(64), default="", index=True)
    """Of the group of reports it was proposed from; groups can be rebuilt, so this is no foreign key."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    must_review: Mapped[bool] = mapped_column(default=False)
    """So many places share it that a person has to decide, within five working days."""
    dismissed_voices: Mapped[int] = mapped_column(default=0)
    """Distinct voices when it was dismissed: it is proposed again once there are half as many more."""
    opened_at: Mapped[datetime] = mapped_column(Moment)
    state_at: Mapped[datetime] = mapped_column(Moment)
    """When it came into its present state."""


class IssueCase(Base):
    """A case of an issue. The case keeps its own state and reporter; it is in one issue at a time."""

    __tablename__ = "issue_cases"
    __table_args__ = (
        CheckConstraint("removed_by IS NULL OR removed_at IS NOT NULL", name="removed_has_moment"),
        Index(
            "uq_issue_cases_case",
            "case_id",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    added_at: Mapped[datetime] = mapped_column(Moment)
    added_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """None: the grouping put it here."""
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    removed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class IssueEvent(Base):
    """What happened to an issue, oldest first; rows are never changed."""

    __tablename__ = "issue_events"
    __table_args__ = (
        CheckConstraint(one_of("action", IssueAction), name="action_known"),
        CheckConstraint(one_of("to_state", IssueState), name="to_state_known"),
        UniqueConstraint("issue_id", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """None: a timed job."""
    note: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """JSON values, no personal data: numbers of cases moved, the other issue of a split, what was edited."""


class GroupingRuling(Base):
    """What a person decided about one report and one issue's group; outlives every regrouping."""

    __tablename__ = "grouping_rulings"
    __table_args__ = (
        CheckConstraint(one_of("kind", RULING_KINDS), name="kind_known"),
        UniqueConstraint("report_id", "issue_id"),
        Index(
            "ix_grouping_rulings_open",
            "at",
            "id",
            sqlite_where=text("NOT is_obeyed"),
            postgresql_where=text("NOT is_obeyed"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    kind: Mapped[str] = mapped_column(String(5))
    at: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    is_obeyed: Mapped[bool] = mapped_column(default=False)
    """Whether the groups that are there follow it; what is grouped later does so by itself."""


class IssueVoice(Base):
    """Somebody who said on the public page that it concerns him too; one a device."""

    __tablename__ = "issue_voices"
    __table_args__ = (UniqueConstraint("issue_id", "device_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    device_hash: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment)


class IssueMessage(Base):
    """One message from the committee to every reporter of an issue."""

    __tablename__ = "issue_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the form it was typed in: sending that again sends nothing again."""
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    sent_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    sent_at: Mapped[datetime] = mapped_column(Moment)
