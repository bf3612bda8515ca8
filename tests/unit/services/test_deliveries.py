"""From a notice to a message that arrived: who hears, when, in how many messages, and what happens on failure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from config import Config
from tests.applications import lent
from tests.databases import Database
from tests.factories import Sent, Street, a_person, a_report, a_voice, says_gone, speaker, take, walk_to
from tests.mail_server import MailServer, receiving
from tests.server import free_port
from tests.settings import settings_in
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, transaction
from tracker.models import Case, Channel, Clock, Delivery, Department, Notice, Report
from tracker.services import bell
from tracker.services.channels import ChannelChoice, ChannelRefused, choose, give_up, own_channels
from tracker.services.deliveries import make_deliveries
from tracker.services.escalations import fire_due_rungs
from tracker.services.links import report_behind
from tracker.services.message_texts import preview
from tracker.services.sending import retry_stuck, send_waiting, stuck_messages

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""9:30 on the street."""
NIGHT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
"""22:00 on the same day."""
Crew = dict[Role | str, Actor]


class Hand:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = MONDAY

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """Where mail arrives."""
    with receiving(tmp_path_factory.mktemp("post")) as server:
        yield server


@pytest.fixture
def settings(database: Database, tmp_path: Path, post: MailServer) -> Config:
    """Mail works; a phone is reached through a gateway that is not there."""
    sms = f"json://127.0.0.1:{free_port()}/{{phone}}"
    return settings_in(tmp_path, database_url=database.url, sms_url=sms, **post.settings)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def app(settings: Config, hand: Hand) -> Iterator[Flask]:
    """With a clock that stands still until it is set."""
    with lent(settings, hand) as app:
        yield app


def everything_told(now: datetime) -> None:
    while make_deliveries(now):
        pass


def rows(channel: str = "") -> list[Delivery]:
    statement = select(Delivery).order_by(Delivery.id)
    found = db.session.scalars(statement.where(Delivery.channel == channel) if channel else statement).all()
    db.session.expunge_all()
    return list(found)


def hearers(event: str) -> set[str]:
    statement = select(Delivery.recipient).join(Notice, Notice.id == Delivery.notice_id)
    return set(db.session.scalars(statement.where(Notice.event == event, Delivery.channel == "bell")))


def ids(*actors: Actor) -> set[str]:
    return {f"user:{actor.user_id}" for actor in actors}


def by_mail(actor: Actor, **changes: object) -> None:
    address = f"user{actor.user_id}@example.cn"
    choose(actor.user_id or 0, ChannelChoice("mail", address, **changes))  # type: ignore[arg-type]


def letters_since(post: MailServer, before: int) -> list[str]:
    return [letter.subject for letter in post.letters()[before:]]


# ---- who hears


def test_a_dispatched_case_is_heard_of_by_the_handlers_of_its_department_alone(
    street: Street, crew: Crew
) -> None:
    sent = a_report(street.token)
    walk_to(sent.number, State.DISPATCHED, crew)
    everything_told(MONDAY)
    assert hearers("case_dispatch") == ids(crew["ZF"])


def test_a_result_is_checked_by_verifiers_who_did_not_handle_it(street: Street, crew: Crew) -> None:
    own = a_person(Role.VERIFIER, department="ZF")
    sent = a_report(street.token)
    walk_to(sent.number, State.RESOLVED, crew)
    everything_told(MONDAY)
    assert hearers("case_resolve") == ids(crew[Role.VERIFIER])
    assert not hearers("case_resolve") & ids(own)


def test_a_second_return_is_ruled_on_by_the_supervisor_and_the_first_by_the_duty_lead(
    street: Street, crew: Crew
) -> None:
    sent = a_report(street.token)
    walk_to(sent.number, State.RETURN_REQUESTED, crew)
    everything_told(MONDAY)
    assert hearers("case_request_return") == ids(crew[Role.DUTY_LEAD])
    take(sent.number, Action.GRANT_RETURN, by=crew[Role.DUTY_LEAD])
    take(sent.number, Action.DISPATCH, by=crew[Role.OPERATOR], lead="LR")
    take(sent.number, Action.REQUEST_RETURN, by=crew["LR"], note="也不归我们", suggested="ZF")
    everything_told(MONDAY)
    assert hearers("case_request_return") == ids(crew[Role.DUTY_LEAD], crew[Role.SUPERVISOR])


def test_somebody_responsible_for_another_part_of_the_street_hears_nothing(
    street: Street, crew: Crew
) -> None:
    elsewhere = a_person(Role.DUTY_LEAD, area="PP-2", department="LR")
    sent = a_report(street.token)
    walk_to(sent.number, State.RETURN_REQUESTED, crew)
    everything_told(MONDAY)
    assert not hearers("case_request_return") & ids(elsewhere)


def climbed(number: str, hand: Hand, wanted: int) -> list[set[str]]:
    """Let the case's sign clock climb; who heard of each rung."""
    found = []
    for _ in range(wanted):
        hand.at = _next_rung(number)
        fire_due_rungs(hand.at)
        before = _latest_notice()
        everything_told(hand.at)
        statement = (
            select(Delivery.recipient)
            .join(Notice, Notice.id == Delivery.notice_id)
            .where(Notice.id == before, Delivery.channel == "bell")
        )
        found.append(set(db.session.scalars(statement)))
        db.session.rollback()
    return found


def _latest_notice() -> int:
    return db.session.scalars(select(Notice.id).order_by(Notice.id.desc()).limit(1)).one()


def _next_rung(number: str) -> datetime:
    statement = (
        select(Clock.next_rung_at)
        .join(Case, Case.id == Clock.case_id)
        .where(Case.number == number, Clock.state == "running", Clock.next_rung_at.is_not(None))
    )
    found = min(filter(None, db.session.scalars(statement)))
    db.session.rollback()
    return found


def test_the_ladder_is_heard_by_owner_then_owner_and_lead_then_duty_lead_then_supervisor_daily(
    street: Street, crew: Crew, hand: Hand
) -> None:
    sent = a_report(street.token)
    operator, duty, boss = ids(crew[Role.OPERATOR]), ids(crew[Role.DUTY_LEAD]), ids(crew[Role.SUPERVISOR])
    assert climbed(sent.number, hand, 5) == [operator, operator | duty, duty, boss, boss]


def test_a_department_lead_hears_of_a_broken_promise_of_the_department(
    street: Street, crew: Crew, hand: Hand
) -> None:
    lead = a_person(Role.HANDLER, department="JW")
    with transaction():
        db.session.get_one(Department, "ZF").lead_user_id = lead.user_id
    sent = a_report(street.token)
    walk_to(sent.number, State.DISPATCHED, crew)
    first, second = climbed(sent.number, hand, 2)
    assert (first, second) == (ids(crew["ZF"]), ids(crew["ZF"], lead))


def test_where_nobody_owns_a_promise_the_next_one_up_hears(street: Street, hand: Hand) -> None:
    boss = a_person(Role.SUPERVISOR)
    sent = a_report(street.token)
    assert climbed(sent.number, hand, 1) == [ids(boss)]


def test_whoever_did_it_is_not_told(street: Street, crew: Crew) -> None:
    sent = a_report(street.token)
    walk_to(sent.number, State.ON_HOLD, crew)
    take(sent.number, Action.RESUME, by=crew[Role.SUPERVISOR])
    everything_told(MONDAY)
    assert hearers("case_resume") == ids(crew["ZF"])


# ---- when


def test_without_a_choice_the_bell_rings_alone_and_at_once(street: Street, crew: Crew) -> None:
    sent = a_report(street.token)
    walk_to(sent.number, State.DISPATCHED, crew)
    everything_told(NIGHT)
    handler = crew["ZF"].user_id or 0
    assert {row.channel for row in rows()} == {"bell"}
    assert [item.number for item in bell.unseen(handler)] == [sent.number]
    bell.see(handler, bell.unseen(handler)[0].id, NIGHT)
    assert bell.unseen_count(handler) == 0


@pytest.mark.parametrize(
    ("quiet", "expected"),
    [
        (("", ""), datetime(2026, 11, 24, 1, 0, tzinfo=UTC)),  # Tuesday as service begins, 9:00
        (("21:00", "10:15"), datetime(2026, 11, 24, 2, 15, tzinfo=UTC)),
        (("21:00", "12:30"), datetime(2026, 11, 24, 5, 0, tzinfo=UTC)),  # ends in the lunch break: 13:00
    ],
)
def test_what_is_not_urgent_waits_for_service_and_for_ones_own_quiet_hours(
    street: Street, crew: Crew, quiet: tuple[str, str], expected: datetime
) -> None:
    by_mail(crew["ZF"], quiet_from=quiet[0], quiet_to=quiet[1])
    walk_to(a_report(street.token).number, State.DISPATCHED, crew)
    everything_told(NIGHT)
    assert rows("mail")[0].not_before_at == expected


def test_what_is_urgent_wakes_people_up(street: Street, crew: Crew) -> None:
    by_mail(crew["ZF"], quiet_from="21:00", quiet_to="07:00")
    walk_to(a_report(street.token).number, State.DISPATCHED, crew)
    with transaction():
        db.session.execute(update(Notice).values(is_urgent=True))
    everything_told(NIGHT)
    assert rows("mail")[0].not_before_at == NIGHT


def test_past_the_calendar_messages_go_out_at_once(street: Street, crew: Crew) -> None:
    by_mail(crew["ZF"])
    walk_to(a_report(street.token).number, State.DISPATCHED, crew)
    in_2031 = datetime(2031, 1, 1, 18, 0, tzinfo=UTC)
    everything_told(in_2031)
    assert rows("mail")[0].not_before_at == in_2031


# ---- in how many messages


def test_a_message_says_what_to_do_and_where_and_nothing_of_the_reporter(
    street: Street, crew: Crew, post: MailServer
) -> None:
    by_mail(crew["ZF"])
    sent = a_report(street.token, text="二楼王阿姨家门口堆了纸箱", phone="13800001111")
    walk_to(sent.number, State.DISPATCHED, crew)
    everything_told(MONDAY)
    before = len(post.letters())
    while send_waiting(MONDAY):
        pass
    letter = post.letters()[before]
    assert sent.number in letter.subject
    assert f"/desk/cases/{sent.number}" in letter.body
    assert "王阿姨" not in letter.subject + letter.body
    assert sent.link_key not in letter.body
    assert {row.state for row in rows("mail")} == {"sent"}


def test_more_than_twenty_messages_for_one_person_go_out_as_one(
    street: Street, crew: Crew, post: MailServer
) -> None:
    by_mail(crew["ZF"])
    numbers = {a_report(street.token).number for _ in range(21)}
    for number in numbers:
        walk_to(number, State.DISPATCHED, crew)
    everything_told(MONDAY)
    before = len(post.letters())
    while send_waiting(MONDAY):
        pass
    [letter] = post.letters()[before:]
    assert all(number in letter.body for number in numbers)


def test_a_person_who_asked_for_it_gets_one_message_as_service_begins(
    street: Street, crew: Crew, post: MailServer
) -> None:
    by_mail(crew["ZF"], is_digest=True)
    for _ in range(3):
        walk_to(a_report(street.token).number, State.DISPATCHED, crew)
    everything_told(MONDAY)
    before = len(post.letters())
    assert send_waiting(MONDAY) == 0
    assert send_waiting(datetime(2026, 11, 24, 1, 0, tzinfo=UTC)) == 1
    assert len(post.letters()) == before + 1


def test_after_three_days_down_each_person_gets_one_message_and_the_ladder_goes_on(
    street: Street, crew: Crew, post: MailServer, hand: Hand
) -> None:
    by_mail(crew[Role.OPERATOR])
    by_mail(crew[Role.DUTY_LEAD], quiet_from="09:00", quiet_to="18:00")
    by_mail(crew[Role.SUPERVISOR])
    numbers = [a_report(street.token).number for _ in range(3)]
    hand.at = MONDAY + timedelta(days=3)
    before = len(post.letters())
    assert send_waiting(hand.at) == 0  # the ladder has not caught up yet
    fire_due_rungs(hand.at)
    everything_told(hand.at)
    while send_waiting(hand.at):
        pass
    arrived = {letter.to: letter for letter in post.letters()[before:]}
    assert len(arrived) == len(post.letters()) - before
    assert arrived.keys() >= {
        f"user{crew[role].user_id}@example.cn" for role in (Role.OPERATOR, Role.SUPERVISOR)
    }
    for letter in arrived.values():
        assert "停机" in letter.subject
        assert all(number in letter.body for number in numbers)
    hand.at = _next_rung(numbers[0])
    assert hand.at == datetime(2026, 11, 27, 1, 0, tzinfo=UTC)  # Friday, as service begins
    fire_due_rungs(hand.at)
    everything_told(hand.at)
    assert not db.session.get_one(Notice, _latest_notice()).is_late


# ---- when it does not work


def test_a_server_that_is_down_costs_one_try_with_growing_pauses_and_is_given_up_after_eight(
    street: Street, crew: Crew, app: Flask
) -> None:
    object.__setattr__(app.extensions["tracker"].mail, "port", free_port())
    by_mail(crew["ZF"])
    for _ in range(2):
        walk_to(a_report(street.token).number, State.DISPATCHED, crew)
    everything_told(MONDAY)
    assert send_waiting(MONDAY) == 1  # the second is not even tried
    now, pauses, batches = MONDAY, [], set()
    while (row := rows("mail")[0]).state == "waiting":
        if row.not_before_at > now:
            pauses.append((row.not_before_at - now).total_seconds() / 60)
        now = max(now, row.not_before_at)
        batches.add(row.batch)
        send_waiting(now)
        send_waiting(now)
    assert pauses == [1, 2, 4, 8, 16, 32, 60]
    assert len(batches) == 1
    stuck = next(each for each in stuck_messages() if each.id == row.id)
    assert (stuck.tries, stuck.channel) == (8, "mail")
    assert "没有应答" in stuck.last_error


def test_a_stuck_message_is_tried_again_under_the_same_key_when_somebody_asks(
    street: Street, crew: Crew, post: MailServer
) -> None:
    by_mail(crew["ZF"])
    walk_to(a_report(street.token).number, State.DISPATCHED, crew)
    everything_told(MONDAY)
    with transaction():
        db.session.execute(
            update(Delivery).where(Delivery.channel == "mail").values(state="stuck", batch="b" * 32)
        )
    before = len(post.letters())
    assert send_waiting(MONDAY) == 0
    retry_stuck(stuck_messages()[0].id, MONDAY)
    assert send_waiting(MONDAY) == 1
    assert post.letters()[before].key == f"<{'b' * 32}@127.0.0.1>"
    assert stuck_messages() == []


def test_who_takes_the_address_back_is_not_written_to(street: Street, crew: Crew, post: MailServer) -> None:
    by_mail(crew["ZF"])
    walk_to(a_report(street.token).number, State.DISPATCHED, crew)
    everything_told(MONDAY)
    give_up(crew["ZF"].user_id or 0, "mail")
    before = len(post.letters())
    while send_waiting(MONDAY):
        pass
    assert len(post.letters()) == before
    assert rows("mail") == []


# ---- reporters


def test_reporters_who_left_a_number_hear_of_the_case_also_through_one_merged_into_it(
    street: Street, crew: Crew
) -> None:
    main, other = a_report(street.token, phone="13800001111"), a_report(street.token, phone="13800002222")
    silent = a_report(street.token)
    take(main.number, Action.FILE, by=crew[Role.OPERATOR], category="A5")
    for each in (other, silent):
        take(each.number, Action.MERGE, by=crew[Role.OPERATOR], main_case=main.number)
    take(main.number, Action.DISPATCH, by=crew[Role.OPERATOR], lead="ZF")
    everything_told(MONDAY)
    told = set(
        db.session.scalars(
            select(Delivery.recipient)
            .join(Notice, Notice.id == Delivery.notice_id)
            .where(Notice.event == "case_dispatch", Delivery.channel == "chat")
        )
    )
    assert told == {f"report:{speaker(each).report_id}" for each in (main, other)}


def test_a_number_that_was_erased_is_not_written_to_and_none_is_kept_in_an_error(street: Street) -> None:
    kept, erased = a_report(street.token, phone="13800001111"), a_report(street.token, phone="13800002222")
    everything_told(MONDAY)
    with transaction():
        report = db.session.get_one(Report, speaker(erased).report_id)
        report.phone_sealed = report.phone_fingerprint = ""
    while send_waiting(MONDAY):
        pass
    [row] = rows("chat")
    assert row.recipient == f"report:{speaker(kept).report_id}"
    assert row.last_error == "对方没有接受这条消息：json"
    assert "1380000" not in row.last_error


def test_the_preview_says_what_will_be_sent(inside: Flask) -> None:  # noqa: ARG001
    assert preview("PP-1", "dispatch", "zh", department="市容所") == "您报的 PP-1 已派给市容所。\n"
    assert preview("PP-1", "look", "zh") == ""


# ---- channels


def test_addresses_are_kept_under_lock_and_shown_to_their_owner(street: Street, crew: Crew) -> None:  # noqa: ARG001
    by_mail(crew["ZF"], language="en")
    [choice] = own_channels(crew["ZF"].user_id or 0)
    assert (choice.address, choice.language) == (f"user{crew['ZF'].user_id}@example.cn", "en")
    assert "example.cn" not in db.session.scalars(select(Channel.address_sealed)).one()


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        (ChannelChoice("mail", "nobody"), "address"),
        (ChannelChoice("webhook", "https://10.0.0.1/"), "address"),
        (ChannelChoice("chat", "json://127.0.0.1/"), "address"),
        (ChannelChoice("chat", "wecombot://"), "address"),
        (ChannelChoice("pigeon", "roof"), "channel"),
        (ChannelChoice("mail", "a@example.cn", quiet_from="22:00"), "quiet"),
        (ChannelChoice("mail", "a@example.cn", quiet_from="22", quiet_to="25:00"), "quiet"),
    ],
)
def test_what_cannot_be_used_is_refused_beside_its_field(
    crew: Crew, choice: ChannelChoice, field: str
) -> None:
    with pytest.raises(ChannelRefused) as caught:
        choose(crew["ZF"].user_id or 0, choice)
    assert caught.value.field == field


# ---- whoever follows a case hears of every stage


def told_reporters(event: str) -> set[str]:
    statement = select(Delivery.recipient).join(Notice, Notice.id == Delivery.notice_id)
    return set(db.session.scalars(statement.where(Notice.event == event, Delivery.channel == "chat")))


def as_hearer(sent: Sent) -> str:
    return f"report:{report_behind(sent.link_key).id}"


def test_whoever_reported_joined_or_was_merged_hears_of_every_stage_to_the_end(
    street: Street, crew: Crew
) -> None:
    main = a_report(street.token, phone="13800000001")
    voice = a_voice(street.token, main.number, phone="13800000002")
    merged = a_report(street.token, phone="13800000003", device="a-third-phone")
    take(merged.number, Action.MERGE, by=crew[Role.OPERATOR], main_case=main.number)
    walk_to(main.number, State.RESOLVED, crew)
    take(main.number, Action.FAIL, by=crew[Role.VERIFIER], note="还在")
    for disputed in (True, False):
        take(main.number, Action.RESOLVE, by=crew["ZF"], outcome="fixed", note="清了", photos=1)
        take(main.number, Action.PASS, by=crew[Role.VERIFIER])
        if disputed:
            take(main.number, Action.DISPUTE, by=speaker(voice), note="没清")
    take(main.number, Action.CONFIRM, by=speaker(main))
    everything_told(MONDAY)
    everybody = {as_hearer(each) for each in (main, voice, merged)}
    for event in ("file", "dispatch", "sign", "resolve", "fail", "pass"):
        assert told_reporters(f"case_{event}") == everybody, event
    assert told_reporters("case_dispute") == everybody - {as_hearer(voice)}
    assert told_reporters("case_confirm") == everybody - {as_hearer(main)}
    assert told_reporters("case_merge") == {as_hearer(merged)}


def test_what_a_rule_files_and_dispatches_at_once_is_one_message(street: Street) -> None:
    sent = a_report(street.token, "A1", phone="13800000001")
    everything_told(MONDAY)
    assert told_reporters("case_dispatch") == {as_hearer(sent)}
    assert told_reporters("case_file") == set()


def test_only_who_opened_a_case_hears_that_somebody_says_it_is_gone_and_what_was_seen(
    street: Street, crew: Crew
) -> None:
    main = a_report(street.token, phone="13800000001")
    a_voice(street.token, main.number, phone="13800000002")
    merged = a_report(street.token, phone="13800000003", device="a-third-phone")
    take(merged.number, Action.MERGE, by=crew[Role.OPERATOR], main_case=main.number)
    says_gone(street.token, main.number)
    take(main.number, Action.STILL_THERE, by=crew[Role.VERIFIER], note="还堆着")
    says_gone(street.token, main.number)
    take(main.number, Action.SEEN_GONE, by=crew[Role.VERIFIER], note="没了", photos=1)
    everything_told(MONDAY)
    for event in ("gone", "still_there", "seen_gone"):
        assert told_reporters(f"case_{event}") == {as_hearer(main), as_hearer(merged)}, event
    again = a_report(street.token, phone="13800000004", device="a-fourth-phone")
    says_gone(street.token, again.number, device="a-fourth-phone")
    everything_told(MONDAY)
    assert as_hearer(again) not in told_reporters("case_gone")


def test_on_hold_those_who_can_end_it_hear_too_that_it_got_worse(street: Street, crew: Crew) -> None:
    sent = a_report(street.token)
    walk_to(sent.number, State.ON_HOLD, crew)
    a_voice(street.token, sent.number, worse=True)
    everything_told(MONDAY)
    assert hearers("case_worse") == ids(crew["ZF"], crew[Role.SUPERVISOR])
