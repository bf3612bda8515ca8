"""What the page of an issue says about whether it helped: a sentence, a picture and a table that agree."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, render_template
from flask_babel import force_locale

from tracker.domain.look_back import Answer, compare
from tracker.services.look_backs import LookBackView, Review
from tracker.web.look_back_words import look_back_panel, sentence

ENDED = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)


def a_review(*counts: tuple[int, int, int, int]) -> Review:
    """(days, before, days before, after) of those that were made; the last period is to come."""
    views = [
        LookBackView(
            days,
            ENDED - timedelta(days=20),
            ENDED,
            ENDED + timedelta(days=days),
            ENDED + timedelta(days=days),
            known,
            compare(before, after, known, days),
        )
        for days, before, known, after in counts
    ]
    due = ENDED + timedelta(days=90)
    views.append(LookBackView(90, ENDED, ENDED, due, None, 0, None))
    return Review(ENDED, views, {Answer.BETTER: 5, Answer.SAME: 2, Answer.WORSE: 0})


@pytest.mark.one_database  # no table is read
@pytest.mark.parametrize(
    ("found", "words"),
    [
        ((30, 31, 30, 9), "前后各 30 天：31 → 9 件，减少 71%，95% 区间：减少 88% 到 减少 38%，确实少了"),
        ((30, 12, 30, 9), "前后各 30 天：12 → 9 件，减少 25%，95% 区间：减少 72% 到 增加 94%，看不出有变化"),
        ((7, 3, 7, 1), "前后各 7 天：3 → 1 件，数据太少，还看不出"),
        ((7, 0, 7, 8), "前后各 7 天：0 → 8 件，95% 区间：增加 71% 到 没有上限，反而多了"),
        (
            (30, 20, 10, 15),
            "之前 10 天 20 件，之后 30 天 15 件，减少 75%，95% 区间：减少 88% 到 减少 49%，确实少了",
        ),
    ],
)
def test_what_was_found_is_said_plainly(app: Flask, found: tuple[int, int, int, int], words: str) -> None:
    days, before, known, after = found
    with app.test_request_context():
        assert sentence(days, known, compare(before, after, known, days)) == words


@pytest.mark.one_database  # no table is read
@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en"])
def test_the_panel_says_it_in_words_picture_and_table(app: Flask, locale: str) -> None:
    with app.test_request_context(), force_locale(locale):
        panel = look_back_panel(a_review((7, 8, 7, 3), (30, 31, 30, 9)))
        html = render_template("look_back/_panel.html", look_back=panel)
    assert panel is not None
    assert panel.tone == "good"
    assert html.count("looks-before") == 2
    assert html.count('<th role="rowheader"') == 3
    assert "-71%" not in html
    assert "style=" not in html
    assert "31" in html


@pytest.mark.one_database  # no table is read
def test_nothing_done_is_nothing_said(app: Flask) -> None:
    with app.test_request_context():
        assert look_back_panel(None) is None
        assert render_template("look_back/_panel.html", look_back=None).strip() == ""
        early = look_back_panel(a_review())
        assert early is not None
        assert "90 天的回头看在" in early.headline
        assert not early.drawing
