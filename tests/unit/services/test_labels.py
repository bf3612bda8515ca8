from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from flask import Flask

from tests import factories
from tests.unit.adapters.qr_reading import pdf_page, png_picture, read_by_zxing
from tracker.domain.qr_token import label_url, read_token
from tracker.services import labels
from tracker.services.label_printing import job_of, print_labels
from tracker.services.labels import LabelRefused, PlaceUnknown
from tracker.services.parts import parts
from tracker.services.places import LabelUnknown, labelled_place

LATER = factories.MORNING + timedelta(days=1)


@pytest.fixture(autouse=True)
def street(app: Flask) -> Iterator[factories.Street]:
    with app.app_context():
        yield factories.a_street()


def test_only_places_without_a_label_are_given_one(street: factories.Street) -> None:
    labels.revoke(street.token, LATER)
    assert labels.issue(labels.places_within(), LATER) == 1
    assert labels.issue(labels.places_within(), LATER) == 0
    assert len(labels.current_labels(labels.places_within())) == 2


def test_a_new_token_is_canonical_and_printed_now(street: factories.Street) -> None:
    successor = labels.replace(street.token, LATER)
    assert read_token(successor) == successor
    [printed] = labels.labels(state="printed")
    assert (printed.token, printed.printed_at) == (successor, LATER)


def test_a_token_that_is_taken_is_drawn_anew(street: factories.Street) -> None:
    first = Random(3).getrandbits(40)
    labels.revoke(street.token, LATER)
    labels.revoke(street.metro_token, LATER)
    drawn = iter([first, first, first, 17])
    labels.issue(labels.places_within(), LATER, lambda _bits: next(drawn))
    assert len({label.token for label in labels.labels(state="printed")}) == 2


def test_a_source_that_repeats_itself_is_refused_and_nothing_is_half_done(street: factories.Street) -> None:
    labels.revoke(street.token, LATER)
    labels.revoke(street.metro_token, LATER)
    with pytest.raises(LabelRefused):
        labels.issue(labels.places_within(), LATER, lambda _bits: 5)
    assert labels.labels(state="printed") == []


def test_a_replaced_label_leads_to_its_successor(street: factories.Street) -> None:
    successor = labels.replace(street.token, LATER)
    old = labelled_place(street.token)
    assert (old.state, old.successor) == ("replaced", successor)
    assert labelled_place(successor).place_code == old.place_code


def test_a_revoked_label_is_still_known_and_says_so(street: factories.Street) -> None:
    labels.revoke(street.token, LATER)
    assert labelled_place(street.token).state == "revoked"


def test_a_printed_label_is_posted_once(street: factories.Street) -> None:
    token = labels.replace(street.token, LATER)
    labels.post(token, LATER)
    assert labelled_place(token).state == "posted"
    with pytest.raises(LabelRefused, match="is posted"):
        labels.post(token, LATER)


def test_what_has_ended_is_not_ended_again(street: factories.Street) -> None:
    labels.revoke(street.token, LATER)
    with pytest.raises(LabelRefused, match="is revoked"):
        labels.replace(street.token, LATER)
    with pytest.raises(LabelRefused, match="is revoked"):
        labels.revoke(street.token, LATER)


def test_an_unknown_token_is_named() -> None:
    with pytest.raises(LabelUnknown, match="ABCDEFGHJ"):
        labels.revoke("ABCDEFGHJ", LATER)


def test_an_area_holds_the_places_of_the_areas_below_it() -> None:
    assert len(labels.places_within("PP")) == 2
    assert len(labels.places_within("PP-2")) == 1


def test_an_unknown_place_or_area_is_named() -> None:
    with pytest.raises(PlaceUnknown, match="Q9"):
        labels.places_named(["Q9"])
    with pytest.raises(PlaceUnknown, match="XX"):
        labels.places_within("XX")


@pytest.mark.one_database  # about the files alone
def test_printed_files_open_the_place(street: factories.Street, tmp_path: Path) -> None:
    chosen = labels.current_labels(labels.places_within())
    files = list(print_labels(job_of(chosen), tmp_path / "codes"))
    assert len(files) == job_of(chosen).files == 5
    shop = next(label for label in chosen if label.token == street.token)
    wanted = label_url(parts().config.public_url, street.token)
    assert read_by_zxing(
        png_picture((tmp_path / "codes" / f"{shop.place_code}-{shop.token}.png").read_bytes())
    ) == [wanted]
    sheet = next(file for file in files if file.suffix == ".pdf").read_bytes()
    assert wanted in read_by_zxing(pdf_page(sheet, 0, dpi=200))


@pytest.mark.one_database  # about the files alone
def test_the_same_labels_give_the_same_files(tmp_path: Path) -> None:
    chosen = labels.current_labels(labels.places_within())
    first = {file.name: file.read_bytes() for file in print_labels(job_of(chosen), tmp_path / "one")}
    second = {file.name: file.read_bytes() for file in print_labels(job_of(chosen), tmp_path / "two")}
    assert first == second
