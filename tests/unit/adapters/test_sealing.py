import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.adapters.sealing import (
    PhoneBox,
    PhoneKeysWrong,
    PhoneKeyUnknown,
    PhoneSealBroken,
    parse_phone_keys,
)
from tracker.domain.phone import PhoneUnreadable

OLD, NEW, PEPPER = b"o" * 32, b"n" * 32, b"p" * 32
PHONE, ROW = "13800000000", b"report:17"
BOX = PhoneBox({"k2": NEW, "k1": OLD}, "k2", PEPPER)
OLD_BOX = PhoneBox({"k1": OLD}, "k1", PEPPER)


def test_a_sealed_number_opens_again_and_cannot_be_read_without_the_box() -> None:
    sealed = BOX.seal(PHONE, ROW)
    assert BOX.open(sealed, ROW) == PHONE
    assert PHONE not in sealed
    assert PHONE.encode() not in base64.urlsafe_b64decode(sealed.partition(".")[2])


def test_the_same_number_never_looks_the_same_twice() -> None:
    assert len({BOX.seal(PHONE, ROW) for _ in range(50)}) == 50


def test_a_number_sealed_with_an_older_key_still_opens() -> None:
    sealed = OLD_BOX.seal(PHONE, ROW)
    assert sealed.startswith("k1.")
    assert BOX.open(sealed, ROW) == PHONE


def test_a_value_copied_into_another_row_does_not_open() -> None:
    with pytest.raises(PhoneSealBroken, match="不属于这条记录"):
        BOX.open(BOX.seal(PHONE, ROW), b"report:18")


def test_a_value_whose_key_was_taken_away_names_the_key() -> None:
    with pytest.raises(PhoneKeyUnknown, match="k2") as unknown:
        OLD_BOX.open(BOX.seal(PHONE, ROW), ROW)
    assert unknown.value.key_id == "k2"


def test_a_value_relabelled_with_another_key_does_not_open() -> None:
    with pytest.raises(PhoneSealBroken):
        BOX.open("k1" + BOX.seal(PHONE, ROW)[2:], ROW)


@pytest.mark.parametrize("value", ["", "k2", "k2.", ".", "k2.AAAA", "k2.电话", "k2.!!!!", "K 2.AAAA", PHONE])
def test_what_was_never_sealed_does_not_open(value: str) -> None:
    with pytest.raises(PhoneSealBroken):
        BOX.open(value, ROW)


@given(place=st.integers(0, 38), change=st.integers(1, 255))
def test_a_value_altered_anywhere_does_not_open(place: int, change: int) -> None:
    sealed = bytearray(base64.urlsafe_b64decode(BOX.seal(PHONE, ROW)[3:]))
    assert len(sealed) == 39  # nonce 12, number 11, tag 16
    sealed[place] ^= change
    with pytest.raises(PhoneSealBroken):
        BOX.open("k2." + base64.urlsafe_b64encode(sealed).decode(), ROW)


def test_the_same_person_is_recognised_however_the_number_is_typed_and_whatever_the_key() -> None:
    mark = BOX.fingerprint(PHONE)
    assert mark == BOX.fingerprint("+86 138-0000-0000") == OLD_BOX.fingerprint(PHONE)
    assert mark != BOX.fingerprint("13800000001")
    assert len(mark) == 64


def test_without_the_secret_a_fingerprint_cannot_be_made() -> None:
    assert PhoneBox({"k2": NEW}, "k2", b"q" * 32).fingerprint(PHONE) != BOX.fingerprint(PHONE)


def test_what_is_no_number_has_no_fingerprint() -> None:
    with pytest.raises(PhoneUnreadable):
        BOX.fingerprint("nobody")


def test_of_the_configured_keys_the_first_seals_and_all_open() -> None:
    text = f" k2:{base64.b64encode(NEW).decode()}, k1:{base64.b64encode(OLD).decode()} ,"
    assert parse_phone_keys(text) == ({"k2": NEW, "k1": OLD}, "k2")
    assert PhoneBox(*parse_phone_keys(text), PEPPER).open(OLD_BOX.seal(PHONE, ROW), ROW) == PHONE


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ("k1", "'k1' needs 32 bytes"),
        ("k1:c2hvcnQ=", "'k1' needs 32 bytes, not 5"),
        ("k1:not base64!", "'k1' is not base64"),
        ("K 1:AAAA", "id:base64"),
        (f"k1:{base64.b64encode(OLD).decode()},k1:{base64.b64encode(NEW).decode()}", "'k1' is used twice"),
    ],
)
def test_unusable_keys_are_named_and_never_shown(text: str, complaint: str) -> None:
    with pytest.raises(PhoneKeysWrong, match=complaint) as wrong:
        parse_phone_keys(text)
    assert "c2hvcnQ" not in str(wrong.value)
    assert "not base64!" not in str(wrong.value)


def test_a_box_needs_its_current_key_and_a_secret_of_some_length() -> None:
    with pytest.raises(PhoneKeysWrong, match="'k3'"):
        PhoneBox({"k1": OLD}, "k3", PEPPER)
    with pytest.raises(PhoneKeysWrong, match="at least 16 bytes"):
        PhoneBox({"k1": OLD}, "k1", b"short")
    with pytest.raises(PhoneKeysWrong, match="32 bytes"):
        PhoneBox({"k1": b"short"}, "k1", PEPPER)
