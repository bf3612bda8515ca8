"""From reports to a candidate through the real grouping, and decisions that hold whatever is grouped anew."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.factories import Sent, Street
from tests.issue_samples import issue_count, newest_issue, numbers_in, numbers_of, rulings_of
from tracker.domain.permissions import Actor, Role
from tracker.extensions import db, transaction
from tracker.models import Issue, Place
from tracker.services import grouping, issue_decisions
from tracker.services.intake import NewReport, join
from tracker.services.issue_decisions import Seen
from tracker.services.issue_pages import issue_facts
from tracker.services.issue_wording import Wording
from tracker.services.places import labelled_place

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
TOLD = (
    "共享单车把店门堵住了",
    "门口单车太多，客人进不来",
    "单车乱停，推婴儿车过不去",
    "单车又停满了人行道",
    "门口全是共享单车",
    "单车挡路，麻烦清一清",
)
Crew = dict[Role | str, Actor]


def shops_report(words: tuple[str, ...], first_at: datetime, *, category: str = "A1") -> list[Sent]:
    """Each of them from a shop of its own, 25 m from the last, an hour later, in its own words."""
    sents = []
    for number, text in enumerate(words):
        token = factories.a_place("shop", name=f"店 {number}", address=f"共和新路 {2390 + 2 * number} 号")
        with transaction():
            place = db.session.scalars(select(Place).order_by(Place.id.desc())).first()
            assert place is not None
            place.lat = 31.306 + 0.0002 * number
        at = first_at + timedelta(hours=number)
        sents.append(factories.a_report(token, category, text, device=f"phone {number}", at=at))
    return sents


def grouped(now: datetime) -> None:
    """What the job does, until nothing is left."""
    while grouping.group_waiting(now):
        pass


def fresh(issue_id: int) -> Issue:
    db.session.rollback()
    return db.session.get_one(Issue, issue_id)


@pytest.fixture
def secretary(crew: Crew, street: Street) -> Actor:  # noqa: ARG001 - the registers
    return crew[Role.SECRETARY]


def test_what_a_person_split_moved_and_dismissed_stays_so_after_rebuild_and_nights(secretary: Actor) -> None:
    sents = shops_report(TOLD, NOON)
    later = NOON + timedelta(days=1)
    grouped(later)
    issue = newest_issue()
    assert (issue.state, issue.must_review) == ("candidate", True)
    assert numbers_in(issue.id) == numbers_of(sents)
    seen = Seen(issue.number, issue.version, "split")
    issue_decisions.split(seen, numbers_of(sents[:2]), "另一头", by=secretary, now=later)
    other = newest_issue()
    add = Seen(other.number, other.version, "add")
    issue_decisions.add(add, [sents[2].number], by=secretary, now=later)
    dismiss = Seen(issue.number, fresh(issue.id).version, "dismiss")
    issue_decisions.dismiss(dismiss, "各有各的原因", by=secretary, now=later)
    night = datetime(2026, 11, 24, 19, tzinfo=UTC)
    grouped(night)
    for again in (grouping.group_nightly, grouping.rebuild, grouped):
        again(night)
        grouped(night)
        assert numbers_in(other.id) == numbers_of(sents[:3])
        assert numbers_in(issue.id) == numbers_of(sents[3:])
        assert (fresh(issue.id).state, fresh(other.id).state) == ("dismissed", "candidate")
        assert issue_count() == 2
    assert rulings_of(issue.id) == dict.fromkeys(numbers_of(sents[:3]), "out") | dict.fromkeys(
        numbers_of(sents[3:]), "in"
    )


@pytest.mark.usefixtures("street")
def test_who_says_me_too_from_another_shop_counts_as_a_place() -> None:
    (first,) = shops_report(TOLD[:1], NOON)
    for number in (1, 2):
        token = factories.a_place("shop", name=f"隔壁 {number}", address=f"共和新路 {2400 + number} 号")
        me_too = NewReport(f"me-too-of-a-neighbour-{number}", "", "", f"neighbour {number}")
        join(me_too, first.number, labelled_place(token), NOON + timedelta(hours=number))
    grouped(NOON + timedelta(days=1))
    issue = newest_issue()
    assert (issue.state, numbers_in(issue.id)) == ("candidate", {first.number})
    facts = issue_facts(issue.id, NOON + timedelta(days=1))
    assert (facts.counts.places, facts.counts.reporters, facts.counts.cases) == (3, 3, 1)
    assert len(facts.points) == 3


def test_an_accepted_issue_takes_the_next_report_and_a_rebuild_keeps_it(secretary: Actor) -> None:
    sents = shops_report(TOLD[:5], NOON)
    later = NOON + timedelta(days=1)
    grouped(later)
    issue = newest_issue()
    wording = Wording("单车堵门", "", secretary.user_id)
    issue_decisions.accept(Seen(issue.number, issue.version, "a"), wording, by=secretary, now=later)
    token = factories.a_place("shop", name="新来的店", address="共和新路 2393 号")
    new = factories.a_report(token, "A1", "单车把门口堵死了", device="another phone", at=later)
    grouped(later + timedelta(minutes=1))
    assert numbers_in(issue.id) == numbers_of([*sents, new])
    grouping.rebuild(later + timedelta(hours=1))
    assert numbers_in(issue.id) == numbers_of([*sents, new])
    assert issue_count() == 1
