from dataclasses import replace
from datetime import date, timedelta

import pytest

from tracker.domain.label_health import LabelLife, Verdict, chance_of_silence, findings, report_share
from tracker.domain.labels import coarse_distance
from tracker.domain.streets import house_number_of, walking_order

TODAY = date(2026, 11, 25)
WELL = LabelLife("WELL", TODAY - timedelta(days=200), TODAY - timedelta(days=190), TODAY, 60, 100, 10)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def verdicts(*lives: LabelLife) -> list[tuple[str, str, int]]:
    return [(one.token, one.verdict, one.days) for one in findings(lives, TODAY)]


def test_a_label_that_is_scanned_and_reported_from_is_not_on_the_list() -> None:
    assert verdicts(WELL) == []


@pytest.mark.parametrize(("days", "found"), [(29, []), (30, [("N", "never", 30)])])
def test_a_label_that_nobody_scanned_in_thirty_days_is_looked_at(days: int, found: list[object]) -> None:
    assert verdicts(LabelLife("N", ago(days), None, None, 0, 0, 0)) == found


def test_a_report_is_a_sign_of_life_even_where_no_scan_was_counted() -> None:
    assert verdicts(LabelLife("R", ago(200), ago(3), ago(3), 0, 0, 1)) == []


def test_thirty_days_without_a_scan_are_silence() -> None:
    life = replace(WELL, token="S", last_on=ago(30))
    assert verdicts(WELL, life) == [("S", "silent", 30)]


def test_a_busy_label_is_missed_after_a_week_and_a_quiet_one_is_not() -> None:
    busy = replace(WELL, token="B", last_on=ago(8), active_days=70)
    quiet = replace(WELL, token="Q", last_on=ago(25), active_days=10)
    early = replace(WELL, token="E", last_on=ago(6), active_days=80)
    assert verdicts(WELL, busy, quiet, early) == [("B", "unusual", 8)]
    chance = chance_of_silence(quiet, TODAY)
    assert chance is not None
    assert 0.01 < chance < 0.1


def test_a_label_younger_than_a_fortnight_has_no_rate() -> None:
    young = LabelLife("Y", ago(21), ago(20), ago(10), 10, 30, 3)
    assert chance_of_silence(young, TODAY) is None
    assert verdicts(young) == []


def test_scans_without_a_report_count_against_the_streets_own_share() -> None:
    street = replace(WELL, scans=1000, reports=100)
    many, few = replace(WELL, token="M", scans=60, reports=0), replace(WELL, token="F", scans=19, reports=0)
    assert verdicts(street, many, few) == [("M", "funnel", 0)]
    assert report_share([street, many]) == pytest.approx(100 / 1060)
    assert report_share([]) is None
    rare = replace(
        street, reports=10
    )  # where only one scan in a hundred becomes a report, sixty prove nothing
    assert verdicts(rare, many) == []


def test_who_says_that_a_label_hangs_elsewhere_is_believed() -> None:
    assert verdicts(replace(WELL, far=1)) == [("WELL", Verdict.FAR, 0)]


@pytest.mark.parametrize(
    ("metres", "kept"), [(0, None), (199, None), (200, 200), (999, 500), (7300, 5000), (1e6, 50_000)]
)
def test_of_a_distance_only_a_coarse_step_is_kept(metres: float, kept: int | None) -> None:
    assert coarse_distance(metres) == kept


def test_places_are_walked_street_by_street_in_the_order_of_the_houses() -> None:
    addresses = ["共和新路1200号", "共和新路88弄3号", "长亭路5号", "共和新路 9 号", "共和新路"]
    ordered = sorted(addresses, key=lambda address: walking_order(address, "P"))
    assert ordered == ["共和新路", "共和新路 9 号", "共和新路88弄3号", "共和新路1200号", "长亭路5号"]
    assert house_number_of("2395") >= 0
