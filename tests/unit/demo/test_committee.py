"""What a visitor of the demo street finds of what many share: one loading, looked at through the pages' own readers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.databases import Databases
from tests.settings import settings_in
from tracker import create_app
from tracker.demo import shared
from tracker.demo.load import DemoStreet
from tracker.demo.registers import actors
from tracker.domain.issues import IssueAction, IssueState
from tracker.domain.look_back import Answer, Verdict
from tracker.domain.meetings import MeetingState
from tracker.domain.permissions import Actor
from tracker.extensions import db
from tracker.models import Delivery, Issue, Notice
from tracker.services import (
    action_pages,
    history,
    issue_lists,
    issue_pages,
    jobs,
    look_backs,
    meeting_list,
    meeting_views,
    minutes_approval,
    packs,
)
from tracker.services.issue_lists import IssueFilter
from tracker.services.issue_views import IssueFacts

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
VOICES = sum(len(trouble.voices) for trouble in shared.SHARED)
MORE = 12


@dataclass(frozen=True)
class Loaded:
    """The street, and who looks at it."""

    secretary: Actor
    moves: int
    done: int


@pytest.fixture(scope="module")
def street(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """One loading for all these tests, of the shared troubles and little else: on SQLite, for its time's sake."""
    folder = tmp_path_factory.mktemp("street")
    with pytest.MonkeyPatch.context() as patch, databases.fresh("sqlite", folder) as database:
        patch.setattr(shared, "FEWEST_WITH_SHARED", VOICES)
        app = create_app(settings_in(folder, database_url=database.url, demo=True))
        with app.app_context():
            loading = DemoStreet(cases=VOICES + MORE, seed=7, now=NOW)
            done = sum(1 for _ in loading.run())
            yield Loaded(actors()["secretary"], loading.moves, done)
            db.session.remove()
            db.engine.dispose()


def issues(street: Loaded, state: IssueState) -> list[IssueFacts]:
    found = issue_lists.list_issues(street.secretary, IssueFilter(frozenset({state})), NOW).rows
    return [issue_pages.staff_issue(row.number, street.secretary, NOW).facts for row in found]


def test_the_progress_bar_ends_at_its_end(street: Loaded) -> None:
    assert street.done == street.moves
    assert history.verify() > 0


def test_three_candidates_wait_with_their_reasons(street: Loaded) -> None:
    found = issues(street, IssueState.CANDIDATE)
    assert sorted(len(facts.cases) for facts in found) == [5, 6, 9]
    for facts in found:
        assert facts.counts.places >= 4
        assert facts.points
        assert facts.arrivals
        assert len({row.category for row in facts.cases}) >= 3, "filed under the category that came to mind"
    bikes = max(found, key=lambda facts: len(facts.cases))
    assert bikes.must_review
    assert "地铁" in bikes.title
    assert bikes.shared_words


def test_two_are_accepted_and_say_why_in_words_that_name_nobody(street: Loaded) -> None:
    found = issues(street, IssueState.ACCEPTED)
    assert {facts.title for facts in found} == {"百卉街夜间外摆扰民", "春禾路西段夜间照明"}
    for facts in found:
        public, _ = issue_pages.public_issue(facts.number, NOW)
        assert public.cause
        assert facts.owner == "吴书记"
    assert sum(facts.counts.public_voices for facts in found) == 4


def test_the_past_meeting_has_its_pack_its_votes_and_its_approved_minutes(street: Loaded) -> None:
    (row,) = meeting_list.meetings_of(street.secretary, "past").rows
    meeting = meeting_views.meeting_view(row.number, street.secretary)
    assert meeting.state == MeetingState.CLOSED
    assert meeting.starts_at.weekday() < 5
    reporters = meeting.asked["reporter"]
    assert (reporters.yes, reporters.no) == (7, 2), "shops answered through their reports"
    assert meeting.asked["department"].no == 1
    assert meeting.present_by_kind["reporter"] == 7
    assert [item.vote.state for item in meeting.agenda] == ["closed", "closed"]
    assert [item.vote.given for item in meeting.agenda] == [5, 3]
    (edition,) = packs.editions(row.number, street.secretary)
    assert edition.frozen_at < meeting.starts_at
    assert all(section["points"] for section in edition.facts["sections"])
    (version,) = minutes_approval.versions_of(row.number, street.secretary)
    assert [len(item["lines"]) for item in version.content["items"]] == [2, 2]
    assert version.content["people"][0]["is_here"], "the chair"
    missing = [
        one["department"][0]
        for one in version.content["people"]
        if one["kind"] == "department" and not one["is_here"]
    ]
    assert missing == ["市场监管所"], "who signed for his department came for its invitation"
    assert all(item["decision"] and item["notes"] for item in version.content["items"])


def test_its_four_items_are_done_and_one_was_late_and_went_up_the_ladder(street: Loaded) -> None:
    found = action_pages.items_page(street.secretary, "all", NOW).rows
    pages = [action_pages.item_page(row.number, street.secretary, NOW) for row in found]
    assert len(pages) == 4
    late = [page for page in pages if page.promises[-1].over]
    assert [page.row.department for page in late] == ["HB"]
    assert [len(page.promises[-1].rungs) >= 3 for page in pages].count(True) == 1
    assert late[0].promises[-1].rungs[2].number == 3, "the duty lead heard of it"


def test_one_look_back_says_that_it_helped_and_one_that_it_did_not(street: Loaded) -> None:
    (helped,) = issues(street, IssueState.DONE)
    assert verdicts(helped.id)[30] == Verdict.WORKED
    (not_helped,) = issues(street, IssueState.SCHEDULED)
    assert verdicts(not_helped.id)[30] == Verdict.NOT_SHOWN
    again = [event for event in not_helped.events if event.action == IssueAction.REOPEN]
    assert len(again) == 1, "the first new report opened it again"
    assert not again[0].who
    review = look_backs.review_of(helped.id)
    assert review is not None
    assert review.answers == {Answer.BETTER: 4, Answer.SAME: 1, Answer.WORSE: 0}


def verdicts(issue_id: int) -> dict[int, Verdict]:
    review = look_backs.review_of(issue_id)
    assert review is not None
    return {view.days: view.comparison.verdict for view in review.views if view.comparison}


def test_the_next_meeting_is_some_days_ahead_and_opens_with_what_did_not_help(street: Loaded) -> None:
    (row,) = meeting_list.meetings_of(street.secretary, "coming").rows
    meeting = meeting_views.meeting_view(row.number, street.secretary)
    assert meeting.state == MeetingState.INVITED
    assert timedelta(days=5) < meeting.starts_at - NOW < timedelta(days=12)
    assert meeting.starts_at.weekday() < 5
    assert meeting.asked["reporter"].yes == 3
    assert meeting.asked["department"].silent == 1
    (edition,) = packs.editions(row.number, street.secretary)
    assert edition.facts["sections"][0]["look_back"]["look_backs"][-1]["verdict"] == "not_shown"


@pytest.mark.usefixtures("street")
def test_nothing_is_left_for_the_first_minute_and_nobody_hears_of_old_news() -> None:
    untold = db.session.execute(select(Notice.event, Notice.made_at).where(Notice.told_at.is_(None))).all()
    assert all(NOW - timedelta(days=1) <= at <= NOW for _, at in untold)
    assert {event.partition("_")[0] for event, _ in untold} <= {"case", "clock", "issue"}
    before = db.session.scalar(select(func.max(Notice.id)))
    for name in ("escalate", "remind_items", "look_back", "reopen_issues", "group", "remind"):
        job = jobs.job_named(name)
        assert job.batch(NOW, lambda: True) == 0, name
    assert db.session.scalar(select(func.max(Notice.id))) == before
    jobs.job_named("tell").batch(NOW, lambda: True)
    assert db.session.scalars(select(Delivery.channel).distinct()).all() == ["bell"]
    assert db.session.scalar(select(func.count(Issue.id)).where(Issue.state == "candidate")) == 3
