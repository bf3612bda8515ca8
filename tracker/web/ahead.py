"""What a move will set going, shown before it is made: when its promise will be due, who will be written what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy

from tracker.domain.lifecycle import Action
from tracker.extensions import now
from tracker.services import message_texts
from tracker.services.case_pages import StaffCase
from tracker.services.clock_pages import CaseClocks
from tracker.services.notices import FOR_STAFF
from tracker.services.parts import parts
from tracker.web import words
from tracker.web.action_forms import ActionForm
from tracker.web.clock_words import forecast_words
from tracker.web.language import LANGUAGES
from tracker.web.names import Names

_GROUPS: Mapping[str, words.Words] = {
    "operators": _lazy("受理派遣员"),
    "duty_leads": _lazy("值班长"),
    "handlers": _lazy("承办人"),
    "verifiers": _lazy("核查员"),
    "at_work": _lazy("正在办的人"),
    "deciders": _lazy("有权决定的人"),
}


@dataclass(frozen=True)
class MessageAhead:
    """A message that would be sent: to whom, in words; in which language."""

    to: str
    language: str
    text: str


@dataclass(frozen=True)
class Ahead:
    """What stands below a form; empty: nothing."""

    due: str
    messages: Sequence[MessageAhead]


def ahead_of(
    case: StaffCase, forms: Sequence[ActionForm], clocks: CaseClocks, names: Names
) -> dict[str, Ahead]:
    """Form id → what sending the form as it is filled in would set going."""
    return {form.id: _ahead(case, form, clocks, names) for form in forms}


def _ahead(case: StaffCase, form: ActionForm, clocks: CaseClocks, names: Names) -> Ahead:
    action = Action(form.id.removeprefix("action-"))
    values = {field.name: field.value for field in form.fields}
    lead = values.get("lead") or case.page.record.lead
    found = clocks.forecast(action, lead=lead, on=_day(values.get("on", "")) or case.page.record.extension_on)
    return Ahead(
        due=forecast_words(found, action) if found else "",
        messages=[
            *_to_reporters(case, action, lead, names),
            *_to_colleagues(case, action, found.at if found else None),
        ],
    )


def _to_reporters(case: StaffCase, action: Action, lead: str, names: Names) -> Iterator[MessageAhead]:
    """To those who left a number, where there is a way to write to them."""
    if not parts().config.sms_url or not any(report.masked_phone for report in case.reports):
        return
    for language in LANGUAGES:
        department = names.department_in(lead, language)
        text = message_texts.preview(case.page.number, action, language, department=department)
        if text:
            yield MessageAhead(_("短信，给留了电话的报事人"), language, text)


def _to_colleagues(case: StaffCase, action: Action, due_at: datetime | None) -> Iterator[MessageAhead]:
    """To those whose turn it is then."""
    if action not in FOR_STAFF:
        return
    page = case.page
    for language in LANGUAGES:
        it = message_texts.Told(
            event=f"case_{action}",
            number=page.number,
            category=page.category_en if language == "en" else page.category_zh,
            place="" if page.private else page.place_name,
            department="",
            due_at=due_at,
            link=f"{parts().config.public_url}/desk/cases/{page.number}",
            made_at=now(),
            facts={},
        )
        to = _("给%(group)s", group=_GROUPS[FOR_STAFF[action]])
        yield MessageAhead(to, language, message_texts.staff_preview(it, language))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
