"""A plan of places, drawn on the server: inline SVG without script, style or foreign tiles; also for paper.

Places stand where they are, WGS-84 degrees turned into metres on a plane (a street is flat). Each has a shape, a colour
and a number; places whose marks would lie on each other share one mark with the numbers of all ("3–5"), so no word ever
covers another. The list beside the picture says the same in words. Colours stand in attributes, so that a PDF shows
them without a style sheet; css/issues.css replaces them by those of the page.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from tracker.domain.distance import distance_m

WIDTH, PLAN, FOOT = 400, 270, 30
"""Units of the drawing (pixels on a phone): its width, the height of the plan, the strip with the scale below."""
EDGE = 18
"""Kept free around the plan, so that no mark is cut."""
MARK, DIGIT = 20, 8
"""Units: height of a mark and width of one character in it."""
LEAST_SHOWN_M = 160
"""The plan never shows less than this across: three doors side by side would look like a city."""
MOST_PLACES = 99
"""Two digits fit into a mark."""
METRES_A_DEGREE = 111_195
"""Of latitude: the mean circumference of the earth, 40,030 km, by 360."""
_ROUND_M = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)

SHAPES = {"open": "●", "ended": "■", "near": "◆"}
"""open: a case is under way there; ended: all its cases have ended; near: suggested, not part of it."""
_FILLS = {"open": "#1b45ad", "ended": "#0a5c36", "near": "#8a3d05"}


@dataclass(frozen=True)
class MapPoint:
    """A place on the plan.

    Attributes:
        lat, lon: WGS-84 degrees; None: not known, so it stands in the list alone.
        kind: a key of ``SHAPES``.
        count: cases there.
        note: further words of the list, such as a street and number.
        url: where its line in the list leads; empty: nowhere.
    """

    lat: float | None
    lon: float | None
    name: str
    kind: str = "open"
    count: int = 1
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class Landmark:
    """Something that everybody knows, such as a station: shown by name where there is room."""

    lat: float
    lon: float
    name: str


@dataclass(frozen=True)
class MapRow:
    """A line of the list beside the plan; number 0: it is not on the plan."""

    number: int
    shape: str
    point: MapPoint


@dataclass(frozen=True)
class PlaceMap:
    """What components/place_map.html places.

    Attributes:
        sentence: how many places and how far apart.
        kinds: (shape, words) of what the plan shows.
        left_out: places beyond ``MOST_PLACES``.
    """

    svg: Markup
    sentence: str
    rows: Sequence[MapRow]
    kinds: Sequence[tuple[str, str]]
    left_out: int = 0


@dataclass(frozen=True)
class Spread:
    """A circle on the ground."""

    lat: float
    lon: float
    radius_m: float


def place_map(
    points: Sequence[MapPoint], landmarks: Iterable[Landmark] = (), *, has_circle: bool = True
) -> PlaceMap | None:
    """The plan of `points` with a circle around all that are not merely near; None: no place has a position.

    Args:
        landmarks: the first ones are preferred.
    """
    shown = [point for point in points if point.lat is not None][:MOST_PLACES]
    if not shown:
        return None
    members = [point for point in shown if point.kind != "near"] or shown
    circle = spread(members)
    plane = _Plane.holding(circle, members)
    drawn_points = [point for point in shown if point in members or plane.shows(point)]
    marks = _numbered(_marks(drawn_points, plane))
    drawn = [*_ground(plane), *(_circle(circle, plane) if has_circle else ())]
    drawn += _landmarks(landmarks, plane, [mark.box for mark in marks])
    drawn += [part for mark in marks for part in _mark(mark)]
    rows = [MapRow(number, SHAPES[point.kind], point) for mark in marks for number, point in mark.members]
    nowhere = [
        MapRow(0, SHAPES[point.kind], point)
        for point in points
        if point.lat is None or (point in shown and point not in drawn_points)
    ]
    return PlaceMap(
        svg=_svg(drawn, plane),
        sentence=_sentence(len([point for point in points if point.kind != "near"]), circle),
        rows=[*sorted(rows, key=lambda row: row.number), *nowhere],
        kinds=[(SHAPES[kind], words) for kind, words in _kind_words().items() if _has(drawn_points, kind)],
        left_out=len([point for point in points if point.lat is not None]) - len(shown),
    )


def coarse_map(circle: Spread, landmarks: Iterable[Landmark] = ()) -> Markup:
    """Where something is, roughly, for everybody: a circle and what everybody knows around it; no place of its own."""
    plane = _Plane.holding(circle, ())
    return _svg([*_ground(plane), *_circle(circle, plane), *_landmarks(landmarks, plane, [])], plane)


def spread(points: Sequence[MapPoint]) -> Spread:
    """The circle around the mean position that holds every place."""
    lat = sum(point.lat or 0 for point in points) / len(points)
    lon = sum(point.lon or 0 for point in points) / len(points)
    return Spread(lat, lon, max(distance_m(lat, lon, point.lat or 0, point.lon or 0) for point in points))


def coarse(circle: Spread, *, step_m: int = 100) -> Spread:
    """The circle moved to a grid of `step_m` and widened, so that it says nothing about a single door."""
    step_lat = step_m / METRES_A_DEGREE
    step_lon = step_lat / math.cos(math.radians(circle.lat))
    wide = step_m * max(2, math.ceil((circle.radius_m + step_m) / step_m))
    return Spread(round(circle.lat / step_lat) * step_lat, round(circle.lon / step_lon) * step_lon, wide)


@dataclass(frozen=True)
class _Box:
    """A rectangle of the drawing."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: "_Box") -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass(frozen=True)
class _Plane:
    """Positions to units of the drawing."""

    lat: float
    lon: float
    units_a_metre: float

    @classmethod
    def holding(cls, circle: Spread, points: Iterable[MapPoint]) -> "_Plane":
        """The plane with the circle in its middle, just large enough for it and every point."""
        up = across = max(circle.radius_m, LEAST_SHOWN_M / 2)
        for point in points:
            up = max(up, abs((point.lat or 0) - circle.lat) * METRES_A_DEGREE)
            across = max(across, distance_m(circle.lat, circle.lon, circle.lat, point.lon or 0))
        scale = min((PLAN / 2 - EDGE) / up, (WIDTH / 2 - EDGE) / across)
        return cls(circle.lat, circle.lon, scale)

    def shows(self, point: MapPoint) -> bool:
        """Whether the point has a mark's room within the sheet."""
        x, y = self.at(point.lat or 0, point.lon or 0)
        return MARK <= x <= WIDTH - MARK and MARK <= y <= PLAN - MARK

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        east = (lon - self.lon) * math.cos(math.radians(self.lat)) * METRES_A_DEGREE
        north = (lat - self.lat) * METRES_A_DEGREE
        return WIDTH / 2 + east * self.units_a_metre, PLAN / 2 - north * self.units_a_metre


@dataclass(frozen=True)
class _Mark:
    """One mark: a place, or several that stand too close for marks of their own."""

    x: float
    y: float
    points: tuple[MapPoint, ...]
    first: int = 0

    @property
    def members(self) -> list[tuple[int, MapPoint]]:
        return list(enumerate(self.points, start=self.first))

    @property
    def words(self) -> str:
        last = self.first + len(self.points) - 1
        return str(self.first) if last == self.first else f"{self.first}–{last}"

    @property
    def kind(self) -> str:
        kinds = {point.kind for point in self.points}
        return next(kind for kind in SHAPES if kind in kinds)

    @property
    def box(self) -> _Box:
        wide = MARK if len(self.points) == 1 else MARK + 3 * DIGIT
        return _Box(self.x - wide / 2 - 1, self.y - MARK / 2 - 1, wide + 2, MARK + 2)


def _marks(points: Sequence[MapPoint], plane: _Plane) -> list[_Mark]:
    """Marks that do not touch: those that would are joined, the closest ones first."""
    cells: dict[tuple[int, int], list[MapPoint]] = {}
    for point in points:
        x, y = plane.at(point.lat or 0, point.lon or 0)
        cells.setdefault((int(x // (MARK / 2)), int(y // (MARK / 2))), []).append(point)
    marks = [_joined(members, plane) for members in cells.values()]
    while (pair := _nearest_meeting(marks)) is not None:
        both = [*pair[0].points, *pair[1].points]
        marks = [mark for mark in marks if mark not in pair] + [_joined(both, plane)]
    return marks


def _nearest_meeting(marks: Sequence[_Mark]) -> tuple[_Mark, _Mark] | None:
    meeting = [
        (math.hypot(one.x - other.x, one.y - other.y), index, one, other)
        for index, one in enumerate(marks)
        for other in marks[index + 1 :]
        if one.box.meets(other.box)
    ]
    return min(meeting, key=lambda each: each[:2])[2:] if meeting else None


def _joined(points: Sequence[MapPoint], plane: _Plane) -> _Mark:
    places = [plane.at(point.lat or 0, point.lon or 0) for point in points]
    ordered = sorted(points, key=lambda point: (list(SHAPES).index(point.kind), -point.count, point.name))
    x, y = (sum(each) / len(places) for each in zip(*places, strict=True))
    return _Mark(x, y, tuple(ordered))


def _numbered(marks: Iterable[_Mark]) -> list[_Mark]:
    """Numbers from the mark with the most cases on; marks of what is merely near come last."""

    def rank(mark: _Mark) -> tuple[bool, int, float]:
        return mark.kind == "near", -sum(point.count for point in mark.points), mark.x

    numbered, number = [], 1
    for mark in sorted(marks, key=rank):
        numbered.append(replace(mark, first=number))
        number += len(mark.points)
    return numbered


# ---------------------------------------------------------------- drawing


def _svg(drawn: Iterable[Markup], plane: _Plane) -> Markup:
    parts = [*drawn, *_foot(plane)]
    return Markup(
        '<svg class="place-map" viewBox="0 0 {} {}" role="img" aria-label="{}" font-size="12">{}</svg>'
    ).format(WIDTH, PLAN + FOOT, _("地点分布图，内容见旁边的文字"), Markup().join(parts))


def _ground(plane: _Plane) -> Iterator[Markup]:
    """The sheet with a grid whose meshes are as wide as the scale says."""
    yield Markup('<rect class="map-ground" width="{}" height="{}" fill="#f5f7f4"/>').format(WIDTH, PLAN)
    step = _scale_m(plane) * plane.units_a_metre
    lines = []
    for middle, size in ((WIDTH / 2, WIDTH), (PLAN / 2, PLAN)):
        first = middle % step
        lines.append([first + step * index for index in range(int((size - first) // step) + 1)])
    path = "".join(f"M{x:.1f} 0V{PLAN}" for x in lines[0]) + "".join(f"M0 {y:.1f}H{WIDTH}" for y in lines[1])
    yield Markup('<path class="map-grid" d="{}" fill="none" stroke="#d8dfd9"/>').format(path)


def _circle(circle: Spread, plane: _Plane) -> Iterator[Markup]:
    x, y = plane.at(circle.lat, circle.lon)
    radius = max(circle.radius_m * plane.units_a_metre, MARK)
    yield Markup(
        '<circle class="map-spread" cx="{:.1f}" cy="{:.1f}" r="{:.1f}" fill="#0a5c36" fill-opacity=".08"'
        ' stroke="#0a5c36" stroke-width="1.5" stroke-dasharray="6 4"/>'
    ).format(x, y, radius)


def _landmarks(landmarks: Iterable[Landmark], plane: _Plane, taken: Sequence[_Box]) -> list[Markup]:
    """Those that have room: the name right or left of the dot, over nothing else."""
    boxes, drawn = list(taken), []
    for landmark in landmarks:
        x, y = plane.at(landmark.lat, landmark.lon)
        wide = sum(11.5 if ord(letter) > 255 else 6.5 for letter in landmark.name)
        for anchor, at in (("start", x + 8), ("end", x - 8)):
            box = _Box(at - (wide if anchor == "end" else 0), y - 8, wide, 16)
            whole = _Box(min(box.x, x - 5), box.y, box.width + 13, box.height)
            if _inside(whole) and not any(whole.meets(each) for each in boxes):
                boxes.append(whole)
                drawn.append(
                    Markup(
                        '<rect class="map-mark" x="{:.1f}" y="{:.1f}" width="7" height="7" fill="#435049"/>'
                        '<text class="map-name" x="{:.1f}" y="{:.1f}" text-anchor="{}" font-size="11.5"'
                        ' fill="#435049">{}</text>'
                    ).format(x - 3.5, y - 3.5, at, y + 4, anchor, landmark.name)
                )
                break
    return drawn


def _inside(box: _Box) -> bool:
    return box.x >= 2 and box.y >= 2 and box.x + box.width <= WIDTH - 2 and box.y + box.height <= PLAN - 2


def _mark(mark: _Mark) -> Iterator[Markup]:
    x, y, fill, half = mark.x, mark.y, _FILLS[mark.kind], MARK / 2
    if len(mark.points) > 1:
        wide = MARK + 3 * DIGIT
        round_by = half if mark.kind == "open" else 2
        yield Markup(
            '<rect class="map-{}" x="{:.1f}" y="{:.1f}" width="{}" height="{}" rx="{}" fill="{}" stroke="#fff"/>'
        ).format(mark.kind, x - wide / 2, y - half, wide, MARK, round_by, fill)
    elif mark.kind == "open":
        yield Markup(
            '<circle class="map-open" cx="{:.1f}" cy="{:.1f}" r="{}" fill="{}" stroke="#fff"/>'
        ).format(x, y, half, fill)
    elif mark.kind == "ended":
        yield Markup(
            '<rect class="map-ended" x="{:.1f}" y="{:.1f}" width="{}" height="{}" fill="{}" stroke="#fff"/>'
        ).format(x - half + 1, y - half + 1, MARK - 2, MARK - 2, fill)
    else:
        path = (
            f"M{x:.1f} {y - half - 4:.1f}l{half + 4} {half + 4}-{half + 4} {half + 4}-{half + 4}-{half + 4}z"
        )
        yield Markup('<path class="map-near" d="{}" fill="{}" stroke="#fff"/>').format(path, fill)
    yield Markup(
        '<text class="map-number" x="{:.1f}" y="{:.1f}" text-anchor="middle" font-weight="700" fill="#fff">{}</text>'
    ).format(x, y + 4.2, mark.words)


def _foot(plane: _Plane) -> Iterator[Markup]:
    """The scale and where north is."""
    metres = _scale_m(plane)
    end, y = 12 + metres * plane.units_a_metre, PLAN + 12
    yield Markup(
        '<path class="map-scale" d="M12 {}v6h{:.1f}v-6" fill="none" stroke="#16211b" stroke-width="1.5"/>'
    ).format(y - 3, end - 12)
    yield Markup('<text class="map-words" x="{:.1f}" y="{}" fill="#16211b">{}</text>').format(
        end + 8, y + 5, length_words(metres)
    )
    yield Markup('<path class="map-north" d="M{} {}l6 16-6-4-6 4z" fill="#16211b"/>').format(
        WIDTH - 36, PLAN + 5
    )
    yield Markup('<text class="map-words" x="{}" y="{}" fill="#16211b">{}</text>').format(
        WIDTH - 24, y + 6, _("北")
    )


def _scale_m(plane: _Plane) -> int:
    """The longest round length that takes no more than a quarter of the width."""
    fitting = [metres for metres in _ROUND_M if metres * plane.units_a_metre <= WIDTH / 4]
    return fitting[-1] if fitting else _ROUND_M[0]


# ---------------------------------------------------------------- words


def length_words(metres: float) -> str:
    """A length as people say it: ``150 米``, ``1.2 公里``."""
    if metres < 1000:
        return _("%(n)s 米", n=round(metres))
    return _("%(n)s 公里", n=f"{metres / 1000:.1f}".removesuffix(".0"))


def _sentence(places: int, circle: Spread) -> str:
    if places < 2:
        return _("只有 1 个地点。")
    radius = length_words(10 * math.ceil(circle.radius_m / 10))
    return ngettext(
        "%(num)s 个地点，都在半径约 %(radius)s的圈内。",
        "%(num)s 个地点，都在半径约 %(radius)s的圈内。",
        places,
        radius=radius,
    )


def _kind_words() -> dict[str, str]:
    return {"open": _("还有案件在办"), "ended": _("案件都已结束"), "near": _("附近，可能相同")}


def _has(points: Iterable[MapPoint], kind: str) -> bool:
    return any(point.kind == kind for point in points)
