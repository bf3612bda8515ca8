"""What the brief and the story of the shops near the metro ask of the troubles that many share."""

from collections import Counter
from datetime import timedelta
from itertools import combinations

import pytest

from tracker.demo.catalogue import categories, departments
from tracker.demo.committee import AgendaPlan, IssuePlan
from tracker.demo.committee_plan import ISSUES, MEETINGS
from tracker.demo.load import CASES, SEED
from tracker.demo.people import HANDLER_NAMES, people
from tracker.demo.plan import PlannedCase
from tracker.demo.shared import SHARED, SharedTrouble, places_of, plan_street
from tracker.demo.street import Place, Street, build_street

BY_KEY = {trouble.key: trouble for trouble in SHARED}
LIVE = ("bikes", "backflow", "unloading")
ACCEPTED = ("night", "lights")
PAST = ("riders", "fumes")


@pytest.fixture(scope="module")
def street() -> Street:
    return build_street(SEED)


def test_three_troubles_are_live_two_accepted_and_two_were_dealt_with() -> None:
    assert tuple(BY_KEY) == (*LIVE, *ACCEPTED, *PAST)
    assert {issue.trouble for issue in ISSUES} == {*ACCEPTED, *PAST}
    assert [meeting.days > 0 for meeting in MEETINGS] == [True, False]


def test_nine_shops_near_the_metro_say_it_in_nine_ways_under_four_categories_in_two_weeks(
    street: Street,
) -> None:
    bikes = BY_KEY["bikes"]
    places = places_of(bikes, street)
    assert len({place.code for place in places}) == 9
    assert {place.kind for place in places} <= {"shop", "restaurant", "office"}
    assert all(place.spot.distance_m(street.metro.spot) < 260 for place in places)
    assert len({row[3] for row in bikes.voices}) == 9
    assert len({row[2] for row in bikes.voices}) == 4
    assert max(row[0] for row in bikes.voices) < 14


@pytest.mark.parametrize("key", LIVE)
def test_a_live_one_has_three_places_within_a_fortnight(key: str) -> None:
    trouble = BY_KEY[key]
    assert len({place for days, place, *_ in trouble.voices if days < 14}) >= 3
    assert min(days for days, *_ in trouble.voices) < 2


@pytest.mark.parametrize("issue", ISSUES, ids=lambda issue: issue.trouble)
def test_an_accepted_one_had_three_places_within_a_fortnight_by_then(issue: IssuePlan) -> None:
    days = [row[0] for row in BY_KEY[issue.trouble].voices]
    known = [row for row in BY_KEY[issue.trouble].voices if row[0] > issue.accepted_days]
    fortnights = ({place for then, place, *_ in known if start - 14 <= then <= start} for start, *_ in known)
    assert max(map(len, fortnights)) >= 3
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("trouble", SHARED, ids=lambda trouble: trouble.key)
def test_a_trouble_is_reported_in_different_words_near_one_spot(
    trouble: SharedTrouble, street: Street
) -> None:
    assert len({row[3] for row in trouble.voices}) == len(trouble.voices)
    assert {row[2] for row in trouble.voices} <= set(categories())
    assert len({row[2] for row in trouble.voices}) >= 3
    assert all(place.spot.distance_m(trouble.centre) < 220 for place in places_of(trouble, street))


def test_after_one_look_back_the_reports_had_fallen_and_after_the_other_they_had_not() -> None:
    before, after = months_around("riders", 34.2)
    assert before >= 8
    assert after == 0, "one more would open the issue again"
    before, after = months_around("fumes", 36.0)
    assert after >= before - 1 >= 5


def months_around(key: str, done_days: float) -> tuple[int, int]:
    """How many reports came in the 30 days before the minutes were approved, and since the last item was done."""
    approved = MEETINGS[0].approved_days or 0
    days = [row[0] for row in BY_KEY[key].voices]
    return sum(approved < day <= approved + 30 for day in days), sum(day < done_days for day in days)


def test_a_street_holds_as_many_cases_as_asked_for_and_a_small_one_no_shared_troubles(street: Street) -> None:
    texts = {row[3] for trouble in SHARED for row in trouble.voices}
    for many in (60, 200, CASES):
        cases = plan_street(street, many, SEED)
        assert len(cases) == len({case.index for case in cases}) == many
        told = sum(case.text in texts for case in cases)
        assert told == (0 if many < 200 else len(texts))


def test_ordinary_cases_look_like_no_shared_trouble(street: Street) -> None:
    cases = plan_street(street, CASES, SEED)
    places = {place.code: place for place in street.places}
    texts = {row[3] for trouble in SHARED for row in trouble.voices}
    ordinary = [case for case in cases if case.text not in texts and case.state != "merged"]
    for one, other in combinations(ordinary, 2):
        assert not is_alike(one, other, places)
    states = Counter(case.state.value for case in cases)
    assert len(states) == 15
    assert states["reported"] >= 5


def is_alike(one: PlannedCase, other: PlannedCase, places: dict[str, Place]) -> bool:
    return (
        one.category == other.category
        and abs(one.opened_before - other.opened_before) < timedelta(days=14)
        and places[one.place].spot.distance_m(places[other.place].spot) < 300
    )


# ---------------------------------------------------------------- the committee


def agenda() -> list[AgendaPlan]:
    return [point for meeting in MEETINGS for point in meeting.agenda]


def test_everyone_named_in_the_committees_plan_is_there() -> None:
    logins = {person.login for person in people()}
    for meeting in MEETINGS:
        assert meeting.chair in logins
        assert {*meeting.departments, *meeting.absent} <= set(departments())
    for point in agenda():
        voices = range(len(BY_KEY[point.trouble].voices))
        assert {voice for voice, _ in point.guests} <= set(voices)
        assert {voice for option in point.options for voice in option.by_link} <= set(voices)
        assert {answer for _, answer in point.guests} <= {"yes", "no", "none"}
        assert all(HANDLER_NAMES[item.department] == item.person for item in point.items)


LONGEST_HOLIDAY_DAYS = 9


def test_things_happen_in_the_order_they_can_happen() -> None:
    first, following = MEETINGS
    for point in first.agenda:
        issue = next(issue for issue in ISSUES if issue.trouble == point.trouble)
        ended = min(item.done_days for item in point.items)
        assert first.approved_days is not None
        moments = [
            issue.accepted_days,
            first.planned_days,
            first.invited_days,
            first.days + LONGEST_HOLIDAY_DAYS,
            first.days,
            first.approved_days,
            max(item.done_days for item in point.items),
            ended,
            *sorted((given.days for given in issue.answers), reverse=True),
        ]
        assert moments == sorted(moments, reverse=True)
        assert all(given.days < ended - 7 for given in issue.answers), "asked with the first look back"
        assert all(BY_KEY[point.trouble].voices[given.voice][0] > ended for given in issue.answers)
        assert all(BY_KEY[point.trouble].voices[voice][0] > first.invited_days for voice, _ in point.guests)
        assert issue.finished is None or issue.finished[0] < ended - 30
    assert following.planned_days > following.invited_days > 0 > following.days


def test_one_item_was_late_and_all_have_evidence() -> None:
    items = [item for point in MEETINGS[0].agenda for item in point.items]
    assert len(items) == 4
    assert [item.due_days > item.done_days for item in items].count(True) == 1
    assert all(item.evidence for item in items)
