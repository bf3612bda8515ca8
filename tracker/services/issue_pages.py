"""One issue, read: for the desk, for everybody, and as plain facts for packs and prints."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from tracker.domain.candidates import CANDIDATE_WITHIN, REVIEW_WITHIN, Sighting, places_within
from tracker.domain.issues import PUBLIC, IssueState, IssueStep, issue_steps_from
from tracker.domain.lifecycle import OPEN, State
from tracker.domain.permissions import Actor, Permission
from tracker.domain.shared_words import SharedWord, shared_words
from tracker.extensions import db
from tracker.models import (
    AgendaItem,
    Area,
    Case,
    Category,
    Issue,
    IssueCase,
    IssueEvent,
    IssueMessage,
    IssueVoice,
    Label,
    Meeting,
    Photo,
    Place,
    Report,
    User,
)
from tracker.services.issue_cases import voices_of
from tracker.services.issue_costs import costs_of
from tracker.services.issue_counts import Tally, arrivals, sightings_of, tallies, trend_of
from tracker.services.issue_moves import IssueMissing, may_see
from tracker.services.issue_similar import items_of, similar_issues
from tracker.services.issue_suggestions import Suggestion, suggestions_for
from tracker.services.issue_titles import landmarks_around
from tracker.services.issue_views import (
    IssueCaseRow,
    IssueCounts,
    IssueEventView,
    IssueFacts,
    IssueMeeting,
    IssueMessageView,
    IssuePhoto,
    IssuePoint,
    PastItem,
)
from tracker.services.issue_wording import Owner, possible_owners

PHOTOS = 12
ELSEWHERE = 300
"""So many of the latest other reports tell what is ordinary on the street."""


@dataclass(frozen=True)
class PublicVoiceText:
    """What somebody wrote beside "me too" on the public page; for staff."""

    at: datetime
    text: str


@dataclass(frozen=True)
class StaffIssue:
    """The desk's page.

    Attributes:
        facts: its cases, points and photos are those that this person may see.
        hidden: cases in areas that are not this person's.
        steps: what the person may decide now, in the order of the table.
        owners: who may be chosen as owner; suggestions: cases that may belong to it; both empty for onlookers.
    """

    facts: IssueFacts
    hidden: int
    steps: Sequence[IssueStep]
    owners: Sequence[Owner]
    suggestions: Sequence[Suggestion]
    voices: Sequence[PublicVoiceText]
    meetings: Sequence[IssueMeeting]


def issue_facts(issue_id: int, now: datetime) -> IssueFacts:
    """Everything about one issue; the caller knows who may read it.

    Raises:
        IssueMissing: there is none.
    """
    issue = db.session.get(Issue, issue_id)
    if issue is None:
        raise IssueMissing(issue_id)
    rows, places = _cases(issue)
    tally, seen = tallies([issue.id], now)[issue.id], sightings_of(issue.id)
    category = _category(issue.category)
    return IssueFacts(
        id=issue.id,
        number=issue.number,
        title=issue.title,
        cause=issue.cause,
        state=IssueState(issue.state),
        version=issue.version,
        area_code=issue.area_code,
        area_name=db.session.get_one(Area, issue.area_code).name,
        category=issue.category,
        category_zh=category.name_zh,
        category_en=category.name_en,
        icon=category.icon,
        owner_id=issue.owner_id,
        owner=db.session.get_one(User, issue.owner_id).name if issue.owner_id else "",
        must_review=issue.must_review,
        opened_at=issue.opened_at,
        state_at=issue.state_at,
        first_at=tally.first_at,
        last_at=tally.last_at,
        is_guarded=any(row.is_guarded for row in rows),
        counts=_counts(issue.id, tally, seen, now),
        cases=rows,
        points=_points(rows),
        landmarks=landmarks_around(places),
        photos=_photos(rows),
        arrivals=arrivals(seen),
        trend=trend_of(issue, tally, now),
        ranking=tally.ranking,
        shared_words=_shared_words([row.case_id for row in rows]),
        events=events_of(issue.id),
        messages=messages_of(issue.id),
        costs=costs_of([row.case_id for row in rows], now),
        similar=similar_issues(issue),
    )


def staff_issue(number: str, actor: Actor, now: datetime) -> StaffIssue:
    """The issue for somebody at the desk.

    Raises:
        IssueMissing: no such issue for this person.
    """
    issue = _seen(number, actor)
    facts = issue_facts(issue.id, now)
    seen = [row for row in facts.cases if actor.may(Permission.ISSUES_SEE, row.area_code)]
    numbers = {row.number for row in seen}
    decides = actor.may(Permission.ISSUES_DECIDE, issue.area_code)
    roles = actor.roles_for(issue.area_code, ())
    return StaffIssue(
        facts=_narrowed(facts, seen, [photo for photo in facts.photos if photo.case_number in numbers]),
        hidden=len(facts.cases) - len(seen),
        steps=[step for step in issue_steps_from(facts.state) if step.who & roles],
        owners=possible_owners(issue.area_code) if decides else (),
        suggestions=suggestions_for(facts, actor, now) if decides else (),
        voices=_voice_texts(issue.id),
        meetings=_meetings(issue.id, actor),
    )


def missed_events(number: str, since: int, actor: Actor) -> list[IssueEventView]:
    """What happened to an issue after the version that somebody saw.

    Raises:
        IssueMissing: no such issue for this person.
    """
    return events_of(_seen(number, actor).id, since)


def _seen(number: str, actor: Actor) -> Issue:
    issue = db.session.scalar(select(Issue).where(Issue.number == number))
    if issue is None or not may_see(issue, actor):
        raise IssueMissing(number)
    return issue


@dataclass(frozen=True)
class CaseIssue:
    """The issue that a case is in; may_see: whether the person who asks may open its page."""

    id: int
    number: str
    title: str
    may_see: bool


def issue_of(case_number: str, actor: Actor) -> CaseIssue | None:
    """The issue that a case is in; one that was dismissed is none."""
    issue = db.session.scalar(
        select(Issue)
        .join(IssueCase, IssueCase.issue_id == Issue.id)
        .join(Case, Case.id == IssueCase.case_id)
        .where(
            Case.number == case_number, IssueCase.removed_at.is_(None), Issue.state != IssueState.DISMISSED
        )
    )
    return CaseIssue(issue.id, issue.number, issue.title, may_see(issue, actor)) if issue else None


def public_issue(number: str, now: datetime) -> tuple[IssueFacts, Sequence[PastItem]]:
    """An accepted issue and what was decided about it; the page shows only what names nobody.

    Raises:
        IssueMissing: none that people accepted.
    """
    issue = public_row(number)
    return issue_facts(issue.id, now), items_of([issue.id]).get(issue.id, [])


def public_row(number: str) -> Issue:
    """The row of an issue that everybody may read about.

    Raises:
        IssueMissing: no such issue, or nobody accepted it.
    """
    issue = db.session.scalar(select(Issue).where(Issue.number == number, Issue.state.in_(sorted(PUBLIC))))
    if issue is None:
        raise IssueMissing(number)
    return issue


def events_of(issue_id: int, since: int = 0) -> list[IssueEventView]:
    """What happened after version `since`, oldest first."""
    rows = db.session.execute(
        select(IssueEvent, User.name)
        .outerjoin(User, User.id == IssueEvent.user_id)
        .where(IssueEvent.issue_id == issue_id, IssueEvent.version > since)
        .order_by(IssueEvent.version)
    )
    return [
        IssueEventView(
            event.version,
            event.at,
            event.action,
            event.from_state,
            event.to_state,
            event.user_id,
            name or "",
            event.note,
            event.facts,
        )
        for event, name in rows
    ]


def messages_of(issue_id: int) -> list[IssueMessageView]:
    """What the committee wrote to the reporters, newest first."""
    rows = db.session.execute(
        select(IssueMessage, User.name)
        .join(User, User.id == IssueMessage.sent_by)
        .where(IssueMessage.issue_id == issue_id)
        .order_by(IssueMessage.id.desc())
    )
    return [IssueMessageView(row.id, row.text, name, row.sent_at) for row, name in rows]


# ---------------------------------------------------------------- parts


def _cases(issue: Issue) -> tuple[list[IssueCaseRow], list[Place]]:
    """The present cases, newest first, and their places."""
    reports = select(func.count()).select_from(Report).where(Report.case_id == Case.id).scalar_subquery()
    rows = db.session.execute(
        select(Case, IssueCase, reports)
        .join(IssueCase, IssueCase.case_id == Case.id)
        .where(IssueCase.issue_id == issue.id, IssueCase.removed_at.is_(None))
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .options(joinedload(Case.place, innerjoin=True), joinedload(Case.category_version, innerjoin=True))
    ).all()
    shown = [_case_row(case, member, count, issue.category) for case, member, count in rows]
    return shown, [case.place for case, _member, _count in rows]


def _case_row(case: Case, member: IssueCase, reports: int, usual: str) -> IssueCaseRow:
    category, place = case.category_version, case.place
    return IssueCaseRow(
        case_id=case.id,
        number=case.number,
        state=State(case.state),
        outcome=case.outcome,
        category=category.code,
        category_zh=category.name_zh,
        category_en=category.name_en,
        icon=category.icon,
        place_id=place.id,
        place=place.name,
        address=place.address,
        area_code=case.area_code,
        lat=place.lat,
        lon=place.lon,
        opened_at=case.opened_at,
        lead=case.lead,
        summary=case.summary,
        has_photo=bool(case.thumb),
        is_guarded=category.private or category.protect_reporter,
        by_machine=member.added_by is None,
        added_at=member.added_at,
        reports=reports,
        reopens=case.reopens,
        reworks=case.reworks,
        returns=case.returns,
        is_other_category=category.code != usual,
    )


def _narrowed(facts: IssueFacts, rows: Sequence[IssueCaseRow], photos: Sequence[IssuePhoto]) -> IssueFacts:
    """The same issue with these of its cases alone."""
    return replace(facts, cases=rows, points=_points(rows), photos=photos)


def _counts(issue_id: int, tally: Tally, seen: Sequence[Sighting], now: datetime) -> IssueCounts:
    public = db.session.scalar(
        select(func.count()).select_from(IssueVoice).where(IssueVoice.issue_id == issue_id)
    )
    return IssueCounts(
        cases=tally.cases,
        open=tally.open,
        ended=tally.cases - tally.open,
        places=tally.places,
        fortnight_places=places_within(seen, now, CANDIDATE_WITHIN),
        month_places=places_within(seen, now, REVIEW_WITHIN),
        reporters=tally.reporters,
        public_voices=public or 0,
        voices=voices_of(issue_id),
        reports=tally.reports,
    )


def _points(rows: Sequence[IssueCaseRow]) -> list[IssuePoint]:
    """Where these cases were reported from, the place with the most cases first."""
    states = {row.case_id: row.state for row in rows}
    places: dict[int, Place] = {}
    cases: dict[int, set[int]] = {}
    for place, case_id in db.session.execute(
        select(Place, Report.case_id)
        .join(Label, Label.place_id == Place.id)
        .join(Report, Report.label_id == Label.id)
        .where(Report.case_id.in_(list(states)))
    ):
        places[place.id] = place
        cases.setdefault(place.id, set()).add(case_id)
    return [
        IssuePoint(
            place.lat,
            place.lon,
            place.name,
            place.address,
            "open" if any(states[each] in OPEN for each in cases[place.id]) else "ended",
            len(cases[place.id]),
        )
        for place in sorted(places.values(), key=lambda place: (-len(cases[place.id]), place.id))
    ]


def _photos(rows: Sequence[IssueCaseRow]) -> list[IssuePhoto]:
    """Newest first; none of a case whose category is private or protects its reporter."""
    allowed = {row.case_id: row for row in rows if not row.is_guarded}
    photos = db.session.scalars(
        select(Photo)
        .where(Photo.case_id.in_(list(allowed)), Photo.kind == "before")
        .order_by(Photo.id.desc())
        .limit(PHOTOS)
    )
    return [
        IssuePhoto(
            photo.id,
            photo.sha256,
            allowed[photo.case_id].number,
            allowed[photo.case_id].place,
            photo.width,
            photo.height,
            photo.added_at,
        )
        for photo in photos
    ]


def _category(code: str) -> Category:
    return db.session.scalars(
        select(Category).where(Category.code == code).order_by(Category.version.desc()).limit(1)
    ).one()


def _shared_words(case_ids: Sequence[int]) -> list[SharedWord]:
    """Who joined a case without words of his own says what its reporter said: he is left out."""
    own = db.session.scalars(select(Report.text).where(Report.case_id.in_(case_ids), Report.text != "")).all()
    others = db.session.scalars(
        select(Report.text)
        .where(Report.case_id.not_in(case_ids), Report.text != "")
        .order_by(Report.id.desc())
        .limit(ELSEWHERE)
    ).all()
    return shared_words(own, others)


def _meetings(issue_id: int, actor: Actor) -> list[IssueMeeting]:
    """Where it is on the agenda, the latest first."""
    rows = db.session.execute(
        select(Meeting, AgendaItem.question)
        .join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
        .where(AgendaItem.issue_id == issue_id)
        .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
    )
    return [
        IssueMeeting(
            meeting.number,
            meeting.title,
            meeting.state,
            meeting.starts_at,
            question,
            actor.may(Permission.MEETINGS_KEEP, meeting.area_code),
        )
        for meeting, question in rows
    ]


def _voice_texts(issue_id: int) -> list[PublicVoiceText]:
    rows = db.session.execute(
        select(IssueVoice.at, IssueVoice.text)
        .where(IssueVoice.issue_id == issue_id, IssueVoice.text != "")
        .order_by(IssueVoice.id.desc())
        .limit(50)
    )
    return [PublicVoiceText(at, text) for at, text in rows]
