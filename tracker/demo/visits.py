"""The secretary's visits of the last days: what shops said, what she answered, where she promised to come back.

Lines stay notes or were answered on the spot: what became a case has a story of its own (demo/plan.py). Nobody was
visited on the day of loading, so that its route is still to be walked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from tracker.demo.street import Place
from tracker.domain.permissions import Actor
from tracker.services import visit_lines, visit_pages, visits
from tracker.services.parts import parts
from tracker.services.places import LabelledPlace
from tracker.services.visit_places import VISITED_KINDS
from tracker.services.visits import NewLine, NewVisit

DAYS, A_DAY = 8, 5
FIRST_AT, EACH = time(10), timedelta(minutes=40)
TWICE = 4
"""So many shops were visited again later."""
PROMISED_IN_DAYS = {3: 0, 9: -1, 14: 2, 21: 5}
"""Of the visits, newest first: on which day after the loading somebody promised to come back."""

SAID = (
    "门口的共享单车早上清走，中午又堆满了。",
    "外卖高峰时电瓶车停得进不了门，希望划个停车框。",
    "路灯坏了一盏，晚上客人说看不清台阶。",
    "垃圾桶下午就满了，能不能多收一次。",
    "隔壁装修从早敲到晚，客人都不愿坐外面。",
    "下雨天下水道往上返，门口一滩水。",
    "最近来收卫生费的有两拨人，不知道哪个是真的。",
    "人行道地砖松了，已经有老人绊了一下。",
    "想问外摆能不能摆到八点以后。",
    "快递三轮车停在盲道上，说了几次不听。",
    "店里想招一个会做早点的，街道有没有招聘会。",
    "后门小巷常有人抽烟，怕引起火。",
)
ANSWERED = {
    "想问外摆能不能摆到八点以后。": "外摆时段表在一网通办可查，已当场教店主查。",
    "最近来收卫生费的有两拨人，不知道哪个是真的。": "给看了收费公示和工作证样式，另一拨不要付。",
    "店里想招一个会做早点的，街道有没有招聘会。": "下月社区招聘会的时间和报名电话已留给店家。",
}
MET = ("店主", "店长", "老板娘", "店员", "")


@dataclass(frozen=True)
class _Round:
    """One visit as it is planned: so many days ago, the so-manyth of its day."""

    place: str
    days_ago: int
    slot: int
    lines: Sequence[str]
    met: str
    return_in_days: int | None


class Rounds:
    """The visits of one loading, planned when it is made; ``walk`` stores."""

    def __init__(self, places: Sequence[Place], seed: int, now: datetime) -> None:
        self._seed = seed
        self._today = now.astimezone(parts().zone).date()
        self._plan = list(_rounds(places, seed))

    def walk(self, labelled: Mapping[str, LabelledPlace], secretary: Actor) -> None:
        """Store them, the oldest first; `labelled`: by the place's code."""
        for number, planned in enumerate(self._plan):
            at = datetime.combine(self._today - timedelta(days=planned.days_ago), FIRST_AT, parts().zone)
            at += planned.slot * EACH
            new = NewVisit(
                key=str(UUID(int=self._seed << 64 | number, version=4)),
                place_id=labelled[planned.place].place_id,
                visited_at=at,
                met=planned.met,
                return_on=self._day(planned.return_in_days),
                lines=[NewLine(words) for words in planned.lines],
            )
            _answer(visits.record(new, by=secretary, now=at), secretary, at)

    def _day(self, in_days: int | None) -> date | None:
        return None if in_days is None else self._today + timedelta(days=in_days)


def _rounds(places: Sequence[Place], seed: int) -> Iterator[_Round]:
    rng = Random(f"visits {seed}")
    shops = [place.code for place in places if place.kind in VISITED_KINDS]
    chosen = rng.sample(shops, min(DAYS * A_DAY - TWICE, len(shops)))
    order = chosen[:TWICE] + chosen
    for position, code in enumerate(order):
        newest = len(order) - 1 - position
        yield _Round(
            place=code,
            days_ago=1 + newest // A_DAY,
            slot=A_DAY - 1 - newest % A_DAY,
            lines=rng.sample(SAID, rng.choice((0, 1, 1, 1, 2))),
            met=rng.choice(MET),
            return_in_days=PROMISED_IN_DAYS.get(newest),
        )


def _answer(visit_id: int, secretary: Actor, at: datetime) -> None:
    for line in visit_pages.visit(visit_id, secretary).lines:
        if line.text in ANSWERED:
            key = f"demo-answer-{line.id:08d}"
            visit_lines.answer(line.id, ANSWERED[line.text], key=key, by=secretary, now=at)
