"""我也遇到了: a report that joins an open case instead of opening one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests import factories
from tests.factories import DEVICE, MORNING, Sent, Street, a_photo, a_report, a_voice, speaker, take
from tests.unit.services.test_intake import everything
from tracker.domain.case_rules import Incomplete, StepRefused
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, transaction
from tracker.models import Case, HistoryRow, Notice, Photo, Place, Report
from tracker.services import case_pages, history, intake, links, voices
from tracker.services.intake import KeyReused, NewReport
from tracker.services.places import labelled_place

Crew = dict[Role | str, Actor]
OTHER = "the-phone-of-a-neighbour"
KEY = "the-key-of-a-voice-0001"


@pytest.fixture
def sent(street: Street) -> Sent:
    """A case that waits for an operator."""
    return a_report(street.token, at=MORNING)


def a_form(**changed: Any) -> NewReport:
    """What the neighbour sends."""
    return replace(NewReport(KEY, "", "我们店门口也堵", OTHER), **changed)


def join(street: Street, sent: Sent, **changed: Any) -> intake.Receipt:
    """Send it from the shop."""
    return intake.join(a_form(**changed), sent.number, labelled_place(street.token), MORNING)


def the_case(sent: Sent) -> Case:
    """As it is stored now."""
    db.session.rollback()
    return db.session.scalars(select(Case).where(Case.number == sent.number)).one()


def test_a_voice_has_its_own_link_and_code_and_the_number_of_the_case(street: Street, sent: Sent) -> None:
    receipt = join(street, sent, photos=(a_photo(7),))
    assert receipt.number == sent.number
    assert not receipt.was_known
    assert receipt.credentials.link_key != sent.link_key
    case = the_case(sent)
    assert (case.state, case.version, case.voices) == ("reported", 2, 2)
    row = db.session.scalars(select(HistoryRow).where(HistoryRow.action == "join")).one()
    assert (row.note, row.from_state, row.to_state, row.actor_kind) == (
        "我们店门口也堵",
        "reported",
        "reported",
        "reporter",
    )
    report = db.session.scalars(select(Report).where(Report.id == row.report_id)).one()
    assert (report.case_id, report.text) == (case.id, "我们店门口也堵")
    assert [photo.version for photo in db.session.scalars(select(Photo))] == [2]
    assert history.verify() == 2


def test_nothing_needs_to_be_said(street: Street, sent: Sent) -> None:
    join(street, sent, text="")
    assert the_case(sent).voices == 2


def test_sending_it_again_gives_the_same_answer_even_after_the_case_ended(
    street: Street, sent: Sent, crew: Crew
) -> None:
    first = join(street, sent)
    stored = everything()
    assert join(street, sent) == first
    assert join(street, sent, text=" 我们店门口也堵\r\n") == first
    assert everything() == stored
    take(
        sent.number,
        Action.DECLINE,
        by=crew[Role.OPERATOR],
        reason="consumer",
        channel="12315",
        note="请打热线",
    )
    assert join(street, sent) == first


@pytest.mark.parametrize("other", [{"text": "别的内容"}, {"phone": "13800138000"}], ids=["text", "phone"])
def test_the_same_key_with_other_content_is_refused(
    street: Street, sent: Sent, other: dict[str, str]
) -> None:
    join(street, sent)
    stored = everything()
    with pytest.raises(KeyReused):
        join(street, sent, **other)
    assert everything() == stored


def test_one_key_is_one_report_whether_it_joins_or_opens(street: Street, sent: Sent) -> None:
    join(street, sent)
    with pytest.raises(KeyReused):
        intake.receive(a_form(category="A5"), labelled_place(street.token), MORNING)
    with pytest.raises(KeyReused):
        join(street, sent, key=sent.key)
    another = a_report(street.token, at=MORNING)
    with pytest.raises(KeyReused):
        join(street, another)


@pytest.mark.parametrize("state", [State.CLOSED, State.DECLINED, State.VOIDED])
def test_a_case_that_has_ended_is_not_joined_and_says_what_to_do(
    street: Street, sent: Sent, crew: Crew, state: State
) -> None:
    factories.walk_to(sent.number, state, crew)
    stored = everything()
    with pytest.raises(Incomplete) as refused:
        join(street, sent)
    assert set(refused.value.problems) == {"case"}
    assert "重新报" in refused.value.problems["case"]
    assert everything() == stored


@pytest.mark.parametrize("state", [State.NEEDS_INFO, State.FILED, State.ON_HOLD, State.VERIFIED])
def test_an_open_case_is_joined_wherever_it_stands_and_stays_there(
    street: Street, sent: Sent, crew: Crew, state: State
) -> None:
    factories.walk_to(sent.number, state, crew)
    join(street, sent)
    case = the_case(sent)
    assert (case.state, case.voices) == (state, 2)


def test_who_asks_for_a_merged_case_joins_its_main_case(street: Street, sent: Sent, crew: Crew) -> None:
    main = a_report(street.token, device="somebody", at=MORNING)
    take(sent.number, Action.MERGE, by=crew[Role.OPERATOR], main_case=main.number)
    assert join(street, sent).number == main.number
    assert the_case(main).voices == 3


def test_numbers_of_private_or_faraway_cases_and_made_up_ones_all_look_the_same(street: Street) -> None:
    private = a_report(street.token, "J3", at=MORNING)
    far = a_report(factories.a_place(name="很远的店"), at=MORNING)
    with transaction():
        db.session.scalars(select(Place).where(Place.name == "很远的店")).one().lat = 31.39
    answers = set()
    for number in (private.number, far.number, "261123-9999", ""):
        with pytest.raises(Incomplete) as refused:
            intake.join(a_form(), number, labelled_place(street.token), MORNING)
        answers.add(refused.value.problems["case"])
    assert len(answers) == 1
    assert db.session.scalar(select(Report.id).where(Report.key == KEY)) is None


def test_the_next_shop_is_near_enough(sent: Sent) -> None:
    receipt = intake.join(a_form(), sent.number, labelled_place(factories.a_place()), MORNING)
    assert receipt.number == sent.number


@pytest.mark.parametrize("changed", [{"key": "short"}, {"text": "字" * 2001}, {"phone": "12345"}])
def test_what_cannot_be_read_is_named_and_nothing_is_stored(
    street: Street, sent: Sent, changed: dict[str, str]
) -> None:
    stored = everything()
    with pytest.raises(Incomplete) as refused:
        join(street, sent, **changed)
    assert set(refused.value.problems) == set(changed)
    assert everything() == stored


# ---- who was in it already


def test_the_openers_own_phone_is_told_so_and_counts_once(street: Street, sent: Sent) -> None:
    stored = everything()
    receipt = join(street, sent, device=DEVICE, text="")
    assert receipt.was_known
    assert (receipt.number, receipt.credentials.link_key) == (sent.number, sent.link_key)
    assert everything() == stored


def test_his_words_are_kept_once_under_his_first_report(street: Street, sent: Sent) -> None:
    for _again in range(2):
        assert join(street, sent, device=DEVICE, text="今天更多了").was_known
    case = the_case(sent)
    assert (case.version, case.voices) == (2, 1)
    row = db.session.scalars(select(HistoryRow).where(HistoryRow.version == 2)).one()
    assert (row.action, row.note, row.report_id) == (
        "note",
        "今天更多了",
        links.report_behind(sent.link_key).id,
    )
    with pytest.raises(KeyReused):
        join(street, sent, device=DEVICE, text="换了说法")


def test_his_words_answer_the_question_that_was_asked(street: Street, sent: Sent, crew: Crew) -> None:
    factories.walk_to(sent.number, State.NEEDS_INFO, crew)
    join(street, sent, device=DEVICE, text="在左边")
    assert the_case(sent).state == "reported"


def test_a_second_join_from_the_same_phone_leads_to_the_first(street: Street, sent: Sent) -> None:
    first = join(street, sent)
    again = join(street, sent, key="another-form-altogether")
    assert again.was_known
    assert again.credentials == first.credentials
    assert the_case(sent).voices == 2


def test_the_same_phone_number_is_one_voice_but_opens_nobodys_link(street: Street) -> None:
    sent = a_report(street.token, phone="13800138000", at=MORNING)
    receipt = join(street, sent, phone="138 0013 8000")
    assert not receipt.was_known
    assert receipt.credentials.link_key != sent.link_key
    assert the_case(sent).voices == 1


def test_merging_and_splitting_moves_the_voices_along(street: Street, sent: Sent, crew: Crew) -> None:
    join(street, sent)
    main = a_report(street.token, device="somebody", at=MORNING)
    take(sent.number, Action.MERGE, by=crew[Role.OPERATOR], main_case=main.number)
    assert (the_case(main).voices, the_case(sent).voices) == (3, 2)
    assert voices.voices_of([the_case(main).id]) == 1
    take(sent.number, Action.SPLIT, by=crew[Role.DUTY_LEAD])
    assert the_case(main).voices == 1


# ---- what somebody who joined may do


def test_he_may_add_words_and_say_that_it_is_not_solved_but_the_opener_confirms(
    street: Street, sent: Sent, crew: Crew
) -> None:
    voice = a_voice(street.token, sent.number)
    take(sent.number, Action.NOTE, by=speaker(voice), note="早上最堵")
    factories.walk_to(sent.number, State.VERIFIED, crew)
    with pytest.raises(StepRefused):
        take(sent.number, Action.CONFIRM, by=speaker(voice))
    assert take(sent.number, Action.DISPUTE, by=speaker(voice), note="还在").state == State.IN_PROGRESS


def test_nobody_takes_back_what_others_met_too(street: Street, sent: Sent) -> None:
    voice = a_voice(street.token, sent.number)
    for who in (sent, voice):
        with pytest.raises(StepRefused):
            take(sent.number, Action.WITHDRAW, by=speaker(who))


def test_he_sees_his_own_words_and_nobody_elses(street: Street, sent: Sent) -> None:
    voice = a_voice(street.token, sent.number, "我家门口也有")
    view = case_pages.reporter_case(voice.link_key, voice.device, MORNING)
    assert view.has_joined
    assert view.speaks
    assert (view.own_text, view.page.voices) == ("我家门口也有", 2)
    assert [event.note for event in view.page.events] == ["", "我家门口也有"]
    first = case_pages.reporter_case(sent.link_key, sent.device, MORNING)
    assert not first.has_joined
    assert [event.note for event in first.page.events] == ["纸箱堆在人行道上，轮椅过不去。", ""]


def test_of_a_protected_report_he_learns_the_day_alone(street: Street) -> None:
    sent = a_report(street.token, "F3", "油烟直冲居民楼", at=MORNING)
    voice = a_voice(street.token, sent.number, at=MORNING + timedelta(hours=1))
    his = case_pages.reporter_case(voice.link_key, voice.device, MORNING).page
    assert [event.day_only for event in his.events] == [True, False]
    assert his.day_only
    openers = case_pages.reporter_case(sent.link_key, sent.device, MORNING).page
    assert [event.day_only for event in openers.events] == [False, True]


def test_he_hears_of_what_happens_and_of_his_own_receipt(street: Street, sent: Sent) -> None:
    a_voice(street.token, sent.number, phone="13800138000")
    assert [notice.event for notice in db.session.scalars(select(Notice).order_by(Notice.id))] == [
        "case_report",
        "case_join",
    ]
