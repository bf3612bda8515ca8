"""Sending when one message cannot be made, and how a message is laid out."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from tests.factories import Street, a_report, walk_to
from tracker.domain.lifecycle import State
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, transaction
from tracker.models import Delivery
from tracker.services.channels import ChannelChoice, choose
from tracker.services.deliveries import make_deliveries
from tracker.services.message_texts import Told, staff_preview
from tracker.services.sending import TRIES, send_waiting, stuck_messages

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""9:30 on the street."""
Crew = dict[Role | str, Actor]


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
