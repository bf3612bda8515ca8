"""The figures of the front page against a week on the street that was counted by hand."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.factories import Sent, Street, a_person, a_photo, a_report, speaker
from tests.web.moving_clock import STREET
from tracker.domain.case_rules import Supplied
from tracker.domain.honest_figures import Ending, Figures, Median, Medians, Span
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import SYSTEM, Actor, Role
from tracker.extensions import db
from tracker.models import Case
from tracker.services import cases, figures
from tracker.services.figures import count_on, counted

Crew = dict[Role | str, Actor]
FIXED = {"outcome": "fixed", "note": "清走了。"}


def at(text: str) -> datetime:
    """A moment of 2026 on the street's clock."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=STREET)


def move(number: str, when: str, action: str, by: Actor, **supplied: Any) -> None:
    """One move at a moment; whatever is resolved comes with a photo."""
    version = db.session.scalars(select(Case.version).where(Case.number == number)).one()
    photos = [a_photo(7)] if action == "resolve" else []
    cases.act(
        number, Action(action), Supplied(**supplied), version=version, by=by, now=at(when), photos=photos
    )


class Week:
    """Monday 23 to Friday 27 November; service 9:00–11:30 and 13:00–17:30."""

    def __init__(self, street: Street, crew: Crew) -> None:
        self.street, self.crew = street, crew
        self.operator, self.handler = crew[Role.OPERATOR], crew[Role.HANDLER]

    def report(self, when: str, category: str = "A5") -> Sent:
        return a_report(self.street.token, category, at=at(when))

    def verified(self, when: str, filed: str, resolved: str, passed: str, **result: Any) -> Sent:
        sent = self.report(when)
        move(sent.number, filed, "file", self.operator, category="A5")
        move(sent.number, filed, "dispatch", self.operator, lead="ZF")
        move(sent.number, filed, "sign", self.handler)
        move(sent.number, resolved, "resolve", self.handler, **(FIXED | result))
        move(sent.number, passed, "pass", self.crew[Role.VERIFIER])
        return sent

    def passes(self) -> list[Sent]:
        """Everything that happens; the last one is still untouched."""
        say: Callable[[Sent], Actor] = speaker
        long_ago = self.report("10-14 10:00")
        move(long_ago.number, "10-14 10:30", "decline", self.operator, reason="consumer", channel="12315")

        confirmed = self.verified("11-23 09:30", "11-23 10:00", "11-23 14:00", "11-23 15:00")
        move(confirmed.number, "11-23 16:00", "confirm", say(confirmed), rating=4)
        silent = self.verified("11-23 11:00", "11-23 13:15", "11-24 09:30", "11-24 10:00")
        move(silent.number, "11-27 17:45", "lapse", SYSTEM)
        redone = self.verified("11-23 09:30", "11-23 09:45", "11-23 11:30", "11-23 13:30")
        move(redone.number, "11-24 09:00", "dispute", say(redone), note="还在")
        move(redone.number, "11-24 10:00", "resolve", self.handler, **FIXED)
        move(redone.number, "11-24 10:30", "pass", self.crew[Role.VERIFIER])
        move(redone.number, "11-24 11:00", "confirm", say(redone))
        explained = self.verified(
            "11-23 09:30", "11-23 10:30", "11-23 11:00", "11-23 11:15", outcome="explained"
        )
        move(explained.number, "11-23 13:00", "confirm", say(explained))
        disputed = self.verified("11-23 09:30", "11-23 09:50", "11-23 11:00", "11-23 14:00")
        move(disputed.number, "11-24 10:00", "dispute", say(disputed), note="没动")

        declined = self.report("11-23 09:30")
        move(declined.number, "11-23 10:30", "decline", self.operator, reason="petition", channel="petition")
        merged = self.report("11-23 09:30")
        move(merged.number, "11-23 10:30", "merge", self.operator, main_case=disputed.number)
        withdrawn = self.report("11-23 09:30")
        move(withdrawn.number, "11-23 09:40", "withdraw", say(withdrawn))
        voided = self.report("11-23 09:30")
        move(voided.number, "11-23 10:00", "void", self.crew[Role.DUTY_LEAD], note="测试")

        hole = self.report("11-23 09:30", "C1")
        lead = db.session.scalars(select(Case.lead).where(Case.number == hole.number)).one()
        paver = a_person(Role.HANDLER, department=lead, name="井盖班")
        move(hole.number, "11-23 10:30", "sign", paver)
        move(hole.number, "11-23 20:30", "resolve", paver, **FIXED)
        move(hole.number, "11-23 21:00", "pass", self.crew[Role.VERIFIER])

        untouched = self.report("11-23 09:30")
        return [confirmed, untouched]


@pytest.fixture
def week(street: Street, crew: Crew) -> Week:
    return Week(street, crew)


def count(when: str) -> None:
    while count_on(at(when)):
        pass


def figures_of(days: int) -> Figures:
    found = counted(days)
    assert found is not None
    return found.figures


COUNTED_BY_HAND = Figures(
    endings={
        Ending.FIXED: 2,  # confirmed, redone
        Ending.ANSWERED: 1,  # explained
        Ending.UNANSWERED: 1,  # silent
        Ending.DECLINED: 1,
        Ending.OPEN: 2,  # disputed, untouched
        Ending.WAITING: 1,  # hole
        Ending.MERGED: 1,
        Ending.WITHDRAWN: 1,
        Ending.VOIDED: 1,
    },
    disputed=2,
    disputed_fixed=1,
    overdue=2,  # redoing was promised by Friday 17:30; the untouched one should have been filed on Monday
    times={
        # 15, 20, 30, 45 (half an hour, lunch, a quarter), 60 minutes; what the rule filed at once is left out
        Span.FILED: Medians(Median(5, 30 * 60), Median()),
        # 15, 20, 30, 30 (voided), 45, 60, 60, 60 minutes; signed after an hour
        Span.ANSWERED: Medians(Median(8, 37 * 60 + 30), Median(1, 3600)),
        # 3 h, 5 h 30 min, 7 h 30 min of service; 11 h by the clock. Explaining is not fixing
        Span.FIXED: Medians(Median(3, 5 * 3600 + 1800), Median(1, 11 * 3600)),
    },
    service_day_s=7 * 3600,
)


@pytest.mark.parametrize("at_once", [500, 7])
def test_a_week_is_told_as_it_was_counted_by_hand(
    week: Week, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(figures, "ROWS_AT_ONCE", at_once)
    assert counted(90) is None
    week.passes()
    count("11-27 18:00")
    assert figures_of(30) == COUNTED_BY_HAND
    assert figures_of(30).reported == 11
    found = counted(30)
    assert found is not None
    assert (found.since_at, found.counted_at) == (at("10-28 00:00"), at("11-27 18:00"))


def test_a_longer_period_has_what_is_older_too(week: Week) -> None:
    week.passes()
    count("11-27 18:00")
    longer = figures_of(90)
    assert longer.reported == 12
    assert longer.count(Ending.DECLINED) == 2
    assert longer.times[Span.ANSWERED].service == Median(9, 1800)
    assert figures_of(365) == longer


def test_what_happens_later_changes_what_is_told_and_nothing_is_counted_twice(week: Week) -> None:
    confirmed, untouched = week.passes()
    count("11-27 18:00")
    move(untouched.number, "11-27 18:05", "file", week.operator, category="A5")
    move(confirmed.number, "11-27 18:06", "reopen", speaker(confirmed), note="又堆上了")
    assert count_on(at("11-27 18:10")) == 2
    assert count_on(at("11-27 18:10")) == 0
    told = figures_of(30)
    assert (told.reported, told.count(Ending.FIXED), told.count(Ending.OPEN)) == (11, 1, 3)
    assert told.times[Span.FILED].service.count == 6
    assert told.times[Span.FIXED].service == Median(2, 6 * 3600 + 1800)


def test_without_a_calendar_only_what_runs_by_the_clock_is_timed(inside: Flask) -> None:
    street, crew = factories.a_street(), factories.a_crew()
    Week(street, crew).passes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "calendar_for", lambda *_: None)
        patch.setattr(figures, "current_calendar_id", lambda: None)
        count("11-27 18:00")
    assert figures_of(30).times[Span.FIXED] == Medians(Median(), Median(1, 11 * 3600))
    assert inside.name
