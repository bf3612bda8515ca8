"""The form in which a meeting is planned or changed: what was typed, and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from werkzeug.datastructures import MultiDict

from tracker.services.meeting_values import MeetingView
from tracker.services.meetings import Plan
from tracker.services.parts import parts


@dataclass(frozen=True)
class PlanForm:
    """What stands in the form, as it was typed."""

    title: str = ""
    area: str = ""
    day: str = ""
    begins: str = ""
    ends: str = ""
    room: str = ""
    chair: str = ""
    issues: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> "PlanForm":
        """What came with a request."""
        return cls(
            title=form.get("title", "").strip(),
            area=form.get("area", ""),
            day=form.get("day", "").strip(),
            begins=form.get("begins", "").strip(),
            ends=form.get("ends", "").strip(),
            room=form.get("room", "").strip(),
            chair=form.get("chair", ""),
            issues=tuple(dict.fromkeys(form.getlist("issue"))),
        )

    @classmethod
    def of(cls, view: MeetingView) -> "PlanForm":
        """A meeting as it stands."""
        starts, ends = (at.astimezone(parts().zone) for at in (view.starts_at, view.ends_at))
        return cls(
            title=view.title,
            area=view.area_code,
            day=f"{starts:%Y-%m-%d}",
            begins=f"{starts:%H:%M}",
            ends=f"{ends:%H:%M}",
            room=view.room,
            chair=str(view.chair_id),
        )

    def plan(self) -> Plan:
        """What it means; times are the street's own, and one that is none stays open."""
        return Plan(
            title=self.title,
            area=self.area,
            starts_at=_moment(self.day, self.begins),
            ends_at=_moment(self.day, self.ends),
            room=self.room,
            chair_id=int(self.chair) if self.chair.isascii() and self.chair.isdigit() else 0,
        )


def _moment(day: str, clock: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock[:5]), parts().zone)
    except ValueError:
        return None
