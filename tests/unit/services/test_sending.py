"""Sending when one message cannot be made, and how a message is laid out."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from config import Config
from tests.databases import Database
from tests.factories import Sent, Street, a_report, speaker, take, walk_to
from tests.settings import settings_in
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, transaction
from tracker.models import Delivery, Notice
from tracker.services.channels import ChannelChoice, choose
from tracker.services.deliveries import make_deliveries
from tracker.services.message_texts import Told, compose, staff_preview
from tracker.services.sending import TRIES, send_waiting, stuck_messages

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""9:30 on the street."""
Crew = dict[Role | str, Actor]


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Config:
    """Reporters who left a number can be written to; nothing is sent here."""
    return settings_in(tmp_path, database_url=database.url, sms_url="json://127.0.0.1:9/{phone}")


def test_a_message_that_cannot_be_made_rests_like_any_other_and_is_shown_in_the_end(
    street: Street, crew: Crew
) -> None:
    choose(crew["ZF"].user_id or 0, ChannelChoice("mail", "wangmin@example.cn"))
    walk_to(a_report(street.token).number, State.DISPATCHED, crew)
    make_deliveries(MONDAY)
    with transaction():  # as no page would store it
        db.session.execute(update(Delivery).where(Delivery.channel == "mail").values(language="xx"))
    now = MONDAY
    for _ in range(TRIES):
        with pytest.raises(KeyError):
            send_waiting(now)
        assert send_waiting(now) == 0  # what is behind it is not kept waiting
        now += timedelta(hours=2)
    assert [(each.tries, each.last_error) for each in stuck_messages()] == [(TRIES, "KeyError")]


@pytest.mark.usefixtures("inside")
def test_every_fact_of_a_message_has_its_own_line() -> None:
    due = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    it = Told("case_dispatch", "261123-0001", "占道经营", "星河路2号", "", due, "https://x.cn/1", MONDAY, {})
    lines = staff_preview(it, "zh").splitlines()
    first = lines.index("编号：261123-0001")
    assert lines[first + 1 : first + 3] == ["类别：占道经营", "地点：星河路2号"]
    assert lines[first + 3].startswith("期限：11月24日")
    assert lines[first + 4 :] == ["", "https://x.cn/1"]


def test_a_reporter_reads_the_number_that_he_was_given_also_after_a_merge(street: Street, crew: Crew) -> None:
    main, other = (a_report(street.token, phone=phone) for phone in ("13800001111", "13800002222"))
    take(main.number, Action.FILE, by=crew[Role.OPERATOR], category="A5")
    take(other.number, Action.MERGE, by=crew[Role.OPERATOR], main_case=main.number)
    take(main.number, Action.DISPATCH, by=crew[Role.OPERATOR], lead="ZF")
    make_deliveries(MONDAY)
    for sent, others in ((main, other), (other, main)):
        body = compose([letter_to(sent)], "zh", "", audience="reporter").body
        assert sent.number in body
        assert others.number not in body


def letter_to(sent: Sent) -> int:
    """The message about the dispatch."""
    return db.session.scalars(
        select(Delivery.id)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Notice.event == "case_dispatch", Delivery.recipient == f"report:{speaker(sent).report_id}")
    ).one()
