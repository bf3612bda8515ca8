"""The report form: shown blank, taken in, or given back with everything that was typed and each photo that is safe."""

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from flask import flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.adapters.photo_store import StoredPhoto
from tracker.domain.case_rules import Incomplete
from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import intake, said_gone, suggestions
from tracker.services.differences import MOST_AT_ONCE
from tracker.services.limits import SaidBefore, Sender, SlowedDown
from tracker.services.links import LinkUnknown, credentials_for, hash_of, report_behind
from tracker.services.parts import parts
from tracker.services.places import LabelledPlace
from tracker.services.report_form import CategoryChoice, FormCategories, Standing, form_categories
from tracker.services.visit_places import may_visit
from tracker.web.access import current_person, device
from tracker.web.errors import RETRY_AFTER_S
from tracker.web.language import language, named
from tracker.web.similar_cases import SimilarCase, similar_cases
from tracker.web.slowing import Slow, as_json, photos_in_time, sender, slow_of, stamp
from tracker.web.uploads import KeptPhoto, Taken, kept_for, limits

RECEIPT_SHOWN_FOR = timedelta(minutes=15)
"""The answer code stays on the receipt until its reader goes on, at most this long: a reload or another language
must not lose it."""

TEXT_READ = 500
"""Characters of a half-written report that are compared; whoever writes more has said it by then."""

_NUMBER = re.compile(r"\d{6}-\d{4,9}")
"""A case number as it comes back from the form."""
_NOT_YET = frozenset({"category", "note_or_photo"})
"""What may still be lacking when somebody says that his matter is none of those on offer: he is not done yet."""

SAID_OF_CASE = ("case", "worse", "gone")
"""Buttons of an open case: 我也遇到了, 更严重了, 已经没了."""

FIELDS = {
    "case": "similar-head",
    "key": "f-text",
    "category": "category",
    "note_or_photo": "f-text",
    "text": "f-text",
    "phone": "f-phone",
    "photos": "photos",
}
"""What can be wrong → id of the field where it is put right."""


@dataclass(frozen=True)
class Draft:
    """What is written in the form.

    Attributes:
        problems: what is wrong → words; keys as in ``FIELDS``.
        sent_before: address of the progress page, when this form's first key was already used.
        refused: numbers of open cases that are not what is reported here, as its sender has said.
        slow: why it was not taken at once, and what to do meanwhile.
        said_before: number of the case that the same words opened just now.
    """

    key: str
    category: str = ""
    text: str = ""
    phone: str = ""
    has_consent: bool = False
    kept: list[KeptPhoto] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    sent_before: str = ""
    refused: Sequence[str] = ()
    slow: Slow | None = None
    said_before: str = ""


def blank(place: LabelledPlace) -> ResponseReturnValue:
    """An empty form with a key of its own.

    The browser may keep it, unlike other pages: whoever comes back from the receipt and sends once more then
    sends the same key, and gets the same number. A new visit asks anew, and gets a new key.
    """
    device()  # named now, so that a double tap comes twice from the same device
    return _page(place, Draft(key=_new_key())), {"Cache-Control": "private, no-cache"}


def receive(place: LabelledPlace) -> ResponseReturnValue:
    """Take what was sent: photos first, then the words; or give the form back.

    The buttons of the list of open cases belong to the same form: what they say of a case goes before a report.
    """
    (said, number), draft = _said_of_case(), _read()
    is_there = not wants_json() or bool(
        request.form.get("present")
    )  # looks at the page while its script sends
    is_asked = is_there and not (said or request.form.get("apart"))
    sent_by = sender(is_asked=is_asked, is_form=not said)
    taken = photos_in_time(place.label_id, draft.key, sent_by)
    new = _report_of(draft, taken.photos, sent_by)
    draft = replace(draft, kept=taken.kept)
    problems = _problems(new, taken, intake.check_joining if said else intake.check)
    if problems:
        return _lacking(place, draft, problems, taken)
    try:
        if said == "gone":
            return _thanked(place, said_gone.say_gone(new, number, place, now()), number)
        receipt = (
            intake.join(new, number, place, now(), worse=said == "worse")
            if said
            else intake.receive(new, place, now())
        )
    except SlowedDown as slowed:
        return _given_back(place, replace(draft, slow=slow_of(slowed, place, (said, number))), 429)
    except (Incomplete, intake.KeyReused, SaidBefore) as refusal:
        return _not_taken(refusal, place, draft, taken.photos)
    if receipt.was_known:
        return _was_known(receipt, said, has_words=bool(new.text or new.photos))
    return _received(receipt, phone_left_out=bool(draft.phone and not draft.has_consent))


def _lacking(
    place: LabelledPlace, draft: Draft, problems: dict[str, str], taken: Taken
) -> ResponseReturnValue:
    """The form with what is missing; whoever has only said that none of the open cases is his is not done yet."""
    if request.form.get("different") and not wants_json() and _NOT_YET.issuperset(problems):
        return _page(place, draft)
    return _given_back(place, replace(draft, problems=problems), _status_of(taken))


def _not_taken(
    refusal: Exception, place: LabelledPlace, draft: Draft, photos: list[StoredPhoto]
) -> ResponseReturnValue:
    """The form as it was, with what stood in the way."""
    if isinstance(refusal, SaidBefore):
        return _given_back(place, replace(draft, said_before=refusal.number), 409)
    if isinstance(refusal, Incomplete):
        return _given_back(place, replace(draft, problems=_in_words(refusal)), 422)
    return _given_back(place, _as_another_report(draft, photos, str(refusal)), 422)


def similar(place: LabelledPlace) -> ResponseReturnValue:
    """The part of the form that lists open cases, for what is chosen and typed so far; nothing is kept of it."""
    draft = Draft(
        "",
        category=request.values.get("category", ""),
        text=request.values.get("text", "")[:TEXT_READ],
        refused=_refused(),
    )
    return render_template("public/_similar.html", draft=draft, similar=_similar(place, draft), problem="")


def _similar(place: LabelledPlace, draft: Draft) -> list[SimilarCase]:
    if request.form.get("different"):  # whoever has just said that it is none of them is not asked once more
        return []
    asker = suggestions.Asker(device(), draft.refused)
    found = (
        suggestions.similar(place, draft.category, draft.text, now(), asker=asker)
        if draft.category
        else suggestions.open_here(place, asker)
    )
    return similar_cases(found, place.token)


def _said_of_case() -> tuple[str, str]:
    """What was said of an open case, by the name of its button, and the case's number; nothing for a report."""
    return next(((said, request.form[said]) for said in SAID_OF_CASE if request.form.get(said)), ("", ""))


def _status_of(taken: Taken) -> int:
    if taken.storage_failed:
        return 503
    return 429 if taken.slowed_s else 422


def _was_known(receipt: intake.Receipt, said: str, *, has_words: bool) -> ResponseReturnValue:
    """This phone had reported it: its own page, which it knows, without the code."""
    if said == "worse":
        words = _("记下了：更严重了。已经告诉正在办的人。")
    else:
        words = _("您已经报过这件事，写的已补充进去。") if has_words else _("您已经报过这件事，不用再报。")
    flash(words, "good")
    if wants_json():
        return _as_json(receipt)
    return redirect(url_for("following.show", key=receipt.credentials.link_key, progress=1), 303)


def _thanked(place: LabelledPlace, thanks: said_gone.Thanks, number: str) -> ResponseReturnValue:
    """已经没了 is taken: on the own page of whoever reported it before, else on one that only says thank you."""
    own = thanks.own
    if own:
        flash(_("记下了：您说已经没了。会有人去看，没了就了结，还在就接着办。"), "good")
    if wants_json():
        address = url_for("following.show", key=own.link_key) if own else _thanks_page(place)
        return jsonify(number=number, url=parts().config.public_url.rstrip("/") + address, code=""), 201
    if own is None:
        return redirect(_thanks_page(place), 303)
    return redirect(url_for("following.show", key=own.link_key, progress=1), 303)


def _thanks_page(place: LabelledPlace) -> str:
    return url_for("public.thanks", token=place.token)


def wants_json() -> bool:
    """Whether a program asks: the phone's own outbox, sending later what could not be sent at once."""
    return request.accept_mimetypes.best == "application/json"


def _read() -> Draft:
    form = request.form
    return Draft(
        key=form.get("key", ""),
        category=form.get("category", ""),
        text=form.get("text", "").replace("\r\n", "\n").strip(),
        phone=form.get("phone", "").strip(),
        has_consent=form.get("phone_consent") == "yes",
        refused=_refused(),
    )


def _refused() -> list[str]:
    """The numbers that the button 都不是 carries, and those it carried before."""
    given = [request.form.get("different", ""), *request.values.getlist("refused")]
    return list(dict.fromkeys(_NUMBER.findall(" ".join(given))))[:MOST_AT_ONCE]


def _report_of(draft: Draft, photos: list[StoredPhoto], sent_by: Sender) -> intake.NewReport:
    """A number without consent is left out here, before anything is stored."""
    return intake.NewReport(
        key=draft.key,
        category=draft.category,
        text=draft.text,
        device=sent_by.device,
        sender=sent_by,
        phone=draft.phone if draft.has_consent else "",
        language=language(),
        photos=photos,
        differs_from=draft.refused,
    )


def _problems(
    new: intake.NewReport, taken: Taken, check: Callable[[intake.NewReport], None]
) -> dict[str, str]:
    problems = {"photos": " ".join(taken.problems)} if taken.problems else {}
    try:
        check(new)
    except Incomplete as error:
        problems = _in_words(error) | problems
    if "photos" in problems:
        problems.pop("note_or_photo", None)  # the photo was there; it is enough to say what is wrong with it
    return problems


def _in_words(error: Incomplete) -> dict[str, str]:
    return {name: _(words) for name, words in error.problems.items()}


def _as_another_report(draft: Draft, photos: list[StoredPhoto], words: str) -> Draft:
    """The same words under a new key: sent once more they are a report of their own."""
    key = _new_key()
    return replace(
        draft,
        key=key,
        kept=kept_for(key, photos),
        problems={"text": _(words)},
        sent_before=_progress_of(draft.key),
    )


def _progress_of(report_key: str) -> str:
    """The private page of the report sent with a key; whoever knows the key sent it."""
    for secret in parts().config.secret_keys:
        link_key = credentials_for(report_key, secret).link_key
        try:
            report_behind(link_key)
        except LinkUnknown:
            continue
        return url_for("following.show", key=link_key)
    return ""


def _received(receipt: intake.Receipt, *, phone_left_out: bool) -> ResponseReturnValue:
    link_key, code = receipt.credentials.link_key, receipt.credentials.code
    session["told"] = {
        "link": hash_of(link_key),
        "code": code,
        "phone_left_out": phone_left_out,
        "until": (now() + RECEIPT_SHOWN_FOR).timestamp(),
    }
    if wants_json():
        return _as_json(receipt)
    return redirect(url_for("following.show", key=link_key), 303)


def _as_json(receipt: intake.Receipt) -> ResponseReturnValue:
    link_key, code = receipt.credentials.link_key, receipt.credentials.code
    url = parts().config.public_url.rstrip("/") + url_for("following.show", key=link_key)
    return jsonify(number=receipt.number, url=url, code=code), 201


def _given_back(place: LabelledPlace, draft: Draft, status: int) -> ResponseReturnValue:
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status in (429, 503) else {}
    if draft.slow:
        headers = {"Retry-After": str(draft.slow.retry_after_s)}
        if wants_json():
            return jsonify(as_json(draft.slow)), status, headers
    if wants_json():
        known = {"sent_before": draft.sent_before, "said_before": draft.said_before}
        known = {name: value for name, value in known.items() if value}
        return jsonify(problems=draft.problems, **known), status, headers
    return _page(place, draft), status, headers


def _page(place: LabelledPlace, draft: Draft) -> str:
    categories = form_categories(Standing(place.place_kind, place.area_code, place.address), now())
    everything = [*categories.likely, *(choice for members in categories.groups for choice in members)]
    return render_template(
        "public/report.html",
        place=place,
        visit_url=_visit_url(place),
        label_url=_label_url(place),
        draft=draft,
        form_stamp=stamp,
        errors=[(FIELDS[name], words) for name, words in draft.problems.items() if name in FIELDS],
        likely=[_tile(choice) for choice in categories.likely],
        rest=[
            (named(members[0].group_zh, members[0].group_en), [_tile(choice) for choice in members])
            for members in categories.groups
        ],
        why=_why(categories),
        guarded=_("、").join(named(choice.zh, choice.en) for choice in everything if choice.guarded),
        photo_limits=limits(),
        similar=_similar(place, draft),
    )


def _visit_url(place: LabelledPlace) -> str:
    """Where somebody on a round writes down what is said here: she scanned the label to say where she is."""
    person = current_person()
    if person is None or not person.has(Permission.VISITS_KEEP) or not may_visit(person, place.area_code):
        return ""
    return url_for("visits.new", place=place.token)


def _label_url(place: LabelledPlace) -> str:
    """Where staff who hang labels say that this one hangs, or see what is wrong with it."""
    person = current_person()
    if person is None or not person.may(Permission.LABELS_POST, place.area_code):
        return ""
    return url_for("labels.show", token=place.token)


def _tile(choice: CategoryChoice) -> dict[str, object]:
    return {
        "code": choice.code,
        "name": named(choice.zh, choice.en),
        "icon": choice.icon,
        "urgent": choice.urgent,
        "guarded": choice.guarded,
    }


def _why(categories: FormCategories) -> tuple[str, list[str]]:
    """How the big buttons are ordered: in one line, and what there is to know about it."""
    if categories.street:
        line = _("%(street)s上和这类地方常报的排在前面", street=categories.street)
    elif categories.knows_kind:
        line = _("这类地方常报的排在前面")
    else:
        line = _("这类地方容易出的问题排在前面")
    return line, [
        _("先看这类地方常报什么，再看这条街上常报什么；越近的越算数，三个月减半。"),
        _("一天最多变一次，报得多一倍的才往前排。"),
        _("只数次数，不看是谁报的；要保护报事人的类别，不按街数。"),
        _("没有合适的，点“其他”。"),
    ]


def _new_key() -> str:
    return str(uuid.uuid4())
