"""When something is a candidate, and which issue comes first. Expectations typed from the brief, section 6."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tracker.domain import candidates
from tracker.domain.candidates import Sighting
from tracker.domain.issue_ranking import rank, week_edges, week_starts
from tracker.domain.issues import ISSUE_STEPS, IssueAction, IssueState, IssueStepRefused, issue_step
from tracker.domain.permissions import Role
from tracker.domain.public_words import names_a_phone
from tracker.domain.shared_words import shared_words

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def sightings(*days_ago: float) -> list[Sighting]:
    """One place each, so many days ago."""
    return [Sighting(place, NOW - timedelta(days=days)) for place, days in enumerate(days_ago)]


@pytest.mark.parametrize(
    ("seen", "is_one"),
    [
        (sightings(0, 1), False),
        (sightings(0, 1, 14), True),
        (sightings(0, 1, 14.001), False),
        ([Sighting(1, NOW)] * 5 + [Sighting(2, NOW)], False),
        ([*sightings(0, 1), Sighting(9, NOW + DAY)], False),
    ],
)
def test_three_distinct_places_within_fourteen_days_make_a_candidate(
    seen: list[Sighting],
    is_one: bool,  # noqa: FBT001 - a table
) -> None:
    assert candidates.is_candidate(seen, NOW) is is_one


@pytest.mark.parametrize(
    ("seen", "must"), [(sightings(0, 1, 2, 30), False), (sightings(0, 9, 12, 29, 30), True)]
)
def test_five_distinct_places_within_thirty_days_must_be_reviewed(
    seen: list[Sighting],
    must: bool,  # noqa: FBT001 - a table
) -> None:
    assert candidates.must_be_reviewed(seen, NOW) is must


@pytest.mark.parametrize(("before", "returns_at"), [(1, 2), (3, 5), (4, 6), (9, 14)])
def test_what_was_dismissed_returns_with_half_as_many_more(before: int, returns_at: int) -> None:
    assert not candidates.has_grown_by_half(returns_at - 1, before)
    assert candidates.has_grown_by_half(returns_at, before)


def test_rank_is_places_times_persistence_times_growth() -> None:
    ranking = rank(6, [0, 0, 1, 0, 2, 0, 0, 3, 4, 4])
    assert (ranking.places, ranking.persistence) == (6, 5), (
        "weeks three, five, eight, nine, ten of the last eight"
    )
    assert (ranking.late, ranking.before, ranking.per_fortnight) == (8, 6, 1.5)
    assert ranking.growth == pytest.approx(9 / 2.5)
    assert ranking.score == pytest.approx(6 * 5 * 3.6)


def test_growth_stays_between_a_half_and_four() -> None:
    assert rank(3, [0] * 8 + [30, 30]).growth == 4
    assert rank(3, [9] * 8 + [0, 0]).growth == 0.5
    assert rank(3, [0] * 10).score == 0, "what nobody reports any more is not urgent"


def test_rank_needs_ten_weeks() -> None:
    with pytest.raises(ValueError, match="9 weeks instead of 10"):
        rank(3, [1] * 9)


def test_weeks_end_today_on_the_street() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    late_evening = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    assert week_starts(late_evening, shanghai)[-1] == date(2026, 11, 18), "it is the 24th there"
    edges = week_edges(late_evening, shanghai)
    assert len(edges) == 11
    assert edges[-1] == datetime(2026, 11, 25, tzinfo=shanghai)


def test_only_people_accept_and_only_the_machine_urges() -> None:
    who = {step.action: step.who for step in ISSUE_STEPS}
    assert who[IssueAction.ACCEPT] == {Role.SECRETARY, Role.SUPERVISOR}
    assert who[IssueAction.MUST_REVIEW] == {Role.SYSTEM}
    assert issue_step(IssueAction.ADD_CASES, IssueState.DONE).target is None
    with pytest.raises(IssueStepRefused):
        issue_step(IssueAction.DISMISS, IssueState.ACCEPTED)


def test_words_that_many_share_and_others_do_not() -> None:
    own = ["共享单车停得门口进不来", "单车乱停挡住门口", "自行车太多", "又是单车，请处理", ""]
    others = ["垃圾没人收，请处理", "门口积水", "路灯坏了请处理", "门口油烟大", "井盖响"] * 4
    found = shared_words(own, others)
    assert [(each.word, each.reports, each.of) for each in found] == [("单车", 3, 5)]
    assert shared_words([], others) == []
    long = ["门前灌木枯了一排", "灌木枯了一排，难看", "那边灌木枯了一排"]
    assert [each.word for each in shared_words(long, others)] == ["灌木枯了一排"]
    assert [each.word for each in shared_words(["WiFi 坏了", "wifi 没信号"], others)] == ["wifi"]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("请打 13812345678", True),
        ("138 1234 5678", True),
        ("021-65432100", True),
        ("65432100 找李经理", True),
        ("2026-11-23 开会", False),
        ("案件 261123-0042", False),
        ("共和新路 2395 号", False),
    ],
)
def test_phones_are_recognised_and_days_and_case_numbers_are_not(
    text: str,
    is_one: bool,  # noqa: FBT001 - a table
) -> None:
    assert names_a_phone(text) is is_one
