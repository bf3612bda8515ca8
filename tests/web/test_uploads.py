import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, text
from werkzeug.datastructures import FileStorage

from config import Config
from tests.databases import Database
from tests.factories import Street, jpeg, sideways_jpeg, upload
from tests.settings import settings_in
from tests.web.reporting import Reporter
from tracker.extensions import db
from tracker.models import Photo
from tracker.web.uploads import take_photos

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Config:
    """Limits small enough to be reached quickly; the form says whole megabytes."""
    return settings_in(
        tmp_path,
        database_url=database.url,
        photo_limit_bytes=1024 * 1024,
        photos_limit_bytes=2 * 1024 * 1024,
        photo_limit_pixels=1_000_000,
        body_limit_bytes=8 * 1024 * 1024,
    )


def _padded(size_bytes: int, seed: int = 1) -> bytes:
    return jpeg(seed).ljust(size_bytes, b"\0")


def _stored(app: Flask) -> list[Photo]:
    with app.app_context():
        return list(db.session.scalars(select(Photo).order_by(Photo.id)))


def test_a_photo_is_served_upright_without_the_place_it_was_taken(street: Street, owner: Reporter) -> None:
    address = owner.report(street.token, photos=upload(sideways_jpeg(), "王敏的家.jpg"))
    owner.go_on(address)
    full = owner.images()[0].replace("?size=thumb", "")
    answer = owner.client.get(full)
    picture = Image.open(io.BytesIO(answer.get_data()))
    assert picture.size == (200, 400)
    assert not picture.getexif()
    assert b"PhoneMaker" not in answer.get_data()
    assert "王敏" not in owner.page + str(answer.headers)


def test_a_photo_is_served_sealed_off_from_the_site(street: Street, owner: Reporter) -> None:
    address = owner.report(street.token, photos=upload())
    owner.go_on(address)
    for url in (owner.images()[0], owner.images()[0].replace("?size=thumb", "")):
        headers = owner.client.get(url).headers
        assert headers["Content-Type"] == "image/jpeg"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["Content-Disposition"].startswith("inline")


def test_a_photo_needs_the_link_of_its_own_case(street: Street, owner: Reporter, stranger: Reporter) -> None:
    address = owner.report(street.token, photos=upload())
    owner.go_on(address)
    own = owner.images()[0]
    other = stranger.report(street.token, text="别的事")
    assert stranger.client.get(own.replace(address, other)).status_code == 404
    assert stranger.client.get(own.replace(address, "/t/" + "x" * 32)).status_code == 404


def test_something_that_is_no_photo_loses_neither_the_words_nor_the_other_photo(
    app: Flask, street: Street, owner: Reporter
) -> None:
    form = owner.fill(street.token, photos=[upload(), upload(PDF, "发票.pdf")])
    assert owner.send(street.token, form).status_code == 422
    assert "第 2 张：这个文件不是照片" in owner.text()
    assert "发票" not in owner.page
    assert "纸箱堆在人行道上" in owner.text()
    assert len(owner.kept()) == 1
    assert owner.client.get(owner.images()[0]).mimetype == "image/jpeg"
    again = owner.hidden() | {"category": "A5", "text": "", "kept_photo": owner.kept()}
    assert owner.send(street.token, again).status_code == 303
    assert len(_stored(app)) == 1


def test_a_kept_photo_that_is_unticked_is_not_sent(app: Flask, street: Street, owner: Reporter) -> None:
    owner.send(street.token, owner.fill(street.token, category="", photos=[upload(), upload(jpeg(2))]))
    again = owner.hidden() | {"category": "A5", "text": "", "kept_photo": owner.kept()[:1]}
    assert owner.send(street.token, again).status_code == 303
    assert len(_stored(app)) == 1


def test_a_seventh_photo_is_named_and_six_are_kept(street: Street, owner: Reporter) -> None:
    form = owner.fill(street.token, photos=[upload(jpeg(seed)) for seed in range(7)])
    assert owner.send(street.token, form).status_code == 422
    assert "照片最多 6 张" in owner.text()
    assert len(owner.kept()) == 6


@pytest.mark.parametrize(
    ("photos", "words", "kept"),
    [
        ([jpeg(1), _padded(1024 * 1024 + 1)], "第 2 张：这张照片的文件太大了", 1),
        ([jpeg(1, width=1200, height=1000)], "像素太多", 0),
        ([_padded(1024 * 1000, 1), _padded(1024 * 1000, 2), _padded(1024 * 1000, 3)], "合计超过 2 MB", 2),
        ([jpeg(1)[:2000]], "没有传完整", 0),
    ],
)
def test_each_limit_has_its_words_and_keeps_what_was_typed(
    photos: list[bytes], words: str, kept: int, street: Street, owner: Reporter
) -> None:
    form = owner.fill(street.token, photos=[upload(content) for content in photos])
    assert owner.send(street.token, form).status_code == 422
    assert words in owner.text()
    assert len(owner.kept()) == kept
    assert "纸箱堆在人行道上" in owner.text()


def test_more_than_the_server_reads_at_all_gets_a_page_that_says_so(street: Street, owner: Reporter) -> None:
    form = owner.fill(street.token, photos=[upload(_padded(9 * 1024 * 1024))])
    assert owner.send(street.token, form).status_code == 413
    assert "照片太大了" in owner.text()


def test_choosing_no_photo_is_no_problem(app: Flask, street: Street, owner: Reporter) -> None:
    nothing: Any = (io.BytesIO(b""), "")
    assert owner.send(street.token, owner.fill(street.token, photos=nothing)).status_code == 303
    assert _stored(app) == []


def test_a_kept_photo_cannot_be_carried_into_another_form_or_made_up(
    app: Flask, street: Street, owner: Reporter, stranger: Reporter
) -> None:
    owner.send(street.token, owner.fill(street.token, category="", photos=upload()))
    foreign = owner.kept()[0]
    for value in (foreign, foreign[:-2] + "xx", "made.up"):
        assert stranger.send(street.token, stranger.fill(street.token, kept_photo=value)).status_code == 422
        assert "请重新选择" in stranger.text()
    assert stranger.client.get(f"/kept/{foreign[:-2]}xx").status_code == 404
    assert _stored(app) == []


def test_the_same_picture_chosen_twice_is_kept_once(app: Flask, street: Street, owner: Reporter) -> None:
    form = owner.fill(street.token, photos=[upload(), upload()])
    assert owner.send(street.token, form).status_code == 303
    assert len(_stored(app)) == 1


def test_nothing_is_held_in_the_database_while_photos_are_read(app: Flask) -> None:
    content, name = upload()
    with app.test_request_context():
        db.session.execute(text("SELECT 1"))
        assert db.session().in_transaction()
        assert take_photos([FileStorage(content, name)], [], "a key").photos
        assert not db.session().in_transaction()
