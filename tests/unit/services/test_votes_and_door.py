"""Votes by private link and by raised hands; signing in at the door."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests import factories
from tests.factories import DEVICE, MORNING, Sent
from tests.meetings import ENDS, STARTS, a_meeting, ask, item_of, link_of, three_shops, version_of, view_of
from tracker.domain.case_rules import Incomplete
from tracker.domain.meetings import MeetingStepRefused
from tracker.domain.permissions import Actor, NotPermitted, Role
from tracker.domain.votes import VoteRefused
from tracker.extensions import db, transaction
from tracker.models import Invitation, Vote
from tracker.services import agendas, ballots, door, links, meetings, sign_ins, votes
from tracker.services.door import DoorShut
from tracker.services.meeting_moves import MeetingMissing, locked_meeting_numbered
from tracker.services.meeting_views import door_of

Crew = dict[Role | str, Actor]
MINUTE = timedelta(minutes=1)
AROUND = STARTS - timedelta(minutes=10)


@pytest.fixture
def secretary(crew: Crew) -> Actor:
    return crew[Role.SECRETARY]


@pytest.fixture
def shops(secretary: Actor) -> list[Sent]:  # noqa: ARG001 - the street it stands on
    return three_shops()


@pytest.fixture
def number(secretary: Actor, shops: list[Sent]) -> str:
    """A meeting to which two departments, a firm and three shops were invited."""
    number = a_meeting(secretary, *shops)
    ask(number, secretary)
    return number


def options(number: str, by: Actor) -> list[int]:
    return [option.id for option in item_of(number, by).vote.options]


def opened(number: str, by: Actor) -> int:
    item = item_of(number, by)
    votes.open_vote(number, item.id, version=version_of(number), by=by, now=MORNING)
    return item.id


def closed(number: str, by: Actor) -> None:
    votes.close_vote(number, item_of(number, by).id, version=version_of(number), by=by, now=MORNING)


# ---- votes


def test_each_link_votes_once_may_change_it_and_the_desk_reads_counts_alone(
    secretary: Actor, shops: list[Sent], number: str
) -> None:
    first, second, third = options(number, secretary)
    item = opened(number, secretary)

    def vote(sent: Sent, option: int) -> None:
        ballots.vote_by_report(sent.link_key, sent.device, number, item_id=item, option_id=option)

    vote(shops[0], first)
    vote(shops[0], second)
    vote(shops[1], second)
    ballots.vote_by_token(link_of(number, secretary, "蓝骑单车"), "office-pc", item, third)
    vote_view = item_of(number, secretary).vote
    assert (vote_view.state, vote_view.given, vote_view.entitled, vote_view.result) == ("open", 3, 6, None)
    assert {option.by_link for option in vote_view.options} == {None}
    closed(number, secretary)
    result = item_of(number, secretary).vote.result
    assert result is not None
    assert result.by_link.counts == {first: 0, second: 2, third: 1}
    assert (result.by_link.turnout_percent, result.by_link.leaders, result.by_hand) == (50, (second,), None)
    with pytest.raises(VoteRefused):
        vote(shops[2], first)


def test_a_phone_votes_once_whichever_link_is_open_in_it(
    secretary: Actor, shops: list[Sent], number: str
) -> None:
    first, *_ = options(number, secretary)
    item = opened(number, secretary)
    ballots.vote_by_report(shops[0].link_key, shops[0].device, number, item_id=item, option_id=first)
    with pytest.raises(VoteRefused):
        ballots.vote_by_token(link_of(number, secretary, "ZF"), shops[0].device, item, first)
    links.enter_code(shops[0].link_key, shops[0].code, "second-phone", MORNING)
    ballots.vote_by_report(shops[0].link_key, "second-phone", number, item_id=item, option_id=first)
    assert item_of(number, secretary).vote.given == 1
    with pytest.raises(NotPermitted):
        ballots.vote_by_report(shops[1].link_key, "a stranger's", number, item_id=item, option_id=first)


def test_votes_do_not_say_whose_they_are(secretary: Actor, shops: list[Sent], number: str) -> None:
    item = opened(number, secretary)
    ballots.vote_by_report(
        shops[0].link_key, shops[0].device, number, item_id=item, option_id=options(number, secretary)[0]
    )
    vote = db.session.scalars(select(Vote)).one()
    known = {links.hash_of(shops[0].device), links.hash_of(shops[0].link_key)}
    assert not known & {vote.voter_hash, vote.device_hash}
    columns = db.session.execute(text("SELECT * FROM votes")).mappings().one().keys()
    assert set(columns) == {"id", "agenda_item_id", "option_id", "voter_hash", "device_hash"}


def test_two_taps_at_once_are_one_vote(
    inside: Flask, secretary: Actor, shops: list[Sent], number: str
) -> None:
    item, (first, second, _) = opened(number, secretary), options(number, secretary)
    db.session.remove()

    def tap(option: int) -> None:
        with inside.app_context():
            ballots.vote_by_report(shops[0].link_key, shops[0].device, number, item_id=item, option_id=option)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(tap, (first, second)))
    assert item_of(number, secretary).vote.given == 1


def test_the_chair_alone_opens_and_closes_and_only_what_can_be_chosen(crew: Crew, shops: list[Sent]) -> None:
    secretary, other = crew[Role.SECRETARY], crew[Role.SUPERVISOR]
    number = a_meeting(secretary, *shops, options="")
    item = item_of(number, secretary)
    ask(number, secretary)
    with pytest.raises(VoteRefused):
        opened(number, secretary)
    agendas.set_item(
        number, item.id, "怎么办？", "划线\n不划", version=version_of(number), by=secretary, now=MORNING
    )
    with pytest.raises(MeetingStepRefused):
        opened(number, other)
    opened(number, secretary)
    with pytest.raises(VoteRefused):
        opened(number, secretary)
    with pytest.raises(Incomplete):
        agendas.set_item(
            number, item.id, "怎么办？", "别的\n另外", version=version_of(number), by=secretary, now=MORNING
        )
    with pytest.raises(VoteRefused):
        agendas.remove_item(number, item.id, version=version_of(number), by=secretary, now=MORNING)
    with pytest.raises(MeetingStepRefused):
        closed(number, other)


def test_hands_are_counted_apart_with_who_counted(secretary: Actor, shops: list[Sent], number: str) -> None:
    first, second, third = options(number, secretary)
    item = opened(number, secretary)
    ballots.vote_by_report(shops[0].link_key, shops[0].device, number, item_id=item, option_id=third)

    def count(**counts: int | None) -> None:
        given = {first: counts["first"], second: counts["second"], third: counts["third"]}
        votes.count_hands(number, item, given, version=version_of(number), by=secretary, now=MORNING)

    for nonsense in (None, -1, 2001):
        with pytest.raises(Incomplete):
            count(first=nonsense, second=0, third=0)
    count(first=4, second=4, third=0)
    vote = item_of(number, secretary).vote
    assert vote.result is not None
    assert vote.result.by_hand is not None
    assert (vote.result.by_hand.is_tie, vote.result.by_hand.leaders) == (True, (first, second))
    assert vote.result.by_link.total == 0  # still open: nobody reads it yet
    assert {option.counted_by for option in vote.options} == {secretary.name}
    closed(number, secretary)
    result = item_of(number, secretary).vote.result
    assert result is not None
    assert result.by_link.counts[third] == 1


def test_what_is_still_open_ends_with_the_meeting(secretary: Actor, number: str) -> None:
    opened(number, secretary)
    meetings.hold(number, version=version_of(number), by=secretary, now=STARTS)
    with transaction():
        meetings.close_locked(locked_meeting_numbered(number, secretary), by=secretary, now=ENDS)
    view = view_of(number, secretary)
    assert (view.agenda[0].vote.state, view.events[0].facts) == ("closed", {"votes_closed": 1})


# ---- the door


def signed(number: str, by: Actor) -> list[tuple[str, int, str, str]]:
    rows = view_of(number, by).signed
    return [(row.kind, row.number, row.name, row.organisation or row.department_code) for row in rows]


def test_people_sign_once_each_in_their_own_way(secretary: Actor, shops: list[Sent], number: str) -> None:
    word = door_of(number, secretary)
    known = door.door(word, shops[1].device, (), AROUND).known
    assert known is not None
    assert (known.kind, known.number in (1, 2, 3)) == ("reporter", True)
    firm = next(guest.id for guest in view_of(number, secretary).guests if guest.kind == "guest")
    for _ in range(2):
        door.sign_as_known(word, shops[1].device, (), AROUND)
        door.sign_as_known(word, "firms-phone", (firm,), AROUND + MINUTE)
        door.sign_for_department(word, "zf-phone", "ZF", "陈执法", now=AROUND + 2 * MINUTE)
        door.sign_as_visitor(word, "walker", "裁缝铺", "钱阿姨", now=AROUND + 3 * MINUTE)
    assert signed(number, secretary) == [
        ("reporter", known.number, "", ""),
        ("guest", 1, "蓝骑单车", ""),
        ("department", 1, "陈执法", "ZF"),
        ("walk_in", 0, "钱阿姨", "裁缝铺"),
    ]
    assert door.door(word.lower(), "walker", (), AROUND).has_signed
    assert not door.door(word, "somebody-new", (), AROUND).has_signed


def test_somebody_of_a_department_takes_the_place_that_was_kept_or_ticked_and_the_next_one_a_new_one(
    secretary: Actor, number: str
) -> None:
    word = door_of(number, secretary)
    kept = {guest.department_code: guest.id for guest in view_of(number, secretary).guests}
    sign_ins.tick(number, kept["JJ"], by=secretary, now=AROUND)
    door.sign_for_department(word, "jj-1", "JJ", "蒋交警", now=AROUND)
    door.sign_for_department(word, "jj-2", "JJ", "小蒋", now=AROUND + MINUTE)
    door.sign_for_department(word, "lr-1", "LR", "褚绿容", now=AROUND + 2 * MINUTE)
    assert signed(number, secretary) == [
        ("department", 2, "蒋交警", "JJ"),
        ("department", 0, "小蒋", "JJ"),
        ("department", 0, "褚绿容", "LR"),
    ]
    missing = {each.department_code for each in view_of(number, secretary).guests if not each.has_signed}
    assert "JJ" not in missing


def test_an_invitation_of_somebody_else_is_not_signed_with_a_number_from_the_cookie(
    secretary: Actor, number: str
) -> None:
    word = door_of(number, secretary)
    reporters = [guest.id for guest in view_of(number, secretary).guests if guest.kind == "reporter"]
    with pytest.raises(MeetingMissing):
        door.sign_as_known(word, "stranger", reporters, AROUND)


def test_the_door_is_shut_at_other_times(secretary: Actor, number: str) -> None:
    word = door_of(number, secretary)
    before = (STARTS - timedelta(days=1), STARTS - timedelta(hours=2, minutes=1))
    for at in (*before, ENDS + timedelta(hours=2, minutes=1), STARTS + timedelta(days=1)):
        assert not door.door(word, DEVICE, (), at).is_open
        with pytest.raises(DoorShut) as shut:
            door.sign_as_visitor(word, "walker", "裁缝铺", "钱阿姨", now=at)
        assert (shut.value.opens_at is not None) is (at in before)
    assert signed(number, secretary) == []


def invitation_of(sent: Sent) -> int:
    """Of the reporter who sent this."""
    report = links.report_behind(sent.link_key)
    return db.session.scalars(select(Invitation.id).where(Invitation.report_id == report.id)).one()


def test_a_colleague_ticks_strikes_and_counts(crew: Crew, shops: list[Sent], number: str) -> None:
    secretary, other = crew[Role.SECRETARY], crew[Role.SUPERVISOR]
    guests = view_of(number, secretary).guests
    reporter = invitation_of(shops[0])
    with pytest.raises(MeetingStepRefused):
        sign_ins.tick(number, guests[0].id, by=secretary, now=MORNING)
    for _ in range(2):
        sign_ins.tick(number, guests[0].id, by=other, now=AROUND)
        sign_ins.tick(number, reporter, by=secretary, now=AROUND)
    with pytest.raises(MeetingMissing):
        sign_ins.tick(number, reporter, by=other, now=AROUND)
    sign_ins.write_down(number, "裁缝铺", "钱阿姨", by=secretary, now=AROUND)
    sign_ins.count_by_hand(number, 5, version=version_of(number), by=secretary, now=AROUND)
    view = view_of(number, other)
    assert (view.present, view.counted_by_hand) == (3, 5)
    assert [row.kind for row in view.signed] == ["department"]
    assert view.present_by_kind == {"department": 1, "guest": 0, "reporter": 1, "walk_in": 1}
    door.sign_as_known(door_of(number, secretary), shops[0].device, (), AROUND)
    assert view_of(number, secretary).present == 3  # a colleague had ticked him already
    first = view_of(number, secretary).signed[0]
    sign_ins.strike(number, first.id, version=version_of(number), by=secretary, now=AROUND)
    view = view_of(number, secretary)
    assert (view.present, view.events[0].facts) == (2, {"struck": first.id})


def test_a_door_nobody_hung_is_not_there(secretary: Actor, number: str) -> None:
    word = door_of(number, secretary)
    assert door.is_door(word)
    assert not door.is_door(word[:-1] + ("0" if word[-1] != "0" else "1"))
    with pytest.raises(MeetingMissing):
        door.sign_as_visitor("0" * 16, "walker", "裁缝铺", "钱阿姨", now=AROUND)
    with pytest.raises(MeetingMissing):
        door_of(number, factories.a_person(Role.SECRETARY, area="PP-2", department="DJ"))
