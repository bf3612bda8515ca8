"""Private links: looking needs the key, speaking the device or the code."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import MORNING, Sent, Street, a_report
from tracker.extensions import db
from tracker.models import Report
from tracker.services import links
from tracker.services.links import CodeWrong, LinkUnknown

OTHER_PHONE = "another-phone"


@pytest.fixture
def sent(street: Street) -> Sent:
    """A report from a phone of its own."""
    return a_report(street.token)


def speaks(sent: Sent, device: str) -> bool:
    """Whether the device may speak for the report."""
    return links.speaks_from(links.report_behind(sent.link_key), device)


def wrong(sent: Sent) -> str:
    """A code that is not the one."""
    return f"{(int(sent.code) + 1) % 10_000:04d}"


def fail(sent: Sent, times: int, now: object = MORNING) -> None:
    for _ in range(times):
        with pytest.raises(CodeWrong):
            links.enter_code(sent.link_key, wrong(sent), OTHER_PHONE, now)  # type: ignore[arg-type]


def test_the_key_finds_the_report_and_no_other_does(sent: Sent) -> None:
    assert links.report_behind(sent.link_key).case_id
    for other in (sent.link_key[:-1], sent.link_key.swapcase(), "", "x" * 32, "\x00"):
        with pytest.raises(LinkUnknown):
            links.report_behind(other)


def test_only_the_device_that_reported_speaks_at_first(sent: Sent) -> None:
    assert speaks(sent, sent.device)
    assert not speaks(sent, OTHER_PHONE)
    assert not speaks(sent, "")


def test_the_code_lets_another_device_speak_and_entering_it_twice_does_no_harm(sent: Sent) -> None:
    for _ in range(2):
        links.enter_code(sent.link_key, f" {sent.code} ", OTHER_PHONE, MORNING)
    assert speaks(sent, OTHER_PHONE)


@pytest.mark.parametrize("typed", ["", "0", "一二三四", "12345678", "\x00\x00\x00\x00"])
def test_nonsense_is_a_wrong_code(sent: Sent, typed: str) -> None:
    with pytest.raises(CodeWrong):
        links.enter_code(sent.link_key, typed, OTHER_PHONE, MORNING)
    assert not speaks(sent, OTHER_PHONE)


def test_after_five_wrong_codes_even_the_right_one_waits_a_quarter_of_an_hour(sent: Sent) -> None:
    fail(sent, 5)
    with pytest.raises(CodeWrong):
        links.enter_code(sent.link_key, sent.code, OTHER_PHONE, MORNING + timedelta(minutes=14))
    assert not speaks(sent, OTHER_PHONE)
    links.enter_code(sent.link_key, sent.code, OTHER_PHONE, MORNING + timedelta(minutes=15))
    assert speaks(sent, OTHER_PHONE)


def test_a_patient_guesser_gets_one_try_a_day_in_the_end(sent: Sent) -> None:
    fail(sent, 5)
    now = MORNING
    for _ in range(15):
        now += timedelta(minutes=15)
        fail(sent, 1, now)
    with pytest.raises(CodeWrong):
        links.enter_code(sent.link_key, sent.code, OTHER_PHONE, now + timedelta(hours=23))
    assert db.session.scalars(select(Report.code_failures)).one() == 20
    links.enter_code(sent.link_key, sent.code, OTHER_PHONE, now + timedelta(days=1))
    assert speaks(sent, OTHER_PHONE)


def test_waiting_does_not_keep_the_reporters_own_phone_from_speaking(sent: Sent) -> None:
    fail(sent, 5)
    assert speaks(sent, sent.device)


def test_the_right_code_forgets_the_wrong_ones(sent: Sent) -> None:
    fail(sent, 4)
    links.enter_code(sent.link_key, sent.code, OTHER_PHONE, MORNING)
    fail(sent, 4)
    links.enter_code(sent.link_key, sent.code, "a-third-phone", MORNING)
    assert speaks(sent, "a-third-phone")


def test_the_same_report_gets_the_same_link_and_another_one_another() -> None:
    same = {links.credentials_for("key-0001", "secret") for _ in range(2)}
    assert len(same) == 1
    assert links.credentials_for("key-0002", "secret") not in same
    assert links.credentials_for("key-0001", "another secret") not in same


def test_codes_are_spread_over_all_four_digit_numbers() -> None:
    codes = {links.credentials_for(f"key-{number}", "secret").code for number in range(2000)}
    assert len(codes) > 1700
    assert min(codes) < "0100"
    assert max(codes) > "9900"


def test_the_link_leads_back_to_the_code_on_the_wall(sent: Sent, street: Street) -> None:
    assert links.label_of(links.report_behind(sent.link_key)) == street.token
