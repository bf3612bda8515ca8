"""Loading the demo street: its registers, and what happens there, through the real use cases in the order of time.

Cases move, the secretary and her committee decide on what many share, and the timed jobs run as they would have.

The same seed gives the same street, people, tokens, cases and words; only the moments follow the time of
loading, and with them the days in the case numbers.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from heapq import merge
from pathlib import Path
from random import Random
from uuid import UUID

from sqlalchemy import and_, or_, update

from tracker.demo.cleared import clear_some, count_all
from tracker.demo.committee_work import Committee
from tracker.demo.labels_life import LabelsLife
from tracker.demo.moments import Act, Moments
from tracker.demo.passing import Passing
from tracker.demo.photo_pool import PhotoPool
from tracker.demo.plan import PlannedCase
from tracker.demo.registers import actors, fill_registers
from tracker.demo.shared import first_shared, plan_street
from tracker.demo.stories import REPORTER, SYSTEM, PlannedPhoto, PlannedStep
from tracker.demo.street import build_street
from tracker.demo.told import Office, Told, ToldCase
from tracker.demo.visits import Rounds
from tracker.domain import permissions
from tracker.domain.case_rules import Supplied
from tracker.domain.lifecycle import Action
from tracker.extensions import db, transaction
from tracker.models import Notice
from tracker.services import cases, intake, labels, links
from tracker.services.clock_pages import CaseClocks
from tracker.services.intake import NewReport
from tracker.services.notices import RUNG_EVENTS
from tracker.services.parts import parts
from tracker.services.places import LabelledPlace, labelled_place

CASES = 300
SEED = 7
POSTED_BEFORE_FIRST_CASE = timedelta(days=30)
NEWS = timedelta(days=1)
"""Moves of this long before the loading are still told."""
NEWS_OF_RUNGS = timedelta(hours=3)
"""Rungs of the ladder are many: whoever looks after a street all day has seen those of this morning."""


class DemoRefused(RuntimeError):
    """The demo street cannot be loaded here. The message says why and what to do."""


class DemoStreet:
    """One loading. Planning is done when it is made; ``run`` stores."""

    def __init__(self, *, cases: int, seed: int, now: datetime) -> None:
        """Plan `cases` cases that end before `now`.

        Raises:
            DemoRefused: the database holds places already.
        """
        refuse_if_taken()
        self._seed, self._now = seed, now
        self._street = build_street(seed)
        self._plan = plan_street(self._street, cases, seed)
        self._photos = PhotoPool()
        self._places: dict[str, LabelledPlace] = {}
        self._told = Told(first_shared(cases))
        office = Office(Moments(now), self._told)
        self._actors = office.actors
        oldest = max((case.opened_before for case in self._plan), default=timedelta())
        self._since = now - oldest
        self._passing = Passing(office.moments, self._since)
        self._committee = Committee(office)

    @property
    def moves(self) -> int:
        """How many moves ``run`` yields."""
        others = sum(1 for acts in (self._passing.acts(), self._committee.acts()) for _ in acts)
        return sum(1 + len(case.steps) for case in self._plan) + others

    def run(self) -> Iterator[None]:
        """Store everything, oldest move first; yield after each move.

        Left before its end, the street is half there, and ``is_half_loaded`` tells so.
        """
        mark = _unfinished_mark()
        mark.touch()
        fill_registers(self._street, self._seed, self._since - POSTED_BEFORE_FIRST_CASE)
        self._places = {
            label.place_code: labelled_place(label.token) for label in labels.labels(state="posted")
        }
        self._actors |= actors() | {SYSTEM: permissions.SYSTEM}
        # Each stream is in order of time, so merging keeps that order over all of them.
        committee = sorted(self._committee.acts(), key=_moment)
        for act in merge(*map(self._moves, self._plan), self._passing.acts(), committee, key=_moment):
            self._passing.fire_rungs(act.at)
            act.do(act.at)
            yield
        self._passing.come_to(self._now)
        Rounds(self._street.places, self._seed, self._now).walk(self._places, self._actors["secretary"])
        life = LabelsLife(self._street.places, self._with_case(), self._seed, self._now)
        life.live(self._places, self._actors, self._photos.photo(PlannedPhoto("A5", 1, before=False)))
        clear_some(self._actors["operator"], self._now)
        count_all(self._now)
        self._forget_old_news()
        mark.unlink()

    def _with_case(self) -> frozenset[str]:
        """Codes of the places that a case is about."""
        return frozenset(case.place for case in self._plan)

    def _forget_old_news(self) -> None:
        """Nobody is told today of moves that were made weeks ago."""
        rungs = Notice.event.in_(("clock_rung", *RUNG_EVENTS.values()))
        old = or_(Notice.made_at < self._now - NEWS, and_(rungs, Notice.made_at < self._now - NEWS_OF_RUNGS))
        with transaction():
            db.session.execute(update(Notice).where(old).values(told_at=Notice.made_at))

    def _moves(self, case: PlannedCase) -> Iterator[Act]:
        opened_at = self._now - case.opened_before
        yield Act(opened_at, partial(self._report, case))
        for step in case.steps:
            yield Act(opened_at + step.after, partial(self._take, case, step))

    def _report(self, case: PlannedCase, now: datetime) -> None:
        rng = Random(f"report {self._seed} {case.index}")
        new = NewReport(
            key=str(UUID(int=rng.getrandbits(128), version=4)),
            category=case.category,
            text=case.text,
            device=f"{rng.getrandbits(128):032x}",
            phone=case.phone,
            photos=[self._photos.photo(photo) for photo in case.photos],
        )
        receipt = intake.receive(new, self._places[case.place], now)
        link_key = receipt.credentials.link_key
        report = links.report_behind(link_key)
        version = links.followed_case(report).version
        told = ToldCase(receipt.number, version, links.actor_for(report), link_key, new.device)
        self._told[case.index] = told

    def _take(self, case: PlannedCase, step: PlannedStep, now: datetime) -> None:
        opened = self._told[case.index]
        record = cases.act(
            opened.number,
            step.action,
            self._supplied(case, step, now),
            version=opened.version,
            by=opened.reporter if step.by == REPORTER else self._actors[step.by],
            now=now,
            photos=[self._photos.photo(photo) for photo in step.photos],
        )
        opened.version = record.version

    def _supplied(self, case: PlannedCase, step: PlannedStep, now: datetime) -> Supplied:
        return Supplied(
            note=step.note,
            category=case.category,
            outcome=step.outcome or "",
            reason=step.reason,
            channel=step.channel,
            main_case="" if step.main_case is None else self._told[step.main_case].number,
            lead=step.lead,
            co=step.co,
            suggested=step.suggested,
            on=self._day(case, step, now) if step.in_days else None,
            rating=step.rating,
        )

    def _day(self, case: PlannedCase, step: PlannedStep, now: datetime) -> date:
        """So many days after the step; of an extension, after the day that was promised."""
        since = now
        if step.action == Action.REQUEST_EXTENSION:
            clocks = CaseClocks(self._told[case.index].number, now)
            found = clocks.forecast(step.action, lead="", on=None)
            since = max(now, found.before) if found and found.before else now
        return since.astimezone(parts().zone).date() + timedelta(days=step.in_days)


def _moment(act: Act) -> datetime:
    return act.at


def refuse_if_taken() -> None:
    """Raise DemoRefused if the database holds places: a demo never mixes with what is there."""
    if is_half_loaded():
        raise DemoRefused(
            "An earlier loading of the demo street was interrupted, so only a part of it is there. "
            "Load it into an empty database: another TRACKER_DATA_DIR or TRACKER_DATABASE_URL."
        )
    if labels.places_within():
        raise DemoRefused(
            "The database already holds places; the demo street is loaded into an empty one only: "
            "another TRACKER_DATA_DIR or TRACKER_DATABASE_URL."
        )


def is_half_loaded() -> bool:
    """Whether a loading stored something and did not come to its end."""
    return _unfinished_mark().exists() and bool(labels.places_within())


def _unfinished_mark() -> Path:
    return parts().config.data_dir / "demo-unfinished"
