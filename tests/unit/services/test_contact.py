"""How long a phone number is kept."""

from datetime import timedelta

from sqlalchemy import select

from tests.factories import Sent, Street, a_report, take
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, now
from tracker.models import Report
from tracker.services import contact, history

Crew = dict[Role | str, Actor]


def report_of(sent: Sent) -> Report:
    db.session.rollback()
    return db.session.scalars(select(Report).where(Report.key == sent.key)).one()


def decline(sent: Sent, crew: Crew) -> None:
    take(sent.number, Action.DECLINE, by=crew[Role.OPERATOR], reason="consumer", channel="12315")


def test_a_number_is_erased_thirty_days_after_the_end_and_not_before(street: Street, crew: Crew) -> None:
    ended, under_way = (
        a_report(street.token, phone="13812345678"),
        a_report(street.token, phone="13812345679"),
    )
    decline(ended, crew)
    assert contact.erase_expired(now() + timedelta(days=29)) == 0
    assert contact.erase_expired(now() + timedelta(days=31)) == 1
    assert contact.erase_expired(now() + timedelta(days=31)) == 0
    gone = report_of(ended)
    assert (gone.phone_sealed, gone.phone_fingerprint, gone.consent_version) == ("", "", "")
    assert gone.text
    assert report_of(under_way).phone_sealed
    assert history.verify() == 3


def test_a_merged_report_keeps_its_number_until_the_main_case_ends(street: Street, crew: Crew) -> None:
    main, voice = a_report(street.token), a_report(street.token, phone="13812345678")
    take(voice.number, Action.MERGE, by=crew[Role.OPERATOR], main_case=main.number)
    assert contact.erase_expired(now() + timedelta(days=31)) == 0
    decline(main, crew)
    assert contact.erase_expired(now() + timedelta(days=31)) == 1
