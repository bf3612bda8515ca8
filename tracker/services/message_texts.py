"""The words of messages: one template an event, in the language of whoever reads it.

Staff read the number, the category, the place and where to go on; never what was written by a reporter, for mail
leaves the house. Reporters read the number and what happened; never the private link, which is stored nowhere. Guests
of a meeting read what its invitation says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.domain.clocks import ClockKind
from tracker.domain.escalation import LADDER
from tracker.domain.words import N_
from tracker.extensions import db
from tracker.models import Case, Delivery, Department, HistoryRow, Notice, Report
from tracker.services.guest_letters import private_link
from tracker.services.notices import FOR_REPORTERS
from tracker.services.parts import parts

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
SHOWN = 200
"""Lines of a gathered message; the rest is counted."""

CLOCKS: Mapping[str, str] = {
    ClockKind.ACCEPT: N_("受理"),
    ClockKind.DISPATCH: N_("派遣"),
    ClockKind.SIGN: N_("签收"),
    ClockKind.CONTACT: N_("先行联系"),
    ClockKind.STAGE: N_("分段时限"),
    ClockKind.DONE: N_("处置"),
    ClockKind.REDO: N_("返工"),
    ClockKind.VERIFY: N_("核查"),
    ClockKind.ISSUE_REVIEW: N_("共性问题研判"),
    ClockKind.ITEM: N_("行动项办理"),
}


@dataclass(frozen=True)
class Text:
    """A message as it is read; `facts` is the same for programs, `calendar` a calendar file that goes with it."""

    subject: str
    body: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    calendar: str = ""


@dataclass(frozen=True)
class Told:
    """What a template may say about one notice. Names are in the reader's language, empty without a case."""

    event: str
    number: str
    category: str
    place: str
    department: str
    due_at: datetime | None
    link: str
    made_at: datetime
    facts: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """The first line of its own message, for lists."""
        return _rendered(f"messages/staff/{self.event}.txt", it=self)[0]

    @property
    def percent(self) -> int:
        """Share of the allowance at which the rung stands; 0: one of the daily ones after the ladder."""
        number = self.facts["rung"]
        return LADDER[number - 1].percent if number <= len(LADDER) else 0

    @property
    def clock(self) -> str:
        """Which promise, as a word that the template translates."""
        return CLOCKS[self.facts["kind"]]


def compose(delivery_ids: Sequence[int], language: str, gathered: str, *, audience: str = "staff") -> Text:
    """The message that these deliveries make, oldest first.

    Args:
        audience: ``staff``, ``reporter`` or ``guest``: in whose words. What is gathered is for staff.
    """
    told = _told(delivery_ids, language)
    with force_locale(LOCALES[language]):
        if gathered:
            subject, body = _rendered(f"messages/{gathered}.txt", told=told[:SHOWN], count=len(told))
        else:
            it = told[0]
            if audience == "reporter":
                it = replace(it, number=_own_number(delivery_ids[0]))
            elif audience == "guest":
                it = replace(it, link=private_link(_invitation_behind(delivery_ids[0])))
            subject, body = _rendered(f"messages/{audience}/{it.event}.txt", it=it)
    calendar = "" if gathered else str(told[0].facts.get("ics", ""))
    return Text(subject, body, {"items": [_for_programs(each) for each in told]}, calendar)


def line_of(event: str, facts: Mapping[str, Any], made_at: datetime) -> str:
    """What a notice that names its own hearers says in a list, in the language of the page: its subject."""
    return _without_case(event, facts, made_at).subject


def preview(number: str, action: str, language: str, *, department: str = "") -> str:
    """What the reporter of case `number` will be sent if `action` is taken now; empty: nothing.

    Args:
        department: name of the lead after it, in that language.
    """
    if action not in FOR_REPORTERS:
        return ""
    it = Told(f"case_{action}", number, "", "", department, None, "", datetime.min.replace(tzinfo=UTC), {})
    with force_locale(LOCALES[language]):
        return _rendered(f"messages/reporter/case_{action}.txt", it=it)[1]


def staff_preview(it: Told, language: str) -> str:
    """The message that colleagues will be sent, with its subject above it; `it` is made of the case as it will be."""
    with force_locale(LOCALES[language]):
        return "\n\n".join(_rendered(f"messages/staff/{it.event}.txt", it=it))


def _rendered(name: str, **context: Any) -> tuple[str, str]:
    """Subject (first line) and body (the rest) of a template."""
    text = current_app.jinja_env.get_template(name).render(office=parts().config.office_name, **context)
    subject, _, body = text.strip().partition("\n")
    return subject.strip(), body.strip() + "\n"


def _told(delivery_ids: Sequence[int], language: str) -> list[Told]:
    rows = db.session.execute(
        select(Notice, Case)
        .join(Delivery, Delivery.notice_id == Notice.id)
        .outerjoin(Case, Case.id == Notice.case_id)
        .where(Delivery.id.in_(delivery_ids))
        .order_by(Notice.id)
        .options(joinedload(Case.place), joinedload(Case.category_version))
    ).all()
    departments = {
        row.code: _named(language, row.name_zh, row.name_en) for row in db.session.scalars(select(Department))
    }
    return [_one(notice, case, language, departments) for notice, case in rows]


def _without_case(event: str, facts: Mapping[str, Any], made_at: datetime) -> Told:
    due = facts.get("due_at")
    return Told(
        event=event,
        number=facts.get("number", ""),
        category="",
        place="",
        department="",
        due_at=datetime.fromisoformat(due) if due else None,
        link=_address(facts["link"]) if "link" in facts else "",
        made_at=made_at,
        facts=facts,
    )


def _address(path: str) -> str:
    return f"{parts().config.public_url.rstrip('/')}{path}"


def _one(notice: Notice, case: Case | None, language: str, departments: Mapping[str, str]) -> Told:
    if case is None:
        return _without_case(notice.event, notice.facts, notice.made_at)
    category = case.category_version
    due = notice.facts.get("due_at") or (case.due_at.isoformat() if case.due_at else "")
    return Told(
        event=notice.event,
        number=notice.facts.get("number", case.number),
        category=_named(language, category.name_zh, category.name_en),
        place="" if category.private else case.place.name,
        department=departments.get(_lead_after(notice, case), ""),
        due_at=datetime.fromisoformat(due) if due else None,
        link=_address(notice.facts.get("link", f"/desk/cases/{case.number}")),
        made_at=notice.made_at,
        facts=notice.facts,
    )


def _lead_after(notice: Notice, case: Case) -> str:
    """The lead that the move chose: the case may lie elsewhere by the time it is told."""
    if notice.event == "case_dispatch":
        changes = db.session.scalar(
            select(HistoryRow.changes).where(
                HistoryRow.case_id == case.id, HistoryRow.version == notice.facts["version"]
            )
        )
        if changes and "lead" in changes:
            return str(changes["lead"][1])
    return case.lead


def _own_number(delivery_id: int) -> str:
    """The number that the reporter was given: also when the case was merged into another since."""
    recipient = db.session.get_one(Delivery, delivery_id).recipient
    report_id = int(recipient.removeprefix("report:"))
    return db.session.scalars(
        select(Case.number).join(Report, Report.case_id == Case.id).where(Report.id == report_id)
    ).one()


def _invitation_behind(delivery_id: int) -> int:
    """The invitation whose guest is written to."""
    return int(db.session.get_one(Delivery, delivery_id).recipient.removeprefix("guest:"))


def _named(language: str, zh: str, en: str) -> str:
    return en if language == "en" else zh


def _for_programs(it: Told) -> dict[str, Any]:
    known = {name: it.facts[name] for name in ("rung", "kind", "stage") if name in it.facts}
    return {
        "event": it.event,
        ("case" if it.category else "number"): it.number,
        "at": it.made_at.isoformat(),
        "due_at": it.due_at.isoformat() if it.due_at else None,
        "link": it.link,
        **known,
    }
