"""Meetings of street committee, departments and merchants: agenda, who is asked, who came, what was voted."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.meetings import MeetingAction, MeetingState
from tracker.extensions import Base
from tracker.models.base import Moment, one_of

INVITATION_KINDS = ("department", "guest", "reporter")
ANSWERS = ("", "yes", "maybe", "no")
"""Empty: not answered yet."""
VOTE_STATES = ("none", "open", "closed")


class Meeting(Base):
    """One joint meeting. Moved by services/meeting_moves.py alone."""

    __tablename__ = "meetings"
    __table_args__ = (
        CheckConstraint(one_of("state", MeetingState), name="state_known"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("version > 0", name="version_from_one"),
        CheckConstraint("sequence >= 0", name="sequence_counts"),
        CheckConstraint("counted_by_hand >= 0", name="hand_count_positive"),
        Index("ix_meetings_starts", "starts_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """Such as ``M26-0003``."""
    title: Mapped[str] = mapped_column(String(80))
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    """Number of its events; what a page saw and sends back."""
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    room: Mapped[str] = mapped_column(String(120))
    chair_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    sequence: Mapped[int] = mapped_column(default=0)
    """Of the calendar file: grows with each change that guests are told."""
    door_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    door_sealed: Mapped[str] = mapped_column(String(200), default="")
    """The word in the code at the door: found by its hash, shown and printed again from the sealed one."""
    counted_by_hand: Mapped[int] = mapped_column(default=0)
    """People in the room who did not sign in."""


class AgendaItem(Base):
    """One issue on one meeting's agenda, with the question to decide."""

    __tablename__ = "agenda_items"
    __table_args__ = (
        CheckConstraint(one_of("vote_state", VOTE_STATES), name="vote_state_known"),
        UniqueConstraint("meeting_id", "issue_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    position: Mapped[int]
    """From 1, in the order they are taken."""
    question: Mapped[str] = mapped_column(Text)
    vote_state: Mapped[str] = mapped_column(String(10), default="none")


class MeetingEvent(Base):
    """What happened to a meeting, oldest first; rows are never changed."""

    __tablename__ = "meeting_events"
    __table_args__ = (
        CheckConstraint(one_of("action", MeetingAction), name="action_known"),
        CheckConstraint(one_of("to_state", MeetingState), name="to_state_known"),
        UniqueConstraint("meeting_id", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str] = mapped_column(String(10))
    to_state: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """JSON values, no personal data: what was changed, numbers of issues, how many were asked."""


class Invitation(Base):
    """Somebody who is asked to come: a department, a guest with a mail address, or who sent a report.

    A reporter stays unnamed unless he gives a name himself; his link is that of his report.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint(one_of("kind", INVITATION_KINDS), name="kind_known"),
        CheckConstraint(one_of("answer", ANSWERS), name="answer_known"),
        CheckConstraint("(answer <> '') = (answered_at IS NOT NULL)", name="answer_has_moment"),
        CheckConstraint("(kind = 'department') = (department_code IS NOT NULL)", name="department_named"),
        CheckConstraint("(kind = 'reporter') = (report_id IS NOT NULL)", name="reporter_has_report"),
        CheckConstraint("(kind = 'reporter') = (token_hash IS NULL)", name="mail_has_link"),
        UniqueConstraint("meeting_id", "kind", "number"),
        UniqueConstraint("meeting_id", "department_code"),
        UniqueConstraint("meeting_id", "report_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    kind: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    """From 1 among those of its kind: 商户代表 3号 says no more than that."""
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"), index=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"), index=True)
    name: Mapped[str] = mapped_column(String(60), default="")
    """Of a guest as it was typed; of a reporter if he gave one."""
    mail_sealed: Mapped[str] = mapped_column(String(600), default="")
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[str] = mapped_column(String(200), default="")
    """The key of the guest's own page: found by its hash, put into his mails from the sealed one."""
    invited_at: Mapped[datetime | None] = mapped_column(Moment)
    """Empty: on the list, not asked yet."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(String(10), default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    words: Mapped[str] = mapped_column(Text, default="")
    """What the guest wrote with his answer."""
    consent_version: Mapped[str] = mapped_column(String(10), default="")
    """Of the words a reporter agreed to before his answer was shown to the chair."""


class Option(Base):
    """One answer to the question of an agenda item that can be voted for."""

    __tablename__ = "options"
    __table_args__ = (
        CheckConstraint("hand_count >= 0", name="hand_count_positive"),
        CheckConstraint(
            "(hand_count IS NULL) = (hand_counted_by IS NULL)"
            " AND (hand_count IS NULL) = (hand_counted_at IS NULL)",
            name="hand_count_has_counter",
        ),
        UniqueConstraint("agenda_item_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agenda_item_id: Mapped[int] = mapped_column(ForeignKey("agenda_items.id"))
    position: Mapped[int]
    words: Mapped[str] = mapped_column(String(120))
    hand_count: Mapped[int | None]
    """Hands that were raised for it in the room; empty: nobody counted."""
    hand_counted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    hand_counted_at: Mapped[datetime | None] = mapped_column(Moment)


class Vote(Base):
    """One vote by a private link.

    Voter and device stand here as keyed hashes with the item in them, and the key is not in the database: whoever
    gave a vote can change it, and nobody can look up whose it was.
    """

    __tablename__ = "votes"
    __table_args__ = (
        UniqueConstraint("agenda_item_id", "voter_hash"),
        UniqueConstraint("agenda_item_id", "device_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agenda_item_id: Mapped[int] = mapped_column(ForeignKey("agenda_items.id"))
    option_id: Mapped[int] = mapped_column(ForeignKey("options.id"), index=True)
    voter_hash: Mapped[str] = mapped_column(String(64))
    device_hash: Mapped[str] = mapped_column(String(64))


class SignIn(Base):
    """Somebody who came."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        CheckConstraint("invitation_id IS NOT NULL OR name <> ''", name="somebody"),
        UniqueConstraint("meeting_id", "invitation_id"),
        Index(
            "uq_sign_ins_device",
            "meeting_id",
            "device_hash",
            unique=True,
            sqlite_where=text("device_hash <> ''"),
            postgresql_where=text("device_hash <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitations.id"))
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))
    name: Mapped[str] = mapped_column(String(60), default="")
    organisation: Mapped[str] = mapped_column(String(80), default="")
    """Shop or firm, as it was typed at the door."""
    device_hash: Mapped[str] = mapped_column(String(64), default="")
    """Of the phone that signed, with the meeting in it; empty: a colleague ticked the name."""
    at: Mapped[datetime] = mapped_column(Moment)
    ticked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
