"""Is there any moment, allowance or pause for which promised time does not add up?"""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.domain.time_samples import SHANGHAI, at, calendar_of
from tracker.domain.allowance import Allowance, Unit
from tracker.domain.escalation import Running, rungs_until
from tracker.domain.sla import due_at, later, share_at, time_between

YEARS = calendar_of(2026, 2027, 2028)
moments = st.timedeltas(timedelta(), timedelta(days=729)).map(at("2026-01-01 00:00").__add__)
units = st.sampled_from(list(Unit))
amounts = st.integers(1, 60)
allowances = st.builds(Allowance, amounts, units)
working = st.builds(Allowance, amounts, st.sampled_from([Unit.WORKING_HOUR, Unit.WORKING_DAY]))
hourly = st.builds(Allowance, amounts, st.sampled_from([Unit.MINUTE, Unit.HOUR, Unit.WORKING_HOUR]))


def in_service(moment: datetime) -> bool:
    """Inside a window of the day, its closing moment included; looked up by hand, not by the calendar."""
    there = moment.astimezone(SHANGHAI)
    return any(opens <= there.time() <= closes for opens, closes in YEARS.hours_on(there.date()))


def worked_days(first: date, last: date) -> int:
    """Working days after `first` up to `last`, counted one by one."""
    span = range(1, (last - first).days + 1)
    return sum(YEARS.is_worked(first + timedelta(days=number)) for number in span)


@given(moments, moments, allowances)
def test_who_starts_later_is_never_due_earlier(one: datetime, other: datetime, allowance: Allowance) -> None:
    early, late = sorted((one, other))
    assert due_at(early, allowance, YEARS) <= due_at(late, allowance, YEARS)


@given(moments, units, amounts, amounts)
def test_more_time_never_ends_earlier(start: datetime, unit: Unit, one: int, other: int) -> None:
    less, more = (due_at(start, Allowance(amount, unit), YEARS) for amount in sorted((one, other)))
    assert less <= more
    assert (less == more) == (one == other)


@given(moments, working)
def test_no_working_time_ends_outside_service_hours(start: datetime, allowance: Allowance) -> None:
    assert in_service(due_at(start, allowance, YEARS))


@given(moments, hourly, st.floats(0, 1))
def test_an_allowance_cut_at_any_moment_ends_at_the_same_time(
    start: datetime, allowance: Allowance, share: float
) -> None:
    due = due_at(start, allowance, YEARS)
    cut = start + (due - start) * share
    left = allowance.time - time_between(start, cut, allowance, YEARS)
    assert left >= timedelta()
    if left:
        assert later(cut, left, allowance, YEARS) == due


@given(moments, amounts, amounts)
def test_days_after_days_are_their_sum(start: datetime, first: int, second: int) -> None:
    halfway = due_at(start, Allowance(first, Unit.WORKING_DAY), YEARS)
    whole = due_at(start, Allowance(first + second, Unit.WORKING_DAY), YEARS)
    assert due_at(halfway, Allowance(second, Unit.WORKING_DAY), YEARS) == whole


@given(moments, amounts)
def test_days_are_those_that_a_person_counts(start: datetime, amount: int) -> None:
    due = due_at(start, Allowance(amount, Unit.WORKING_DAY), YEARS).astimezone(SHANGHAI)
    assert worked_days(start.date(), due.date()) == amount
    assert YEARS.is_worked(due.date())


@given(moments, allowances, st.timedeltas(timedelta(), timedelta(days=30)), st.floats(0, 1))
def test_a_pause_shifts_the_end_by_the_time_it_took(
    start: datetime, allowance: Allowance, pause: timedelta, share: float
) -> None:
    due = due_at(start, allowance, YEARS)
    paused = start + (due - start) * share
    lost = time_between(paused, paused + pause, allowance, YEARS)
    moved = later(due, lost, allowance, YEARS)
    assert time_between(due, moved, allowance, YEARS) == lost
    # as much is left when it goes on as when it stopped
    assert time_between(paused + pause, moved, allowance, YEARS) == time_between(
        paused, due, allowance, YEARS
    )


@given(moments, allowances)
def test_the_ladder_is_climbed_in_order(start: datetime, allowance: Allowance) -> None:
    clock = Running(start, due_at(start, allowance, YEARS), allowance, 1)
    top = share_at(start, clock.due, allowance, YEARS, percent=200)
    rungs = list(rungs_until(clock, top, YEARS))
    assert [number for number, _ in rungs] == [1, 2, 3, 4]
    fired = [moment for _, moment in rungs]
    assert fired == sorted(fired)
    assert fired[1] == clock.due


@given(moments, moments)
def test_working_time_is_what_the_windows_of_the_days_add_up_to(one: datetime, other: datetime) -> None:
    start, end = sorted((one, other))
    total, day = timedelta(), start.date()
    while day <= end.date():
        for opens, closes in YEARS.hours_on(day):
            window = (datetime.combine(day, opens, SHANGHAI), datetime.combine(day, closes, SHANGHAI))
            total += max(min(window[1], end) - max(window[0], start), timedelta())
        day += timedelta(days=1)
    assert YEARS.working_time_between(start, end) == total
