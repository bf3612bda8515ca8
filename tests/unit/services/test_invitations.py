"""Invitations: mails with calendar files, reporters through their links, answers and consent, one reminder."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select, text

from config import Config
from tests import factories
from tests.databases import Database
from tests.factories import MORNING, Sent
from tests.mail_server import Letter, MailServer, receiving
from tests.meetings import (
    ENDS,
    STARTS,
    a_meeting,
    a_plan,
    ask,
    link_of,
    three_shops,
    version_of,
    view_of,
)
from tests.server import free_port
from tests.settings import settings_in
from tracker.domain.case_rules import Incomplete
from tracker.domain.lifecycle import Action
from tracker.domain.meetings import MeetingStepRefused
from tracker.domain.permissions import Actor, NotPermitted, Role
from tracker.extensions import db
from tracker.models import Delivery, Invitation, Notice
from tracker.services import answers, guest_pages, invitations, meetings
from tracker.services.answers import Answer, AnswerRefused
from tracker.services.deliveries import make_deliveries
from tracker.services.meeting_moves import MeetingMissing
from tracker.services.meeting_values import GuestView
from tracker.services.meeting_voices import voices_of
from tracker.services.reminders import remind_guests
from tracker.services.sending import send_waiting
from tracker.services.upkeep import prune

Crew = dict[Role | str, Actor]
COMING = Answer("yes", words="我店门口最堵", name="老王", has_consent=True)
REMINDED = datetime(2026, 11, 26, 1, 0, tzinfo=MORNING.tzinfo)
"""The Thursday before, 9:00 on the street."""
SERVICE = timedelta(minutes=1)


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
def secretary(crew: Crew) -> Actor:
    return crew[Role.SECRETARY]


def delivered(post: MailServer, now: datetime) -> list[Letter]:
    """The letters about meetings that arrive now, by address."""
    before = len(post.letters())
    make_deliveries(now)
    while send_waiting(now):
        pass
    return sorted(post.letters()[before:], key=lambda letter: letter.to)


def calendar_in(letter: Letter) -> Calendar:
    """The calendar file that mail programs read, the one beside the text."""
    return Calendar.from_ical(letter.calendars[0][-1])


def answers_of(number: str, by: Actor) -> dict[str, str]:
    return {
        guest.name or guest.department_code or f"{guest.kind} {guest.number}": guest.answer
        for guest in view_of(number, by).guests
    }


def told(event: str) -> list[str]:
    """Everybody who is told of `event`, in notices not yet sent and sent ones."""
    db.session.rollback()
    rows = db.session.scalars(select(Notice.recipients).where(Notice.event == event).order_by(Notice.id))
    return [recipient for row in rows for recipient in row or ()]


# ---- mails


def test_departments_and_guests_get_a_mail_with_a_calendar_file_and_the_link_of_their_own_page(
    secretary: Actor, post: MailServer
) -> None:
    number = a_meeting(secretary, *three_shops())
    ask(number, secretary)
    letters = delivered(post, MORNING)
    assert [letter.to for letter in letters] == [
        "jiaojing@street.example",
        "ops@bikes.example",
        "zhifa@street.example",
    ]
    mail = letters[1]
    assert mail.subject == "会议邀请：地铁口非机动车停放协调会"
    assert "街道二楼会议室" in mail.body
    assert "11月27日 周五 14:00 至 16:00" in mail.body
    assert "议题：\n1. 地铁口两侧非机动车乱停放\n" in mail.body.replace("\r\n", "\n")
    page = f"http://127.0.0.1:8000/m/{link_of(number, secretary, '蓝骑单车')}"
    assert page in mail.body
    calendar = calendar_in(mail)
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["METHOD"]), mail.calendars[0][0]) == ("REQUEST", "REQUEST")
    assert (str(event["UID"]), event["SEQUENCE"]) == (f"{number}@127.0.0.1", 0)
    assert str(event["ATTENDEE"]) == "mailto:ops@bikes.example"
    assert str(event["URL"]) == page
    whole = mail.body + mail.calendars[0][-1]
    assert not [other for other in ("zhifa@", "jiaojing@", "老王", "面馆") if other in whole]


def test_another_room_sends_an_update_and_another_time_asks_anew(secretary: Actor, post: MailServer) -> None:
    shops = three_shops()
    number = a_meeting(secretary, *shops)
    ask(number, secretary)
    answers.answer_by_token(link_of(number, secretary, "ZF"), Answer("yes"), MORNING)
    answers.answer_by_report(shops[0].link_key, shops[0].device, number, COMING, now=MORNING)
    delivered(post, MORNING)
    change(number, secretary, room="街道三楼会议室")
    letters = delivered(post, MORNING)
    events = [calendar_in(letter).walk("VEVENT")[0] for letter in letters]
    assert [(str(each["UID"]), each["SEQUENCE"], str(each["LOCATION"])) for each in events] == [
        (f"{number}@127.0.0.1", 1, "街道三楼会议室")
    ] * 3
    assert answers_of(number, secretary)["ZF"] == "yes"
    change(number, secretary, room="街道三楼会议室", starts_at=STARTS + timedelta(hours=1))
    events = [calendar_in(letter).walk("VEVENT")[0] for letter in delivered(post, MORNING)]
    assert {event["SEQUENCE"] for event in events} == {2}
    assert set(answers_of(number, secretary).values()) == {""}
    assert len([each for each in told("meeting_changed") if each.startswith("report:")]) == 6


def test_a_meeting_called_off_is_taken_out_of_calendars(secretary: Actor, post: MailServer) -> None:
    number = a_meeting(secretary, *three_shops())
    ask(number, secretary)
    delivered(post, MORNING)
    meetings.cancel(number, "台风", version=version_of(number), by=secretary, now=MORNING)
    letters = delivered(post, MORNING)
    assert len(letters) == 3
    for letter in letters:
        (event,) = calendar_in(letter).walk("VEVENT")
        assert letter.calendars[0][0] == "CANCEL"
        assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CANCELLED", 1)


def test_whoever_is_taken_off_the_list_is_told_and_his_link_ends(secretary: Actor, post: MailServer) -> None:
    number = a_meeting(secretary, *three_shops())
    ask(number, secretary)
    delivered(post, MORNING)
    token = link_of(number, secretary, "蓝骑单车")
    guest = next(each for each in view_of(number, secretary).guests if each.kind == "guest")
    invitations.withdraw(number, guest.id, version=version_of(number), by=secretary, now=MORNING)
    (letter,) = delivered(post, MORNING)
    assert (letter.to, letter.calendars[0][0]) == ("ops@bikes.example", "CANCEL")
    with pytest.raises(MeetingMissing):
        guest_pages.meeting_of_guest(token, MORNING)
    invitations.add_department(
        number, "LR", "lr@street.example", version=version_of(number), by=secretary, now=MORNING
    )
    invitations.invite(number, with_reporters=True, version=version_of(number), by=secretary, now=MORNING)
    assert [letter.to for letter in delivered(post, MORNING)] == ["lr@street.example"]


def test_an_address_is_sealed_and_remembered_for_the_next_meeting(secretary: Actor) -> None:
    first = a_meeting(secretary, *three_shops())
    ask(first, secretary)
    stored = db.session.execute(text("SELECT * FROM invitations")).all()
    assert "zhifa" not in repr(stored)
    assert link_of(first, secretary, "ZF") not in repr(stored)
    assert invitations.remembered_mails()["ZF"] == "z…@street.example"
    second = a_meeting(secretary)
    invitations.add_department(second, "ZF", "", version=version_of(second), by=secretary, now=MORNING)
    guest = view_of(second, secretary).guests[0]
    assert invitations.open_mail(db.session.get_one(Invitation, guest.id)) == "zhifa@street.example"
    for code, mail, field in (("LR", "", "mail"), ("LR", "no address", "mail"), ("ZF", "", "department")):
        with pytest.raises(Incomplete) as refused:
            invitations.add_department(
                second, code, mail, version=version_of(second), by=secretary, now=MORNING
            )
        assert list(refused.value.problems) == [field]


def test_nobody_is_asked_before_there_is_something_to_say(secretary: Actor) -> None:
    number = meetings.plan(a_plan(secretary), [], by=secretary, now=MORNING)
    with pytest.raises(MeetingStepRefused, match="议程还是空的"):
        invitations.invite(number, with_reporters=True, version=1, by=secretary, now=MORNING)
    number = a_meeting(secretary)
    with pytest.raises(MeetingStepRefused, match="没有还没邀请的人"):
        invitations.invite(number, with_reporters=True, version=version_of(number), by=secretary, now=MORNING)
    with pytest.raises(MeetingStepRefused, match="时间已经过了"):
        invitations.invite(
            number,
            with_reporters=True,
            version=version_of(number),
            by=secretary,
            now=STARTS + timedelta(hours=1),
        )


# ---- reporters


def test_one_person_is_asked_once_however_often_he_reported(crew: Crew) -> None:
    secretary, place = crew[Role.SECRETARY], factories.a_place(name="老王面馆")
    often = [factories.a_report(place, device="old-wang", at=MORNING) for _ in range(3)]
    gone = factories.a_report(factories.a_place(), device="somebody", at=MORNING)
    factories.take(gone.number, Action.WITHDRAW, by=factories.speaker(gone))
    merged = factories.a_report(factories.a_place(), device="follower", at=MORNING)
    factories.take(merged.number, Action.MERGE, by=crew[Role.OPERATOR], main_case=often[0].number)
    number = a_meeting(secretary, *often, gone)
    voices = voices_of(view_of(number, secretary).id)
    assert (voices.total, voices.not_asked, voices.with_phone) == (2, 2, 0)
    ask(number, secretary)
    assert view_of(number, secretary).asked["reporter"].invited == 2
    for sent in (*often, merged):
        assert [each.number for each in guest_pages.meetings_of_reporter(sent.link_key, MORNING)] == [number]
    assert guest_pages.meetings_of_reporter(gone.link_key, MORNING) == []
    assert voices_of(view_of(number, secretary).id).not_asked == 0


def test_an_answer_is_changed_until_the_meeting_begins(secretary: Actor) -> None:
    shop = three_shops()[0]
    number = a_meeting(secretary, shop)
    ask(number, secretary)

    def say(given: Answer, at: datetime = MORNING) -> None:
        answers.answer_by_report(shop.link_key, shop.device, number, given, now=at)

    say(COMING)
    (guest,) = reporters(number, secretary)
    assert (guest.name, guest.answer, guest.words) == ("老王", "yes", "我店门口最堵")
    say(Answer("maybe", words="看生意", has_consent=True), STARTS - SERVICE)
    (guest,) = reporters(number, secretary)
    assert (guest.name, guest.number, guest.answer, guest.words) == ("", 1, "maybe", "看生意")
    with pytest.raises(AnswerRefused):
        say(COMING, STARTS)
    meetings.cancel(number, "台风", version=version_of(number), by=secretary, now=MORNING)
    with pytest.raises(AnswerRefused):
        say(COMING)


def reporters(number: str, by: Actor) -> list[GuestView]:
    return [guest for guest in view_of(number, by).guests if guest.kind == "reporter"]


def test_without_consent_nothing_of_a_reporter_reaches_the_chair_but_he_may_say_no(secretary: Actor) -> None:
    shop = three_shops()[0]
    number = a_meeting(secretary, shop)
    ask(number, secretary)
    for given in (Answer("yes"), Answer("maybe"), Answer("no", words="没空"), Answer("no", name="老王")):
        with pytest.raises(Incomplete) as refused:
            answers.answer_by_report(shop.link_key, shop.device, number, given, now=MORNING)
        assert list(refused.value.problems) == ["consent"]
    answers.answer_by_report(shop.link_key, shop.device, number, COMING, now=MORNING)
    answers.answer_by_report(shop.link_key, shop.device, number, Answer("no"), now=MORNING)
    guest = db.session.scalars(select(Invitation).where(Invitation.kind == "reporter")).one()
    assert (guest.answer, guest.name, guest.words, guest.consent_version) == ("no", "", "", "")


def test_a_link_passed_on_looks_and_does_not_answer(secretary: Actor) -> None:
    shop = three_shops()[0]
    number = a_meeting(secretary, shop)
    ask(number, secretary)
    with pytest.raises(NotPermitted):
        answers.answer_by_report(shop.link_key, "somebody-elses-phone", number, COMING, now=MORNING)
    stranger = factories.a_report(factories.a_place(), device="stranger", at=MORNING)
    with pytest.raises(MeetingMissing):
        answers.answer_by_report(stranger.link_key, "stranger", number, COMING, now=MORNING)


def test_whoever_left_a_number_gets_a_line_on_it(secretary: Actor) -> None:
    number = a_meeting(secretary, *three_shops(phone="13800001234"))
    assert voices_of(view_of(number, secretary).id).with_phone == 1
    ask(number, secretary)
    make_deliveries(MORNING)
    lines = db.session.scalars(
        select(Delivery.recipient)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Notice.event == "meeting_invited", Delivery.channel == "chat")
    ).all()
    assert len(lines) == 1


def test_numbers_of_merchants_do_not_follow_the_order_of_their_reports(secretary: Actor) -> None:
    """Otherwise 商户代表 1号 would be whoever reported first, and the desk knows where that was."""
    shops = [factories.a_report(factories.a_place(), device=f"phone-{nth}", at=MORNING) for nth in range(9)]
    number = a_meeting(secretary, *shops)
    invitations.invite(number, with_reporters=True, version=version_of(number), by=secretary, now=MORNING)
    rows = db.session.scalars(select(Invitation.report_id).order_by(Invitation.number)).all()
    assert list(rows) != sorted(rows, key=lambda row: row or 0)  # by chance once in 362,880 runs


def test_what_was_kept_of_guests_is_forgotten_thirty_days_after(secretary: Actor) -> None:
    shop = three_shops()[0]
    number = a_meeting(secretary, shop)
    ask(number, secretary)
    answers.answer_by_report(shop.link_key, shop.device, number, COMING, now=MORNING)
    assert prune(ENDS + timedelta(days=30)) == 0
    assert prune(ENDS + timedelta(days=30, minutes=1)) == 2
    (guest,) = reporters(number, secretary)
    assert (guest.name, guest.words, guest.answer) == ("", "", "yes")
    mails = {
        each.name or each.department_code: each.masked_mail for each in view_of(number, secretary).guests
    }
    assert (mails["蓝骑单车"], mails["ZF"]) == ("", "z…@street.example")


# ---- the reminder


def test_a_guest_is_reminded_once_the_day_before_unless_he_said_no(
    inside: Flask, secretary: Actor, post: MailServer
) -> None:
    shops: list[Sent] = three_shops()
    number = a_meeting(secretary, *shops)
    ask(number, secretary)
    answers.answer_by_token(link_of(number, secretary, "ZF"), Answer("no"), MORNING)
    answers.answer_by_report(shops[0].link_key, shops[0].device, number, COMING, now=MORNING)
    answers.answer_by_report(shops[1].link_key, shops[1].device, number, Answer("no"), now=MORNING)
    delivered(post, MORNING)
    assert remind_guests(REMINDED - SERVICE) == 0
    db.session.remove()

    def in_a_process_of_its_own(_which: int) -> int:
        with inside.app_context():
            return remind_guests(REMINDED)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(in_a_process_of_its_own, (1, 2))) == 4
    assert remind_guests(REMINDED + SERVICE) == 0
    assert len(told("meeting_reminder")) == 4
    letters = delivered(post, REMINDED)
    assert [letter.to for letter in letters] == ["jiaojing@street.example", "ops@bikes.example"]
    assert letters[0].subject == "提醒：地铁口非机动车停放协调会，11月27日 周五 14:00"
    assert letters[0].calendars == []


def test_whoever_is_asked_late_is_not_reminded_and_another_time_is_reminded_of_anew(secretary: Actor) -> None:
    number = a_meeting(secretary, *three_shops())
    ask(number, secretary, now=REMINDED + SERVICE)
    assert remind_guests(REMINDED + 2 * SERVICE) == 0
    later = STARTS + timedelta(days=3)
    change(number, secretary, at=REMINDED + SERVICE, starts_at=later, ends_at=later + timedelta(hours=1))
    friday = REMINDED + timedelta(days=1)
    assert remind_guests(friday - SERVICE) == 0
    assert remind_guests(friday) == 6
    meetings.cancel(number, "台风", version=version_of(number), by=secretary, now=friday)
    assert remind_guests(friday + SERVICE) == 0


def change(number: str, by: Actor, *, at: datetime = MORNING, **changes: object) -> None:
    """Edit the meeting's plan."""
    meetings.edit(number, a_plan(by, **changes), version=version_of(number), by=by, now=at)
