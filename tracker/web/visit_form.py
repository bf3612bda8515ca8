"""The form of a visit: shown blank, taken in, or given back with every word and each photo that is safe."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.adapters.photo_store import StoredPhoto
from tracker.domain.case_rules import Incomplete
from tracker.domain.words import N_
from tracker.extensions import now
from tracker.services import visit_pages, visit_routes, visits
from tracker.services.parts import parts
from tracker.services.visit_places import PlaceView, find_places
from tracker.services.visits import NewLine, NewVisit
from tracker.web.access import current_actor
from tracker.web.errors import RETRY_AFTER_S
from tracker.web.report_form import wants_json
from tracker.web.uploads import KeptPhoto, kept_for, limits, take_photos
from tracker.web.visit_memory import memory_of

FIELDS = {"place": "f-place", "at": "f-at", "met": "f-met", "return_on": "f-return_on", "lines": "f-text-0"}
"""What can be wrong → id of the field where it is put right; photos: the first line's."""


@dataclass(frozen=True)
class LineDraft:
    """One line as it stands in the form; `slot` names its photo field."""

    slot: int
    text: str = ""
    kept: Sequence[KeptPhoto] = ()


@dataclass(frozen=True)
class Draft:
    """What is written in the form.

    Attributes:
        at, return_on: as browsers write a local moment and a day.
        problems: what is wrong → words; keys as in ``FIELDS``, besides ``photos`` and ``key``.
        choices: places that what was typed may mean.
        recorded_before: address of the visit stored under this form's first key.
    """

    key: str
    place: str = ""
    at: str = ""
    met: str = ""
    return_on: str = ""
    lines: Sequence[LineDraft] = (LineDraft(0),)
    problems: dict[str, str] = field(default_factory=dict)
    choices: Sequence[PlaceView] = ()
    recorded_before: str = ""


def blank(typed: str) -> ResponseReturnValue:
    """An empty form for the place that was typed or scanned; its choices if several are meant.

    The browser may keep it: whoever comes back to it from the visit and sends once more sends the same key.
    """
    found = find_places(typed, current_actor())
    place = found[0] if len(found) == 1 else None
    draft = Draft(key=_new_key(), place=place.code if place else typed.strip(), at=_local(now()))
    if draft.place and place is None:
        draft = replace(draft, problems=_unclear(found), choices=found)
    return _page(draft, place), {"Cache-Control": "private, no-cache"}


def receive() -> ResponseReturnValue:
    """Take what was sent: photos first, then the visit; or give the form back."""
    draft, photos, problems = _read()
    found = find_places(draft.place, current_actor())
    place = found[0] if len(found) == 1 else None
    if "more" in request.form:
        slot = max((line.slot for line in draft.lines), default=-1) + 1
        return _page(replace(draft, lines=[*draft.lines, LineDraft(slot)], problems=problems), place)
    new = _visit_of(draft, photos, place)
    problems = _problems(new) | (_unclear(found) if place is None else {}) | problems
    if problems:
        status = 503 if "storage" in problems else 422
        return _given_back(
            replace(draft, problems=problems, choices=found if place is None else ()), place, status
        )
    try:
        visit_id = visits.record(new, by=current_actor(), now=now())
    except visits.VisitKeyReused as error:
        return _given_back(_as_another_visit(draft, photos, error), place, 422)
    return _received(visit_id)


def _read() -> tuple[Draft, list[list[StoredPhoto]], dict[str, str]]:
    """The form, the photos of each line (on disk from here on), and what was wrong with them."""
    form, key = request.form, request.form.get("key", "")
    lines: list[LineDraft] = []
    photos: list[list[StoredPhoto]] = []
    problems: dict[str, str] = {}
    slots = [int(slot) for slot in form.getlist("slot") if slot.isdigit() and len(slot) < 4]
    for slot, text in list(zip(slots, form.getlist("text"), strict=False))[: visits.LINES_AT_MOST + 1]:
        taken = take_photos(request.files.getlist(f"photos-{slot}"), form.getlist(f"kept-{slot}"), key)
        lines.append(LineDraft(slot, text.replace("\r\n", "\n").strip(), taken.kept))
        photos.append(taken.photos)
        if taken.problems:
            problems["photos"] = " ".join([problems.get("photos", ""), *taken.problems]).strip()
        if taken.storage_failed:
            problems["storage"] = problems["photos"]
    draft = Draft(
        key=key,
        place=(form.get("place") or form.get("typed_place", "")).strip(),
        at=form.get("at", ""),
        met=form.get("met", "").strip(),
        return_on=form.get("return_on", ""),
        lines=lines or [LineDraft(0)],
    )
    return draft, photos, problems


def _visit_of(draft: Draft, photos: Sequence[Sequence[StoredPhoto]], place: PlaceView | None) -> NewVisit:
    return NewVisit(
        key=draft.key,
        place_id=place.id if place else None,
        visited_at=_moment(draft.at),
        met=draft.met,
        return_on=_day(draft.return_on),
        lines=[NewLine(line.text, mine) for line, mine in zip(draft.lines, photos, strict=False)],
    )


def _problems(new: NewVisit) -> dict[str, str]:
    try:
        visits.check(new, now())
    except Incomplete as error:
        return {name: _(words) for name, words in error.problems.items()}
    return {}


def _unclear(found: Sequence[PlaceView]) -> dict[str, str]:
    return {
        "place": _(
            N_("有几家都对得上，请选一家。")
            if found
            else N_("没有找到这家店。请换个说法，或扫店门口的标牌。")
        )
    }


def _as_another_visit(
    draft: Draft, photos: Sequence[Sequence[StoredPhoto]], error: visits.VisitKeyReused
) -> Draft:
    """The same words under a new key: sent once more they are a visit of their own."""
    from_key = _new_key()
    lines = [
        replace(line, kept=kept_for(from_key, mine)) for line, mine in zip(draft.lines, photos, strict=False)
    ]
    before = url_for("visits.visit.show", visit_id=error.visit_id) if error.visit_id else ""
    return replace(draft, key=from_key, lines=lines, problems={"key": _(str(error))}, recorded_before=before)


def _received(visit_id: int) -> ResponseReturnValue:
    address = url_for("visits.visit.show", visit_id=visit_id)
    if wants_json():
        return jsonify(id=visit_id, url=address), 201
    flash(_("走访已记下。"), "good")
    return redirect(address, 303)


def _given_back(draft: Draft, place: PlaceView | None, status: int) -> ResponseReturnValue:
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else {}
    if wants_json():
        return jsonify(problems=draft.problems, recorded=draft.recorded_before), status, headers
    return _page(draft, place), status, headers


def _page(draft: Draft, place: PlaceView | None) -> str:
    actor = current_actor()
    memory = visit_pages.memory(place.code, actor) if place else None
    if memory and memory.promised_on and not draft.return_on and memory.promised_on > _today():
        draft = replace(
            draft, return_on=memory.promised_on.isoformat()
        )  # still to be kept: this visit is not it
    todays = visit_routes.todays_route(actor, now(), place)
    problems = {name: words for name, words in draft.problems.items() if name != "storage"}
    return render_template(
        "visits/new.html",
        draft=draft,
        place=place,
        memory=memory_of(memory) if memory else None,
        choices=draft.choices,
        known=[stop.place for stop in todays.stops],
        problems=problems,
        errors=[(FIELDS.get(name, "f-text-0"), words) for name, words in problems.items()],
        photo_limits=limits(),
        person_id=actor.user_id,
    )


def _moment(local: str) -> datetime | None:
    try:
        return datetime.fromisoformat(local).replace(tzinfo=parts().zone)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _today() -> date:
    return now().astimezone(parts().zone).date()


def _local(at: datetime) -> str:
    return f"{at.astimezone(parts().zone):%Y-%m-%dT%H:%M}"


def _new_key() -> str:
    return str(uuid.uuid4())
