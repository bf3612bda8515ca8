"""The minutes as pages, without script: the same fields, the same versions, nothing lost."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import a_person, a_report
from tests.held_meetings import Held, a_meeting
from tests.unit.adapters.qr_reading import opened
from tests.web.staff import Desk, a_desk, signed_in, text_of
from tracker.domain.permissions import Role
from tracker.extensions import db, now
from tracker.models import ActionItem


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


@pytest.fixture
def held(app: Flask, desk: Desk) -> Held:
    """A meeting that began half an hour ago."""
    with app.app_context():
        a_person(Role.SUPERVISOR, department="DJ", area="PP-1", name="李梅")
        moment = now()
        number = a_report(desk.street.token, at=moment - timedelta(days=4)).number
        return a_meeting(
            desk.crew, (number,), at=moment - timedelta(days=2), starts_at=moment - timedelta(minutes=30)
        )


@pytest.fixture
def secretary(app: Flask, held: Held) -> FlaskClient:  # noqa: ARG001 - the meeting she keeps
    return signed_in(app, "secretary")


@pytest.fixture
def li(app: Flask, held: Held) -> FlaskClient:  # noqa: ARG001 - the meeting she looks after
    return signed_in(app, "supervisor-dj")


def fields_of(html: str) -> dict[str, str]:
    """The big form as a browser without script would send it."""
    form = re.search(r'<form class="minutes-form".*?</form>', html, re.DOTALL)
    assert form
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[0]))
    sent |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form[0], re.DOTALL))
    return {name: text for name, text in sent.items() if "newline0" not in name}


def lines_in(html: str) -> list[str]:
    """Names of the lines on the page."""
    return [uid for uid in re.findall(r'data-line="(\w+)"', html) if uid != "newline0"]


def save(client: FlaskClient, held: Held, **typed: Any) -> str:
    """Open the page, type, press the button; the page that follows."""
    return resave(client, held, fields_of(text_of(client.get(f"/meetings/{held.number}/minutes"))), **typed)


def resave(client: FlaskClient, held: Held, form: dict[str, str], **typed: Any) -> str:
    """The same with a page that was opened before."""
    sent = form | {name.replace("__", "."): text for name, text in typed.items()}
    return text_of(client.post(f"/meetings/{held.number}/minutes", data=sent, follow_redirects=True))


def decided(client: FlaskClient, held: Held) -> None:
    """A decision and one complete line."""
    page = text_of(client.get(f"/meetings/{held.number}/minutes"))
    item, uid = held.items[0], lines_in(page)[0]
    due = (now_of(client) + timedelta(days=30)).date().isoformat()
    line = {"action": "划线", "department": "ZF", "person": "郑王敏", "due": due, "measure": "线外不超过三辆"}
    typed = {f"line.{item}.{uid}.{part}": text for part, text in line.items()}
    typed[f"decision.{item}"] = "年底前划好停放线。"
    saved = resave(client, held, fields_of(page) | typed)
    assert "已保存" in saved


def now_of(client: FlaskClient) -> Any:
    with client.application.app_context():
        return now()


def test_the_button_saves_what_was_typed_and_two_forms_meet_without_loss(
    held: Held, secretary: FlaskClient, li: FlaskClient
) -> None:
    item = held.items[0]
    slow = fields_of(text_of(li.get(f"/meetings/{held.number}/minutes")))
    first = save(secretary, held, **{f"notes__{item}": "先划线。\n再清运。", "remarks": "下次十二月。"})
    assert "先划线。\n再清运。" in first
    assert "已保存" in first
    second = resave(li, held, slow, **{f"notes__{item}": "先清运。", f"decision__{item}": "年底前划线。"})
    for words in ("有两份不同的文字", "先划线。", "先清运。", "年底前划线。", "下次十二月。", "保留现在的"):
        assert words in second
    assert "secretary·王敏 正在写" in second
    settle = re.search(r'<form method="post" id="settle-(\d+)" action="([^"]+)".*?</form>', second, re.DOTALL)
    assert settle
    choice = dict(re.findall(r'name="(\w+)" value="([^"]*)"', settle[0])) | {"choice": "merge"}
    merged = text_of(li.post(settle[2], data=choice, follow_redirects=True))
    assert "先划线。\n再清运。\n先清运。</textarea>" in merged
    assert "有两份不同的文字" not in merged


def test_minutes_are_looked_over_approved_locked_and_printed(
    app: Flask, held: Held, secretary: FlaskClient
) -> None:
    base = f"/meetings/{held.number}/minutes"
    assert "第 1 项 · 决定：请写明决定；没有形成决定也请写明。" in text_of(secretary.get(f"{base}/review"))
    decided(secretary, held)
    late = fields_of(text_of(secretary.get(base)))
    review = text_of(secretary.get(f"{base}/review"))
    assert "将生成的行动项" in review
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', review))
    stale = secretary.post(f"{base}/approve", data=form | {"cursor": "1"})
    assert stale.status_code == 409
    approved = text_of(secretary.post(f"{base}/approve", data=form, follow_redirects=True))
    for words in ("已批准，已锁定", "第 1 版", "X26-0001", "年底前划好停放线。", "线外不超过三辆"):
        assert words in approved
    assert secretary.get(base).location.endswith("/approved")
    unsent = secretary.post(base, data=late | {"remarks": "批准以后才想起来的话"})
    assert unsent.status_code == 409
    assert "批准以后才想起来的话" in text_of(unsent)
    with app.app_context():
        assert [item.number for item in db.session.query(ActionItem)] == ["X26-0001"]
    document = opened(secretary.get(f"{base}/1.pdf").data)
    words_on_paper = document[0].get_textpage().get_text_range()
    for words in ("会议纪要", "第 1 版", "年底前划好停放线", "X26-0001"):
        assert words in words_on_paper


def test_a_correction_shows_what_went_and_what_came(
    held: Held, secretary: FlaskClient, li: FlaskClient
) -> None:
    base, item = f"/meetings/{held.number}/minutes", held.items[0]
    decided(secretary, held)
    review = text_of(secretary.get(f"{base}/review"))
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', review))
    secretary.post(f"{base}/approve", data=form)
    page = text_of(li.get(f"{base}/correct"))
    token = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    typed = token | {f"decision.{item}": "明年一月前划好停放线。"}
    missing = li.post(f"{base}/correct", data=typed)
    assert missing.status_code == 422
    assert "明年一月前划好停放线。" in text_of(missing)
    corrected = text_of(
        li.post(f"{base}/correct", data=typed | {"reason": "日期写错"}, follow_redirects=True)
    )
    for words in ("第 2 版", "更正原因：日期写错", "<del>底</del>", "<ins>一月</ins>", "所有版本"):
        assert words in corrected
    second = li.post(f"{base}/correct", data=typed | {"reason": "又错"})
    assert second.status_code == 409
    first = text_of(secretary.get(f"{base}/1"))
    assert "这不是最新的一版" in first
    assert "年底前划好停放线。" in first


def test_a_script_saves_fields_and_learns_what_others_wrote(
    held: Held, secretary: FlaskClient, li: FlaskClient
) -> None:
    base, name = f"/meetings/{held.number}/minutes", f"notes.{held.items[0]}"

    def send(client: FlaskClient, **body: Any) -> Any:
        token = fields_of(text_of(client.get(base)))["csrf_token"]
        return client.post(base, json=body, headers={"X-CSRFToken": token, "Accept": "application/json"})

    change = {"name": name, "based_on": 0, "text": "先划线。", "copy": None}
    told = send(secretary, key="k1", since=0, changes=[change]).get_json()
    assert told["results"] == [{"name": name, "outcome": "saved", "version": 1, "copy": None}]
    again = send(secretary, key="k1", since=0, changes=[change]).get_json()
    assert again["results"] == told["results"]
    state = li.get(f"{base}/state?since=0").get_json()
    assert state["fields"][name] == {"text": "先划线。", "version": 1, "who": "secretary·王敏"}
    assert state["writers"] == "secretary·王敏 正在写第 1 项"
    later = li.get(f"{base}/state?since={state['cursor']}").get_json()
    assert later["fields"] == {}
    copy = send(li, key="k2", since=0, changes=[change | {"text": "先清运。"}]).json
    assert copy["results"][0]["outcome"] == "copy"
    assert "先清运。" in copy["copies"][name]
    assert send(li, key="k1", since=0, changes=[change | {"text": "别的"}]).status_code == 422
    for wrong in ({}, {"key": "k3"}, {"key": "k3", "since": 0, "changes": [{"name": "x"}]}):
        assert send(li, **wrong).status_code == 400
