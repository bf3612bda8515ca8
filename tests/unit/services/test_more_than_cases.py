"""Promises and messages of common issues, action items and meetings: the same ladder, people who are named."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader, TemplateNotFound
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from config import Config
from tests.applications import lent
from tests.databases import Database
from tests.factories import Street, a_report
from tests.mail_server import MailServer, receiving
from tests.matters import an_issue, an_item, ids_of
from tests.server import free_port
from tests.settings import settings_in
from tracker.domain.permissions import Actor, Grant, Role
from tracker.extensions import db, transaction
from tracker.models import (
    ActionItem,
    Clock,
    Delivery,
    Department,
    Escalation,
    Invitation,
    Issue,
    Meeting,
    Notice,
    Report,
    User,
)
from tracker.services import bell, calendars
from tracker.services.calendar_change import move_to_version
from tracker.services.channels import ChannelChoice, choose, guest_context
from tracker.services.clocks import (
    extend_for_item,
    start_for_issue,
    start_for_item,
    stop_for_issue,
    stop_for_item,
)
from tracker.services.deliveries import make_deliveries
from tracker.services.escalation_pages import coming_until, fired_page
from tracker.services.escalations import fire_due_rungs, upcoming
from tracker.services.notices import tell
from tracker.services.parts import parts
from tracker.services.sending import send_waiting, stuck_messages

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""9:30 on the street; service ends at 17:30."""
FRIDAY = date(2026, 11, 27)
FRIDAY_CLOSING = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
Crew = dict[Role | str, Actor]
WORDS = {
    "messages/staff/tried_out.txt": "开会：{{ it.number }}\n\n{{ it.facts.room }} {{ it.link }}",
    "messages/reporter/tried_out.txt": "{{ office }}\n{{ it.number }} 的事要开会。",
    "messages/guest/tried_out.txt": "请您参加：{{ it.number }}\n\n{{ it.facts.room }}",
}


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """Where mail arrives."""
    with receiving(tmp_path_factory.mktemp("post")) as server:
        yield server


@pytest.fixture
def settings(database: Database, tmp_path: Path, post: MailServer) -> Config:
    sms = f"json://127.0.0.1:{free_port()}/{{phone}}"
    return settings_in(tmp_path, database_url=database.url, sms_url=sms, **post.settings)


@pytest.fixture
def app(settings: Config) -> Iterator[Flask]:
    """With a clock that stands still, and an event of its own with words for everybody."""
    with lent(settings, lambda: MONDAY) as app, pytest.MonkeyPatch.context() as patch:
        assert app.jinja_env.loader is not None
        patch.setattr(app.jinja_env, "loader", ChoiceLoader([app.jinja_env.loader, DictLoader(WORDS)]))
        yield app


def everything_told(now: datetime = MONDAY) -> None:
    while make_deliveries(now):
        pass


def recipients(channel: str = "bell") -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(select(Delivery.recipient).where(Delivery.channel == channel)))


def started_item(crew: Crew, *, person: Actor | None = None, due_on: date = FRIDAY) -> ActionItem:
    item = an_item(an_issue(), crew[Role.SECRETARY], due_on=due_on, person=person)
    with transaction():
        start_for_item(item, MONDAY, by=crew[Role.SECRETARY].user_id)
    return item


def a_candidate() -> int:
    """An issue that somebody has to decide on; its id."""
    issue_id = an_issue(state="candidate")
    with transaction():
        issue = db.session.get_one(Issue, issue_id)
        start_for_issue(issue, MONDAY)
        start_for_issue(issue, MONDAY)
    return issue_id


def clock() -> Clock:
    db.session.rollback()
    return db.session.scalars(select(Clock).order_by(Clock.id.desc())).first() or pytest.fail("no clock")


def heard_at_each_rung(until: datetime) -> list[tuple[int, set[str]]]:
    """Number of each rung and who heard of it; rung by rung, each on time."""
    for at in [each.at for each in upcoming(until)]:
        fire_due_rungs(at)
    everything_told(until)
    db.session.rollback()
    rows = db.session.execute(
        select(Notice.facts, Delivery.recipient)
        .join(Delivery, Delivery.notice_id == Notice.id)
        .where(Delivery.channel == "bell", Notice.event.like("%_rung"))
    )
    heard: dict[int, set[str]] = {}
    for facts, recipient in rows:
        heard.setdefault(facts["rung"], set()).add(recipient)
    return sorted(heard.items())


# ---- clocks


def test_an_item_is_promised_until_service_ends_on_its_day(crew: Crew) -> None:
    started_item(crew)
    assert (clock().due_at, clock().allowance) == (FRIDAY_CLOSING, "1wd")


def test_a_day_off_ends_with_the_next_working_day(crew: Crew) -> None:
    started_item(crew, due_on=date(2026, 11, 28))
    assert clock().due_at == FRIDAY_CLOSING + timedelta(days=3)


def test_shares_of_an_item_are_of_the_service_from_its_start(crew: Crew) -> None:
    """Monday 9:30 to Friday 17:30 is 32.5 h of service where a day has 8 less lunch, as the calendar says."""
    started_item(crew)
    first = next(upcoming(MONDAY + timedelta(days=5)))
    calendar = parts().calendars[clock().calendar_id or 0]
    whole = calendar.working_time_between(MONDAY, FRIDAY_CLOSING)
    assert calendar.working_time_between(MONDAY, first.at) == whole * 0.75
    assert first.number == "X26-0001"


def test_starting_twice_makes_one_promise_and_stopping_ends_it(crew: Crew) -> None:
    item = started_item(crew)
    with transaction():
        start_for_item(item, MONDAY + timedelta(hours=1))
    assert db.session.scalars(select(Clock.started_at)).all() == [MONDAY]
    with transaction():
        stop_for_item(item, MONDAY + timedelta(hours=2))
    assert (clock().state, clock().stopped_at) == ("stopped", MONDAY + timedelta(hours=2))
    assert fire_due_rungs(MONDAY + timedelta(days=30)) == 0


def test_an_extension_moves_the_end_keeps_both_and_never_shortens(crew: Crew) -> None:
    item = started_item(crew)
    for day, wanted in ((date(2026, 12, 4), FRIDAY_CLOSING + timedelta(days=7)), (date(2026, 11, 25), None)):
        item.due_on = day
        with transaction():
            extend_for_item(item, MONDAY, by=crew[Role.SECRETARY].user_id)
        before, now = clock().segments[-1]["due_from"], clock().due_at
        assert now == (wanted or FRIDAY_CLOSING + timedelta(days=7))
        assert datetime.fromisoformat(before) == (FRIDAY_CLOSING if wanted else now)


def test_an_issue_has_five_working_days(crew: Crew) -> None:
    del crew
    issue_id = a_candidate()
    assert clock().due_at == FRIDAY_CLOSING + timedelta(days=3)
    assert {each.number for each in upcoming(MONDAY + timedelta(days=9))} == {"G26-0001"}
    with transaction():
        stop_for_issue(db.session.get_one(Issue, issue_id), MONDAY)
    assert list(upcoming(MONDAY + timedelta(days=9))) == []


def test_a_day_that_becomes_a_holiday_moves_the_items_that_end_on_it(crew: Crew) -> None:
    item = started_item(crew)
    facts = deepcopy(calendars.shipped_facts())
    facts["years"]["2026"]["holidays"].append("2026-11-27")
    saved = calendars.save_version(facts, MONDAY)
    assert saved is not None
    move_to_version(saved, MONDAY)
    moved = clock()
    assert (moved.due_at, moved.calendar_id) == (FRIDAY_CLOSING + timedelta(days=3), saved)
    assert [segment["why"] for segment in moved.segments] == ["start", "calendar"]
    with transaction():
        item.due_on = date(2026, 12, 4)
        extend_for_item(item, MONDAY)
    assert clock().due_at == FRIDAY_CLOSING + timedelta(days=7)


@pytest.mark.parametrize("columns", ["case_id", "issue_id, item_id", "case_id, item_id"])
def test_a_clock_runs_for_exactly_one_matter(crew: Crew, street: Street, columns: str) -> None:
    a_report(street.token)
    item = started_item(crew)
    values = {"case_id": 1, "issue_id": item.issue_id, "item_id": item.id}
    nothing = ", ".join(f"{name} = NULL" for name in values)
    both = ", ".join(f"{name} = {values[name]}" for name in columns.split(", "))
    wrong = nothing if columns == "case_id" else both
    with pytest.raises(DBAPIError, match="of_one_matter"), transaction():
        db.session.execute(text(f"UPDATE clocks SET {wrong} WHERE item_id = {item.id}"))  # noqa: S608 - our own


# ---- the ladder


def test_the_ladder_of_an_item_goes_from_its_handlers_to_the_supervisor(crew: Crew) -> None:
    lead = crew[Role.VERIFIER]
    with transaction():
        db.session.get_one(Department, "ZF").lead_user_id = lead.user_id
    started_item(crew)
    heard = heard_at_each_rung(MONDAY + timedelta(days=14))
    assert heard[:4] == [
        (1, ids_of([crew["ZF"]])),
        (2, ids_of([crew["ZF"], lead])),
        (3, ids_of([crew[Role.DUTY_LEAD]])),
        (4, ids_of([crew[Role.SUPERVISOR]])),
    ]
    assert {who for _, each in heard[4:] for who in each} == ids_of([crew[Role.SUPERVISOR]])


def test_a_person_who_is_named_hears_in_place_of_his_department(crew: Crew) -> None:
    started_item(crew, person=crew["LR"])
    assert heard_at_each_rung(FRIDAY_CLOSING - timedelta(hours=1)) == [(1, ids_of([crew["LR"]]))]


def test_an_issue_that_nobody_decides_on_is_the_secretarys(crew: Crew) -> None:
    a_candidate()
    heard = dict(heard_at_each_rung(MONDAY + timedelta(days=20)))
    assert heard[1] == ids_of([crew[Role.SECRETARY]])
    assert heard[4] == ids_of([crew[Role.SUPERVISOR]])


def test_a_rung_of_an_item_happens_once_and_what_was_missed_is_one_message(
    crew: Crew, post: MailServer
) -> None:
    choose(crew["ZF"].user_id or 0, ChannelChoice("mail", "crew@example.cn"))
    started_item(crew)
    after = FRIDAY_CLOSING + timedelta(minutes=30)
    assert [fire_due_rungs(after) for _ in range(3)] == [1, 0, 0]
    assert db.session.scalars(select(Escalation.rung).order_by(Escalation.rung)).all() == [1, 2]
    assert db.session.scalars(select(Escalation.case_id)).all() == [None, None]
    everything_told(after)
    before = len(post.letters())
    send_waiting(MONDAY + timedelta(days=7))
    [letter] = post.letters()[before:]
    assert "系统停机期间错过的 2 条提醒" in letter.subject
    assert "已超期：X26-0001 行动项办理" in letter.body
    assert "/actions/X26-0001" in letter.body


def test_a_single_rung_of_an_item_says_what_to_do(crew: Crew, post: MailServer) -> None:
    choose(crew["ZF"].user_id or 0, ChannelChoice("mail", "crew@example.cn"))
    started_item(crew)
    at = next(upcoming(MONDAY + timedelta(days=5))).at
    fire_due_rungs(at)
    everything_told(at)
    before = len(post.letters())
    send_waiting(at)
    [letter] = post.letters()[before:]
    assert letter.subject == "快到期：X26-0001 行动项办理，时限已用 75%"
    assert "申请延期" in letter.body
    assert "类别" not in letter.body


def test_the_pages_of_the_ladder_list_items_and_issues_to_those_who_may_see_them(
    crew: Crew, street: Street
) -> None:
    a_report(street.token)
    started_item(crew)
    a_candidate()
    until = MONDAY + timedelta(days=7)

    def links(actor: Actor) -> set[str]:
        return {row.matter.link.rpartition("/")[0] for row in coming_until(actor, until).rows}

    everything = {"/desk/cases", "/actions", "/issues"}
    assert links(crew[Role.SUPERVISOR]) == everything
    assert links(replace(crew[Role.DUTY_LEAD], grants=(Grant(Role.DUTY_LEAD, frozenset({"PP-2"})),))) == set()
    assert links(crew["ZF"]) == {"/actions"}
    assert links(crew["LR"]) == set()
    fire_due_rungs(until)
    rows = fired_page(crew[Role.SUPERVISOR]).rows
    assert {row.matter.link.rpartition("/")[0] for row in rows} == everything
    assert "重新划定非机动车停放线" in {row.matter.what for row in rows}


# ---- notices that name who hears


def test_those_who_are_named_hear_each_in_his_own_words(crew: Crew, street: Street, post: MailServer) -> None:
    sent = a_report(street.token, phone="13800001234")
    report_id = db.session.scalars(select(Report.id)).one()
    operator = crew[Role.OPERATOR]
    choose(operator.user_id or 0, ChannelChoice("mail", "operator@example.cn", is_digest=True))
    _invitations({7: "guest@example.cn"})
    facts = {"number": "M26-0001", "link": "/meetings/M26-0001", "room": "二楼", "ics": CALENDAR}
    everything_told()
    send_waiting(MONDAY)  # what the report itself made
    mails = len(recipients("mail"))
    named = [f"user:{operator.user_id}", f"report:{report_id}", "guest:7", "guest:7"]
    with transaction():
        assert tell("tried_out", key="meeting:1:asked", recipients=named, facts=facts, now=MONDAY)
        assert not tell("tried_out", key="meeting:1:asked", recipients=named, facts=facts, now=MONDAY)
    everything_told()
    assert len(recipients("mail")) == mails + 2
    before = len(post.letters())
    send_waiting(MONDAY)
    to = {letter.to: letter for letter in post.letters()[before:]}
    assert to["guest@example.cn"].subject == "请您参加：M26-0001"
    assert to["operator@example.cn"].subject == "开会：M26-0001"
    assert to["operator@example.cn"].body.splitlines()[-1].endswith("/meetings/M26-0001")
    assert [each[0] for each in to["guest@example.cn"].calendars] == ["REQUEST", ""]
    stuck_or_waiting = db.session.scalars(
        select(Delivery.recipient).where(
            Delivery.channel == "chat", Delivery.recipient == f"report:{report_id}"
        )
    ).all()
    assert len(stuck_or_waiting) == 2  # the receipt of his report, and this
    seen = bell.unseen(operator.user_id or 0)[0]
    assert (seen.number, seen.link, seen.event) == ("M26-0001", "/meetings/M26-0001", "tried_out")
    assert sent.number != seen.number


def test_an_address_that_was_taken_back_is_forgotten_and_one_that_cannot_be_read_is_shown(
    crew: Crew, post: MailServer
) -> None:
    del crew
    _invitations({1: "", 2: "guest@example.cn"}, sealed_for=99)
    facts = {"number": "M26-0002", "room": "一楼"}
    with transaction():
        tell(
            "tried_out",
            key="meeting:2",
            recipients=["guest:1", "guest:2", "guest:3"],
            facts=facts,
            now=MONDAY,
        )
    everything_told()
    before = len(post.letters())
    at = MONDAY
    for _ in range(10):
        send_waiting(at)
        at += timedelta(hours=2)
    assert len(post.letters()) == before
    assert [(each.number, each.name, each.channel) for each in stuck_messages()] == [("M26-0002", "", "mail")]
    assert recipients("mail") == ["guest:2"]


def test_nobody_is_told_nothing_and_what_has_no_words_is_refused(crew: Crew) -> None:
    with transaction():
        assert not tell("tried_out", key="none", recipients=[], facts={}, now=MONDAY)
    person = f"user:{crew[Role.OPERATOR].user_id}"
    with pytest.raises(TemplateNotFound), transaction():
        tell("without_words", key="none", recipients=[person], facts={}, now=MONDAY)
    assert db.session.scalars(select(Notice)).all() == []


def test_somebody_who_left_hears_no_more(crew: Crew) -> None:
    with transaction():
        tell("tried_out", key="one", recipients=["user:999"], facts={}, now=MONDAY)
    everything_told()
    assert recipients() == []
    assert crew


def _invitations(addresses: dict[int, str], *, sealed_for: int | None = None) -> None:
    """Guests of a meeting with these mail addresses, by the id of their invitation."""
    keeper = db.session.scalars(select(User.id)).first()
    with transaction():
        meeting = Meeting(
            number="M26-0009",
            title="协调会",
            area_code="PP",
            state="invited",
            version=1,
            starts_at=MONDAY + timedelta(days=4),
            ends_at=MONDAY + timedelta(days=4, hours=2),
            room="二楼",
            chair_id=keeper,
            made_by=keeper,
            made_at=MONDAY,
        )
        db.session.add(meeting)
        db.session.flush()
        for number, address in addresses.items():
            sealed = parts().phones.seal(address, guest_context(sealed_for or number)) if address else ""
            db.session.add(
                Invitation(
                    id=number,
                    meeting_id=meeting.id,
                    kind="guest",
                    number=number,
                    name="嘉宾",
                    mail_sealed=sealed,
                    token_hash=str(number),
                    invited_at=MONDAY,
                )
            )


CALENDAR = (
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:M26-0001\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
