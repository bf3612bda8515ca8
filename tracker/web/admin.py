"""What admins keep and watch: the first page of it, and the warning that follows them to every desk page."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from tracker.domain.permissions import Actor, Permission
from tracker.domain.words import N_
from tracker.extensions import now
from tracker.services import calendars
from tracker.services.calendars import CalendarWarning
from tracker.web import admin_calendar, admin_labels, admin_places
from tracker.web.access import current_actor, requires
from tracker.web.names import Names

bp = Blueprint("admin", __name__, url_prefix="/admin")
bp.register_blueprint(admin_calendar.bp)
bp.register_blueprint(admin_labels.bp)
bp.register_blueprint(admin_places.bp)


@dataclass(frozen=True)
class AdminPage:
    """One page of the admin's: where it is, what it is called and for, who may see it."""

    endpoint: str
    label: str
    about: str
    permission: Permission


PAGES = (
    AdminPage(
        "admin.calendar.show",
        N_("工作日历"),
        N_("服务时间、放假和补班；时限按它计算。"),
        Permission.CALENDAR_KEEP,
    ),
    AdminPage(
        "admin.places.index",
        N_("场所名录"),
        N_("导入、导出场所，谁在什么时候做的。"),
        Permission.PLACES_KEEP,
    ),
    AdminPage(
        "admin.labels.index",
        N_("标牌"),
        N_("分批印、张贴、更换、补印；哪些没人扫了。"),
        Permission.LABELS_KEEP,
    ),
    AdminPage(
        "watch.jobs.show",
        N_("定时任务"),
        N_("提醒和发消息的任务是否在运行，上次出了什么错。"),
        Permission.SERVICE_WATCH,
    ),
    AdminPage(
        "watch.messages.show",
        N_("消息投递"),
        N_("在等的、发不出去的消息，可以再试。"),
        Permission.SERVICE_WATCH,
    ),
    AdminPage(
        "floods.all_bans",
        N_("停用的设备"),
        N_("谁停用了哪台设备、为什么、到什么时候；可以提前恢复。"),
        Permission.BANS_KEEP,
    ),
)
"""In the order they are shown; a new page is one entry here."""


@bp.get("")
@requires(Permission.SERVICE_WATCH)
def index() -> ResponseReturnValue:
    return render_template("admin/index.html")


@bp.app_context_processor
def _for_admins() -> dict[str, Any]:
    """Asks nothing by itself: only a page that shows them pays for them."""
    return {"admin_nav": _nav, "calendar_warning": _warning}


def _nav() -> list[dict[str, Any]]:
    """The admin pages this person may see."""
    return [
        {
            "label": _(page.label),
            "about": _(page.about),
            "url": url_for(page.endpoint),
            "current": (request.endpoint or "").startswith(page.endpoint.rpartition(".")[0]),
        }
        for page in PAGES
        if current_actor().has(page.permission)
    ]


def _warning() -> dict[str, Any] | None:
    """The calendar's warning in words, for those who keep it; None for everybody else."""
    person: Actor | None = g.get("person")
    if person is None or not person.has(Permission.CALENDAR_KEEP):
        return None
    found = calendars.calendar_warning(now())
    if found is None:
        return None
    year = found.last_day.year + 1 if found.last_day else None
    return {
        "is_loud": found.is_too_short or found.days_left == 0,
        "words": _words_of(found),
        "url": url_for("admin.calendar.edit", department=found.department or None, year=year),
    }


def _words_of(found: CalendarWarning) -> str:
    whose = Names().departments.get(found.department, found.department) if found.department else _("街道")
    if found.last_day is None:
        return _("还没有工作日历：按工作时间计算的时限都没有到期时间。")
    last = format_date(found.last_day, _("yyyy年M月d日"))
    if found.is_too_short:
        return _("%(whose)s的工作日历只到%(last)s，已经有时限算不出到期时间。", whose=whose, last=last)
    return _(
        "%(whose)s的工作日历只到%(last)s，还剩%(days)s天。", whose=whose, last=last, days=found.days_left
    )
