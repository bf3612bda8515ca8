"""What was fixed lately, in words for everybody: what, where, how long, and who says so. Days, never minutes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _

from tracker.domain.lifecycle import Outcome
from tracker.domain.words import N_
from tracker.services.front_page import FixedCase, FixedPhoto
from tracker.web.language import named
from tracker.web.reporter_words import day

_OUTCOMES = {
    Outcome.FIXED: N_("已解决。"),
    Outcome.PARTLY_FIXED: N_("解决了一部分。"),
    Outcome.FIXED_ON_SPOT: N_("当场解决。"),
}


@dataclass(frozen=True)
class FixedPicture:
    """A small public picture that leads to the large one."""

    url: str
    thumb_url: str
    caption: str
    alt: str


@dataclass(frozen=True)
class FixedWords:
    """One line of the list; `is_said`: the words are a person's own, in Chinese."""

    icon: str
    what: str
    where: str
    words: str
    is_said: bool
    ended: str
    ended_on: str
    took: str
    who_says: str
    is_confirmed: bool
    pictures: Sequence[FixedPicture]


def fixed_words(found: Iterable[FixedCase]) -> list[FixedWords]:
    """The list as the front page places it."""
    return [_line(case) for case in found]


def _line(case: FixedCase) -> FixedWords:
    what = named(case.category_zh, case.category_en)
    opened_on, ended_on = (at.astimezone(get_timezone()).date() for at in (case.opened_at, case.closed_at))
    pictures = [
        *(_picture(photo, _("处置前"), what) for photo in case.before),
        *(_picture(photo, _("处置后"), what) for photo in case.after),
    ]
    return FixedWords(
        icon=case.icon,
        what=what,
        where=case.where,
        words=case.words or _(_OUTCOMES[case.outcome]),
        is_said=bool(case.words),
        ended=day(ended_on),
        ended_on=ended_on.isoformat(),
        took=_took((ended_on - opened_on).days),
        who_says=_("报的人说解决了") if case.is_confirmed else _("核查通过，报的人没有回答"),
        is_confirmed=case.is_confirmed,
        pictures=pictures,
    )


def _took(days: int) -> str:
    if days <= 0:
        return _("当天结案")
    return ngettext("上报后第 %(num)s 天结案", "上报后第 %(num)s 天结案", days)


def _picture(photo: FixedPhoto, caption: str, what: str) -> FixedPicture:
    return FixedPicture(
        url_for("front.picture", name=photo.name),
        url_for("front.picture", name=photo.name, size="thumb"),
        caption,
        f"{caption} · {what}",
    )
