"""Voices added on the public page: one a device, with words that only staff read; taken back by whoever gave it."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from tracker.domain.case_rules import Incomplete
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import IssueVoice
from tracker.services.issue_pages import public_row
from tracker.services.links import hash_of

WORDS_CHARS = 300


def add_voice(number: str, device: str, words: str, now: datetime) -> bool:
    """Let a device say that it concerns it too; true if it had not said so. Later words replace earlier ones.

    Raises:
        IssueMissing: no accepted issue has this number.
        Incomplete: the words are too long.
    """
    text = plain_text(words)
    if len(text) > WORDS_CHARS:
        raise Incomplete({"text": N_("文字太长，请缩短后再提交。")})

    def use_case() -> bool:
        with transaction():
            issue = public_row(number)
            row = {"issue_id": issue.id, "device_hash": hash_of(device), "text": text, "at": now}
            known = has_spoken(issue.id, device)
            dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
            statement = dialect.insert(IssueVoice).values(row)
            update = {"text": text} if text else {"at": IssueVoice.at}
            db.session.execute(
                statement.on_conflict_do_update(
                    index_elements=[IssueVoice.issue_id, IssueVoice.device_hash], set_=update
                )
            )
            return not known

    return again_if_interrupted(use_case)


def take_back_voice(number: str, device: str) -> None:
    """Forget what a device said; nothing happens if it said nothing.

    Raises:
        IssueMissing: no accepted issue has this number.
    """

    def use_case() -> None:
        with transaction():
            issue = public_row(number)
            db.session.execute(
                delete(IssueVoice).where(
                    IssueVoice.issue_id == issue.id, IssueVoice.device_hash == hash_of(device)
                )
            )

    again_if_interrupted(use_case)


def has_spoken(issue_id: int, device: str) -> bool:
    """Whether the device said on the public page that it concerns it."""
    spoken = select(IssueVoice.id).where(
        IssueVoice.issue_id == issue_id, IssueVoice.device_hash == hash_of(device)
    )
    return db.session.scalar(spoken) is not None
