"""Labels on pages: a passer-by tells, staff post with a photo, the desk prints, replaces, imports and exports."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests import factories
from tests.unit.adapters.qr_reading import pdf_page, read_by_zxing
from tests.unit.adapters.test_label_papers import LOGO
from tests.web.reporting import Reporter
from tests.web.staff import Desk, a_desk, hidden, signed_in, statements, text_of
from tracker.domain.qr_token import label_url
from tracker.extensions import db
from tracker.models import Label, LabelScan, LabelTrouble
from tracker.services import labels
from tracker.services.parts import parts
from tracker.services.places import labelled_place

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120 Mobile"}


@pytest.fixture
def desk(app: Flask) -> Desk:
    return a_desk(app)


def multipart(client: FlaskClient, address: str, **fields: Any) -> TestResponse:
    values = {
        name: FileStorage(*value) if isinstance(value, tuple) else value for name, value in fields.items()
    }
    boundary, body = encode_multipart(values)
    return client.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def token_of(client: FlaskClient, address: str) -> str:
    return hidden(text_of(client.get(address)), "csrf_token")


def state_of(app: Flask, token: str) -> str:
    with app.app_context():
        return labelled_place(token).state


# ---------------------------------------------------------------- passers-by


def test_a_look_at_the_form_counts_once_a_day_and_neither_programs_nor_staff_count(
    app: Flask, desk: Desk
) -> None:
    address = f"/q/{desk.street.token}"
    phone = app.test_client()
    page = text_of(phone.get(address))
    assert f'data-seen="{address}/seen"' in page
    csrf = hidden(page, "csrf_token")
    for _ in range(2):
        answer = phone.post(f"{address}/seen", data={"csrf_token": csrf}, headers=PHONE)
        assert answer.status_code == 204
    bot = {"User-Agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)"}
    other = app.test_client()
    other.post(f"{address}/seen", data={"csrf_token": token_of(other, address)}, headers=bot)
    staff = signed_in(app, "operator")
    assert "data-seen" not in text_of(staff.get(address))
    staff.post(f"{address}/seen", data={"csrf_token": token_of(staff, address)}, headers=PHONE)
    with app.app_context():
        assert db.session.scalars(select(LabelScan.scans)).all() == [1]


def test_one_tap_says_that_a_label_is_broken_and_two_say_no_more(
    app: Flask, street: factories.Street, owner: Reporter
) -> None:
    owner.get(f"/q/{street.token}")
    assert "标牌破损？不在这里？" in owner.text()
    address = f"/q/{street.token}/label"
    told = ""
    for _ in range(2):
        owner.get(address)
        answer = owner.client.post(address, data=owner.hidden() | {"what": "damaged"})
        assert answer.status_code == 303
        told = answer.location
    owner.get(told)
    assert "谢谢！已记下这张标牌破损" in owner.text()
    with app.app_context():
        assert db.session.scalars(select(LabelTrouble.kind)).all() == ["damaged"]


def test_only_the_page_about_the_label_may_ask_where_the_phone_is(
    app: Flask, street: factories.Street, owner: Reporter
) -> None:
    address = f"/q/{street.token}/label"
    assert "geolocation=()" in owner.get(f"/q/{street.token}").headers["Permissions-Policy"]
    assert "geolocation=(self)" in owner.get(address).headers["Permissions-Policy"]
    lat, lon = factories.SPOT
    near = owner.client.post(
        address, data=owner.hidden() | {"what": "misplaced", "lat": str(lat), "lon": str(lon)}
    )
    owner.get(near.location)
    assert "就在这个地方附近，没有记下" in owner.text()
    owner.client.post(address, data=owner.hidden() | {"what": "misplaced", "lat": "31.406", "lon": str(lon)})
    with app.app_context():
        assert db.session.scalars(select(LabelTrouble.far_m)).all() == [10_000]


@pytest.mark.one_database  # where addresses lead
def test_about_a_label_that_ended_the_forms_own_address_answers(
    app: Flask, street: factories.Street, owner: Reporter
) -> None:
    with app.app_context():
        factories.revoke_label(street.token)
    assert owner.client.get(f"/q/{street.token}/label").location == f"/q/{street.token}"
    assert owner.client.get("/q/ABC/label").location == "/q/ABC"
    page = owner.client.get(f"/q/{street.metro_token}/label?told=nonsense")
    assert "谢谢" not in page.get_data(as_text=True)


# ---------------------------------------------------------------- staff with a phone


def test_a_label_is_posted_by_scanning_it_confirming_and_taking_a_photo(app: Flask, desk: Desk) -> None:
    with app.app_context():
        token = labels.replace(desk.street.token, factories.MORNING)
    verifier = signed_in(app, "verifier-jw")
    assert "贴标：确认这里，拍一张" in text_of(verifier.get(f"/q/{token}"))
    assert "老盛昌汤包馆" in text_of(verifier.get("/labels"))
    page = text_of(verifier.get(f"/labels/{token}"))
    assert "我就站在这里：老盛昌汤包馆" in page
    fields = {"csrf_token": hidden(page, "csrf_token"), "key": hidden(page, "key")}
    refused = multipart(verifier, f"/labels/{token}/post", **fields, photos=factories.upload())
    assert refused.status_code == 422
    assert "请先确认" in text_of(refused)
    kept = re.search(r'name="kept_photo" value="([^"]+)"', text_of(refused))
    assert kept, "the photo was not lost"
    assert multipart(verifier, f"/labels/{token}/post", **fields, here="yes").status_code == 422
    done = multipart(verifier, f"/labels/{token}/post", **fields, here="yes", kept_photo=kept[1])
    assert done.status_code == 303
    assert "已贴好：老盛昌汤包馆" in text_of(verifier.get(done.location))
    assert state_of(app, token) == "posted"
    shown = text_of(verifier.get(f"/labels/{token}"))
    photo = re.search(r'href="(/labels/photos/\d+)"', shown)
    assert photo
    assert verifier.get(photo[1]).mimetype == "image/jpeg"
    assert app.test_client().get(photo[1]).status_code == 302
    late = multipart(verifier, f"/labels/{token}/post", **fields, here="yes", kept_photo=kept[1])
    assert late.status_code == 409


def test_whoever_stands_elsewhere_is_told_which_label_belongs_there(app: Flask, desk: Desk) -> None:
    operator = signed_in(app, "operator")
    page = text_of(operator.get(f"/labels/{desk.street.token}?at=地铁"))
    assert f"/labels/{desk.street.metro_token}" in page
    assert "一张标牌只属于一个地方" in page
    assert "没有找到这样的地方" in text_of(operator.get(f"/labels/{desk.street.token}?at=月亮"))


def test_ending_a_label_needs_a_reason_and_the_right_to_keep_labels(app: Flask, desk: Desk) -> None:
    token, address = desk.street.token, f"/labels/{desk.street.token}"
    operator, admin = signed_in(app, "operator"), signed_in(app, "admin")
    assert "/revoke" not in text_of(operator.get(address))
    csrf = token_of(operator, address)
    assert operator.post(f"{address}/revoke", data={"csrf_token": csrf, "reason": "x"}).status_code == 404
    csrf = token_of(admin, address)
    assert admin.post(f"{address}/replace", data={"csrf_token": csrf, "reason": " "}).status_code == 422
    assert state_of(app, token) == "posted"
    assert (
        admin.post(f"{address}/replace", data={"csrf_token": csrf, "reason": "日晒掉色"}).status_code == 303
    )
    page = text_of(admin.get(address))
    assert "日晒掉色" in page
    assert "admin·王敏" in page
    assert admin.post(f"{address}/revoke", data={"csrf_token": csrf, "reason": "再来"}).status_code == 409
    assert admin.get(f"{address}/revoke").status_code == 303


# ---------------------------------------------------------------- the desk


@pytest.mark.one_database  # about files and pages
def test_a_batch_is_made_on_the_page_with_a_logo_and_its_sheet_opens_the_places(
    app: Flask, desk: Desk
) -> None:
    admin = signed_in(app, "admin")
    page = text_of(admin.get("/admin/labels"))
    csrf, key = hidden(page, "csrf_token"), hidden(page, "key")
    assert (
        multipart(
            admin, "/admin/labels/logo", csrf_token=csrf, picture=(io.BytesIO(b"no"), "x.png")
        ).status_code
        == 422
    )
    logo = multipart(admin, "/admin/labels/logo", csrf_token=csrf, picture=(io.BytesIO(LOGO), "标志.jpg"))
    assert logo.status_code == 303
    assert admin.get("/admin/labels/logo").mimetype == "image/jpeg"
    form = {"csrf_token": csrf, "key": key, "which": "all", "paper": "card-a6", "logo": "yes"}
    assert admin.post("/admin/labels", data=form | {"which": "new"}).status_code == 422
    assert admin.post("/admin/labels", data=form | {"codes": "没有，的"}).status_code == 422
    assert admin.post("/admin/labels", data=form | {"paper": "a0"}).status_code == 422
    made = admin.post("/admin/labels", data=form)
    assert made.status_code == 303
    shown = text_of(admin.get(made.location))
    sheet = re.search(r'href="(/admin/labels/batches/\d+/sheet[^"]+\.pdf)"', shown)
    assert sheet
    pdf = admin.get(sheet[1]).get_data()
    with app.app_context():
        wanted = {
            label_url(parts().config.public_url, token) for token in db.session.scalars(select(Label.token))
        }
    assert {read_by_zxing(pdf_page(pdf, page, 150))[0] for page in (0, 1)} == wanted
    with admin.get(f"{made.location}/all.zip") as packed:
        assert packed.get_data()[:2] == b"PK"
    assert admin.post(f"{made.location}/draw", data={"csrf_token": csrf}).status_code == 303
    for kind in ("png", "svg", "pdf"):
        assert admin.get(f"/labels/{desk.street.token}/file.{kind}?paper=square-80").status_code == 200
    for tab in ("troubles", "health", "list?q=地铁&state=posted", f"list?q={desk.street.token}"):
        assert admin.get(f"/admin/labels/{tab}").status_code == 200
    assert admin.get("/admin/labels/batches/99").status_code == 404


def a_workbook() -> bytes:
    book = Workbook()
    for row in (
        ["编号", "类型", "名称", "地址", "片区", "纬度", "经度"],
        ["0012", "商铺", "向阳烘焙坊", "共和新路 12 号", "PP-1", 31.3061, 121.455],
        ["S-2", "城堡", "", "某路 1 号", "外地", 31.3, None],
    ):
        book.active.append(row)  # type: ignore[union-attr]  # a new book has a sheet
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.usefixtures("desk")
def test_a_workbook_is_taken_in_its_bad_lines_named_and_the_register_handed_out(app: Flask) -> None:
    admin = signed_in(app, "admin")
    csrf = token_of(admin, "/admin/places")
    assert multipart(admin, "/admin/places/import", csrf_token=csrf).status_code == 422
    wrong = multipart(admin, "/admin/places/import", csrf_token=csrf, file=(io.BytesIO(b"hello"), "x.csv"))
    assert "第一行缺少这些列：编号、类型、名称、地址、片区。" in text_of(wrong)
    taken = text_of(
        multipart(admin, "/admin/places/import", csrf_token=csrf, file=(io.BytesIO(a_workbook()), "x.xlsx"))
    )
    assert "新增 1 处" in taken
    for words in ("名称没有填", "没有“城堡”这种类型", "没有“外地”这个片区", "纬度、经度要么都填"):
        assert words in taken
    handed = admin.post("/admin/places/export", data={"csrf_token": csrf, "format": "xlsx"})
    sheet = load_workbook(io.BytesIO(handed.get_data()))["场所"]
    assert "0012" in [row[0].value for row in sheet.iter_rows()]
    assert admin.post("/admin/places/export", data={"csrf_token": csrf, "format": "xls"}).status_code == 404
    log = text_of(admin.get("/admin/places"))
    assert "导出 xlsx" in log
    assert "新增 1，更新 0，没收 1" in log
    with app.app_context():
        assert labels.places_named(["0012"])
    assert signed_in(app, "operator").get("/admin/places").status_code == 404


def test_the_form_still_asks_four_times_for_staff_who_post(app: Flask, desk: Desk) -> None:
    operator = signed_in(app, "operator")
    with statements(app) as seen:
        operator.get(f"/q/{desk.street.token}")
    assert len(seen) <= 6, seen  # who is signed in and what he may do, besides the form's four
