"""Grouping reports by trouble, step by step, in any number of processes.

A step (place some reports, learn, carry out what people decided, live through a night) is worked out from one state
of the database and written in one short transaction that checks the state is still that one. Two processes may work
out the same step; one of them writes it. A process that dies leaves nothing half done. Which steps there are depends
on the reports alone, in the order in which they were sent, so every number of processes gives the same groups.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select

from tracker.domain.grouping.group_bytes import GroupUnreadable
from tracker.domain.grouping.lessons import is_due, learn
from tracker.domain.grouping.nights import nightly
from tracker.domain.grouping.placing import WINDOW_DAYS, place
from tracker.domain.grouping.reading import Packer
from tracker.domain.grouping.report import DAY_S
from tracker.extensions import db, let_go
from tracker.models import GroupingNight, Report
from tracker.services import grouped_reports
from tracker.services.cluster_news import pass_news_on
from tracker.services.cluster_rulings import issues_ruled_on, not_obeyed
from tracker.services.cluster_store import ClusterStore
from tracker.services.grouped_reports import second_of, waiting
from tracker.services.grouping_decisions import anchor_groups, leave, obey
from tracker.services.grouping_lessons import lesson_of
from tracker.services.grouping_progress import Progress, Step, be_whole, begin_again, lease, progress, write
from tracker.services.parts import parts

SETTLED = timedelta(seconds=5)
"""Reports wait so long: one sent before another may be stored after it, and is to be grouped before it."""
PLACED_AT_ONCE = 50
RULED_AT_ONCE = 200
QUIET_HOURS = range(2, 5)
"""On the street: the night's pass begins between two and five, when hardly anybody reports."""
NIGHT_LEASE = timedelta(minutes=15)


def group_waiting(now: datetime) -> int:
    """Do one step of what is to be done; return how much that was. 0: all is done, or somebody else is at it.

    Groups that this program cannot read any more (they were made by an older one) are made anew.
    """
    seen = progress()
    if seen.is_leased(now):
        return 0
    try:
        done = _next_step(seen, now)
    except GroupUnreadable:
        begin_again()
        return 1
    finally:
        let_go()
    return done


def _next_step(seen: Progress, now: datetime) -> int:
    """The steps in the order in which they come at any moment; each returns 0 if it has nothing to do."""
    steps: Sequence[Callable[[], int]] = (
        partial(_learn, seen),
        partial(_relive_night, seen),
        partial(_carry_out_rulings, seen),
        partial(_place, seen, now),
        partial(_end_rebuild, seen),
        partial(pass_news_on, now, is_whole=not seen.is_rebuilding),
    )
    return next((done for step in steps if (done := step())), 0)


def _learn(seen: Progress) -> int:
    """The next lesson, as soon as so many reports are there: before another one is placed."""
    model, store = lesson_of(seen.lesson), ClusterStore(seen.placed)
    if not is_due(store, model):
        return 0
    lesson = learn(store, model)
    let_go()
    write(seen, Step(lesson=lesson))
    return 1


def _place(seen: Progress, now: datetime) -> int:
    """Put the next reports into groups, up to the next lesson or, in a rebuild, the next night."""
    ahead = waiting(now - SETTLED, PLACED_AT_ONCE)
    if not ahead:
        return 0
    model, store = lesson_of(seen.lesson), ClusterStore(seen.placed)
    packer, until = Packer(model), _next_night(seen)
    looked_at = []
    for each in ahead:
        (report,) = store.note([each.read])
        looked_at.append(each.read.report_id)
        if not each.counts:
            continue
        place(report, store, model, packer)
        if is_due(store, model) or (until is not None and store.count() >= until.placed):
            break
    let_go()
    write(seen, Step(store, looked_at))
    return len(looked_at)


def _carry_out_rulings(seen: Progress) -> int:
    """What people decided about reports that were in a group by then."""
    if seen.is_rebuilding:
        return 0
    ruled = not_obeyed(RULED_AT_ONCE)
    if not ruled:
        return 0
    store = ClusterStore(seen.placed)
    reports = store.note(grouped_reports.named(list(dict.fromkeys(each.name for each in ruled))))
    anchor_groups(issues_ruled_on([store.report_ids[report.id] for report in reports]), store)
    for report in sorted(reports, key=lambda each: each.order):
        obey(report, store)
    let_go()
    write(seen, Step(store, ruled=ruled))
    return len(ruled)


# ---------------------------------------------------------------- nights


def group_nightly(now: datetime) -> int:
    """Merge and move, once a night at a quiet hour; return how many groups changed."""
    seen = progress()
    if not _is_due_tonight(seen, now) or not lease(seen, now + NIGHT_LEASE):
        return 0
    return max(1, _live_through(seen, now, is_past=False))


def _is_due_tonight(seen: Progress, now: datetime) -> bool:
    local = now.astimezone(parts().zone)
    if local.hour not in QUIET_HOURS or seen.is_leased(now) or seen.is_rebuilding or not seen.placed:
        return False
    last = db.session.scalar(select(GroupingNight.at).order_by(GroupingNight.number.desc()).limit(1))
    return last is None or last.astimezone(parts().zone).date() < local.date()


def _live_through(seen: Progress, at: datetime, *, is_past: bool) -> int:
    """One night's pass. After a new lesson it looks at more than the last days."""
    model, store = lesson_of(seen.lesson), ClusterStore(seen.placed)
    since = second_of(at) - WINDOW_DAYS * DAY_S
    for report in store.note(grouped_reports.named(grouped_reports.no_longer_count(since))):
        leave(report, store)
    nightly(store, model, second_of(at), deep=seen.lesson != seen.night_lesson)
    let_go()
    write(seen, Step(store, night_at=at, is_past=is_past))
    return len(store.changed) + len(store.dropped)


# ---------------------------------------------------------------- making everything anew


def rebuild(now: datetime, step_done: Callable[[int], None] = lambda _: None) -> int:
    """Throw the groups away and make them again from reports, rulings and the nights there were.

    Returns how many reports are in groups; `step_done` is told after each step how many more there are.

    What depends on the order of arrival, lessons and nights comes out as it was; what people decided holds from the
    first report on. Common issues keep what they have meanwhile. Job processes that run at the same time help.
    """
    begin_again()
    while progress().is_rebuilding:
        before = progress().placed
        group_waiting(now)
        step_done(progress().placed - before)
    placed = progress().placed
    while group_waiting(now):
        pass
    return placed


def reports_stored() -> int:
    """How many reports there are to be grouped at most."""
    return db.session.scalar(select(func.count()).select_from(Report)) or 0


def _relive_night(seen: Progress) -> int:
    """In a rebuild: the next night that there was, once as many reports are placed as then."""
    night = _next_night(seen)
    if night is None or seen.placed < night.placed:
        return 0
    return max(1, _live_through(seen, night.at, is_past=True))


def _next_night(seen: Progress) -> GroupingNight | None:
    if not seen.is_rebuilding:
        return None
    return db.session.get(GroupingNight, seen.nights + 1)


def _end_rebuild(seen: Progress) -> int:
    """Nothing is waiting any more: nights that fewer reports cannot reach are over as well."""
    if not seen.is_rebuilding:
        return 0
    night = _next_night(seen)
    if night is not None:
        return max(1, _live_through(seen, night.at, is_past=True))
    return int(be_whole(seen)) or 1
