"""A pack as its pages and its paper place it: plain values become words, points a plan, weeks bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy
from flask_babel import ngettext
from markupsafe import Markup

from tracker.domain.look_back import Answer, Verdict
from tracker.services.pack_facts import Facts
from tracker.services.pack_updates import Update
from tracker.web.charts import Chart, WeekBar, trend_bars
from tracker.web.kept_words import kept_day, kept_name, short_day
from tracker.web.language import moment
from tracker.web.look_back_words import ANSWERS, VERDICTS
from tracker.web.pack_update_words import EVENTS, update_words
from tracker.web.place_map import Landmark, MapPoint, PlaceMap, coarse, coarse_map, place_map, spread

INVITED_FOR: Mapping[str, Any] = {
    "cases": _lazy("主办这些案件"),
    "added": _lazy("书记补充"),
    "invited": _lazy("已邀请"),
}
ALIKE: Mapping[str, Any] = {
    "category": _lazy("类别相同"),
    "near": _lazy("相距不远"),
    "words": _lazy("说法相近"),
}


@dataclass(frozen=True)
class SectionView:
    """One section, for templates/packs/section.html.

    Attributes:
        map: the plan with its list; None: no position is known, or only a rough circle may be shown.
        circle: that rough circle; empty otherwise.
        photos: (source of the picture, what it shows).
    """

    facts: Mapping[str, Any]
    title: str
    summary: str
    counted: Sequence[tuple[str, str]]
    map: PlaceMap | None
    circle: Markup
    trend: Chart
    photos: Sequence[tuple[str, str]]
    timeline: Sequence[tuple[str, str]]
    costs: Sequence[tuple[str, str]]
    look_back: Sequence[str]
    updates: Sequence[tuple[str, str]]


def section_views(
    sections: Sequence[Facts],
    sources: Sequence[str],
    updates: Mapping[int, Sequence[Update]],
    *,
    for_guests: bool = False,
) -> list[SectionView]:
    """The sections of a pack.

    Args:
        sources: where each photo's picture comes from, in the order of the sections.
        updates: by id of the issue; empty for what is not frozen.
    """
    views, taken = [], 0
    for section in sections:
        count = len(section["photos"])
        pictures = sources[taken : taken + count]
        taken += count
        later = updates.get(section["issue"].get("id", 0), ())
        views.append(_section(section, pictures, later, for_guests=for_guests))
    return views


def _section(
    section: Facts, pictures: Sequence[str], updates: Sequence[Update], *, for_guests: bool
) -> SectionView:
    is_rough = for_guests or section["issue"]["is_guarded"]
    plan, circle = _drawn(section, is_rough=is_rough)
    return SectionView(
        facts=section,
        title=section["issue"]["title"],
        summary=_summary(section),
        counted=_counted(section["counts"], for_guests=for_guests),
        map=plan,
        circle=circle,
        trend=_trend(section["trend"]),
        photos=[
            (source, _photo_words(photo)) for source, photo in zip(pictures, section["photos"], strict=True)
        ],
        timeline=[_timeline_words(row) for row in section["timeline"]],
        costs=() if for_guests else _costs(section["costs"]),
        look_back=_look_back(section.get("look_back")),
        updates=[update_words(update) for update in updates],
    )


def _summary(section: Facts) -> str:
    counts = section["counts"]
    words = _(
        "%(places)s 个地点、%(voices)s 人反映，共 %(reports)s 件上报",
        places=counts["places"],
        voices=counts["voices"],
        reports=counts["reports"],
    )
    if section["since"]:
        words = _("自%(day)s起，%(words)s", day=kept_day(section["since"]), words=words)
    return _(
        "%(words)s；%(open)s 件在办，%(ended)s 件已结束。",
        words=words,
        open=counts["open"],
        ended=counts["ended"],
    )


def _counted(counts: Facts, *, for_guests: bool) -> list[tuple[str, str]]:
    shown = [
        (_("地点"), str(counts["places"])),
        (_("反映人数"), str(counts["voices"])),
        (_("上报"), str(counts["reports"])),
        (_("在办"), str(counts["open"])),
    ]
    return shown if for_guests else [*shown, (_("已结束"), str(counts["ended"]))]


def _drawn(section: Facts, *, is_rough: bool) -> tuple[PlaceMap | None, Markup]:
    points = [
        MapPoint(lat, lon, name, kind, cases, address)
        for lat, lon, name, address, kind, cases in section["points"]
    ]
    landmarks = [Landmark(lat, lon, name) for lat, lon, name in section["landmarks"]]
    located = [point for point in points if point.lat is not None]
    if not located:
        return None, Markup()
    if is_rough:
        return None, coarse_map(coarse(spread(located)), landmarks)
    return place_map(points, landmarks), Markup()


def _trend(trend: Facts) -> Chart:
    before = f"{trend['per_fortnight']:.1f}".removesuffix(".0")
    bars = [
        WeekBar(date.fromisoformat(since), count, index >= len(trend["weeks"]) - 2)
        for index, (since, count) in enumerate(trend["weeks"])
    ]
    late = f"{trend['late']:.1f}".removesuffix(".0")
    sentence = _("最近 14 天 %(late)s 件；此前 8 周平均每 14 天 %(before)s 件。", late=late, before=before)
    return trend_bars(bars, sentence, "")


def _photo_words(photo: Facts) -> str:
    day = short_day(photo["on"])
    if "place" not in photo:
        return _("现场照片，%(day)s", day=day)
    return _("%(place)s，%(day)s，案件 %(number)s", place=photo["place"], day=day, number=photo["case"])


def _timeline_words(row: Facts) -> tuple[str, str]:
    words = str(EVENTS.get(row["what"], row["what"]))
    if row["meeting"]:
        words = _("%(words)s（%(number)s）", words=words, number=row["meeting"])
    return kept_day(row["on"]), (
        _("%(term)s：%(change)s", term=words, change=row["note"]) if row["note"] else words
    )


def _costs(costs: Facts) -> list[tuple[str, str]]:
    rows = [(_("派人处置"), ngettext("%(num)s 次", "%(num)s 次", costs["rounds"]))]
    for name, words in (("reworks", _("返工")), ("reopens", _("重开")), ("returns", _("退单"))):
        if costs[name]:
            rows.append((words, ngettext("%(num)s 次", "%(num)s 次", costs[name])))
    if costs["working_hours"] is not None and costs["working_hours"] >= 1:
        rows.append((_("处置用时"), _("%(n)s 工作小时", n=f"{costs['working_hours']:.0f}")))
    rows.append((_("费用"), costs["words"] or _("（没有登记）")))
    return rows


def _look_back(kept: Facts | None) -> list[str]:
    """What was found 7, 30 and 90 days after something was done, and what those say who reported it."""
    if not kept:
        return []
    lines = [
        _("%(days)s 天：%(words)s", days=one["days"], words=_comparison(one)) for one in kept["look_backs"]
    ]
    answers = [
        _("%(answer)s %(n)s 人", answer=ANSWERS[Answer(answer)], n=count)
        for answer, count in kept["answers"].items()
        if count
    ]
    return [*lines, _("报事人说：%(answers)s", answers=_("、").join(answers))] if answers else lines


def _comparison(one: Facts) -> str:
    words = _("之前 %(before)s 件，之后 %(after)s 件", before=one["before"], after=one["after"])
    parts = [words, str(VERDICTS[Verdict(one["verdict"])])]
    if one["verdict"] != Verdict.TOO_FEW and one["change_percent"] is not None:
        high = _("没有上限") if one["high_percent"] is None else f"{one['high_percent']:+d}%"
        interval = f"{one['low_percent']:+d}% … {high}"
        parts.insert(
            1,
            _(
                "变化 %(change)s（95%% 区间 %(interval)s）",
                change=f"{one['change_percent']:+d}%",
                interval=interval,
            ),
        )
    return _("，").join(parts)


def invite_words(section: Facts) -> list[tuple[str, str]]:
    """Departments to invite and why: (name, reason)."""
    return [
        (
            kept_name(one["name"]),
            _("%(why)s，已邀请", why=INVITED_FOR[one["why"]])
            if one["is_invited"] and one["why"] != "invited"
            else str(INVITED_FOR[one["why"]]),
        )
        for one in section["invite"]
    ]


def alike_words(why: Sequence[str]) -> str:
    """What a similar issue has in common with this one."""
    return _("、").join(str(ALIKE.get(each, each)) for each in why)


def seal_words(number: int, frozen_at: datetime) -> str:
    """What the head of a frozen pack says: ``第 2 版 · 11月25日 周三 10:32 定稿``."""
    return _("第 %(n)s 版 · %(when)s 定稿", n=number, when=moment(frozen_at))
