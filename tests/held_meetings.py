"""A meeting about common issues, planned and invited through the real use cases, for tests of what comes with it.

    held = a_meeting(crew, *numbers of cases, …)      its number, ids of issues and agenda items

The chair is the secretary; ZF and LR are invited; it begins an hour before ``AT``, the moment everything happens at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from tests.factories import MORNING
from tests.matters import an_issue
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db
from tracker.models import AgendaItem, Issue, Meeting
from tracker.services import agendas, invitations, meetings
from tracker.services.meetings import Plan

STARTS_AT = MORNING + timedelta(days=2)
AT = STARTS_AT + timedelta(hours=1)


@dataclass(frozen=True)
class Held:
    """What ``a_meeting`` made."""

    number: str
    id: int
    issues: tuple[int, ...]
    items: tuple[int, ...]


def a_meeting(
    crew: Mapping[Role | str, Actor],
    *cases: tuple[str, ...],
    at: datetime = MORNING,
    starts_at: datetime = STARTS_AT,
    area: str = "PP-1",
    with_reporters: bool = False,
) -> Held:
    """A meeting with one accepted issue for each group of case numbers, invited to."""
    secretary = crew[Role.SECRETARY]
    issues = tuple(an_issue(*numbers, area=area) for numbers in cases or ((),))
    numbers = [db.session.get_one(Issue, issue_id).number for issue_id in issues]
    plan = Plan(
        title="地铁口停车协调会",
        area=area,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        room="街道 301 会议室",
        chair_id=secretary.user_id or 0,
    )
    number = meetings.plan(plan, numbers, by=secretary, now=at)
    for item in items_of(number):
        agendas.set_item(
            number,
            item,
            question="地铁口两侧是否划线停放、由谁清运？",
            options="划线停放，早晚清运\n全部移走",
            version=version_of(number),
            by=secretary,
            now=at,
        )
    for code in ("ZF", "LR"):
        mail = f"{code.lower()}@example.cn"
        invitations.add_department(number, code, mail, version=version_of(number), by=secretary, now=at)
    invitations.invite(
        number, with_reporters=with_reporters, version=version_of(number), by=secretary, now=at
    )
    meeting_id = db.session.scalars(select(Meeting.id).where(Meeting.number == number)).one()
    return Held(number, meeting_id, issues, tuple(items_of(number)))


def version_of(number: str) -> int:
    """The present version of a meeting."""
    return db.session.scalars(select(Meeting.version).where(Meeting.number == number)).one()


def items_of(number: str) -> list[int]:
    """Ids of the agenda items in their order."""
    return list(
        db.session.scalars(
            select(AgendaItem.id).join(Meeting).where(Meeting.number == number).order_by(AgendaItem.position)
        )
    )
