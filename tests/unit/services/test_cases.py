"""Acting on a case for real: who, when, what it leaves, and what a refusal leaves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from tests.factories import MORNING, PASSWORD, Sent, Street, a_person, a_photo, a_report, speaker
from tracker.domain.case_record import CaseRecord
from tracker.domain.case_rules import Incomplete, StepRefused, Supplied
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import SYSTEM, Actor, NotPermitted, Role
from tracker.extensions import db
from tracker.models import Case, CaseDepartment, HistoryRow, Photo, User
from tracker.services import cases, history, people
from tracker.services.cases import CaseMissing, StaleVersion

Crew = dict[Role | str, Actor]


def case_of(sent: Sent) -> Case:
    """The stored case."""
    return db.session.scalars(select(Case).where(Case.number == sent.number)).one()


def rows_of(sent: Sent) -> list[HistoryRow]:
    """Its history, oldest first."""
    case = case_of(sent)
    return list(
        db.session.scalars(
            select(HistoryRow).where(HistoryRow.case_id == case.id).order_by(HistoryRow.version)
        )
    )


def act(
    sent: Sent, action: str, by: Actor, now: datetime = MORNING, photos: int = 0, **given: Any
) -> CaseRecord:
    """One move on the present version."""
    return cases.act(
        sent.number,
        Action(action),
        Supplied(**given),
        version=case_of(sent).version,
        by=by,
        now=now,
        photos=[a_photo(seed) for seed in range(photos)],
    )


def dispatched(street: Street, crew: Crew, now: datetime = MORNING) -> Sent:
    sent = a_report(street.token, at=now)
    act(sent, "file", crew[Role.OPERATOR], now, category="A5")
    act(sent, "dispatch", crew[Role.OPERATOR], now, lead="ZF", co=("LR",))
    return sent


def resolved(street: Street, crew: Crew) -> Sent:
    sent = dispatched(street, crew)
    act(sent, "sign", crew["ZF"])
    act(sent, "resolve", crew["ZF"], outcome="fixed", note="已清走", photos=1)
    return sent


def verified(street: Street, crew: Crew) -> Sent:
    sent = resolved(street, crew)
    act(sent, "pass", crew[Role.VERIFIER])
    return sent


def assert_nothing_happened(sent: Sent, before: tuple[CaseRecord, int]) -> None:
    db.session.rollback()
    assert (history.record_from_history(case_of(sent).id), len(rows_of(sent))) == before
    assert case_of(sent).version == before[0].version


def standing(sent: Sent) -> tuple[CaseRecord, int]:
    return history.record_from_history(case_of(sent).id), len(rows_of(sent))


# ---- the loop, and what it leaves


def test_a_case_goes_from_the_report_to_the_reporters_own_word(street: Street, crew: Crew) -> None:
    sent = verified(street, crew)
    closed = act(sent, "confirm", speaker(sent), rating=5, note="谢谢")
    assert (closed.state, closed.outcome, closed.closing, closed.rating) == (
        "closed",
        "fixed",
        "confirmed",
        5,
    )
    assert [row.action for row in rows_of(sent)] == [
        "report",
        "file",
        "dispatch",
        "sign",
        "resolve",
        "pass",
        "confirm",
    ]
    assert [row.to_state for row in rows_of(sent)] == [
        "reported",
        "filed",
        "dispatched",
        "in_progress",
        "resolved",
        "verified",
        "closed",
    ]
    assert history.verify() == 7


def test_every_row_says_who_did_it(street: Street, crew: Crew) -> None:
    sent = verified(street, crew)
    act(sent, "lapse", SYSTEM)
    kinds = [row.actor_kind for row in rows_of(sent)]
    assert kinds == ["reporter", "staff", "staff", "staff", "staff", "staff", "system"]
    people = [row.user_id for row in rows_of(sent)]
    assert people[3] == people[4] == crew["ZF"].user_id
    assert people[0] is people[6] is None


def test_photos_are_kept_with_the_move_they_came_with(street: Street, crew: Crew) -> None:
    sent = resolved(street, crew)
    after = db.session.scalars(select(Photo).where(Photo.case_id == case_of(sent).id)).one()
    assert (after.kind, after.version) == ("after", 5)
    assert rows_of(sent)[4].details == {"photos": [after.sha256]}


def test_a_department_finds_a_case_in_its_list_only_while_it_lies_with_it(street: Street, crew: Crew) -> None:
    def listed() -> set[str]:
        return set(
            db.session.scalars(
                select(CaseDepartment.department_code).where(CaseDepartment.case_id == case_of(sent).id)
            )
        )

    sent = dispatched(street, crew)
    assert listed() == {"ZF", "LR"}
    act(sent, "request_return", crew["ZF"], note="不归我们", suggested="JJ")
    act(sent, "grant_return", crew[Role.DUTY_LEAD])
    assert listed() == set()
    act(sent, "dispatch", crew[Role.OPERATOR], lead="JJ")
    assert listed() == {"JJ"}
    with pytest.raises(CaseMissing):
        act(sent, "sign", crew["ZF"])


def test_the_moment_it_came_into_its_state_is_not_moved_by_words(street: Street, crew: Crew) -> None:
    sent = dispatched(street, crew)
    act(sent, "note", crew[Role.OPERATOR], MORNING + timedelta(hours=1), note="已电话催办")
    assert case_of(sent).moved_at == MORNING


# ---- a refusal leaves nothing


def test_a_stale_page_is_told_so_and_changes_nothing(street: Street, crew: Crew) -> None:
    sent = dispatched(street, crew)
    seen = case_of(sent).version
    act(sent, "sign", crew["ZF"])
    before = standing(sent)
    with pytest.raises(StaleVersion) as stale:
        cases.act(
            sent.number,
            Action.REQUEST_RETURN,
            Supplied(note="不归我们", suggested="JJ"),
            version=seen,
            by=crew["ZF"],
            now=MORNING,
        )
    assert stale.value.seen == seen
    assert_nothing_happened(sent, before)


@pytest.mark.parametrize(
    ("action", "who", "given", "error"),
    [
        ("sign", Role.OPERATOR, {}, NotPermitted),
        ("sign", "JJ", {}, CaseMissing),
        ("sign", "LR", {}, StepRefused),
        ("resolve", "ZF", {"outcome": "fixed", "note": "好了"}, StepRefused),
        ("request_return", "ZF", {"note": "不归我们", "suggested": ""}, Incomplete),
        ("request_return", "ZF", {"note": "不归我们", "suggested": "XX"}, Incomplete),
        ("void", Role.DUTY_LEAD, {"note": " "}, Incomplete),
        ("note", Role.OPERATOR, {"note": "字" * 2001}, Incomplete),
    ],
)
def test_a_refused_move_changes_nothing(
    street: Street, crew: Crew, action: str, who: Role | str, given: dict[str, Any], error: type[Exception]
) -> None:
    sent = dispatched(street, crew)
    before = standing(sent)
    with pytest.raises(error):
        act(sent, action, crew[who], **given)
    assert_nothing_happened(sent, before)
    assert history.verify() == 3


def test_a_department_that_is_not_in_the_register_is_named_where_it_was_chosen(
    street: Street, crew: Crew
) -> None:
    sent = dispatched(street, crew)
    with pytest.raises(Incomplete) as refused:
        act(sent, "request_return", crew["ZF"], note="不归我们", suggested="XX")
    assert set(refused.value.problems) == {"suggested"}
    filed = a_report(street.token)
    act(filed, "file", crew[Role.OPERATOR], category="A5")
    for given, field in ({"lead": "XX"}, "lead"), ({"lead": "ZF", "co": ("XX",)}, "co"):
        with pytest.raises(Incomplete) as refused:
            act(filed, "dispatch", crew[Role.OPERATOR], **given)
        assert set(refused.value.problems) == {field}


def test_nobody_acts_on_a_number_that_was_never_given_out(crew: Crew) -> None:
    with pytest.raises(CaseMissing):
        cases.act(
            "261123-9999",
            Action.FILE,
            Supplied(category="A5"),
            version=1,
            by=crew[Role.OPERATOR],
            now=MORNING,
        )


def test_somebody_of_another_area_does_not_learn_that_the_case_is_there(street: Street) -> None:
    elsewhere = a_person(Role.SECRETARY, area="PP-2")
    sent = a_report(street.token)
    with pytest.raises(CaseMissing):
        act(sent, "note", elsewhere, note="说明")


# ---- filing, routing, categories


def test_filing_under_a_category_that_goes_by_rule_dispatches_at_once_and_says_why(
    street: Street, crew: Crew
) -> None:
    sent = a_report(street.token, "A5")
    record = act(sent, "file", crew[Role.OPERATOR], category="A1")
    assert (record.state, record.version, record.category) == ("dispatched", 3, "A1")
    row = rows_of(sent)[2]
    assert (row.actor_kind, row.details) == ("rule", {"rule_category": "A1", "rule_area": ""})
    assert case_of(sent).category_version.code == "A1"


def test_a_category_that_is_not_in_the_catalogue_is_refused(street: Street, crew: Crew) -> None:
    sent = a_report(street.token)
    with pytest.raises(Incomplete) as refused:
        act(sent, "file", crew[Role.OPERATOR], category="Z9")
    assert set(refused.value.problems) == {"category"}


# ---- windows from the working calendar


def test_a_return_is_asked_for_until_the_end_of_service_of_the_next_working_day(
    street: Street, crew: Crew
) -> None:
    """Dispatched Monday 9:30; service ends at 17:30 on the street, 9:30 UTC."""
    given: dict[str, Any] = {"note": "不归我们", "suggested": "JJ"}
    late = dispatched(street, crew)
    with pytest.raises(StepRefused):
        act(late, "request_return", crew["ZF"], datetime(2026, 11, 24, 9, 30, 1, tzinfo=UTC), **given)
    record = act(late, "request_return", crew["ZF"], datetime(2026, 11, 24, 9, 30, tzinfo=UTC), **given)
    assert record.state == State.RETURN_REQUESTED


def test_from_a_friday_the_return_window_reaches_over_the_weekend(street: Street, crew: Crew) -> None:
    friday, monday = datetime(2026, 11, 20, 2, tzinfo=UTC), datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    sent = dispatched(street, crew, friday)
    assert case_of(sent).return_until_at == monday


def test_where_the_calendar_ends_the_right_to_return_does_not(street: Street, crew: Crew) -> None:
    last_day = datetime(2026, 12, 31, 2, tzinfo=UTC)
    sent = dispatched(street, crew, last_day)
    assert case_of(sent).return_until_at is None
    act(sent, "request_return", crew["ZF"], last_day + timedelta(days=9), note="不归我们", suggested="JJ")


def test_the_fifteen_days_of_a_reporter_are_counted_from_closing(street: Street, crew: Crew) -> None:
    sent = verified(street, crew)
    act(sent, "lapse", SYSTEM, MORNING)
    with pytest.raises(StepRefused):
        act(sent, "reopen", speaker(sent), MORNING + timedelta(days=15, microseconds=1), note="又堆上了")
    assert act(sent, "reopen", speaker(sent), MORNING + timedelta(days=15), note="又堆上了").reopens == 1
    assert case_of(sent).number == sent.number


# ---- own work


def test_whoever_worked_on_it_never_verifies_it_in_another_role(street: Street, crew: Crew) -> None:
    sent = resolved(street, crew)
    handler = crew["ZF"]
    both = replace(handler, grants=(*handler.grants, *crew[Role.VERIFIER].grants), departments=frozenset())
    with pytest.raises(StepRefused):
        act(sent, "pass", both)


def test_whoever_fixed_it_on_the_spot_does_not_verify_it_after_a_dispute(street: Street, crew: Crew) -> None:
    sent = a_report(street.token)
    act(sent, "fix_on_spot", crew[Role.VERIFIER], photos=1)
    assert act(sent, "dispute", speaker(sent), note="还在").lead == "ZF"
    act(sent, "resolve", crew["ZF"], outcome="fixed", note="清走", photos=1)
    with pytest.raises(StepRefused):
        act(sent, "pass", crew[Role.VERIFIER])


def test_a_verifier_of_a_department_that_once_had_the_case_does_not_verify_it(
    street: Street, crew: Crew
) -> None:
    sent = dispatched(street, crew)
    act(sent, "request_return", crew["ZF"], note="不归我们", suggested="JJ")
    act(sent, "grant_return", crew[Role.DUTY_LEAD])
    act(sent, "dispatch", crew[Role.OPERATOR], lead="JJ")
    act(sent, "sign", crew["JJ"])
    act(sent, "resolve", crew["JJ"], outcome="fixed", note="清走", photos=1)
    for once_had_it in ("ZF", "LR", "JJ"):
        verifier = replace(crew[Role.VERIFIER], departments=frozenset({once_had_it}))
        with pytest.raises(StepRefused):
            act(sent, "pass", verifier)
    assert act(sent, "pass", crew[Role.VERIFIER]).state == State.VERIFIED


# ---- merging


def test_a_merged_case_follows_its_main_case_until_it_is_split(street: Street, crew: Crew) -> None:
    main, voice = a_report(street.token), a_report(street.token, text="还是那些纸箱")
    act(voice, "merge", crew[Role.OPERATOR], main_case=main.number)
    assert case_of(main).id in speaker(voice).cases
    assert act(voice, "split", crew[Role.DUTY_LEAD]).state == State.REPORTED
    assert case_of(main).id not in speaker(voice).cases


def test_a_case_is_not_merged_into_one_that_the_operator_does_not_see(street: Street) -> None:
    here, elsewhere = a_report(street.token), a_report(street.metro_token)
    people.add_person("operator-1", "王敏", PASSWORD, role="operator", area="PP-1")
    user = db.session.scalars(select(User).where(User.login == "operator-1")).one()
    with pytest.raises(Incomplete) as refused:
        act(here, "merge", people.actor_of(user), main_case=elsewhere.number)
    assert refused.value.problems == {"main_case": "没有这个编号的其他案件。"}


@pytest.mark.parametrize("action", ["merge", "withdraw", "void"])
def test_a_case_that_others_were_merged_into_stays(street: Street, crew: Crew, action: str) -> None:
    main, voice, third = (a_report(street.token) for _ in range(3))
    act(voice, "merge", crew[Role.OPERATOR], main_case=main.number)
    moves: dict[str, tuple[Actor, dict[str, Any]]] = {
        "merge": (crew[Role.OPERATOR], {"main_case": third.number}),
        "withdraw": (speaker(main), {}),
        "void": (crew[Role.DUTY_LEAD], {"note": "测试"}),
    }
    by, given = moves[action]
    with pytest.raises(StepRefused):
        act(main, action, by, **given)


def test_the_main_case_is_another_one_that_is_still_open(street: Street, crew: Crew) -> None:
    merged, main, ended, sent = (a_report(street.token) for _ in range(4))
    act(merged, "merge", crew[Role.OPERATOR], main_case=main.number)
    act(ended, "withdraw", speaker(ended))
    for number in (sent.number, merged.number, ended.number, "261123-9999"):
        with pytest.raises(Incomplete) as refused:
            act(sent, "merge", crew[Role.OPERATOR], main_case=number)
        assert set(refused.value.problems) == {"main_case"}
    assert case_of(sent).state == "reported"


def test_a_voice_says_that_the_main_case_is_not_fixed(street: Street, crew: Crew) -> None:
    main, voice = verified(street, crew), a_report(street.token)
    act(voice, "merge", crew[Role.OPERATOR], main_case=main.number)
    assert act(main, "dispute", speaker(voice), note="没有清走").disputes == 1
    with pytest.raises(StepRefused):
        act(main, "confirm", speaker(main))


# ---- what people type


@pytest.mark.parametrize(
    "note", ["零\x00字符", "'; DROP TABLE cases; --", "😀" * 50, "a\u202eb", "  前后空格  "]
)
def test_odd_characters_are_kept_or_dropped_but_never_break_anything(
    street: Street, crew: Crew, note: str
) -> None:
    sent = a_report(street.token)
    act(sent, "note", crew[Role.OPERATOR], note=note)
    assert rows_of(sent)[1].note == note.replace("\x00", "").strip()
    assert history.verify() == 2


def test_a_photo_alone_says_that_it_is_not_fixed(street: Street, crew: Crew) -> None:
    sent = verified(street, crew)
    assert act(sent, "dispute", speaker(sent), photos=1).state == State.IN_PROGRESS


def test_a_count_of_photos_that_nobody_sent_is_not_believed(street: Street, crew: Crew) -> None:
    sent = dispatched(street, crew)
    act(sent, "sign", crew["ZF"])
    with pytest.raises(Incomplete):
        act(sent, "resolve", crew["ZF"], outcome="fixed", note="清走")
    with pytest.raises(Incomplete):
        cases.act(
            sent.number,
            Action.RESOLVE,
            Supplied(outcome="fixed", note="清走", photos=3),
            version=case_of(sent).version,
            by=crew["ZF"],
            now=MORNING,
        )


def test_a_move_made_by_a_clock_of_another_zone_is_the_same_moment(street: Street, crew: Crew) -> None:
    sent = a_report(street.token)
    act(sent, "check", crew[Role.OPERATOR], MORNING.astimezone(ZoneInfo("Asia/Shanghai")))
    assert rows_of(sent)[1].at == MORNING
    assert history.verify() == db.session.scalar(select(func.count()).select_from(HistoryRow)) == 2
