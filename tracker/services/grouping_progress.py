"""How far the grouping has come, and how one step of it is written: whole, once, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from tracker.domain.grouping.group import Group
from tracker.domain.grouping.group_bytes import group_to_bytes
from tracker.domain.grouping.model import Model
from tracker.domain.grouping.report import seconds
from tracker.extensions import again_if_interrupted, db, insert_rows, transaction
from tracker.models import Cluster, ClusterReport, GroupingNight, GroupingState, Report
from tracker.services.cluster_rulings import Ruled, forget_obedience, note_obeyed
from tracker.services.cluster_store import AT_ONCE, ClusterStore
from tracker.services.grouping_lessons import keep_lesson


@dataclass(frozen=True)
class Progress:
    """The state that a step was worked out from; see models/grouping.py."""

    version: int
    placed: int
    lesson: str
    night_lesson: str
    nights: int
    leased_until_at: datetime | None
    is_rebuilding: bool

    def is_leased(self, now: datetime) -> bool:
        """Whether somebody's night is being worked out: until it is written nothing else is."""
        return self.leased_until_at is not None and now < self.leased_until_at


@dataclass(frozen=True)
class Step:
    """What one step changes.

    Attributes:
        store: groups and members. looked_at: ids of reports that the grouping need not look at again.
        lesson: a new one. night_at: a night that was lived through, and is_past: a rebuild lived through it again.
        ruled: rulings that it carries out.
    """

    store: ClusterStore | None = None
    looked_at: Sequence[int] = ()
    lesson: Model | None = None
    night_at: datetime | None = None
    is_past: bool = False
    ruled: Sequence[Ruled] = ()


def progress() -> Progress:
    """How far it is now."""
    row = db.session.execute(select(*(getattr(GroupingState, name) for name in _NAMES))).one()
    return Progress(*row)


_NAMES = tuple(Progress.__dataclass_fields__)


def write(seen: Progress, step: Step) -> bool:
    """Write a step that was worked out from `seen`; false, and nothing, if another process has written since."""

    def use_case() -> bool:
        with transaction():
            row = db.session.scalars(
                select(GroupingState).where(GroupingState.id == 1).with_for_update()
            ).one()
            if row.version != seen.version:
                return False
            row.version += 1
            if step.store is not None:
                row.placed = step.store.count()
                _write_groups(step.store, row.version)
            if step.looked_at:
                looked_at = update(Report).where(Report.id.in_(step.looked_at)).values(is_grouped=True)
                db.session.execute(looked_at, execution_options={"synchronize_session": False})
            if step.lesson is not None:
                row.lesson = keep_lesson(step.lesson)
            if step.night_at is not None:
                _write_night(row, step.night_at, is_past=step.is_past)
            note_obeyed(step.ruled)
            return True

    return again_if_interrupted(use_case)


def _write_night(row: GroupingState, at: datetime, *, is_past: bool) -> None:
    row.nights += 1
    row.night_lesson, row.leased_until_at = row.lesson, None
    if not is_past:
        db.session.add(GroupingNight(number=row.nights, placed=row.placed, at=at))


def _write_groups(store: ClusterStore, version: int) -> None:
    """Groups first, then who is in them, then those that have ended: in this order nothing ever points nowhere."""
    keys = list(store.changed)
    ids = _row_ids(keys)
    db.session.execute(update(Cluster).where(Cluster.key.in_(list(store.dropped))).values(anchor=""))
    changed = [{"id": ids[key]} | _columns(store.changed[key], version) for key in keys if key in ids]
    if changed:
        db.session.execute(update(Cluster), changed)
    insert_rows(Cluster, [_columns(store.changed[key], version) for key in keys if key not in ids])
    ids = _row_ids({store.key_in_step(name) for name in (*store.placed, *store.moved)})
    insert_rows(
        ClusterReport,
        [
            {
                "report_id": store.report_ids[name],
                "cluster_id": ids[store.key_in_step(name)],
                "name": name,
                "at_s": seconds(report.at),
            }
            for name, report in store.placed.items()
        ],
    )
    moved = [
        {"report_id": store.report_ids[name], "cluster_id": ids[store.key_in_step(name)]}
        for name in sorted(store.moved)
    ]
    if moved:
        db.session.execute(update(ClusterReport), moved)
    db.session.execute(delete(ClusterReport).where(ClusterReport.name.in_(store.taken_out)))
    db.session.execute(delete(Cluster).where(Cluster.key.in_(list(store.dropped))))


def _row_ids(keys: Sequence[str] | set[str]) -> dict[str, int]:
    wanted = sorted(keys)
    found: dict[str, int] = {}
    for first in range(0, len(wanted), AT_ONCE):
        some = select(Cluster.key, Cluster.id).where(Cluster.key.in_(wanted[first : first + AT_ONCE]))
        found |= {row.key: row.id for row in db.session.execute(some)}
    return found


def _columns(group: Group, version: int) -> dict[str, Any]:
    cell = group.cell
    return {
        "key": group.key,
        "anchor": group.anchor,
        "size": group.size,
        "first_s": group.first,
        "last_s": group.last,
        "cell_row": cell[0] if cell else None,
        "cell_column": cell[1] if cell else None,
        "lat": group.lat if cell else None,
        "lon": group.lon if cell else None,
        "located": group.located,
        "scatter": group.scatter,
        "street": group.main_street,
        "state": group_to_bytes(group),
        "news": version,
    }


def begin_again() -> None:
    """Throw away everything that is derived; the steps that follow make it anew from reports, rulings and nights."""

    def use_case() -> None:
        with transaction():
            row = db.session.scalars(
                select(GroupingState).where(GroupingState.id == 1).with_for_update()
            ).one()
            db.session.execute(delete(ClusterReport))
            db.session.execute(delete(Cluster))
            every = update(Report).where(Report.is_grouped).values(is_grouped=False)
            db.session.execute(every, execution_options={"synchronize_session": False})
            row.version += 1
            row.placed = row.nights = 0
            row.lesson = row.night_lesson = ""
            row.leased_until_at = None
            forget_obedience()
            row.is_rebuilding = True

    again_if_interrupted(use_case)


def be_whole(seen: Progress) -> bool:
    """Say that a rebuild is at its end; false if another process has written since."""

    def use_case() -> bool:
        with transaction():
            row = db.session.scalars(
                select(GroupingState).where(GroupingState.id == 1).with_for_update()
            ).one()
            if row.version != seen.version:
                return False
            row.version += 1
            row.is_rebuilding = False
            return True

    return again_if_interrupted(use_case)


def lease(seen: Progress, until: datetime) -> bool:
    """Keep others from working out steps until then; false if another process has written since."""

    def use_case() -> bool:
        with transaction():
            row = db.session.scalars(
                select(GroupingState).where(GroupingState.id == 1).with_for_update()
            ).one()
            if (row.version, row.leased_until_at) != (seen.version, seen.leased_until_at):
                return False
            row.leased_until_at = until
            return True

    return again_if_interrupted(use_case)
