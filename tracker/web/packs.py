"""The pack of a meeting: as it would be now, each frozen edition with what came later, and both on paper."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.case_rules import Incomplete
from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import packs
from tracker.services.pack_facts import Facts, Note
from tracker.services.pack_updates import updates_of
from tracker.services.packs import Edition, NothingOnAgenda, PackClosed, StaleNote
from tracker.services.papers import printed
from tracker.web.access import current_actor, requires
from tracker.web.names import Names
from tracker.web.pack_update_words import ITEM_STATES, update_words
from tracker.web.pack_words import alike_words, invite_words, seal_words, section_views
from tracker.web.papers import paper_answer
from tracker.web.uploads import photo_answer

bp = Blueprint("packs", __name__, url_prefix="/meetings/<number>/pack")


@bp.get("")
@requires(Permission.MEETINGS_KEEP)
def show(number: str) -> ResponseReturnValue:
    """The latest edition; while there is none, what it would say."""
    found = packs.editions(number, current_actor())
    return _edition(number, found[0], found) if found else _draft(number)


@bp.get("/draft")
@requires(Permission.MEETINGS_KEEP)
def draft(number: str) -> ResponseReturnValue:
    """What the next edition would say, with what can be added by hand."""
    return _draft(number)


@bp.get("/<row:edition>")
@requires(Permission.MEETINGS_KEEP)
def edition(number: str, edition: int) -> ResponseReturnValue:
    """One edition, and below each section what came after it."""
    actor = current_actor()
    return _edition(number, packs.edition(number, edition, actor), packs.editions(number, actor))


@bp.get("/<row:edition>.pdf")
@requires(Permission.MEETINGS_KEEP)
def pdf(number: str, edition: int) -> Response:
    """One edition on paper, as it was frozen: the same file every time."""
    kept = packs.edition(number, edition, current_actor())
    photos = packs.photos_of(kept.facts)
    sources = [f"picture:{photo['sha256']}" for photo in photos]
    html = render_template("packs/paper.html", **_frozen(kept, sources, {}))
    content = printed(html, {photo["sha256"]: photo["sha256"] for photo in photos})
    return paper_answer(content, f"{number}-pack-{edition}.pdf")


@bp.get("/<row:edition>/photos/<row:position>")
@requires(Permission.MEETINGS_KEEP)
def photo(number: str, edition: int, position: int) -> Response:
    """A photo of an edition, whole or small."""
    sha256 = packs.photo_of(number, edition, position, current_actor())
    return photo_answer(sha256, f"{number}-{position}", thumb=request.args.get("size") == "thumb")


@bp.post("/freeze")
@requires(Permission.MEETINGS_KEEP)
def freeze(number: str) -> ResponseReturnValue:
    """Make an edition of what the pack says now."""
    key = request.form.get("key", "")[:64] or secrets.token_urlsafe(18)
    try:
        made = packs.freeze(number, key, by=current_actor(), now=now())
    except (PackClosed, NothingOnAgenda) as error:
        flash(_(str(error)), "bad")
        return redirect(url_for("packs.show", number=number), 303)
    flash(_("简报第 %(n)s 版已定稿。以后的变化标为“更新”，不改动这一版。", n=made), "good")
    return redirect(url_for("packs.edition", number=number, edition=made), 303)


@bp.post("/notes/<row:item_id>")
@requires(Permission.MEETINGS_KEEP)
def note(number: str, item_id: int) -> ResponseReturnValue:
    """Keep what is added to one section by hand."""
    form = request.form
    given = Note(
        form.get("costs", ""),
        form.get("background", ""),
        tuple(form.getlist("invite")),
        form.get("version", -1, type=int),
    )
    try:
        packs.save_note(number, item_id, given, by=current_actor(), now=now())
    except StaleNote:
        problem = _("没有保存：刚才别人改过这一项。现在的内容在上面，您写的在下面的格子里，请合并后再保存。")
        return _draft(number, {item_id: given}, {item_id: {"costs": problem}}, 409)
    except Incomplete as error:
        problems = {name: _(why) for name, why in error.problems.items()}
        return _draft(number, {item_id: given}, {item_id: problems}, 422)
    except PackClosed as error:
        flash(_(str(error)), "bad")
        return redirect(url_for("packs.show", number=number), 303)
    flash(_("已保存，定稿时写进简报。"), "good")
    return redirect(url_for("packs.draft", number=number, _anchor=f"section-{item_id}"), 303)


def _draft(
    number: str,
    typed: Mapping[int, Note] | None = None,
    problems: Mapping[int, Mapping[str, str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    meeting, facts, notes = packs.draft_of(number, current_actor(), now())
    sources = [url_for("desk.photo", photo_id=photo["id"]) for photo in packs.photos_of(facts)]
    forms = {
        item.issue_id: {
            "item": item,
            "note": (typed or {}).get(item.id, notes.get(item.issue_id, Note())),
            "version": notes.get(item.issue_id, Note()).version,
            "problems": (problems or {}).get(item.id, {}),
        }
        for item in meeting.agenda
    }
    page = {
        "meeting": meeting,
        "may_freeze": meeting.state in packs.FREEZABLE,
        "key": secrets.token_urlsafe(18),
        "latest": next((one.number for one in packs.editions(number, current_actor())), 0),
        "forms": forms,
        "departments": list(Names().departments.items()),
    }
    return render_template("packs/draft.html", **page, **_placed(facts, sources, {})), status


def _edition(number: str, shown: Edition, known: list[Edition]) -> ResponseReturnValue:
    moment = now()
    meeting, current, _notes = packs.draft_of(number, current_actor(), moment)
    updates = updates_of(shown, current, moment)
    sources = [
        url_for("packs.photo", number=number, edition=shown.number, position=position)
        for position in range(1, len(packs.photos_of(shown.facts)) + 1)
    ]
    page = {
        "meeting": meeting,
        "may_freeze": meeting.state in packs.FREEZABLE,
        "key": secrets.token_urlsafe(18),
        "editions": known,
        "latest": known[0].number,
        "updated": sum(map(len, updates.values())),
        "as_of": moment,
    }
    return render_template("packs/edition.html", **page, **_frozen(shown, sources, updates))


def _frozen(shown: Edition, sources: list[str], updates: Mapping[int, Any]) -> dict[str, Any]:
    return {
        "edition": shown,
        "seal": seal_words(shown.number, shown.frozen_at),
        **_placed(shown.facts, sources, updates),
    }


def _placed(facts: Facts, sources: list[str], updates: Mapping[int, Any]) -> dict[str, Any]:
    """What every shape of a pack places."""
    return {
        "facts": facts,
        "sections": section_views(facts["sections"], sources, updates),
        "open_actions": facts["open_actions"],
        "opening_updates": [update_words(one) for one in updates.get(0, ())],
        "item_states": ITEM_STATES,
        "invite_words": invite_words,
        "alike_words": alike_words,
    }
