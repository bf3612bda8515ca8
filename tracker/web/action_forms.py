"""The forms of the case page, made from the case table: each thing an arrow needs has one kind of field.

What comes back is read into ``Supplied``, whatever the action; the rules judge it.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from tracker.domain.case_rules import RESOLVE_OUTCOMES, Supplied
from tracker.domain.lifecycle import CHANNELS, DECLINE_REASONS, HOLD_REASONS, Action, Need, Outcome, Step
from tracker.services.case_pages import StaffCase
from tracker.web import reporter_words, words
from tracker.web.clock_words import STAGES
from tracker.web.names import Names
from tracker.web.seen_gone import already_seen
from tracker.web.uploads import KeptPhoto

_ORDER = (
    *(
        Action.RELEASE,
        Action.LOOK,
        Action.GRANT_RETURN,
        Action.GRANT_EXTENSION,
        Action.FILE,
        Action.DISPATCH,
        Action.SIGN,
    ),
    *(
        Action.RESOLVE,
        Action.PASS,
        Action.FOUND,
        Action.STILL_THERE,
        Action.SEEN_GONE,
        Action.RESUME,
        Action.REFUSE_RETURN,
        Action.REFUSE_EXTENSION,
    ),
    *(Action.FAIL, Action.NOT_FOUND, Action.ASK_INFO, Action.CHECK),
    *(Action.CONTACT, Action.FINISH_STAGE, Action.FIX_ON_SPOT),
    *(
        Action.REQUEST_EXTENSION,
        Action.REQUEST_RETURN,
        Action.HOLD,
        Action.MERGE,
        Action.SPLIT,
        Action.REOPEN,
    ),
    *(Action.NOTE, Action.REVEAL_PHONE, Action.DECLINE, Action.VOID),
)
"""As they stand on the page: what moves the case on, what holds it up, what ends it."""

_MAIN = frozenset(_ORDER[: _ORDER.index(Action.REFUSE_RETURN)])
_ENDING = frozenset({Action.DECLINE, Action.VOID, Action.NOT_FOUND})
_WITHOUT_NOTE = frozenset({Action.SIGN, Action.RELEASE})
_PHOTOS_WELCOME = frozenset(
    {
        Action.STILL_THERE,
        Action.RESOLVE,
        Action.FOUND,
        Action.CONTACT,
        Action.FINISH_STAGE,
        Action.PASS,
        Action.FAIL,
        Action.REQUEST_RETURN,
        Action.NOTE,
    }
)
_UNSEEN = frozenset({Action.NOTE, Action.LOOK, Action.REVEAL_PHONE, Action.RELEASE})
"""What staff do without the reporter reading of it."""


@dataclass(frozen=True)
class Given:
    """What somebody filled in, to be shown again; the words wrong with it; his photos, already stored.

    Attributes:
        problems: need or field → words, as ``Incomplete`` names them.
        key: of the form, to which its photos are bound.
    """

    action: Action
    values: MultiDict[str, str]
    key: str
    kept: Sequence[KeptPhoto] = ()
    problems: Mapping[str, str] = field(default_factory=dict)

    def supplied(self) -> Supplied:
        """The same for the rules."""
        value = self.values.get
        return Supplied(
            note=value("note", "").strip(),
            category=value("category", ""),
            outcome=value("outcome", ""),
            reason=value("reason", ""),
            channel=value("channel", ""),
            main_case=value("main_case", "").strip(),
            lead=value("lead", ""),
            co=tuple(self.values.getlist("co")),
            suggested=value("suggested", ""),
            stage=value("stage", ""),
            on=_day(value("on", "")),
            report=self.values.get("report", 0, type=int),
        )


@dataclass(frozen=True)
class Field:
    """One field; `kind` names the macro in templates/desk/fields.html that draws it."""

    kind: str
    name: str
    id: str
    label: str = ""
    value: str = ""
    options: Sequence[Any] = ()
    chosen: Sequence[str] = ()
    hint: str | None = None
    error: str | None = None
    optional: bool = False
    blank: str | None = None
    frame: str = ""
    kept: Sequence[KeptPhoto] = ()


@dataclass(frozen=True)
class ActionForm:
    """One thing the person may do now.

    Attributes:
        kind: primary, quiet or danger.
        reads: what the reporter will read, where no public words are written with it.
        may_preview: whether choices in the form change what the reporter reads.
    """

    id: str
    title: str
    about: str
    url: str
    key: str
    kind: str
    open: bool
    files: bool
    fields: Sequence[Field]
    reads: str
    may_preview: bool


def new_given(action: Action, values: MultiDict[str, str] | None = None) -> Given:
    """An empty form, or what was sent, under the form's own key."""
    values = values if values is not None else MultiDict()
    return Given(action, values, values.get("key", "")[:64] or secrets.token_urlsafe(16))


def action_forms(case: StaffCase, names: Names, given: Given | None = None) -> list[ActionForm]:
    """The forms of everything the person may do now, the likeliest first and open.

    Args:
        given: what came back from one of them; that one is first and open instead, filled in as it was.
    """
    returned = given.action if given else None
    steps = sorted(_offered(case), key=lambda step: (step.action != returned, _ORDER.index(step.action)))
    forms = []
    for step in steps:
        is_first = step is steps[0]
        filled = given if given and step.action == returned else _begun(case, step.action)
        sheet = _Sheet(case, step, names, filled)
        forms.append(sheet.form(is_open=is_first and step.action in _MAIN | {returned}, is_first=is_first))
    return forms


def _begun(case: StaffCase, action: Action) -> Given:
    """A form as it is first shown."""
    given = new_given(action)
    values, kept = already_seen(case.page, action, given.key)
    return replace(given, values=values, kept=kept)


ON_THEIR_OWN_PAGE = frozenset({Action.PUBLISH_PHOTOS, Action.WITHDRAW_PHOTOS})
"""What needs more room than a form beside the case (web/public_photos.py)."""


def _offered(case: StaffCase) -> Iterator[Step]:
    for step in case.page.steps:
        if step.action in ON_THEIR_OWN_PAGE:
            continue
        if step.action != Action.REVEAL_PHONE or any(report.masked_phone for report in case.reports):
            yield step


class _Sheet:
    """One form while it is made."""

    def __init__(self, case: StaffCase, step: Step, names: Names, given: Given) -> None:
        self.case, self.step, self.names, self.given = case, step, names, given
        self.record = case.page.record

    def form(self, *, is_open: bool, is_first: bool) -> ActionForm:
        action = self.step.action
        fields = list(self.fields())
        main = action in _MAIN and is_first
        return ActionForm(
            id=f"action-{action}",
            title=str(words.ACTIONS[action]),
            about=str(words.ABOUT_ACTIONS[action]),
            url=url_for("desk.case.act", number=self.case.page.number, action=action.value),
            key=self.given.key,
            kind="danger" if action in _ENDING else "primary" if main else "quiet",
            open=is_open,
            files=any(each.kind == "photos" for each in fields),
            fields=fields,
            reads="" if any(each.kind == "public" for each in fields) else self.reads(""),
            may_preview=bool(self.step.needs & _CHOICES) and bool(self.reads("")),
        )

    def fields(self) -> Iterator[Field]:
        if self.step.action == Action.REVEAL_PHONE:
            yield self.report()
        for need, make in _MAKERS.items():
            if need in self.step.needs:
                yield from make(self)
        if self.step.action not in _WITHOUT_NOTE:
            yield self.note()
        if self.step.needs & _PHOTO_NEEDS or self.step.action in _PHOTOS_WELCOME:
            yield self.photos()

    def reads(self, note: str) -> str:
        """What the reporter will read, as far as the form is filled in."""
        if self.step.action in _UNSEEN:
            return ""
        supplied = self.given.supplied()
        return reporter_words.headline(
            self.step.action.value,
            outcome=supplied.outcome or Outcome.FIXED.value,
            department=self.names.department(supplied.lead or self.record.lead or self._suggested_lead()),
            reason=supplied.reason,
            channel=supplied.channel,
            on=supplied.on or self.record.extension_on,
            note=note,
        )

    def field(self, kind: str, name: str, label: str, *needs: str, **more: Any) -> Field:
        """A field with what was filled in and the problem that was found with any of `needs`."""
        found = [self.given.problems[need] for need in (needs or (name,)) if need in self.given.problems]
        more.setdefault("value", self.given.values.get(name, ""))
        return Field(
            kind, name, self.id_of(name), label, error=" ".join(map(_, found)) if found else None, **more
        )

    def id_of(self, name: str) -> str:
        return f"{self.step.action}-{name}"

    def note(self) -> Field:
        is_optional = Need.NOTE not in self.step.needs
        label = str(words.NOTES.get(self.step.action, _("说明")))
        if self.step.public:
            frame = self.reads("{words}")
            return self.field("public", "note", label, optional=is_optional, frame=frame)
        return self.field("inside", "note", label, optional=is_optional)

    def photos(self) -> Field:
        is_needed = Need.PHOTO in self.step.needs or (
            Need.EVIDENCE in self.step.needs and self.case.page.evidence
        )
        return self.field(
            "photos",
            "photos",
            _("处置后的照片") if self.step.action == Action.RESOLVE else _("照片"),
            *("photos", "photo", "evidence", "note_or_photo"),
            optional=not is_needed,
            kept=self.given.kept,
        )

    def report(self) -> Field:
        """Whose number: a choice only where several reports left one."""
        with_phone = [report for report in self.case.reports if report.masked_phone]
        if len(with_phone) == 1:
            return Field("hidden", "report", self.id_of("report"), value=str(with_phone[0].id))
        options = [(str(report.id), report.masked_phone) for report in with_phone]
        return self.field("select", "report", _("哪一位报事人"), options=options)

    def category(self) -> Iterator[Field]:
        value = self.given.values.get("category", self.record.category)
        yield self.field("groups", "category", _("类别"), value=value, options=self.names.categories)

    def outcome(self) -> Iterator[Field]:
        options = _options(words.OUTCOMES, RESOLVE_OUTCOMES)
        likely = Outcome.NOT_FOUND if self.record.gone_seen_at else Outcome.FIXED
        value = self.given.values.get("outcome", likely.value)
        yield self.field("select", "outcome", _("处置结果"), value=value, options=options)

    def lead(self) -> Iterator[Field]:
        departments = list(self.names.departments.items())
        value = self.given.values.get("lead", self._suggested_lead())
        yield self.field(
            "select",
            "lead",
            _("主办单位"),
            value=value,
            options=departments,
            hint=self._suggestion(),
            blank=_("请选择"),
        )
        is_typed = "lead" in self.given.values
        chosen = self.given.values.getlist("co") if is_typed else self._suggested_co(value)
        yield self.field(
            "folded", "co", _("协办单位"), options=departments, chosen=chosen, optional=True, value=""
        )

    def suggested(self) -> Iterator[Field]:
        others = [(code, name) for code, name in self.names.departments.items() if code != self.record.lead]
        yield self.field("select", "suggested", _("应由哪个单位承办"), options=others, blank=_("请选择"))

    def stage(self) -> Iterator[Field]:
        options = [(stage, str(STAGES.get(stage, stage))) for stage in self.case.stages]
        value = self.given.values.get("stage", options[0][0] if len(options) == 1 else "")
        yield self.field(
            "select", "stage", _("完成了哪个阶段"), value=value, options=options, blank=_("请选择")
        )

    def main_case(self) -> Iterator[Field]:
        hint = _("例如 261123-0001，须是仍在办理的案件")
        yield self.field("text", "main_case", _("主案件编号"), hint=hint)

    def reason(self) -> Iterator[Field]:
        options = (
            _options(words.HOLD_REASONS, HOLD_REASONS)
            if self.step.action == Action.HOLD
            else _options(words.DECLINE_REASONS, DECLINE_REASONS)
        )
        yield self.field("select", "reason", _("原因"), options=options, blank=_("请选择"))

    def channel(self) -> Iterator[Field]:
        options = _options(words.CHANNELS, CHANNELS)
        yield self.field("select", "channel", _("请报事人去哪里"), options=options, blank=_("请选择"))

    def on(self) -> Iterator[Field]:
        if self.step.action == Action.HOLD:
            yield self.field("date", "on", _("复核日"), hint=_("明天起 90 天之内"))
        else:
            yield self.field("date", "on", _("新的期限"))

    def _suggested_lead(self) -> str:
        """What the handler thought right when it came back, else what the routing rule says."""
        route = self.case.suggested
        return self.record.return_to or (route.lead if route else "")

    def _suggested_co(self, lead: str) -> Sequence[str]:
        route = self.case.suggested
        return route.co if route and route.lead == lead else ()

    def _suggestion(self) -> str | None:
        if self.record.return_to:
            return _("退单时建议：%(lead)s", lead=self.names.department(self.record.return_to))
        if self.case.suggested:
            return _("按规则建议：%(lead)s", lead=self.names.department(self.case.suggested.lead))
        return None


_MAKERS: dict[Need, Callable[[_Sheet], Iterator[Field]]] = {
    Need.CATEGORY: _Sheet.category,
    Need.OUTCOME: _Sheet.outcome,
    Need.LEAD: _Sheet.lead,
    Need.SUGGESTED: _Sheet.suggested,
    Need.STAGE: _Sheet.stage,
    Need.MAIN_CASE: _Sheet.main_case,
    Need.REASON: _Sheet.reason,
    Need.CHANNEL: _Sheet.channel,
    Need.ON: _Sheet.on,
}
"""Which fields each need asks for, in the order of the page. Notes and photos follow, welcome even unasked."""

_PHOTO_NEEDS = frozenset({Need.PHOTO, Need.EVIDENCE, Need.NOTE_OR_PHOTO})
_CHOICES = frozenset({Need.OUTCOME, Need.REASON, Need.CHANNEL, Need.LEAD, Need.ON})


def _options(shown: Mapping[Any, words.Words], codes: Sequence[str]) -> list[tuple[str, str]]:
    return [(str(code), str(shown[code])) for code in codes]


def _day(text: str) -> date | None:
    """The day a date field sent; none if it is empty or no day, which the rules then ask for."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
