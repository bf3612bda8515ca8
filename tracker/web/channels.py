"""Where a person hears of things beside the bell: his own choice of channel, address, digest and quiet hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy

from tracker.adapters.message import NotDelivered
from tracker.domain.address_mask import masked_address
from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import channels
from tracker.services.channel_trial import send_trial
from tracker.services.channels import CHOICES, AddressGone, ChannelChoice, ChannelRefused
from tracker.services.parts import parts
from tracker.web import words
from tracker.web.access import current_actor, requires
from tracker.web.language import LANGUAGES, language
from tracker.web.refusals import refusal

bp = Blueprint("channels", __name__, url_prefix="/login/channels")

NAMES: Mapping[str, words.Words] = {
    "mail": _lazy("邮件"),
    "webhook": _lazy("网络钩子"),
    "chat": _lazy("企业微信、钉钉、飞书群"),
}
_LANGUAGE_NAMES = (("zh", "中文"), ("en", "English"))


@dataclass(frozen=True)
class Sheet:
    """One channel's form.

    Attributes:
        address: what was just typed and came back; a stored one is never shown whole.
        masked: the stored one; empty: none yet.
        problems: field → words.
    """

    channel: str
    name: str
    hint: str
    choice: ChannelChoice
    address: str = ""
    masked: str = ""
    problems: Mapping[str, str] | None = None


@bp.get("")
@requires(Permission.SESSIONS_OWN)
def show() -> ResponseReturnValue:
    return _page(_sheets())


@bp.post("/<channel>")
@requires(Permission.SESSIONS_OWN)
def choose(channel: str) -> ResponseReturnValue:
    """Keep what was typed; an address left empty stays the one there is."""
    _require_known(channel)
    stored = {each.channel: each for each in channels.own_channels(_user_id())}.get(channel)
    typed = _typed(channel)
    choice = replace(typed, address=typed.address or (stored.address if stored else ""))
    try:
        _require_address(choice)
        channels.choose(_user_id(), choice)
    except ChannelRefused as error:
        problems = {error.field: refusal(error)}
        return _page(_sheets(replace(typed, address=""), typed.address, problems)), 422
    flash(_("%(name)s：已保存。", name=NAMES[channel]), "good")
    return redirect(url_for("channels.show"), 303)


@bp.post("/<channel>/trial")
@requires(Permission.SESSIONS_OWN)
def trial(channel: str) -> ResponseReturnValue:
    """Send a trial message to the stored address."""
    _require_known(channel)
    try:
        send_trial(_user_id(), channel, now())
    except AddressGone:
        flash(_("先保存地址，再发测试消息。"), "wait")
    except NotDelivered as error:
        flash(_("测试消息没有送出：%(why)s", why=refusal(error)), "bad")
    else:
        flash(_("测试消息已送出，请到那边看看。"), "good")
    return redirect(url_for("channels.show"), 303)


@bp.post("/<channel>/off")
@requires(Permission.SESSIONS_OWN)
def give_up(channel: str) -> ResponseReturnValue:
    """Hear nothing there any more; the address is erased."""
    _require_known(channel)
    channels.give_up(_user_id(), channel)
    flash(_("%(name)s：地址已删除，不再发送。", name=NAMES[channel]), "good")
    return redirect(url_for("channels.show"), 303)


def _sheets(
    returned: ChannelChoice | None = None, address: str = "", problems: Mapping[str, str] | None = None
) -> list[Sheet]:
    stored = {each.channel: each for each in channels.own_channels(_user_id())}
    sheets = []
    for channel in CHOICES:
        known = stored.get(channel)
        sheet = Sheet(
            channel=channel,
            name=str(NAMES[channel]),
            hint=_hint(channel),
            choice=known or ChannelChoice(channel, "", language()),
            masked=masked_address(channel, known.address) if known else "",
        )
        if returned and returned.channel == channel:
            sheet = replace(sheet, choice=returned, address=address, problems=problems)
        sheets.append(sheet)
    return sheets


def _hint(channel: str) -> str:
    config = parts().config
    match channel:
        case "mail":
            return _("您的工作邮箱")
        case "webhook":
            hosts = _("、").join(config.webhook_hosts)
            return (
                _("给程序用。可以发到：%(hosts)s", hosts=hosts) if hosts else _("管理员还没有允许任何主机。")
            )
        case _:
            schemes = _("、").join(f"{scheme}://" for scheme in config.chat_schemes)
            return _("群机器人的地址，以这些开头：%(schemes)s", schemes=schemes)


def _typed(channel: str) -> ChannelChoice:
    form = request.form
    wished = form.get("language", "")
    return ChannelChoice(
        channel=channel,
        address=form.get("address", "").strip(),
        language=wished if wished in LANGUAGES else LANGUAGES[0],
        is_digest=form.get("digest") == "yes",
        quiet_from=form.get("quiet_from", "").strip(),
        quiet_to=form.get("quiet_to", "").strip(),
    )


def _require_address(choice: ChannelChoice) -> None:
    if not choice.address:
        raise ChannelRefused("address", _("请填写地址。"))


def _page(sheets: Sequence[Sheet]) -> str:
    errors = [
        (f"{sheet.channel}-{field}", problem)
        for sheet in sheets
        for field, problem in (sheet.problems or {}).items()
    ]
    return render_template("channels/show.html", sheets=sheets, errors=errors, languages_of=_LANGUAGE_NAMES)


def _require_known(channel: str) -> None:
    if channel not in CHOICES:
        abort(404)


def _user_id() -> int:
    user_id = current_actor().user_id
    assert user_id is not None, "only staff sign in"  # noqa: S101 - narrows the type
    return user_id
