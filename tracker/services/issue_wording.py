"""Title, cause and owner of an issue: everybody reads the first two, so they name no person and no phone."""

from dataclasses import dataclass

from sqlalchemy import select

from tracker.domain.case_rules import Incomplete
from tracker.domain.permissions import ROLE_PERMISSIONS, Actor, Permission, Role
from tracker.domain.plain_text import plain_text
from tracker.domain.public_words import names_a_phone
from tracker.domain.words import N_
from tracker.extensions import db
from tracker.models import Case, Grant, Issue, Label, Place, Report, User
from tracker.services.issue_cases import present_case_ids
from tracker.services.issue_titles import LANDMARK_KINDS, TITLE_CHARS
from tracker.services.parts import parts
from tracker.services.people import actor_of

CAUSE_CHARS = 1000
FEW_PLACES = 3
"""With fewer places than this, naming one says who reported. Source: threats, part C (retaliation)."""


@dataclass(frozen=True)
class Wording:
    """What a person types about an issue; owner: a user's id, None: nobody yet."""

    title: str
    cause: str
    owner_id: int | None


@dataclass(frozen=True)
class Owner:
    """Somebody who may own an issue."""

    id: int
    name: str


def possible_owners(area_code: str, role: Role | None = None) -> list[Owner]:
    """Whoever decides about issues in this area (as `role`, if one is given), in order of names."""
    may_be_demo = parts().config.demo
    deciding = [each for each, may in ROLE_PERMISSIONS.items() if Permission.ISSUES_DECIDE in may]
    users = db.session.scalars(
        select(User)
        .where(User.is_active, User.grants.any(Grant.role.in_(sorted(deciding))))
        .order_by(User.name, User.id)
    )
    return [
        Owner(user.id, user.name)
        for user in users
        if (may_be_demo or not user.is_demo) and _decides(actor_of(user), area_code, role)
    ]


def _decides(actor: Actor, area_code: str, role: Role | None) -> bool:
    has_role = role is None or role in actor.roles_for(area_code, ())
    return has_role and actor.may(Permission.ISSUES_DECIDE, area_code)


def checked(wording: Wording, issue: Issue) -> Wording:
    """The wording as it is stored.

    Raises:
        Incomplete: says what is missing or must not be said, beside the field.
    """
    words = Wording(" ".join(plain_text(wording.title).split()), plain_text(wording.cause), wording.owner_id)
    problems: dict[str, str] = {}
    if not words.title:
        problems["title"] = N_("请写一个标题。")
    if len(words.title) > TITLE_CHARS:
        problems["title"] = N_("标题太长，请缩短。")
    if len(words.cause) > CAUSE_CHARS:
        problems["cause"] = N_("文字太长，请缩短后再提交。")
    for name in ("title", "cause"):
        text = getattr(words, name)
        if names_a_phone(text):
            problems[name] = N_("公开的文字里不写电话号码。")
        elif shop := _shop_named(text, issue):
            problems[name] = N_("这些地点需要保护，公开的文字里不写具体名称：") + shop
    if words.owner_id is None or words.owner_id not in {each.id for each in possible_owners(issue.area_code)}:
        problems["owner"] = N_("请选择负责人。")
    if problems:
        raise Incomplete(problems)
    return words


def _shop_named(text: str, issue: Issue) -> str:
    """The name of a member place in `text`, where naming it could say who reported; empty: none."""
    rows = db.session.execute(
        select(Case, Place)
        .join(Report, Report.case_id == Case.id)
        .join(Label, Label.id == Report.label_id)
        .join(Place, Place.id == Label.place_id)
        .where(Case.id.in_(present_case_ids(issue.id)))
    ).all()
    is_guarded = any(
        case.category_version.private or case.category_version.protect_reporter for case, _ in rows
    )
    places = {place.id: place for _, place in rows}
    if not is_guarded and len(places) >= FEW_PLACES:
        return ""
    names = [place.name for place in places.values() if place.kind not in LANDMARK_KINDS]
    return next((name for name in names if name and name in text), "")
