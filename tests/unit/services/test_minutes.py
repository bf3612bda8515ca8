"""Writing and approving the minutes: nothing that was typed is lost, and approval is all or nothing."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import Street, a_person, a_report
from tests.held_meetings import AT, STARTS_AT, Held, a_meeting
from tracker.domain.case_rules import Incomplete
from tracker.domain.minutes import FieldUnknown, Outcome
from tracker.domain.permissions import Actor, NotPermitted, Role
from tracker.extensions import db
from tracker.models import ActionItem, Issue, IssueEvent, Meeting, MinutesSave, MinutesVersion
from tracker.services import decisions, minutes, minutes_approval, sign_ins
from tracker.services.meeting_moves import MeetingMissing
from tracker.services.minutes import Change, KeyReused, MinutesLocked, NotYet, Saved, StaleField
from tracker.services.minutes_approval import StaleMinutes
from tracker.services.minutes_draft import Draft, draft_of, names_since

Crew = dict[Role | str, Actor]
LINE = {
    "action": "在地铁口两侧划非机动车停放线",
    "department": "ZF",
    "person": "郑王敏",
    "due": "2026-12-18",
    "measure": "早晚高峰各抽查两次，线外不超过三辆",
}


@pytest.fixture
def held(street: Street, crew: Crew) -> Held:
    return a_meeting(crew, (a_report(street.token).number,), (a_report(street.token).number,))


@pytest.fixture
def li(held: Held) -> Actor:  # noqa: ARG001 - the street she works on
    return a_person(Role.SUPERVISOR, department="DJ", area="PP-1", name="李梅")


def write(held: Held, by: Actor, name: str, text: str, based_on: int = 0, **more: Any) -> Saved:
    key = more.pop("key", f"{by.user_id}-{name}-{text}"[:60])
    at = more.pop("at", AT)
    return minutes.save(held.number, key, [Change(name, based_on, text, **more)], by=by, now=at)[0]


def write_line(held: Held, by: Actor, item: int, uid: str, typed: Mapping[str, str] = LINE) -> None:
    changes = [Change(f"line.{item}.{uid}.{part}", 0, text) for part, text in typed.items()]
    minutes.save(held.number, f"line-{item}-{uid}", changes, by=by, now=AT)


def decide_all(held: Held, by: Actor) -> Draft:
    for number, item in enumerate(held.items, start=1):
        write(held, by, f"decision.{item}", f"第 {number} 项：年底前划好停放线。")
    return draft_of(held.number, by, AT)


def approve(held: Held, by: Actor) -> int:
    return minutes_approval.approve(held.number, draft_of(held.number, by, AT).cursor, by=by, now=AT)


def test_minutes_are_written_from_the_meetings_day_on_and_the_first_text_opens_them(
    held: Held, crew: Crew
) -> None:
    secretary, name = crew[Role.SECRETARY], f"notes.{held.items[0]}"
    with pytest.raises(NotYet):
        write(held, secretary, name, "早了一天", at=STARTS_AT - timedelta(days=1))
    assert write(held, secretary, name, "商户代表先说。", at=STARTS_AT).outcome == Outcome.SAVED
    assert db.session.get_one(Meeting, held.id).state == "held"


def test_two_writers_of_one_field_keep_both_texts_and_other_fields_go_on(
    held: Held, crew: Crew, li: Actor
) -> None:
    secretary = crew[Role.SECRETARY]
    notes, decision = f"notes.{held.items[0]}", f"decision.{held.items[0]}"
    assert write(held, secretary, notes, "先划线。") == Saved(notes, Outcome.SAVED, 1)
    late = minutes.save(
        held.number,
        "li-1",
        [Change(notes, 0, "先清运。"), Change(decision, 0, "年底前划线。")],
        by=li,
        now=AT + timedelta(seconds=5),
    )
    assert [one.outcome for one in late] == [Outcome.COPY, Outcome.SAVED]
    draft = draft_of(held.number, secretary, AT + timedelta(seconds=6))
    assert (draft.text(notes), draft.text(decision)) == ("先划线。", "年底前划线。")
    (copy,) = draft.copies
    assert (copy.text, copy.who, copy.is_mine) == ("先清运。", "李梅", False)
    assert draft.writers == [("李梅", held.items[0])]
    assert draft_of(held.number, secretary, AT + timedelta(minutes=1)).writers == []


@pytest.mark.parametrize(
    ("choice", "text"), [("keep", "先划线。"), ("take", "先清运。"), ("merge", "先划线。\n先清运。")]
)
def test_a_copy_is_kept_back_taken_or_merged_and_stays_in_the_table(
    held: Held, crew: Crew, li: Actor, choice: str, text: str
) -> None:
    notes = f"notes.{held.items[0]}"
    write(held, crew[Role.SECRETARY], notes, "先划线。")
    copy = write(held, li, notes, "先清运。").copy_id or 0
    with pytest.raises(StaleField):
        minutes.settle(held.number, copy, choice, 0, key="k1", by=li, now=AT)
    minutes.settle(held.number, copy, choice, 1, key="k2", by=li, now=AT)
    again = minutes.settle(held.number, copy, "take", 1, key="k3", by=li, now=AT)
    assert again.outcome == Outcome.SAME
    draft = draft_of(held.number, li, AT)
    assert (draft.text(notes), draft.copies) == (text, [])
    texts = set(db.session.scalars(select(MinutesSave.text)))
    assert {"先划线。", "先清运。"} <= texts


def test_whoever_goes_on_typing_in_his_copy_has_one_copy_not_many(held: Held, crew: Crew, li: Actor) -> None:
    notes = f"notes.{held.items[0]}"
    write(held, crew[Role.SECRETARY], notes, "先划线。")
    first = write(held, li, notes, "先清")
    second = write(held, li, notes, "先清运。", continues=first.copy_id)
    assert second.outcome == Outcome.COPY
    assert [copy.text for copy in draft_of(held.number, li, AT).copies] == ["先清运。"]


def test_a_save_whose_answer_was_lost_counts_once_when_it_is_sent_again(
    held: Held, crew: Crew, li: Actor
) -> None:
    secretary, notes = crew[Role.SECRETARY], f"notes.{held.items[0]}"
    first = write(held, secretary, notes, "先划线。", key="lost")
    write(held, li, notes, "先划线，再清运。", based_on=1)
    assert write(held, secretary, notes, "先划线。", key="lost") == first
    with pytest.raises(KeyReused):
        write(held, secretary, notes, "别的字。", key="lost")
    draft = draft_of(held.number, secretary, AT)
    assert (draft.text(notes), draft.copies) == ("先划线，再清运。", [])


def test_what_is_sent_as_it_was_seen_is_no_change_even_if_others_wrote_meanwhile(
    held: Held, crew: Crew, li: Actor
) -> None:
    secretary, notes = crew[Role.SECRETARY], f"notes.{held.items[0]}"
    write(held, secretary, notes, "先划线。")
    write(held, li, notes, "先清运。", based_on=1)
    whole_form = write(held, secretary, notes, "先划线。", based_on=1, key="a form without script")
    assert whole_form.outcome == Outcome.SAME
    assert draft_of(held.number, secretary, AT).text(notes) == "先清运。"


def test_fields_of_another_meeting_or_of_none_are_refused(held: Held, crew: Crew) -> None:
    other = a_meeting(crew)
    for name in (f"notes.{other.items[0]}", "notes.x", "line.1.ab.action", "here.nobody", "password"):
        with pytest.raises(FieldUnknown):
            write(held, crew[Role.SECRETARY], name, "字")
    with pytest.raises(Incomplete):
        write(held, crew[Role.SECRETARY], "remarks", "长" * 10_001)


def test_whoever_signed_in_is_ticked_until_somebody_changes_it(held: Held, crew: Crew) -> None:
    secretary = crew[Role.SECRETARY]
    invited = [one for one in draft_of(held.number, secretary, AT).people if one.kind == "department"]
    assert [one.department for one in invited] == ["ZF", "LR"]
    sign_ins.tick(held.number, int(invited[0].ref.removeprefix("invitation-")), by=secretary, now=AT)
    draft = draft_of(held.number, secretary, AT)
    assert [one.is_here for one in draft.people if one.kind == "department"] == [True, False]
    for one, text in zip(invited, ("", "1"), strict=True):
        assert write(held, secretary, f"here.{one.ref}", text).outcome == Outcome.SAVED
    write(held, secretary, f"decision.{held.items[0]}", "划线。")
    content = minutes_approval.content_of(draft_of(held.number, secretary, AT))
    here = {one["department"][0]: one["is_here"] for one in content["people"] if one["kind"] == "department"}
    assert list(here.values()) == [False, True]


def test_an_open_page_learns_what_came_after_its_cursor(held: Held, crew: Crew) -> None:
    secretary = crew[Role.SECRETARY]
    write(held, secretary, "remarks", "一")
    cursor = draft_of(held.number, secretary, AT).cursor
    write(held, secretary, "others", "二")
    assert names_since(held.id, cursor) == {"others"}


def test_approval_makes_items_moves_issues_and_closes_the_meeting_at_once(held: Held, crew: Crew) -> None:
    secretary = crew[Role.SECRETARY]
    write_line(held, secretary, held.items[0], "aaaaaa")
    write_line(held, secretary, held.items[0], "bbbbbb", LINE | {"action": "早晚清运", "department": "LR"})
    write_line(held, secretary, held.items[0], "cccccc")
    write(held, secretary, f"line.{held.items[0]}.cccccc.gone", "1")
    decide_all(held, secretary)
    assert approve(held, secretary) == 1
    assert approve(held, secretary) == 1

    items = db.session.scalars(select(ActionItem).order_by(ActionItem.id)).all()
    assert [(item.action, item.department_code, item.due_on) for item in items] == [
        (LINE["action"], "ZF", date(2026, 12, 18)),
        ("早晚清运", "LR", date(2026, 12, 18)),
    ]
    assert {item.agenda_item_id for item in items} == {held.items[0]}
    states = [db.session.get_one(Issue, issue_id).state for issue_id in held.issues]
    assert states == ["acting", "met"]
    meeting = db.session.get_one(Meeting, held.id)
    assert meeting.state == "closed"
    (version,) = minutes_approval.versions_of(held.number, secretary)
    assert [line["number"] for line in version.content["items"][0]["lines"]] == [
        item.number for item in items
    ]
    with pytest.raises(MinutesLocked):
        write(held, secretary, "remarks", "太晚了")


def test_an_approval_that_fails_half_way_leaves_nothing(
    held: Held, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    secretary = crew[Role.SECRETARY]
    write_line(held, secretary, held.items[0], "aaaaaa")
    decide_all(held, secretary)
    before = db.session.scalar(select(func.count()).select_from(IssueEvent))

    def fails(*_args: object, **_more: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(minutes_approval, "close_locked", fails)
    with pytest.raises(RuntimeError):
        approve(held, secretary)
    counts = [
        db.session.scalar(select(func.count()).select_from(table)) for table in (ActionItem, MinutesVersion)
    ]
    assert counts == [0, 0]
    assert db.session.scalar(select(func.count()).select_from(IssueEvent)) == before
    assert [db.session.get_one(Issue, one).state for one in held.issues] == ["scheduled", "scheduled"]
    assert db.session.get_one(Meeting, held.id).state == "held"


def test_only_the_chair_or_a_supervisor_approves_and_only_what_he_saw(
    held: Held, crew: Crew, li: Actor
) -> None:
    secretary = crew[Role.SECRETARY]
    colleague = a_person(Role.SECRETARY, department="GL", area="PP-1")
    stranger = a_person(Role.SECRETARY, department="LR", area="PP-2")
    seen = decide_all(held, secretary).cursor
    with pytest.raises(NotPermitted):
        approve(held, colleague)
    with pytest.raises(MeetingMissing):
        minutes_approval.approve(held.number, seen, by=stranger, now=AT)
    write(held, li, "remarks", "刚才补的一句")
    with pytest.raises(StaleMinutes):
        minutes_approval.approve(held.number, seen, by=secretary, now=AT)
    assert approve(held, li) == 1


def test_what_is_missing_is_named_before_anything_is_locked(held: Held, crew: Crew, li: Actor) -> None:
    secretary, item = crew[Role.SECRETARY], held.items[0]
    write_line(held, secretary, item, "aaaaaa", {"action": "划线", "due": "2026-01-01", "department": "XX"})
    write(held, secretary, f"decision.{item}", "划线。")
    write(held, li, f"decision.{item}", "不划线。")
    with pytest.raises(Incomplete) as missing:
        approve(held, secretary)
    assert set(missing.value.problems) == {
        f"decision.{item}",
        f"decision.{held.items[1]}",
        f"line.{item}.aaaaaa.department",
        f"line.{item}.aaaaaa.measure",
        f"line.{item}.aaaaaa.due",
    }


def test_a_correction_is_a_new_version_with_its_reason_and_the_old_one_stays(held: Held, crew: Crew) -> None:
    secretary, name = crew[Role.SECRETARY], f"decision.{held.items[1]}"
    decide_all(held, secretary)
    approve(held, secretary)
    for reason, text in (("", "明年一月前划好停放线。"), ("写错了", "第 2 项：年底前划好停放线。")):
        with pytest.raises(Incomplete):
            minutes_approval.correct(held.number, 1, reason, {name: text}, by=secretary, now=AT)
    texts = {name: "第 2 项：明年一月前划好停放线。"}
    assert minutes_approval.correct(held.number, 1, "日期写错", texts, by=secretary, now=AT) == 2
    with pytest.raises(StaleMinutes):
        minutes_approval.correct(held.number, 1, "又错", texts, by=secretary, now=AT)
    second, first = minutes_approval.versions_of(held.number, secretary)
    assert (first.number, first.content["items"][1]["decision"]) == (1, "第 2 项：年底前划好停放线。")
    assert (second.reason, second.approved_by) == ("日期写错", secretary.name)
    assert minutes_approval.changed_items(first.content, second.content) == [
        (name, "第 2 项：年底前划好停放线。", "第 2 项：明年一月前划好停放线。")
    ]


def test_a_person_of_the_department_with_that_very_name_gets_the_item(inside: Flask, crew: Crew) -> None:  # noqa: ARG001
    assert decisions.person_called(crew["ZF"].name, "ZF") == crew["ZF"].user_id
    assert decisions.person_called(crew["ZF"].name, "LR") is None
    assert decisions.person_called("", "ZF") is None
