"""Opening a report on another phone: by number and digits, or by a one-time code; and how guessing is slowed down."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories import MORNING, Sent, Street, a_report, a_voice
from tracker.domain.permissions import NotPermitted
from tracker.extensions import db
from tracker.models import Case, CodeTry, LinkPairing
from tracker.services import link_codes, link_owner, links, upkeep
from tracker.services.link_codes import link_behind_number, link_behind_pairing, make_pairing
from tracker.services.links import CodeWrong, LinkUnknown

OTHER = "another-phone"
HOME, CAFE = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def sent(street: Street) -> Sent:
    """A report from a phone of its own."""
    return a_report(street.token)


def speaks(link_key: str, device: str) -> bool:
    return links.speaks_from(links.report_behind(link_key), device)


def wrong(sent: Sent, step: int = 1) -> str:
    return f"{(int(sent.code) + step) % 10_000:04d}"


def guess(sent: Sent, device: str, *, now: datetime = MORNING, address: str = HOME, number: str = "") -> str:
    """Try a wrong code; what was said."""
    with pytest.raises(CodeWrong) as refused:
        link_behind_number(number or sent.number, wrong(sent), device, now, address=address)
    return str(refused.value)


# ---- number and digits


@pytest.mark.parametrize("dash", ["-", " ", "", "－", " － "])
def test_number_and_digits_open_the_link_and_let_the_phone_speak(sent: Sent, dash: str) -> None:
    number = sent.number.replace("-", dash).translate(str.maketrans("0123", "０１２３"))
    assert link_behind_number(number, f" {sent.code} ", OTHER, MORNING) == sent.link_key
    assert speaks(sent.link_key, OTHER)


def test_wrong_number_and_wrong_digits_look_the_same_and_open_nothing(sent: Sent) -> None:
    said = {guess(sent, OTHER), guess(sent, OTHER, number="261123-9999"), guess(sent, OTHER, number="王敏")}
    assert len(said) == 1
    assert not speaks(sent.link_key, OTHER)


def test_of_a_case_that_many_met_only_the_first_few_open_by_number(street: Street, sent: Sent) -> None:
    voices = [a_voice(street.token, sent.number) for _ in range(6)]
    opens = []
    for count, one in enumerate([sent, *voices]):
        if [each.code for each in (sent, *voices)].count(one.code) > 1:
            continue
        try:
            opened = link_behind_number(sent.number, one.code, f"phone {count}", MORNING)
            assert opened == one.link_key
            opens.append(count)
        except CodeWrong:
            assert count >= link_codes.LOOKED_UP
    assert set(opens) <= set(range(link_codes.LOOKED_UP))


def test_five_wrong_tries_make_the_device_wait_and_not_the_reporters_link(sent: Sent) -> None:
    for _ in range(5):
        assert "不对" in guess(sent, OTHER)
    assert "试错次数太多" in guess(sent, OTHER)
    with pytest.raises(CodeWrong):
        link_behind_number(sent.number, sent.code, OTHER, MORNING)
    assert speaks(sent.link_key, sent.device)
    links.enter_code(sent.link_key, sent.code, OTHER, MORNING)
    assert speaks(sent.link_key, OTHER), "whoever has the link is not kept waiting by a guesser"


def test_one_case_is_not_tried_through_from_ever_new_phones_and_networks(sent: Sent) -> None:
    now, tries = MORNING, 0
    for step in range(60):
        now += timedelta(hours=6)
        if "不对" in guess(sent, f"phone {step}", now=now, address=f"10.{step}.0.1"):
            tries += 1
    assert tries == 20, "in fifteen days; the limit is 20 in 30"
    with pytest.raises(CodeWrong):
        link_behind_number(sent.number, sent.code, OTHER, now)
    assert link_behind_number(sent.number, sent.code, OTHER, now + timedelta(days=31)) == sent.link_key


def test_a_right_code_does_not_wipe_out_the_wrong_ones(street: Street, sent: Sent) -> None:
    """Or somebody who joined the case could try for ever, putting his own code between."""
    voice = a_voice(street.token, sent.number)
    for _ in range(4):
        guess(sent, voice.device)
    assert link_behind_number(voice.number, voice.code, voice.device, MORNING) == voice.link_key
    guess(sent, voice.device)
    assert "试错次数太多" in guess(sent, voice.device)


def test_one_code_on_many_numbers_is_stopped_by_network_but_not_for_a_phone_that_has_reported(
    street: Street, sent: Sent
) -> None:
    for count in range(20):
        assert "不对" in guess(sent, f"phone {count}", number=f"261122-{count:04d}")
    assert "试错次数太多" in guess(sent, "a new phone", number="261122-0099")
    assert "不对" in guess(sent, "a new phone", number="261122-0099", address=CAFE)
    neighbour = a_report(street.token, device="the-neighbours-phone")
    assert link_behind_number(neighbour.number, neighbour.code, neighbour.device, MORNING, address=HOME)


def test_tries_are_forgotten_after_thirty_days(sent: Sent) -> None:
    guess(sent, OTHER)
    assert db.session.scalars(select(CodeTry.id)).all()
    upkeep.prune(MORNING + timedelta(days=29))
    assert db.session.scalars(select(CodeTry.id)).all()
    upkeep.prune(MORNING + timedelta(days=31))
    assert not db.session.scalars(select(CodeTry.id)).all()


# ---- one-time codes


def test_a_pairing_code_works_once_within_ten_minutes(sent: Sent) -> None:
    made = make_pairing(sent.link_key, sent.device, MORNING)
    assert made.ends_at == MORNING + timedelta(minutes=10)
    with pytest.raises(CodeWrong):
        link_behind_pairing(made.code, OTHER, MORNING + timedelta(minutes=10))
    assert link_behind_pairing(made.code, OTHER, MORNING + timedelta(minutes=9)) == sent.link_key
    assert speaks(sent.link_key, OTHER)
    with pytest.raises(CodeWrong):
        link_behind_pairing(made.code, "a-third-phone", MORNING)


def test_a_pairing_code_is_read_as_people_type_it_and_stored_nowhere(sent: Sent) -> None:
    code = make_pairing(sent.link_key, sent.device, MORNING).code
    assert db.session.scalars(select(LinkPairing.code_hash)).one() != code
    typed = f" {code[:4].lower()}－{code[4:]} ".replace("0", "O").replace("1", "l")
    assert link_behind_pairing(typed, OTHER, MORNING) == sent.link_key


def test_only_who_may_speak_makes_one_and_guessing_is_slowed_down(sent: Sent) -> None:
    with pytest.raises(NotPermitted):
        make_pairing(sent.link_key, OTHER, MORNING)
    code = make_pairing(sent.link_key, sent.device, MORNING).code
    for _ in range(5):
        with pytest.raises(CodeWrong):
            link_behind_pairing("ABCD-EFGH", OTHER, MORNING)
    with pytest.raises(CodeWrong):
        link_behind_pairing(code, OTHER, MORNING)
    assert not speaks(sent.link_key, OTHER)


def test_me_too_from_the_second_phone_is_known_to_be_the_same_person(street: Street, sent: Sent) -> None:
    link_behind_pairing(make_pairing(sent.link_key, sent.device, MORNING).code, OTHER, MORNING)
    assert a_voice(street.token, sent.number, device=OTHER).link_key == sent.link_key
    assert db.session.scalars(select(Case.voices)).one() == 1


# ---- the owner's link


def test_a_renewed_link_is_derived_anew_and_shuts_out_a_lost_phone(sent: Sent) -> None:
    links.enter_code(sent.link_key, sent.code, OTHER, MORNING)
    report_id = links.report_behind(sent.link_key).id
    made = link_owner.renew(report_id, OTHER, MORNING)
    with pytest.raises(LinkUnknown):
        links.report_behind(sent.link_key)
    assert speaks(made.link_key, OTHER)
    assert not speaks(made.link_key, sent.device), "the phone that sent it was lost"
    with pytest.raises(LinkUnknown):
        link_owner.renew(report_id, sent.device, MORNING)
    assert link_owner.later_link(sent.link_key, OTHER) == made.link_key
    assert link_owner.later_link(sent.link_key, sent.device) == ""
    again = link_owner.renew(report_id, OTHER, MORNING)
    assert len({sent.link_key, made.link_key, again.link_key}) == 3
    assert link_owner.later_link(made.link_key, OTHER) == again.link_key


def test_ending_a_link_ends_its_digits_and_its_one_time_code_too(sent: Sent) -> None:
    code = make_pairing(sent.link_key, sent.device, MORNING).code
    report_id = links.report_behind(sent.link_key).id
    link_owner.revoke(report_id, sent.device, MORNING)
    with pytest.raises(CodeWrong):
        link_behind_number(sent.number, sent.code, OTHER, MORNING)
    with pytest.raises(CodeWrong):
        link_behind_pairing(code, OTHER, MORNING)
    holders = link_owner.holders_of(report_id)
    assert (holders.phones, holders.changed_at) == (1, MORNING)


def test_somebody_elses_report_is_not_renewed(street: Street, sent: Sent) -> None:
    others = a_report(street.token, device=OTHER)
    with pytest.raises(LinkUnknown):
        link_owner.renew(links.report_behind(others.link_key).id, sent.device, MORNING)
    with pytest.raises(LinkUnknown):
        link_owner.revoke(987654, sent.device, MORNING)
