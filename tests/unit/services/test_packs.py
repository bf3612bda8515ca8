"""The frozen pack: it says what was true then, and never anything else; what came later stands beside it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import MORNING, Street, a_person, a_place, a_report, walk_to
from tests.held_meetings import AT, Held, a_meeting, version_of
from tracker.domain.lifecycle import State
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, transaction
from tracker.models import Case, IssueCase, Pack
from tracker.services import agendas, meetings, minutes, minutes_approval, packs
from tracker.services.meeting_moves import MeetingMissing
from tracker.services.minutes import Change
from tracker.services.minutes_draft import draft_of
from tracker.services.pack_facts import Note
from tracker.services.pack_updates import Update, updates_of
from tracker.services.packs import NothingOnAgenda, PackClosed, StaleNote, hash_of_facts

Crew = dict[Role | str, Actor]
FROZEN_AT = MORNING + timedelta(days=1)


@pytest.fixture
def numbers(street: Street) -> list[str]:
    """Three places on which somebody reported, one of them twice; the metro entrance with a photo."""
    second = a_place("shop", name="彭浦小馄饨")
    return [
        a_report(street.token, device="a", at=MORNING - timedelta(days=20)).number,
        a_report(street.token, device="b", at=MORNING - timedelta(days=3)).number,
        a_report(second, device="c", photos=1, at=MORNING - timedelta(days=1)).number,
    ]


@pytest.fixture
def held(crew: Crew, numbers: list[str]) -> Held:
    return a_meeting(crew, tuple(numbers))


def freeze(held: Held, by: Actor, key: str = "first", at: Any = FROZEN_AT) -> int:
    return packs.freeze(held.number, key, by=by, now=at)


def join(held: Held, number: str) -> None:
    """A case that comes to the meeting's first issue."""
    with transaction():
        case_id = db.session.scalars(select(Case.id).where(Case.number == number)).one()
        db.session.add(IssueCase(issue_id=held.issues[0], case_id=case_id, added_at=FROZEN_AT))


def later(held: Held, by: Actor, at: Any = AT) -> dict[int, list[Update]]:
    _head, current, _notes = packs.draft_of(held.number, by, at)
    return updates_of(packs.edition(held.number, 1, by), current, at)


def test_a_section_holds_facts_photos_question_options_and_whom_to_invite(held: Held, crew: Crew) -> None:
    secretary = crew[Role.SECRETARY]
    note = Note("清运 3 次，共 2400 元", "约谈过一次", ("JJ", "nobody"), 0)
    packs.save_note(held.number, held.items[0], note, by=secretary, now=FROZEN_AT)
    freeze(held, secretary)
    (section,) = packs.edition(held.number, 1, secretary).facts["sections"]
    assert section["counts"] == {"cases": 3, "open": 3, "ended": 0, "places": 2, "reports": 3, "voices": 3}
    assert (section["since"], section["latest"]) == ("2026-11-03", "2026-11-22")
    assert sum(section["arrivals"].values()) == 3
    assert [photo["place"] for photo in section["photos"]] == ["彭浦小馄饨"]
    assert section["question"] == "地铁口两侧是否划线停放、由谁清运？"
    assert section["options"] == ["划线停放，早晚清运", "全部移走"]
    assert section["costs"]["words"] == "清运 3 次，共 2400 元"
    assert {one["code"] for one in section["invite"]} >= {"ZF", "LR", "JJ"}
    assert "nobody" not in {one["code"] for one in section["invite"]}


def test_a_frozen_edition_never_changes_and_a_new_freeze_makes_the_next_number(
    held: Held, crew: Crew
) -> None:
    secretary = crew[Role.SECRETARY]
    assert freeze(held, secretary) == 1
    before = packs.edition(held.number, 1, secretary)
    assert before.facts_hash == hash_of_facts(before.facts)
    join(held, a_report(a_place("shop", name="后来的奶茶店"), device="d", at=AT).number)
    assert freeze(held, secretary) == 1, "the same form, sent again"
    assert freeze(held, secretary, "second", AT) == 2
    db.session.expire_all()
    after = packs.edition(held.number, 1, secretary)
    assert (after.facts, after.facts_hash) == (before.facts, before.facts_hash)
    assert packs.edition(held.number, 2, secretary).facts["sections"][0]["counts"]["places"] == 3
    assert len(db.session.scalars(select(Pack)).all()) == 2


def test_what_came_later_is_told_with_its_moment(held: Held, crew: Crew, numbers: list[str]) -> None:
    secretary = crew[Role.SECRETARY]
    freeze(held, secretary)
    assert later(held, secretary, FROZEN_AT) == {0: [], held.issues[0]: []}
    join(
        held,
        a_report(a_place("shop", name="后来的奶茶店"), device="d", at=FROZEN_AT + timedelta(hours=5)).number,
    )
    walk_to(numbers[0], State.CLOSED, crew)
    agendas.set_item(
        held.number,
        held.items[0],
        question="是否移走？",
        options="",
        version=version_of(held.number),
        by=secretary,
        now=FROZEN_AT,
    )
    found = later(held, secretary)[held.issues[0]]
    told = {one.kind: one for one in found}
    assert set(told) == {"reports", "places", "voices", "cases_ended", "question", "options"}
    assert (told["reports"].values["n"], told["places"].values["places"]) == (1, ["后来的奶茶店"])
    assert told["reports"].is_day, "the minute of a report could say who sent it"
    assert told["question"].values["text"] == "是否移走？"
    assert all(one.at > FROZEN_AT for one in found)


def test_no_photo_of_a_private_or_protected_case_is_in_a_pack(street: Street, crew: Crew) -> None:
    private = a_report(street.token, "F3", "有人从楼上扔东西", photos=1).number
    guarded = db.session.scalars(select(Case).where(Case.number == private)).one().category_version
    assert guarded.private or guarded.protect_reporter
    held = a_meeting(crew, (private, a_report(street.token, device="b", photos=1).number))
    freeze(held, crew[Role.SECRETARY])
    (section,) = packs.edition(held.number, 1, crew[Role.SECRETARY]).facts["sections"]
    assert section["issue"]["is_guarded"]
    assert section["photos"] == []


def test_guests_read_the_latest_edition_without_anything_internal(held: Held, crew: Crew) -> None:
    assert packs.latest_for_guests(held.id) is None
    secretary = crew[Role.SECRETARY]
    packs.save_note(held.number, held.items[0], Note("花了 2400 元", "内部说明", (), 0), by=secretary, now=AT)
    freeze(held, secretary)
    pack = packs.latest_for_guests(held.id)
    assert pack is not None
    said = str(pack)
    for inside in (
        "2400",
        "内部说明",
        "彭浦小馄饨",
        "老盛昌汤包馆",
        "共和新路 2395 号",
        secretary.name,
        "X26",
    ):
        assert inside not in said
    (section,) = pack.sections
    assert set(section) == {
        *("position", "question", "counts", "since", "latest", "trend", "points", "landmarks", "photos"),
        *("options", "issue", "timeline", "tried"),
    }
    assert "id" not in section["photos"][0]


def test_the_next_pack_opens_with_what_earlier_meetings_decided_and_is_not_done(
    held: Held, crew: Crew, street: Street
) -> None:
    secretary, item = crew[Role.SECRETARY], held.items[0]
    typed = {"action": "划线", "department": "ZF", "due": "2026-12-18", "measure": "线外不超过三辆"}
    changes = [Change(f"line.{item}.aaaaaa.{part}", 0, text) for part, text in typed.items()]
    changes.append(Change(f"decision.{item}", 0, "年底前划线。"))
    minutes.save(held.number, "k", changes, by=secretary, now=AT)
    minutes_approval.approve(held.number, draft_of(held.number, secretary, AT).cursor, by=secretary, now=AT)
    following = a_meeting(
        crew,
        (a_report(street.metro_token, device="z").number,),
        at=AT + timedelta(days=1),
        starts_at=AT + timedelta(days=7),
    )
    packs.freeze(following.number, "k", by=secretary, now=AT + timedelta(days=2))
    (open_item,) = packs.edition(following.number, 1, secretary).facts["open_actions"]
    assert (open_item["number"], open_item["meeting"], open_item["action"]) == (
        "X26-0001",
        held.number,
        "划线",
    )
    assert packs.draft_of(held.number, secretary, AT)[1]["open_actions"] == []
    with pytest.raises(PackClosed):
        freeze(held, secretary, "too late", AT)


def test_additions_carry_a_version_and_an_empty_agenda_is_not_frozen(held: Held, crew: Crew) -> None:
    secretary = crew[Role.SECRETARY]
    packs.save_note(held.number, held.items[0], Note("一", "", (), 0), by=secretary, now=AT)
    with pytest.raises(StaleNote):
        packs.save_note(held.number, held.items[0], Note("二", "", (), 0), by=secretary, now=AT)
    stranger = a_person(Role.SECRETARY, department="LR", area="PP-2")
    with pytest.raises(MeetingMissing):
        packs.draft_of(held.number, stranger, AT)
    with pytest.raises(MeetingMissing):
        packs.edition(held.number, 7, secretary)
    agendas.remove_item(
        held.number, held.items[0], version=version_of(held.number), by=secretary, now=FROZEN_AT
    )
    with pytest.raises(NothingOnAgenda):
        freeze(held, secretary)
    meetings.cancel(held.number, "改期", version=version_of(held.number), by=secretary, now=FROZEN_AT)
    with pytest.raises(PackClosed):
        freeze(held, secretary)
