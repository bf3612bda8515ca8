"""Taking in a report: what is stored, what is refused, and that sending it again changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from config import Config
from tests.factories import DEVICE, MORNING, Street, a_photo
from tracker import create_app
from tracker.domain.case_rules import Incomplete
from tracker.extensions import db
from tracker.models import Case, Counter, HistoryRow, Photo, Report
from tracker.services import history, intake
from tracker.services.intake import KeyReused, NewReport
from tracker.services.places import labelled_place

KEY = "the-key-of-a-form-0001"


def a_form(**changed: object) -> NewReport:
    """What a person sends."""
    return replace(NewReport(KEY, "A5", "纸箱堆在人行道上", DEVICE), **changed)  # type: ignore[arg-type]


def receive(street: Street, new: NewReport, now: datetime = MORNING) -> intake.Receipt:
    """Send it from the shop."""
    return intake.receive(new, labelled_place(street.token), now)


def counted(table: type) -> int:
    """How many rows there are."""
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def everything() -> dict[str, int]:
    """How much is stored of what a report makes."""
    return {table.__name__: counted(table) for table in (Report, Case, HistoryRow, Photo, Counter)}


def test_a_report_opens_a_case_with_a_number_of_the_day_a_link_and_a_code(street: Street) -> None:
    receipt = receive(street, a_form())
    assert receipt.number == "261123-0001"
    assert len(receipt.credentials.link_key) == 32
    assert len(receipt.credentials.code) == 4
    assert receipt.credentials.code.isdigit()
    case = db.session.scalars(select(Case)).one()
    assert (case.state, case.category, case.area_code, case.summary) == (
        "reported",
        "A5",
        "PP-1",
        "纸箱堆在人行道上",
    )
    assert history.verify() == 1


def test_days_change_where_the_street_is(street: Street) -> None:
    before_midnight = datetime(2026, 11, 22, 15, 59, tzinfo=UTC)
    after_midnight = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    numbers = [
        receive(street, a_form(key=f"{KEY}-{at.hour}"), at).number for at in (before_midnight, after_midnight)
    ]
    assert numbers == ["261122-0001", "261123-0001"]


def test_what_the_rule_knows_is_filed_and_dispatched_at_once(street: Street) -> None:
    receive(street, a_form(category="A1"))
    case = db.session.scalars(select(Case)).one()
    assert (case.state, case.version) == ("dispatched", 3)
    assert case.lead
    rows = list(db.session.scalars(select(HistoryRow).order_by(HistoryRow.position)))
    assert [(row.action, row.actor_kind) for row in rows] == [
        ("report", "reporter"),
        ("file", "rule"),
        ("dispatch", "rule"),
    ]
    assert history.record_from_history(case.id).state == "dispatched"


def test_sending_it_again_gives_the_same_answer_and_stores_nothing_more(street: Street) -> None:
    first = receive(street, a_form(photos=(a_photo(1),)))
    stored = everything()
    later = MORNING.replace(day=24)
    assert receive(street, a_form(photos=(a_photo(1),)), later) == first
    assert receive(street, a_form(photos=(a_photo(1),), text=" 纸箱堆在人行道上\r\n")) == first
    assert everything() == stored


def test_a_repetition_uses_up_no_number(street: Street) -> None:
    receive(street, a_form())
    receive(street, a_form())
    assert receive(street, a_form(key=f"{KEY}-next")).number == "261123-0002"


@pytest.mark.parametrize(
    "other",
    [{"text": "别的内容"}, {"category": "A1"}, {"phone": "13800138000"}],
    ids=["text", "category", "phone"],
)
def test_the_same_key_with_other_content_is_refused(street: Street, other: dict[str, str]) -> None:
    receive(street, a_form())
    stored = everything()
    with pytest.raises(KeyReused):
        receive(street, a_form(**other))
    assert everything() == stored


def test_the_same_key_from_another_place_is_refused(street: Street) -> None:
    receive(street, a_form())
    with pytest.raises(KeyReused):
        intake.receive(a_form(), labelled_place(street.metro_token), MORNING)


def test_a_repetition_after_the_secret_was_replaced_still_gets_the_same_link(
    street: Street, settings: Config
) -> None:
    first = receive(street, a_form())
    renewed = create_app(
        replace(settings, secret_keys=("a newer secret key of the same house", *settings.secret_keys))
    )
    with renewed.app_context():
        assert receive(street, a_form()) == first
        assert history.verify() == 1
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": " \n"}, "note_or_photo"),
        ({"text": "\x00\x07"}, "note_or_photo"),
        ({"category": ""}, "category"),
        ({"category": "Z9"}, "category"),
        ({"text": "字" * 2001}, "text"),
        ({"phone": "12345"}, "phone"),
        ({"key": "short"}, "key"),
        ({"key": "x" * 65}, "key"),
        ({"key": "a key with blanks in it"}, "key"),
        ({"key": "a-key-with-a-\x00-in-it"}, "key"),
    ],
)
def test_what_cannot_be_taken_is_named_and_nothing_is_stored(
    street: Street, changed: dict[str, str], field: str
) -> None:
    with pytest.raises(Incomplete) as refused:
        receive(street, a_form(**changed))
    assert set(refused.value.problems) == {field}
    assert set(everything().values()) == {0}


def test_everything_that_is_missing_is_named_at_once(street: Street) -> None:
    with pytest.raises(Incomplete) as refused:
        receive(street, NewReport("short", "", "", DEVICE, phone="1"))
    assert set(refused.value.problems) == {"key", "category", "note_or_photo", "phone"}


def test_a_photo_alone_is_enough_and_is_named_in_the_history(street: Street) -> None:
    photos = (a_photo(1), a_photo(2))
    receive(street, a_form(text="", photos=photos))
    case = db.session.scalars(select(Case)).one()
    assert case.thumb == photos[0].sha256
    assert [photo.sha256 for photo in db.session.scalars(select(Photo).order_by(Photo.id))] == [
        photo.sha256 for photo in photos
    ]
    assert db.session.scalars(select(HistoryRow)).one().details == {
        "photos": [photo.sha256 for photo in photos]
    }


def test_odd_characters_do_not_lose_a_report(street: Street) -> None:
    receive(street, a_form(text="井盖\x00破了\ud83d😀\u202e"))
    assert db.session.scalars(select(Report)).one().text == "井盖破了😀\u202e"
    assert history.verify() == 1


def test_a_phone_number_is_stored_sealed_and_with_the_words_agreed_to(street: Street) -> None:
    receive(street, a_form(phone="138 0013 8000"))
    report = db.session.scalars(select(Report)).one()
    assert report.phone_sealed
    stored = db.session.execute(select(*Report.__table__.columns)).one()
    assert "13800138000" not in repr(stored)
    assert report.consent_version
    assert "13800138000" not in repr(db.session.scalars(select(HistoryRow.changes)).all())


def test_without_a_phone_nothing_is_agreed_to(street: Street) -> None:
    receive(street, a_form())
    report = db.session.scalars(select(Report)).one()
    assert (report.phone_sealed, report.phone_fingerprint, report.consent_version) == ("", "", "")


def test_neither_link_nor_code_nor_device_is_stored_readably(street: Street) -> None:
    receipt = receive(street, a_form())
    stored = repr(
        [
            tuple(row)
            for table in ("reports", "report_devices", "history")
            for row in db.session.connection().exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 - our tables
        ]
    )
    assert receipt.credentials.link_key not in stored
    assert DEVICE not in stored
