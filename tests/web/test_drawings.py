"""Plans and charts: what they show is true, readable, and said in words as well."""

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from tracker.domain.distance import distance_m
from tracker.web.charts import WeekBar, arrivals_calendar, spark, trend_bars
from tracker.web.place_map import Landmark, MapPoint, coarse, coarse_map, place_map, spread

pytestmark = pytest.mark.one_database  # drawings ask no database
HERE = (31.306, 121.455)


@pytest.fixture(autouse=True)
def _page(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def points(count: int, *, metres: float = 150, seed: int = 1, kind: str = "open") -> list[MapPoint]:
    chance = random.Random(seed)
    degrees = metres / 111_195
    return [
        MapPoint(HERE[0] + chance.gauss(0, degrees), HERE[1] + chance.gauss(0, degrees), f"店 {n}", kind)
        for n in range(count)
    ]


def marks(svg: str) -> list[tuple[float, float, float]]:
    """x, y and width of every number on a plan."""
    found = re.findall(r'class="map-number" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)<', svg)
    return [(float(x), float(y), 8.0 * len(words)) for x, y, words in found]


@pytest.mark.parametrize("count", [1, 2, 9, 40, 99, 140])
def test_no_number_covers_another_however_many_there_are(count: int) -> None:
    drawn = place_map(points(count))
    assert drawn is not None
    numbers = marks(drawn.svg)
    assert numbers
    for index, (x, y, wide) in enumerate(numbers):
        assert x - wide / 2 >= 0
        assert x + wide / 2 <= 400
        for other_x, other_y, other_wide in numbers[index + 1 :]:
            assert abs(x - other_x) >= (wide + other_wide) / 2 or abs(y - other_y) >= 12
    assert sorted(row.number for row in drawn.rows) == list(range(1, min(count, 99) + 1))
    assert drawn.left_out == max(0, count - 99)


def test_the_list_says_everything_that_the_plan_shows() -> None:
    nowhere = MapPoint(None, None, "没有位置的店", count=3)
    far = MapPoint(HERE[0] + 0.1, HERE[1], "很远的店", "near")
    ended = MapPoint(*HERE, "办完的店", "ended", 2)
    drawn = place_map([*points(4, metres=60), ended, nowhere, far])
    assert drawn is not None
    assert {row.point.name for row in drawn.rows} == {
        "店 0",
        "店 1",
        "店 2",
        "店 3",
        "办完的店",
        "没有位置的店",
        "很远的店",
    }
    assert [row.number for row in drawn.rows if row.point in (nowhere, far)] == [0, 0]
    assert [shape for shape, _words in drawn.kinds] == ["●", "■"], "what is too far away is not on the sheet"
    assert drawn.sentence.startswith("6 个地点，都在半径约 ")
    assert place_map([nowhere]) is None


def test_distances_are_metres_on_the_ground() -> None:
    assert distance_m(31.0, 121.0, 31.001, 121.0) == pytest.approx(111.2, abs=0.1)
    assert distance_m(31.0, 121.0, 31.0, 121.001) == pytest.approx(95.3, abs=0.1)


def test_landmarks_are_named_where_there_is_room_and_words_are_escaped() -> None:
    beside = Landmark(HERE[0] + 0.0006, HERE[1], "地铁站 <2> 号口")
    under = Landmark(*HERE, "压在标记下面")
    drawn = place_map([MapPoint(*HERE, "店")], [under, beside])
    assert drawn is not None
    assert "地铁站 &lt;2&gt; 号口" in drawn.svg
    assert "压在标记下面" not in drawn.svg or 'x="208' in drawn.svg


def test_the_coarse_plan_moves_the_middle_and_shows_no_place() -> None:
    exact = spread(points(5, metres=80))
    rough = coarse(exact)
    assert rough.radius_m >= exact.radius_m + 100
    assert rough.radius_m % 100 == 0
    assert distance_m(exact.lat, exact.lon, rough.lat, rough.lon) <= 71
    assert "map-number" not in coarse_map(rough)


def test_the_calendar_counts_each_day_once_and_says_the_last() -> None:
    today = date(2026, 11, 25)
    drawn = arrivals_calendar({date(2026, 11, 23): 4, date(2026, 11, 2): 1, date(2026, 1, 1): 9}, today)
    assert drawn.sentence == "最近 10 周共 5 件，分布在 2 天，最近一件在11月23日。"
    assert list(drawn.rows) == [("11月23日", "4"), ("11月2日", "1")]
    assert drawn.svg.count('class="chart-cell"') == 9 * 7 + 3, "nine whole weeks and Monday to Wednesday"
    assert arrivals_calendar({}, today).sentence == "最近 10 周没有新的上报。"


def test_bars_say_their_numbers_and_the_mean_before() -> None:
    first = date(2026, 9, 17)
    weeks = [WeekBar(first + timedelta(weeks=n), n % 3, n >= 8) for n in range(10)]
    drawn = trend_bars(weeks, "一句话", "算法")
    assert "此前每周平均 0.9 件" in drawn.svg
    assert [row[1:] for row in drawn.rows][-3:] == [("1", "此前"), ("2", "近 14 天"), ("0", "近 14 天")]
    assert spark([0] * 10, "没有").count("<rect") == 10
