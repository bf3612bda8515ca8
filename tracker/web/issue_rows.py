"""A row of the list of issues as its template places it."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.services.issue_lists import IssueRow
from tracker.web.charts import spark
from tracker.web.clock_words import sla
from tracker.web.issue_words import STATES, number_words, ranking_words
from tracker.web.language import ago, named


def issue_row(row: IssueRow) -> dict[str, Any]:
    """Codes become words, the ten weeks a small picture."""
    ranking = row.ranking
    trend = _(
        "近 14 天 %(late)s 份，此前 8 周平均每 14 天 %(usual)s 份",
        late=ranking.late,
        usual=number_words(ranking.per_fortnight),
    )
    return {
        "number": row.number,
        "url": url_for("issues.show", number=row.number),
        "title": row.title,
        "category": named(row.category_zh, row.category_en),
        "icon": row.icon,
        "area": row.area,
        "state": row.state.value,
        "state_words": STATES[row.state],
        "must_review": row.must_review,
        "sla": sla(row.promise) if row.promise else None,
        "owner": row.owner,
        "cases": ngettext("%(num)s 件", "%(num)s 件", row.cases),
        "open": row.open,
        "reporters": ngettext("%(num)s 人", "%(num)s 人", row.reporters),
        "places": ngettext("%(num)s 个地点", "%(num)s 个地点", ranking.places),
        "score": number_words(ranking.score),
        "factors": ranking_words(ranking),
        "trend": trend,
        "spark": spark(row.weeks, trend),
        "last": ago(row.last_at) if row.last_at else "",
        "last_at": row.last_at.isoformat() if row.last_at else "",
    }
