"""Whoever keeps to what is free never meets a limit; whoever does not is slowed down, and only for a time."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from config import Config
from tracker.domain.limits import Limit, Part, Step, judge, level_after
from tracker.domain.network import network_of
from tracker.domain.puzzles import is_solved, solve
from tracker.services.limits import report_limits

HOUR = 3600.0
LIMITS = report_limits(Config(secret_keys=("x" * 32,), phone_keys=""))
MOMENTS = st.lists(st.floats(0, 6 * HOUR), min_size=1, max_size=60).map(sorted)


class Street:
    """Buckets by what they are counted by, as the database keeps them."""

    def __init__(self) -> None:
        self.buckets: dict[tuple[str, ...], tuple[float, float]] = {}

    def send(self, at: float, *, device: str, network: str, label: str, solves: bool = True) -> Step:
        """One report; what is refused is not counted."""
        of = {Part.DEVICE: device, Part.NETWORK: network, Part.LABEL: label}
        keys = {limit: (limit.name, *(of[part] for part in sorted(limit.by))) for limit in LIMITS}
        filled = {limit: self._filled(keys[limit], limit, at) for limit in LIMITS}
        step = judge({limit.name: level for limit, level in filled.items()}, LIMITS).step
        if step == Step.NORMAL or (step == Step.PUZZLE and solves):
            self.buckets |= {keys[limit]: (level, at) for limit, level in filled.items()}
        return step

    def _filled(self, key: tuple[str, ...], limit: Limit, at: float) -> float:
        level, since = self.buckets.get(key, (0.0, at))
        return level_after(level, at - since, limit)


def test_a_street_behind_one_carrier_is_never_stopped_in_a_typhoon_hour() -> None:
    street = Street()
    steps = {
        street.send(number * 12.0, device=f"d{number}", network="100.64.7.0/24", label=f"l{number}")
        for number in range(300)
    }
    assert steps == {Step.NORMAL}


def test_a_metro_entrance_in_the_same_hour_asks_for_puzzles_at_most() -> None:
    street = Street()
    steps = [
        street.send(number * 30.0, device=f"d{number}", network=f"100.64.{number % 3}.0/24", label="metro")
        for number in range(120)
    ]
    assert set(steps) == {Step.NORMAL, Step.PUZZLE}


def test_one_device_that_hammers_gets_puzzles_and_then_has_to_wait() -> None:
    street = Street()
    steps = [street.send(float(second), device="d", network="n", label="l") for second in range(30)]
    assert steps[:4] == [Step.NORMAL] * 4
    assert steps[4] == Step.PUZZLE
    assert steps[12:] == [Step.LATER] * 18
    assert sorted(steps) == steps


def test_a_script_with_fresh_cookies_on_one_label_meets_the_puzzle() -> None:
    street = Street()
    steps = [
        street.send(float(second), device=f"d{second}", network="n", label="l", solves=False)
        for second in range(60)
    ]
    assert steps[:12] == [Step.NORMAL] * 12
    assert set(steps[12:]) == {Step.PUZZLE}


@given(moments=MOMENTS, limit=st.sampled_from(LIMITS))
def test_who_sends_no_more_than_is_free_in_any_hour_hears_nothing(moments: list[float], limit: Limit) -> None:
    kept: list[float] = []
    level, since = 0.0, 0.0
    for at in moments:
        if sum(1 for each in kept if each > at - HOUR) >= limit.free:
            continue
        kept.append(at)
        level, since = level_after(level, at - since, limit), at
        assert judge({limit.name: level}, [limit]).step == Step.NORMAL


@given(moments=MOMENTS, limit=st.sampled_from([limit for limit in LIMITS if limit.most]))
def test_nobody_gets_more_through_in_an_hour_than_the_most_and_what_drains(
    moments: list[float], limit: Limit
) -> None:
    passed: list[float] = []
    level, since = 0.0, 0.0
    for at in moments:
        filled = level_after(level, at - since, limit)
        if judge({limit.name: filled}, [limit]).step != Step.LATER:
            level, since = filled, at
            passed.append(at)
    for start in passed:
        assert sum(1 for each in passed if start <= each < start + HOUR) <= limit.most + limit.free + 1


@given(level=st.floats(0, 1000), limit=st.sampled_from([limit for limit in LIMITS if limit.most]))
def test_after_the_time_that_was_said_it_passes(level: float, limit: Limit) -> None:
    stored = min(level, float(limit.most))
    verdict = judge({limit.name: level_after(stored, 0, limit)}, [limit])
    if verdict.step == Step.LATER:
        assert verdict.retry_after_s > 0
        later = level_after(stored, verdict.retry_after_s, limit)
        assert judge({limit.name: later}, [limit]).step != Step.LATER


@given(gaps=st.lists(st.floats(0, 100), min_size=1, max_size=200), limit=st.sampled_from(LIMITS))
def test_an_attack_is_forgotten_within_hours_however_long_it_was(gaps: list[float], limit: Limit) -> None:
    level = 0.0
    for gap in gaps:
        level = level_after(level, gap, limit)
    hours = (limit.cap / limit.free) + 1
    assert level_after(level, hours * HOUR, limit, amount=0) == 0


@given(elapsed=st.floats(-(10**6), 0), level=st.floats(0, 5))
def test_a_clock_put_back_empties_nothing(elapsed: float, level: float) -> None:
    assert level_after(level, elapsed, LIMITS[0], amount=0) == level


def test_odd_forms_get_a_puzzle_and_never_more() -> None:
    calm = {limit.name: 1.0 for limit in LIMITS}
    assert judge(calm, LIMITS, is_odd=True).step == Step.PUZZLE
    assert judge(calm, LIMITS).step == Step.NORMAL


def test_neither_a_network_nor_a_label_alone_ever_refuses() -> None:
    flooded = {limit.name: 10.0**6 for limit in LIMITS}
    alone = [limit for limit in LIMITS if limit.by in ({Part.NETWORK}, {Part.LABEL})]
    assert len(alone) == 2
    assert judge(flooded, alone).step == Step.PUZZLE


@given(address=st.ip_addresses())
def test_neighbours_share_a_network_and_strangers_do_not(address: object) -> None:
    network = network_of(str(address))
    assert network.endswith(("/24", "/64"))
    assert network_of(network.partition("/")[0]) == network


def test_networks_as_they_are_written() -> None:
    assert network_of("203.0.113.77") == "203.0.113.0/24"
    assert network_of("::ffff:203.0.113.77") == "203.0.113.0/24"
    assert network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert network_of("") == ""


@given(nonce=st.text("abcXYZ-_0123456789", min_size=22, max_size=22), bits=st.integers(1, 8))
def test_a_solved_puzzle_is_solved_and_its_neighbours_smaller_ones_are_not(nonce: str, bits: int) -> None:
    answer = solve(nonce, bits)
    assert is_solved(nonce, answer, bits)
    assert not any(is_solved(nonce, str(each), bits) for each in range(int(answer)))
    assert not is_solved(nonce, f" {answer}", bits)
    assert not is_solved(nonce, "", 0)


def test_levels_only_rise_by_what_is_poured_in() -> None:
    levels = [level_after(0.0, 0.0, LIMITS[0], amount) for amount in (0.0, 0.5, 1.0, 2.0)]
    assert all(left < right for left, right in pairwise(levels))
