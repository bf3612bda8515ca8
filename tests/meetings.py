"""A meeting with everything it needs, through the real use cases. Inside an application context.

shops = three_shops()                              three reports from three shops and phones
number = a_meeting(by, *shops)                     planned: one issue of these reports, its question, no options
ask(number, by)                                    departments ZF and JJ, the bike company and the shops are invited
view_of(number, by)                                what the desk reads; item_of(...) its first topic
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from tests import factories
from tests.factories import MORNING, Sent
from tests.matters import an_issue
from tracker.domain.permissions import Actor
from tracker.extensions import db
from tracker.models import Issue, Meeting
from tracker.services import agendas, invitations, meetings
from tracker.services.guest_letters import private_link
from tracker.services.meeting_values import AgendaView, MeetingView
from tracker.services.meeting_views import meeting_view
from tracker.services.meetings import Plan

STARTS = datetime(2026, 11, 27, 6, 0, tzinfo=MORNING.tzinfo)
"""Friday of that week, 14:00 on the street."""
ENDS = STARTS + timedelta(hours=2)
QUESTION = "是否在地铁口东侧划出非机动车停放区？"
OPTIONS = "划一块停放区\n只加强清运\n先试一个月再定"


def three_shops(*, phone: str = "") -> list[Sent]:
    """Reports from three shops, each from its owner's phone; the first leaves `phone`."""
    places = [factories.a_place(name=name) for name in ("老王面馆", "小李烟酒", "阿芳花店")]
    return [
        factories.a_report(
            place, text="门口全是共享单车", device=f"phone-{nth}", phone=phone if nth == 1 else "", at=MORNING
        )
        for nth, place in enumerate(places, start=1)
    ]


def number_of_issue(issue_id: int) -> str:
    """The number of an issue."""
    return db.session.get_one(Issue, issue_id).number


def a_plan(by: Actor, **changes: object) -> Plan:
    """The plan of the meeting on Friday, with `by` in the chair."""
    values: dict[str, object] = {
        "title": "地铁口非机动车停放协调会",
        "area": "PP",
        "starts_at": STARTS,
        "ends_at": ENDS,
        "room": "街道二楼会议室",
        "chair_id": by.user_id,
    }
    return Plan(**(values | changes))  # type: ignore[arg-type]


def a_meeting(by: Actor, *sent: Sent, options: str = OPTIONS, issues: Sequence[str] = ()) -> str:
    """A planned meeting about one accepted issue of these reports; its number."""
    about = list(issues) or [number_of_issue(an_issue(*(each.number for each in sent)))]
    number = meetings.plan(a_plan(by), about, by=by, now=MORNING)
    for item in view_of(number, by).agenda:
        version = version_of(number)
        agendas.set_item(number, item.id, QUESTION, options, version=version, by=by, now=MORNING)
    return number


def ask(number: str, by: Actor, *, now: datetime = MORNING) -> None:
    """Invite two departments, a firm and the reporters."""
    for code, mail in (("ZF", "zhifa@street.example"), ("JJ", "jiaojing@street.example")):
        invitations.add_department(number, code, mail, version=version_of(number), by=by, now=now)
    invitations.add_guest(number, "蓝骑单车", "ops@bikes.example", version=version_of(number), by=by, now=now)
    invitations.invite(number, with_reporters=True, version=version_of(number), by=by, now=now)


def version_of(number: str) -> int:
    """The meeting's present version."""
    db.session.rollback()
    return db.session.scalars(select(Meeting.version).where(Meeting.number == number)).one()


def view_of(number: str, by: Actor) -> MeetingView:
    """What `by` reads of a meeting."""
    db.session.rollback()
    return meeting_view(number, by)


def item_of(number: str, by: Actor) -> AgendaView:
    """Its first topic."""
    return view_of(number, by).agenda[0]


def link_of(number: str, by: Actor, name: str) -> str:
    """The key of the page of the guest called `name`, or of a department's code."""
    guest = next(each for each in view_of(number, by).guests if name in (each.name, each.department_code))
    return private_link(guest.id).rpartition("/")[2]
