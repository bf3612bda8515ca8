"""更严重了 and 已经没了: what people on the street say of an open case, who hears of it, and what it never does."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.factories import (
    DEVICE,
    MORNING,
    Sent,
    Street,
    a_photo,
    a_report,
    a_voice,
    says_gone,
    speaker,
    take,
)
from tests.unit.services.test_intake import everything
from tests.unit.services.test_joining import OTHER, a_form, join, the_case
from tracker.domain.case_rules import Incomplete, StepRefused
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Actor, NotPermitted, Role
from tracker.extensions import db, transaction
from tracker.models import HistoryRow, Notice, Photo, Place, Report, SaidGone
from tracker.services import case_pages, history, intake, said_gone, worklists
from tracker.services.intake import KeyReused
from tracker.services.places import labelled_place
from tracker.services.recipients import Staff
from tracker.services.worklists import QueueFilter

Crew = dict[Role | str, Actor]
LATER = MORNING + timedelta(hours=3)


@pytest.fixture
def sent(street: Street) -> Sent:
    """A case that waits for an operator."""
    return a_report(street.token, at=MORNING)


def rows(action: str) -> list[HistoryRow]:
    return list(db.session.scalars(select(HistoryRow).where(HistoryRow.action == action)))


def notices(event: str) -> list[Notice]:
    return list(db.session.scalars(select(Notice).where(Notice.event == event).order_by(Notice.id)))


def hearers(event: str, sent: Sent) -> set[int]:
    return set(Staff().hearers_of(notices(event)[-1], the_case(sent)))


# ---- worse


def test_a_new_phone_that_says_worse_joins_and_marks_the_case(street: Street, sent: Sent) -> None:
    receipt = intake.join(
        a_form(photos=(a_photo(7),)), sent.number, labelled_place(street.token), MORNING, worse=True
    )
    assert not receipt.was_known
    case = the_case(sent)
    assert (case.state, case.version, case.voices, case.worse) == ("reported", 3, 2, 1)
    (joined,), (said,) = rows("join"), rows("worse")
    assert (joined.note, said.note, said.report_id) == ("", "我们店门口也堵", joined.report_id)
    assert [photo.version for photo in db.session.scalars(select(Photo))] == [3]
    assert history.verify() == 3


def test_a_known_phone_says_worse_under_its_own_report_and_counts_once(street: Street, sent: Sent) -> None:
    place = labelled_place(street.token)
    form = a_form(device=DEVICE, text="今天更多了")
    for _again in range(2):
        receipt = intake.join(form, sent.number, place, MORNING, worse=True)
        assert receipt.was_known
        assert receipt.credentials.link_key == sent.link_key
    assert (the_case(sent).version, the_case(sent).voices, the_case(sent).worse) == (2, 1, 1)
    later = a_form(device=DEVICE, key="another-form-altogether", text="又多了")
    intake.join(later, sent.number, place, MORNING, worse=True)
    assert (the_case(sent).version, the_case(sent).worse) == (3, 1)
    assert [row.note for row in rows("note")] == ["又多了"]
    silent = a_form(device=DEVICE, key="a-third-form-altogether", text="")
    stored = everything()
    intake.join(silent, sent.number, place, MORNING, worse=True)
    assert everything() == stored


def test_the_same_form_does_not_say_two_things(street: Street, sent: Sent) -> None:
    join(street, sent)
    with pytest.raises(KeyReused):
        intake.join(a_form(), sent.number, labelled_place(street.token), MORNING, worse=True)


def test_words_of_the_one_who_was_asked_answer_the_question_too(
    street: Street, sent: Sent, crew: Crew
) -> None:
    factories.walk_to(sent.number, State.NEEDS_INFO, crew)
    form = a_form(device=DEVICE, text="在左边，更多了")
    for _again in range(2):
        intake.join(form, sent.number, labelled_place(street.token), MORNING, worse=True)
    assert (the_case(sent).state, the_case(sent).worse) == ("reported", 1)
    assert [row.note for row in rows("add_info")] == ["在左边，更多了"]


@pytest.mark.parametrize(
    ("state", "who"),
    [
        (State.REPORTED, Role.OPERATOR),
        (State.CHECKING, Role.VERIFIER),
        (State.DISPATCHED, Role.HANDLER),
        (State.IN_PROGRESS, Role.HANDLER),
    ],
)
def test_whoever_has_the_case_in_hand_hears_that_it_got_worse(
    street: Street, sent: Sent, crew: Crew, state: State, who: Role
) -> None:
    if state != State.REPORTED:
        factories.walk_to(sent.number, state, crew)
    a_voice(street.token, sent.number, worse=True)
    assert hearers("case_worse", sent) == {crew[who].user_id}


def test_of_many_voices_the_first_second_fourth_and_eighth_are_told(street: Street, sent: Sent) -> None:
    for _ in range(9):
        a_voice(street.token, sent.number, worse=True)
    assert the_case(sent).worse == 9
    assert len(notices("case_worse")) == 4


@pytest.mark.parametrize("state", [State.RESOLVED, State.VERIFIED])
def test_where_there_is_a_result_one_voice_more_says_enough(
    street: Street, sent: Sent, crew: Crew, state: State
) -> None:
    a_voice(street.token, sent.number, worse=True)
    factories.walk_to(sent.number, state, crew)
    assert the_case(sent).worse == 0, "a result answers what was said before it"
    a_voice(street.token, sent.number, "还是堵", worse=True)
    assert (the_case(sent).worse, the_case(sent).voices) == (0, 3)
    assert rows("join")[-1].note == "还是堵"


# ---- gone: what it is and what it is not


def test_a_passer_by_says_gone_and_is_no_voice_and_nothing_ends(street: Street, sent: Sent) -> None:
    new = a_form(text="早上就没了", photos=(a_photo(8),))
    thanks = said_gone.say_gone(new, sent.number, labelled_place(street.token), LATER)
    assert thanks.own is None
    case = the_case(sent)
    assert (case.state, case.voices, case.gone, case.gone_at) == ("reported", 1, 1, LATER)
    (row,) = rows("gone")
    assert (row.actor_kind, row.report_id, row.user_id, row.note) == ("passer_by", None, None, "早上就没了")
    assert db.session.scalars(select(Report)).one().key == sent.key, "no report"
    assert history.verify() == 2


def test_a_device_counts_once_for_each_case_and_the_same_form_gives_the_same_answer(
    street: Street, sent: Sent
) -> None:
    place = labelled_place(street.token)
    for _again in range(2):
        said_gone.say_gone(a_form(), sent.number, place, MORNING)
    assert (the_case(sent).gone, the_case(sent).version) == (1, 2)
    said_gone.say_gone(a_form(key="another-form-altogether", text=""), sent.number, place, MORNING)
    said_gone.say_gone(a_form(device="a-browser-without-cookies"), sent.number, place, MORNING)
    assert (the_case(sent).gone, the_case(sent).version) == (1, 2)
    with pytest.raises(KeyReused):
        said_gone.say_gone(a_form(text="别的"), sent.number, place, MORNING)
    with pytest.raises(Incomplete) as refused:
        said_gone.say_gone(
            a_form(key="another-form-altogether", text="又写一句"), sent.number, place, MORNING
        )
    assert "您写的还在" in refused.value.problems["case"]
    says_gone(street.token, sent.number, at=LATER)
    case = the_case(sent)
    assert (case.gone, case.gone_at) == (2, MORNING)
    assert db.session.scalars(select(SaidGone.case_id)).all() == [case.id, case.id]


def test_whoever_reported_it_says_gone_under_his_own_report(street: Street, sent: Sent) -> None:
    thanks = says_gone(street.token, sent.number, device=DEVICE)
    assert thanks.own is not None
    assert thanks.own.link_key == sent.link_key
    (row,) = rows("gone")
    assert row.actor_kind == "reporter"
    with pytest.raises(StepRefused):
        take(sent.number, Action.GONE, by=speaker(sent))


@pytest.mark.parametrize("state", [State.CLOSED, State.DECLINED, State.VOIDED])
def test_of_a_case_that_has_ended_nothing_is_written(
    street: Street, sent: Sent, crew: Crew, state: State
) -> None:
    factories.walk_to(sent.number, state, crew)
    stored = everything()
    with pytest.raises(Incomplete):
        says_gone(street.token, sent.number)
    assert everything() == stored


def test_where_somebody_looks_anyway_the_answer_is_thanks(street: Street, sent: Sent, crew: Crew) -> None:
    factories.walk_to(sent.number, State.RESOLVED, crew)
    stored = everything()
    says_gone(street.token, sent.number)
    assert everything() == stored
    with pytest.raises(Incomplete):
        says_gone(street.token, sent.number, "写的话不能丢")


def test_private_faraway_and_made_up_cases_all_look_the_same(street: Street) -> None:
    private = a_report(street.token, "J3", at=MORNING)
    far = a_report(factories.a_place(name="很远的店", spot=(31.39, 121.455)), at=MORNING)
    answers = set()
    for number in (private.number, far.number, "261123-9999", ""):
        with pytest.raises(Incomplete) as refused:
            says_gone(street.token, number)
        answers.add(refused.value.problems["case"])
    assert len(answers) == 1


def test_of_a_merged_case_it_is_said_of_the_main_one(street: Street, sent: Sent, crew: Crew) -> None:
    main = a_report(street.token, device="somebody", at=MORNING)
    take(sent.number, Action.MERGE, by=crew[Role.OPERATOR], main_case=main.number)
    says_gone(street.token, sent.number)
    assert the_case(main).gone == 1


# ---- gone: who goes and looks


def test_the_verifier_hears_and_finds_it_in_his_list_and_nobody_of_the_department_that_works_on_it(
    street: Street, sent: Sent, crew: Crew
) -> None:
    own = factories.a_person(Role.VERIFIER, department="ZF")
    factories.walk_to(sent.number, State.IN_PROGRESS, crew)
    for hours in (0, 1, 2):
        says_gone(street.token, sent.number, at=MORNING + timedelta(hours=hours))
    assert hearers("case_gone", sent) == {crew[Role.VERIFIER].user_id}
    assert len(notices("case_gone")) == 2
    verifier = crew[Role.VERIFIER]
    (row,) = worklists.queue(verifier, QueueFilter(said="gone")).rows
    assert (row.number, row.gone, row.gone_at) == (sent.number, 3, MORNING)
    assert [row.number for row in worklists.queue(verifier, QueueFilter(awaiting=True)).rows] == [sent.number]
    for action, supplied in ((Action.STILL_THERE, {}), (Action.SEEN_GONE, {"photos": 1})):
        with pytest.raises(StepRefused):
            take(sent.number, action, by=own, note="看过", **supplied)
        with pytest.raises(NotPermitted):
            take(sent.number, action, by=crew[Role.HANDLER], note="看过", **supplied)


def test_still_there_is_an_answer_and_the_list_is_empty_again(street: Street, sent: Sent, crew: Crew) -> None:
    says_gone(street.token, sent.number)
    record = take(sent.number, Action.STILL_THERE, by=crew[Role.VERIFIER], note="还堆着")
    assert (record.state, record.gone, record.gone_at) == (State.REPORTED, 0, None)
    assert not worklists.queue(crew[Role.VERIFIER], QueueFilter(said="gone")).rows
    with pytest.raises(StepRefused):
        take(sent.number, Action.STILL_THERE, by=crew[Role.VERIFIER], note="又看")


def test_gone_needs_words_and_a_photo_of_what_was_seen(street: Street, sent: Sent, crew: Crew) -> None:
    says_gone(street.token, sent.number)
    with pytest.raises(Incomplete) as refused:
        take(sent.number, Action.SEEN_GONE, by=crew[Role.VERIFIER])
    assert set(refused.value.problems) == {"note", "photo"}


@pytest.mark.parametrize(
    ("state", "who"),
    [
        (State.REPORTED, Role.OPERATOR),
        (State.FILED, Role.OPERATOR),
        (State.DISPATCHED, Role.HANDLER),
        (State.IN_PROGRESS, Role.HANDLER),
    ],
)
def test_once_a_verifier_saw_it_whoever_has_it_in_hand_is_told_and_nothing_moves_by_itself(
    street: Street, sent: Sent, crew: Crew, state: State, who: Role
) -> None:
    if state != State.REPORTED:
        factories.walk_to(sent.number, state, crew)
    says_gone(street.token, sent.number)
    record = take(sent.number, Action.SEEN_GONE, by=crew[Role.VERIFIER], note="已经清空", photos=1)
    assert (record.state, record.gone, record.gone_seen_at is not None) == (state, 0, True)
    assert hearers("case_seen_gone", sent) == {crew[who].user_id}
    stored = everything()
    says_gone(street.token, sent.number)  # nobody need be asked to look once more
    assert everything() == stored


def test_the_lawful_ends_a_verifier_who_checks_and_a_handler_who_resolves(
    street: Street, sent: Sent, crew: Crew
) -> None:
    verifier = crew[Role.VERIFIER]
    says_gone(street.token, sent.number)
    take(sent.number, Action.SEEN_GONE, by=verifier, note="已经清空", photos=1)
    take(sent.number, Action.CHECK, by=crew[Role.OPERATOR])
    record = take(sent.number, Action.NOT_FOUND, by=verifier, note="已经清空", photos=1)
    assert (record.state, record.outcome, record.gone_seen_at) == (State.DECLINED, "not_found", None)
    other = a_report(street.token, at=MORNING)
    factories.walk_to(other.number, State.IN_PROGRESS, crew)
    says_gone(street.token, other.number)
    take(other.number, Action.SEEN_GONE, by=verifier, note="已经清空", photos=1)
    record = take(
        other.number, Action.RESOLVE, by=crew[Role.HANDLER], outcome="not_found", note="没有了", photos=1
    )
    assert (record.state, record.outcome, record.gone_seen_at) == (State.RESOLVED, "not_found", None)


def test_a_verifier_who_was_sent_to_check_answers_with_found_or_not_found(
    street: Street, sent: Sent, crew: Crew
) -> None:
    factories.walk_to(sent.number, State.CHECKING, crew)
    says_gone(street.token, sent.number)
    with pytest.raises(StepRefused):
        take(sent.number, Action.STILL_THERE, by=crew[Role.VERIFIER], note="在")
    record = take(sent.number, Action.FOUND, by=crew[Role.VERIFIER], note="在")
    assert (record.state, record.gone) == (State.FILED, 0)


def test_somebody_who_meets_it_again_takes_back_that_it_was_seen_gone(
    street: Street, sent: Sent, crew: Crew
) -> None:
    says_gone(street.token, sent.number)
    take(sent.number, Action.SEEN_GONE, by=crew[Role.VERIFIER], note="已经清空", photos=1)
    a_voice(street.token, sent.number)
    assert the_case(sent).gone_seen_at is None


# ---- what others learn


def test_followers_read_that_somebody_said_so_but_neither_words_nor_photos_nor_the_minute(
    street: Street,
) -> None:
    sent = a_report(street.token, "F3", "油烟直冲居民楼", at=MORNING)
    voice = a_voice(street.token, sent.number, "更呛了", at=LATER, worse=True)
    new = a_form(text="关门了", photos=(a_photo(9),))
    said_gone.say_gone(new, sent.number, labelled_place(street.token), LATER)
    page = case_pages.reporter_case(sent.link_key, DEVICE, LATER).page
    by_action = {event.action: event for event in page.events}
    for action in ("worse", "gone"):
        assert (by_action[action].note, by_action[action].photos) == ("", [])
        assert by_action[action].day_only
    assert page.photos == []
    his = case_pages.reporter_case(voice.link_key, voice.device, LATER).page
    assert {event.action: event.note for event in his.events}["worse"] == "更呛了"
    assert OTHER not in str(page)


def test_a_place_without_position_is_no_obstacle(street: Street, sent: Sent) -> None:
    with transaction():
        for place in db.session.scalars(select(Place)):
            place.lat = place.lon = None
    says_gone(street.token, sent.number)
    assert the_case(sent).gone == 1
