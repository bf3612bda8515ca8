"""What clocks run for: cases, common issues, action items. For lists that show the promises of all of them.

Statements join with ``joined_to_clock`` and then say which rows a person may see with ``visible_matters``.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_

from tracker.domain.permissions import CASE_ROLES, ROLE_PERMISSIONS, Actor, Grant, Permission
from tracker.models import ActionItem, Case, Clock, Issue, Place
from tracker.services.worklists import visible_to

MATTER = (
    func.coalesce(Case.number, ActionItem.number, Issue.number).label("number"),
    func.coalesce(Place.name, ActionItem.action, Issue.title).label("what"),
    Clock.item_id.label("item_id"),
    Clock.issue_id.label("issue_id"),
)
"""Columns that ``matter`` reads."""


@dataclass(frozen=True)
class Matter:
    """What one clock runs for.

    Attributes:
        what: the place of a case, the title of an issue, the words of an action item.
        link: path of its page.
    """

    number: str
    what: str
    link: str


def joined_to_clock(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """The statement, which reads clocks, with what each of them runs for."""
    return (
        statement.outerjoin(Case, Case.id == Clock.case_id)
        .outerjoin(Place, Place.id == Case.place_id)
        .outerjoin(ActionItem, ActionItem.id == Clock.item_id)
        .outerjoin(Issue, Issue.id == func.coalesce(Clock.issue_id, ActionItem.issue_id))
    )


def matter(row: Row[Any]) -> Matter:
    """Of a row that has the columns of MATTER."""
    folder = "/actions" if row.item_id else "/issues" if row.issue_id else "/desk/cases"
    return Matter(row.number, row.what, f"{folder}/{row.number}")


def visible_matters(actor: Actor) -> ColumnElement[bool]:
    """SQL that holds for the clocks whose matter `actor` may see."""
    return or_(
        visible_to(actor),
        and_(Clock.item_id.is_not(None), items_visible_to(actor)),
        and_(Clock.issue_id.is_not(None), issues_visible_to(actor)),
    )


def items_visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL over action items and their issues: of the person's areas, for handlers of their department; and his own."""
    named = false() if actor.user_id is None else ActionItem.user_id == actor.user_id
    return or_(named, *(_covers(grant) for grant in actor.grants if grant.role in CASE_ROLES))


def issues_visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL over issues: those of the person's areas."""
    seeing = [
        grant for grant in actor.grants if Permission.ISSUES_SEE in ROLE_PERMISSIONS.get(grant.role, ())
    ]
    return or_(false(), *(_in_area(grant) for grant in seeing))


def _covers(grant: Grant) -> ColumnElement[bool]:
    if grant.department is None:
        return _in_area(grant)
    return and_(_in_area(grant), ActionItem.department_code == grant.department)


def _in_area(grant: Grant) -> ColumnElement[bool]:
    if grant.areas is None:
        return Issue.id.is_not(None)
    return Issue.area_code.in_(sorted(grant.areas))
