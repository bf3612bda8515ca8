"""Batches, posting, troubles, scans by day, health, and the register taken out."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from tests import factories
from tests.factories import MORNING, Street
from tests.unit.adapters.qr_reading import pdf_page, read_by_zxing
from tests.unit.adapters.test_label_papers import LOGO
from tracker.domain.case_rules import Incomplete
from tracker.domain.labels import Trouble
from tracker.domain.permissions import Actor, NotPermitted, Role
from tracker.extensions import db, transaction
from tracker.models import LabelBatch, LabelScan, LabelScanDevice, LabelTrouble, Place
from tracker.services import (
    label_batches,
    label_files,
    label_health,
    label_pages,
    label_scans,
    label_troubles,
    labels,
    register_export,
)
from tracker.services.label_batches import Choice
from tracker.services.label_files import FilesGone
from tracker.services.labels import LabelRefused
from tracker.services.parts import parts
from tracker.services.place_import import import_places, read_places
from tracker.services.places import labelled_place
from tracker.services.register_events import register_events

LATER = MORNING + timedelta(days=40)


@pytest.fixture(autouse=True)
def street(app: Flask) -> Iterator[Street]:
    with app.app_context():
        yield factories.a_street()


@pytest.fixture
def admin() -> Actor:
    return factories.a_person(Role.ADMIN)


@pytest.fixture
def verifier() -> Actor:
    return factories.a_person(Role.VERIFIER, department="JW", area="PP-1")


def make(admin: Actor, choice: Choice | None = None, paper: str = "a4-9", **options: object) -> int:
    return label_batches.make(choice or Choice(), paper, by=admin, now=LATER, **options)  # type: ignore[arg-type]


def test_a_batch_gives_places_without_a_label_one_and_prints_the_others_again(
    street: Street, admin: Actor
) -> None:
    labels.revoke(street.token, LATER)
    number = make(admin, key="the-same-form-twice")
    assert make(admin, key="the-same-form-twice") == number
    made = label_batches.batch(number)
    assert (made.labels, made.posted, made.state, made.who) == (2, 0, "waiting", "admin·王敏")
    states = {item.place_name: item.state for item in label_batches.items(number)}
    assert states == {"老盛昌汤包馆": "printed", "彭浦新村地铁站 2 号口": "posted"}
    assert db.session.scalar(select(func.count()).select_from(LabelBatch)) == 1


def test_a_choice_narrows_by_area_kind_list_and_what_is_missing(street: Street, admin: Actor) -> None:
    def chosen(**choice: object) -> int:
        return len(label_batches.places_of(Choice(**choice)))  # type: ignore[arg-type]

    code = label_pages.label_page(street.token, admin).label.place_code
    assert (chosen(), chosen(area="PP-1"), chosen(kind="metro"), chosen(is_for_new=True)) == (2, 1, 1, 0)
    assert (chosen(codes=(code,)), chosen(codes=(code,), area="PP-2"), chosen(is_again=True)) == (1, 0, 0)
    with pytest.raises(Incomplete) as refused:
        make(admin, Choice(is_for_new=True))
    assert refused.value.problems == {"places": "没有选中任何场所。"}
    with pytest.raises(Incomplete, match="标志"):
        make(admin, with_logo=True)
    with pytest.raises(Incomplete, match="标志"):
        make(admin, paper="a4-24", with_logo=True)


def test_only_who_keeps_labels_prints_ends_or_takes_out(street: Street, verifier: Actor) -> None:
    for forbidden in (
        lambda: make(verifier),
        lambda: labels.revoke(street.token, LATER, by=verifier),
        lambda: labels.replace(street.token, LATER, by=verifier),
        lambda: register_export.export("xlsx", by=verifier, now=LATER),
        lambda: import_places([], by=verifier),
        lambda: labels.post(street.metro_token, LATER, by=verifier),  # another area
        lambda: label_pages.label_page(street.metro_token, verifier),
    ):
        with pytest.raises(NotPermitted):
            forbidden()


@pytest.mark.one_database  # about files
def test_the_files_of_a_batch_are_drawn_looked_over_kept_and_made_anew_the_same(admin: Actor) -> None:
    photo = parts().photo_store.save(parts().photo_reader.read(io.BytesIO(LOGO)))
    label_batches.keep_logo(photo, by=admin, now=LATER)
    number = make(admin, paper="square-80", with_logo=True)
    assert label_files.draw_waiting(LATER) == 1
    assert label_files.draw_waiting(LATER) == 0
    assert label_batches.batch(number).state == "ready"
    [sheet] = label_files.sheets(number)
    content = label_files.content_of(number, sheet.name)
    wanted = {item.token for item in label_batches.items(number)}
    read = {read_by_zxing(pdf_page(content, page, 200))[0][-9:] for page in (0, 1)}
    assert read == wanted
    with label_files.all_of(number) as packed, zipfile.ZipFile(packed) as archive:
        assert sorted(name.rpartition(".")[2] for name in archive.namelist()) == [
            "pdf",
            "png",
            "png",
            "svg",
            "svg",
        ]
    path = label_files.folder_of(number) / sheet.name
    path.write_bytes(content[:-1] + b"x")
    with pytest.raises(FilesGone):
        label_files.content_of(number, sheet.name)
    path.unlink()
    assert label_files.sheets(number) == []
    with transaction():  # the place is called otherwise today: the batch still shows what it showed
        db.session.scalars(select(Place)).first().name = "新名字"  # type: ignore[union-attr]
    label_files.want_files(number, LATER)
    label_files.draw_now(number)
    assert label_files.content_of(number, sheet.name) == content


@pytest.mark.one_database  # about files
def test_a_batch_with_a_faulty_label_hands_out_nothing_and_says_which(
    admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = make(admin)
    monkeypatch.setattr("tracker.adapters.label_check._read_by_zxing", lambda _label: [])
    label_files.draw_now(number)
    made = label_batches.batch(number)
    assert made.state == "faulty"
    assert (made.fault["page"], made.fault["position"], made.fault["why"]) == (1, 1, "识别程序读不出来")
    assert label_files.sheets(number) == []
    assert list(label_files.folder_of(number).glob("*")) == []


def test_posting_counts_for_every_open_print_and_settles_what_was_said(
    street: Street, admin: Actor, verifier: Actor
) -> None:
    place = labelled_place(street.token)
    assert label_troubles.tell(place, Trouble.DAMAGED, "a phone", LATER)
    first = make(admin, Choice(is_again=True))
    assert [row.batch for row in label_troubles.troubled()] == [first]
    assert label_batches.places_of(Choice(is_again=True)) == [], "it is being printed already"
    [walk] = label_pages.to_post(verifier)
    assert [(stop.label.token, stop.is_again) for stop in walk.stops] == [(street.token, True)]
    photo = factories.a_photo()
    labels.post(street.token, LATER, by=verifier, photo_sha256=photo.sha256)
    assert label_troubles.troubled() == []
    assert label_batches.batch(first).to_post == 0
    page = label_pages.label_page(street.token, verifier)
    assert [note.kind for note in page.notes] == ["posted", "reprinted"]
    assert page.photo_note is not None
    assert label_pages.photo_of(page.photo_note, verifier) == photo.sha256
    with pytest.raises(LabelRefused):
        labels.post(street.token, LATER, by=verifier)
    labels.take_down(street.token, LATER, reason="贴错了门", by=verifier)
    assert label_pages.label_page(street.token, verifier).may_post


def test_what_was_noted_about_a_label_is_never_changed(street: Street, admin: Actor) -> None:
    labels.revoke(street.token, LATER, by=admin, reason="店关了")
    for statement in ("UPDATE label_notes SET reason = ''", "DELETE FROM label_notes"):
        with pytest.raises(DatabaseError, match="never changed"), transaction():
            db.session.execute(text(statement))


def test_a_broken_label_is_one_word_from_each_phone_until_it_is_settled(
    street: Street, verifier: Actor
) -> None:
    place = labelled_place(street.token)
    told = [label_troubles.tell(place, Trouble.DAMAGED, phone, LATER) for phone in ("a", "a", "b")]
    assert told == [True, False, True]
    assert label_troubles.troubled()[0].damaged == 2
    label_troubles.looked_at(street.token, "擦干净了", by=verifier, now=LATER)
    assert label_troubles.troubled() == []
    assert label_troubles.tell(place, Trouble.DAMAGED, "a", LATER), "after that it may break again"
    for number in range(40):
        label_troubles.tell(place, Trouble.DAMAGED, f"phone {number}", LATER)
    assert label_troubles.troubled()[0].damaged == label_troubles.MOST_OPEN


def test_of_where_somebody_stands_only_a_coarse_distance_is_kept(street: Street) -> None:
    place = labelled_place(street.token)
    lat, lon = factories.SPOT
    assert not label_troubles.tell(place, Trouble.MISPLACED, "near", LATER, spot=(lat + 0.0005, lon))
    assert label_troubles.tell(place, Trouble.MISPLACED, "silent", LATER)
    assert label_troubles.tell(place, Trouble.MISPLACED, "far", LATER, spot=(lat + 0.03, lon))
    rows = db.session.execute(select(LabelTrouble.far_m, LabelTrouble.user_id)).all()
    assert sorted(rows, key=str) == [(2000, None), (None, None)]
    [found] = label_troubles.troubled()
    assert (found.misplaced, found.far_m, found.needs_print) == (2, 2000, False)


def test_a_phone_counts_once_a_day_and_is_forgotten_after_two(street: Street) -> None:
    place = labelled_place(street.token)
    counted = [label_scans.count(place, phone, LATER) for phone in ("a", "a", "b")]
    assert counted == [True, False, True]
    assert label_scans.count(place, "a", LATER + timedelta(days=1))
    assert db.session.execute(select(LabelScan.scans).order_by(LabelScan.day)).scalars().all() == [2, 1]
    assert not db.session.scalar(select(LabelScanDevice).where(LabelScanDevice.device_hash == "a"))
    assert label_scans.prune_scans(LATER + timedelta(days=9)) == 3
    assert label_scans.total() == 3


def test_old_days_are_summed_up_by_month_and_nothing_is_lost(street: Street) -> None:
    place = labelled_place(street.token)
    first = date(2026, 1, 1)
    label_scans.add_days({(place.label_id, first + timedelta(days=n)): 2 for n in range(120)})
    label_scans.prune_scans(MORNING)
    rows = db.session.execute(select(LabelScan.day, LabelScan.scans).order_by(LabelScan.day)).all()
    assert rows[:4] == [
        (date(2026, month, 1), 2 * days) for month, days in ((1, 31), (2, 28), (3, 31), (4, 30))
    ]
    label_scans.prune_scans(MORNING)
    assert label_scans.total() == 240


def test_the_health_of_a_street_counts_scans_and_reports(street: Street) -> None:
    shop = labelled_place(street.token)
    today = LATER.date()
    label_scans.add_days({(shop.label_id, today - timedelta(days=n)): 3 for n in range(10, 80)})
    factories.a_report(street.metro_token, at=LATER)
    found = label_health.health(LATER)
    assert [(row.label.token, row.finding.verdict) for row in found.rows] == [(street.token, "unusual")]
    assert (found.posted, found.scanned, found.scans, found.reports) == (2, 1, 210, 1)
    later = label_health.health(LATER + timedelta(days=40))
    assert [row.finding.verdict for row in later.rows] == ["silent", "silent"]


@pytest.mark.one_database  # about the file
def test_the_register_goes_out_as_workbook_and_comes_back_without_a_change(
    street: Street, admin: Actor
) -> None:
    with transaction():
        place = db.session.scalars(select(Place)).first()
        assert place is not None
        place.name, place.keeper_phone_sealed = "=HYPERLINK(1)", "sealed"
    labels.replace(street.token, LATER, by=admin, reason="掉色")
    made = register_export.export("xlsx", by=admin, now=LATER)
    book = load_workbook(io.BytesIO(made.content))
    assert book.sheetnames == ["场所", "标牌"]
    assert {cell.data_type for row in book["场所"].iter_rows() for cell in row} <= {"s", "n", "d"}
    states = [row[2] for row in book["标牌"].iter_rows(min_row=2, values_only=True)]
    assert sorted(map(str, states)) == ["已印制", "已张贴", "已更换"]
    back = import_places(read_places(made.content), by=admin, now=LATER, file_format="xlsx")
    assert (back.added, back.changed, back.unchanged, back.problems) == (0, 0, 2, [])
    assert db.session.scalars(select(Place.keeper_phone_sealed)).first() == "sealed"
    csv = register_export.export("places.csv", by=admin, now=LATER).content
    assert b"'=HYPERLINK" in csv
    assert import_places(read_places(csv)).unchanged == 2
    assert [(event.kind, event.format) for event in register_events()] == [
        ("export", "places.csv"),
        ("import", "xlsx"),
        ("export", "xlsx"),
    ]
