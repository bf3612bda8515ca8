"""Calendars as people keep them: versions, imports, hours of one department, and what a change does to open cases."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from tests.factories import MORNING, Street, a_report
from tests.unit.domain.time_samples import at, shown
from tracker.domain.case_rules import Supplied
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, transaction
from tracker.models import Calendar, Case, Clock
from tracker.services import calendar_change, calendars, cases
from tracker.services.calendar_facts import CalendarRefused, differences, read_facts
from tracker.services.calendars import CalendarMoved

pytestmark = pytest.mark.usefixtures("street")
Crew = dict[Role | str, Actor]
YEAR_2027 = """
year: 2027
holidays: ["2027-01-01/2027-01-03"]
make_up_working_days: []
"""
ONLY_2027 = "years: [{year: 2027, holidays: [2027-01-01], make_up_working_days: []}]"
NINE_TO_FIVE = [["09:00", "12:00"], ["13:00", "17:00"]]


def shipped() -> dict[str, Any]:
    return dict(calendars.shipped_facts())


def with_hours(hours: list[list[str]]) -> dict[str, Any]:
    """The shipped calendar with other hours on weekdays."""
    return shipped() | {"weekly": {str(day): hours for day in range(5)}}


def with_holiday(day: str) -> dict[str, Any]:
    """The shipped calendar with one more day off in 2026."""
    year = shipped()["years"]["2026"]
    return shipped() | {"years": {"2026": year | {"holidays": [*year["holidays"], day]}}}


def current(department: str = "") -> calendars.CalendarVersion:
    found = calendars.current_version(department)
    assert found is not None
    return found


def clock_of(number: str, kind: str) -> Clock:
    return db.session.scalars(
        select(Clock).join(Case, Case.id == Clock.case_id).where(Case.number == number, Clock.kind == kind)
    ).one()


def due(number: str, kind: str) -> str:
    moment = clock_of(number, kind).due_at
    assert moment is not None
    return shown(moment.astimezone(UTC))


def filed_and_dispatched(street: Street, crew: Crew, *, lead: str = "ZF", category: str = "A5") -> str:
    """A case that lies with `lead`, due the day after (A5: 1 wd); dispatched Monday at 9:30."""
    sent = a_report(street.token, at=MORNING)
    for version, (action, given) in enumerate(
        ((Action.FILE, Supplied(category=category)), (Action.DISPATCH, Supplied(lead=lead))), start=1
    ):
        cases.act(sent.number, action, given, version=version, by=crew[Role.OPERATOR], now=MORNING)
    return sent.number


# ---- versions


def test_the_shipped_calendar_knows_2026_and_lunch() -> None:
    calendar = current().calendar
    worked = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    assert sum(map(calendar.is_worked, worked)) == 248
    assert not calendar.is_open(at("2026-11-23 12:00"))


def test_saving_the_same_again_makes_no_version() -> None:
    assert calendars.save_version(shipped(), MORNING) is None
    assert [version.version for version in calendars.versions()] == [1]


def test_a_new_version_is_current_and_the_old_one_stays() -> None:
    calendars.save_version(with_hours(NINE_TO_FIVE), MORNING)
    assert [(version.version, version.is_current) for version in calendars.versions()] == [
        (2, True),
        (1, False),
    ]


def test_who_saves_from_an_old_version_is_told_and_nothing_is_overwritten() -> None:
    seen = current().id
    calendars.save_version(with_holiday("2026-11-25"), MORNING, based_on=seen)
    with pytest.raises(CalendarMoved):
        calendars.save_version(with_hours(NINE_TO_FIVE), MORNING, based_on=seen)
    assert current().facts == with_holiday("2026-11-25")


def test_the_database_itself_holds_one_current_calendar() -> None:
    with pytest.raises(IntegrityError), transaction():
        db.session.add(
            Calendar(department_code=None, version=2, is_current=True, facts=shipped(), made_at=MORNING)
        )


def test_a_department_may_have_hours_of_its_own() -> None:
    own = calendars.save_version(with_hours([["08:00", "20:00"]]), MORNING, department="ZF")
    assert calendars.current_calendar_id("ZF") == own
    assert calendars.current_calendar_id("LR") == calendars.current_calendar_id() != own


def test_a_year_published_for_everybody_reaches_departments_with_hours_of_their_own() -> None:
    calendars.save_version(with_hours([["08:00", "20:00"]]), MORNING, department="ZF")
    calendars.save_version(read_facts(YEAR_2027, shipped()), MORNING)
    own = current("ZF")
    assert own.calendar.last_day == date(2027, 12, 31)
    assert own.facts["weekly"]["0"] == [["08:00", "20:00"]]
    assert not own.calendar.is_worked(date(2027, 1, 1))


def test_an_unknown_department_is_refused() -> None:
    with pytest.raises(CalendarRefused, match="QQ"):
        calendars.save_version(shipped(), MORNING, department="QQ")


def test_a_department_has_no_hours_of_its_own_before_everybody_has_some() -> None:
    with transaction():
        db.session.execute(delete(Calendar))
    with pytest.raises(CalendarRefused, match="全街道"):
        calendars.save_version(shipped(), MORNING, department="ZF")


# ---- files


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x: [", "读不懂"),
        ("just words", "缺少 weekly"),
        ("year: 2027", "读不懂"),
        ("year: 2027\nholidays: []\nmake_up_working_days: []", "一天假也没有"),
        ("year: 2027\nholidays: [2026-01-01]\nmake_up_working_days: []", "2026-01-01 不在 2027 年"),
        ("year: 2027\nholidays: [2027-02-30]\nmake_up_working_days: []", "读不懂"),
        ("year: 2027\nholidays: [2027-01-02/2027-01-01]\nmake_up_working_days: []", "颠倒"),
        ("year: 2027\nholidays: [2027-01-02]\nmake_up_working_days: [2027-01-02]", "既放假又补班"),
        ("weekly: {0: [[9, 17]]}\nyears: []", "读不懂|没有任何年份"),
        ("weekly: {1: [['09:00', '17:00']]}\n" + ONLY_2027, "周一"),
        ("weekly: {7: [['09:00', '17:00']]}\n" + ONLY_2027, "星期"),
    ],
)
def test_a_file_that_makes_no_calendar_is_refused_in_one_line(text: str, words: str) -> None:
    with pytest.raises(CalendarRefused, match=words) as refusal:
        read_facts(text, shipped())
    assert "\n" not in str(refusal.value)


def test_hours_need_no_quotes_in_a_file() -> None:
    """YAML would read 13:00 as the number 780."""
    text = "weekly: {0: [[9:00, 12:00], [13:00, 17:30]]}\n" + ONLY_2027
    with pytest.raises(CalendarRefused):
        read_facts(text, None)  # 9:00 is no way to write a time
    facts = read_facts(text.replace("[9:00", "[09:00"), None)
    assert facts["weekly"] == {"0": [["09:00", "12:00"], ["13:00", "17:30"]]}


def test_what_changed_is_named_day_by_day() -> None:
    changed = with_holiday("2026-11-25") | {"weekly": shipped()["weekly"] | {"5": [["09:00", "12:00"]]}}
    assert [
        (each.weekday, each.day, each.before, each.after) for each in differences(shipped(), changed)
    ] == [
        (5, None, [], [["09:00", "12:00"]]),
        (None, date(2026, 11, 25), None, "holiday"),
    ]


# ---- the command


@pytest.fixture
def run(inside: Flask, tmp_path: Path) -> Any:
    """Runs ``flask calendar import`` with a text as its file; returns (exit status, output)."""

    def command(text: str, *options: str) -> tuple[int, str]:
        file = tmp_path / "calendar.yaml"
        file.write_text(text, encoding="utf-8")
        result = inside.test_cli_runner().invoke(args=["calendar", "import", str(file), *options])
        db.session.rollback()
        return result.exit_code, result.output

    return command


def test_the_list_of_a_year_is_added_to_the_calendar(run: Any) -> None:
    assert run(YEAR_2027) == (0, "Version 2 made, known until 2027-12-31.\n")
    assert run(YEAR_2027) == (0, "Nothing changed: version 2 already says so.\n")
    assert current().calendar.years == {2026, 2027}


def test_a_bad_file_is_one_clear_line_and_status_1(run: Any) -> None:
    status, output = run("just words")
    assert (status, output.count("\n")) == (1, 1)
    assert "calendar.yaml" in output


def test_an_import_tells_of_open_cases_and_moves_them_only_if_asked(
    run: Any, street: Street, crew: Crew
) -> None:
    number = filed_and_dispatched(street, crew)
    assert due(number, "done") == "2026-11-24 17:30"
    year = "year: 2026\nholidays: [2026-11-24]\nmake_up_working_days: []"
    status, output = run(year)
    assert (status, output.splitlines()[1]) == (
        0,
        "1 open case would move. They keep their version; to move them: --move-open",
    )
    assert due(number, "done") == "2026-11-24 17:30"
    assert run(year, "--move-open") == (
        0,
        "Nothing changed: version 2 already says so.\nMoved: 1 open case.\n",
    )
    assert due(number, "done") == "2026-11-25 17:30"
    assert run(year, "--move-open")[1].endswith("Moved: 0 open cases.\n")


# ---- what a change means for open cases


def test_a_case_keeps_the_calendar_it_was_promised_under(street: Street, crew: Crew) -> None:
    number = filed_and_dispatched(street, crew)
    calendars.save_version(with_holiday("2026-11-24"), MORNING)
    assert due(number, "done") == "2026-11-24 17:30"
    later = filed_and_dispatched(street, crew)
    assert due(later, "done") == "2026-11-25 17:30"


def test_only_cases_whose_end_would_change_are_counted(street: Street, crew: Crew) -> None:
    filed_and_dispatched(street, crew)
    assert calendar_change.cases_that_would_move(with_holiday("2026-11-24")) == 1
    assert calendar_change.cases_that_would_move(with_holiday("2026-12-29")) == 0
    assert calendar_change.cases_that_would_move(shipped()) == 0


def test_a_departments_hours_concern_its_own_cases_and_only_its_work(street: Street, crew: Crew) -> None:
    number = filed_and_dispatched(street, crew, lead="ZF")
    filed_and_dispatched(street, crew, lead="LR")
    hours = with_hours(NINE_TO_FIVE)
    assert calendar_change.cases_that_would_move(hours, "ZF") == 1
    saved = calendars.save_version(hours, MORNING, department="ZF")
    assert saved is not None
    assert calendar_change.move_to_version(saved, MORNING) == 1
    assert due(number, "done") == "2026-11-24 17:00"


def test_moving_keeps_both_ends_and_says_who_did_it(street: Street, crew: Crew) -> None:
    number = filed_and_dispatched(street, crew)
    saved = calendars.save_version(with_holiday("2026-11-24"), MORNING)
    assert saved is not None
    at_ten = MORNING + timedelta(minutes=30)
    assert calendar_change.move_to_version(saved, at_ten, by=crew[Role.ADMIN].user_id) == 1
    clock = clock_of(number, "done")
    last = clock.segments[-1]
    assert (last["why"], last["by"], last["from"]) == (
        "calendar",
        crew[Role.ADMIN].user_id,
        at_ten.isoformat(),
    )
    assert datetime.fromisoformat(last["due_from"]) == at("2026-11-24 17:30")
    assert datetime.fromisoformat(last["due_to"]) == at("2026-11-25 17:30") == clock.due_at
    assert clock.calendar_id == saved
    case = db.session.scalars(select(Case).where(Case.number == number)).one()
    assert case.due_at == at("2026-11-23 11:30"), "signing is due first, two service hours after 9:30"


def test_a_shorter_calendar_takes_no_due_time_away(street: Street, crew: Crew) -> None:
    number = filed_and_dispatched(street, crew)
    only_2027 = read_facts(YEAR_2027, shipped())
    del only_2027["years"]["2026"]
    saved = calendars.save_version(only_2027, MORNING)
    assert saved is not None
    assert calendar_change.move_to_version(saved, MORNING) == 0
    assert due(number, "done") == "2026-11-24 17:30"


def test_many_cases_are_moved_batch_by_batch(
    street: Street, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_change, "BATCH", 2)
    numbers = [filed_and_dispatched(street, crew) for _ in range(5)]
    saved = calendars.save_version(with_holiday("2026-11-24"), MORNING)
    assert saved is not None
    assert calendar_change.move_to_version(saved, MORNING) == 5
    assert {due(number, "done") for number in numbers} == {"2026-11-25 17:30"}


# ---- the end of what is known


@pytest.mark.parametrize(
    ("today", "days_left"),
    [("2026-11-01 09:00", None), ("2026-11-02 09:00", 60), ("2026-12-31 23:59", 1), ("2027-01-01 00:00", 0)],
)
def test_admins_are_warned_from_sixty_days_before_the_last_known_day(
    today: str, days_left: int | None
) -> None:
    warning = calendars.calendar_warning(at(today))
    assert (warning.days_left if warning else None) == days_left
    if warning:
        assert (warning.last_day, warning.department) == (date(2026, 12, 31), "")


def test_the_calendar_that_ends_first_is_named() -> None:
    calendars.save_version(read_facts(YEAR_2027, shipped()), MORNING)
    assert calendars.calendar_warning(MORNING) is None
    calendars.save_version(with_hours(NINE_TO_FIVE), MORNING, department="ZF")
    warning = calendars.calendar_warning(MORNING)
    assert warning is not None
    assert (warning.department, warning.last_day) == ("ZF", date(2026, 12, 31))


def test_a_promise_without_an_end_is_said_loudly(street: Street) -> None:
    warning = calendars.calendar_warning(at("2026-12-31 10:00"))
    assert warning is not None
    assert not warning.is_too_short
    a_report(street.token, "A5", at=at("2026-12-31 17:00"))
    warning = calendars.calendar_warning(at("2026-12-31 17:01"))
    assert warning is not None
    assert warning.is_too_short


def test_no_calendar_at_all_is_the_loudest_warning() -> None:
    with transaction():
        db.session.execute(delete(Calendar))
    warning = calendars.calendar_warning(MORNING)
    assert warning is not None
    assert (warning.last_day, warning.days_left, warning.is_too_short) == (None, 0, True)
