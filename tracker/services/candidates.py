"""Groups become candidates by themselves: proposed, kept in step, proposed again; accepted ones take new reports.

Runs after every grouping, in any number of processes: all of it is worked out anew under one lock, so doing it twice
changes nothing. What a person decided (a ruling, a case put in or taken out, a dismissal) stands above what a group
says.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from tracker.domain.candidates import (
    Sighting,
    has_grown_by_half,
    is_candidate,
    must_be_reviewed,
    still_stands,
)
from tracker.domain.issues import IssueAction, IssueState
from tracker.domain.permissions import SYSTEM, Role
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import GroupingRuling, Issue, IssueCase, IssueEvent, Label, Report
from tracker.services.clocks import start_for_issue, stop_for_issue
from tracker.services.group_facts import GroupFacts
from tracker.services.groups import GroupedReport, Groups
from tracker.services.issue_cases import (
    lock_membership,
    numbers_of,
    present_case_ids,
    put_in,
    take_out,
    voices_of,
)
from tracker.services.issue_moves import locked_issue, take_issue
from tracker.services.issue_titles import title_for
from tracker.services.issue_wording import possible_owners
from tracker.services.notices import tell
from tracker.services.numbers import next_number

BATCH = 40
"""Groups brought up to date in one transaction: short, so that nobody waits long for the lock."""
FELL_APART = N_("归并结果变了，这条线索不再成立。")


def refresh(cluster_ids: Sequence[int], now: datetime, groups: Groups) -> int:
    """Bring issues up to what the groups with these row ids say now; return how many issues changed.

    Args:
        groups: where groups are read from.
    """
    starts = range(0, max(len(cluster_ids), 1), BATCH)
    return sum(_refresh(cluster_ids[first : first + BATCH], now, groups) for first in starts)


def _refresh(cluster_ids: Sequence[int], now: datetime, groups: Groups) -> int:
    def use_case() -> int:
        with transaction():
            lock_membership()
            changed = [_bring_up(GroupFacts(group), now) for group in groups.with_ids(cluster_ids)]
            changed += [_withdraw(issue, now) for issue in _fallen(groups)]
            return sum(changed)

    return again_if_interrupted(use_case)


def _bring_up(facts: GroupFacts, now: datetime) -> bool:
    """One group's issue, proposed if it is worth it; true if anything changed."""
    issue_id = _issue_of(facts)
    reports = facts.open_to(issue_id)
    seen = [Sighting(report.place_id, report.at) for report in reports]
    if issue_id is None:
        if not is_candidate(seen, now):
            return False
        issue = _propose(facts, reports, now)
    else:
        issue = locked_issue(issue_id)
    before = 0 if issue_id is None else issue.version
    if issue.state == IssueState.DISMISSED and is_candidate(seen, now) and _may_return(issue, reports):
        take_issue(issue, IssueAction.PROPOSE_AGAIN, by=SYSTEM, now=now, facts=_size(reports))
    if issue.state != IssueState.DISMISSED:
        _name_group(issue, facts.group.key)
        _follow(issue, facts, reports, now)
    if issue.state == IssueState.CANDIDATE:
        _urge(issue, seen, now)
    return issue.version != before


# ---------------------------------------------------------------- which issue a group belongs to


def _issue_of(facts: GroupFacts) -> int | None:
    """What people ruled counts most, then the group's key, then whose cases they are."""
    return facts.ruled_into() or _keyed_issue(facts) or _holding_issue(facts)


def _keyed_issue(facts: GroupFacts) -> int | None:
    """The founding report may have been ruled out of the issue that was named after it."""
    found = db.session.scalars(
        select(Issue.id).where(Issue.cluster_key == facts.group.key).order_by(Issue.id)
    ).all()
    return next((each for each in found if facts.open_to(each)), None)


def _holding_issue(facts: GroupFacts) -> int | None:
    """The issue that holds at least half of the group's cases, or half of whose cases the group holds."""
    shares = db.session.execute(
        select(IssueCase.issue_id, func.count())
        .where(IssueCase.case_id.in_(list(facts.cases)), IssueCase.removed_at.is_(None))
        .group_by(IssueCase.issue_id)
        .order_by(func.count().desc(), IssueCase.issue_id)
    ).all()
    for issue_id, shared in shares:
        smaller = min(len(facts.cases), len(present_case_ids(issue_id)))
        if 2 * shared >= smaller and facts.open_to(issue_id):
            return int(issue_id)
    return None


def _name_group(issue: Issue, key: str) -> None:
    """Remember the group by its present key; no other issue goes by it any more."""
    if issue.cluster_key != key:
        db.session.execute(update(Issue).where(Issue.cluster_key == key).values(cluster_key=""))
        issue.cluster_key = key
        db.session.flush()


# ---------------------------------------------------------------- what becomes of it


def _propose(facts: GroupFacts, reports: Sequence[GroupedReport], now: datetime) -> Issue:
    cases = [facts.cases[each] for each in _case_ids(reports)]
    issue = Issue(
        number=next_number("G", now),
        title=title_for(cases),
        cause="",
        state="",
        area_code=_most(case.area_code for case in cases),
        category=_most(case.category for case in cases),
        cluster_key="",
        must_review=False,
        dismissed_voices=0,
        opened_at=now,
        state_at=now,
    )
    take_issue(issue, IssueAction.PROPOSE, by=SYSTEM, now=now, facts=_size(reports))
    put_in(issue, [case.id for case in cases], by=SYSTEM, now=now)
    return issue


def _follow(issue: Issue, facts: GroupFacts, reports: Sequence[GroupedReport], now: datetime) -> None:
    """A candidate holds what its group holds and what people put in; any other issue only takes what is new."""
    wanted, present = set(_case_ids(reports)), set(present_case_ids(issue.id))
    new = wanted - present
    if new:
        put_in(issue, new, by=SYSTEM, now=now)
        take_issue(issue, IssueAction.ADD_CASES, by=SYSTEM, now=now, facts={"cases": numbers_of(sorted(new))})
        for other, taken in sorted(facts.held_elsewhere(new, issue.id).items()):
            _let_go(locked_issue(other), taken, now)
    if issue.state != IssueState.CANDIDATE:
        return
    gone = (present - wanted) - _kept_by_people(issue.id)
    if gone:
        take_out(issue, gone, by=SYSTEM, now=now)
        facts_gone = {"cases": numbers_of(sorted(gone))}
        take_issue(issue, IssueAction.REMOVE_CASES, by=SYSTEM, now=now, facts=facts_gone)
        _withdraw(issue, now)


def _let_go(issue: Issue, taken: Sequence[int], now: datetime) -> None:
    """An issue whose group lost cases to another: what is left may be too little for a candidate."""
    if issue.state == IssueState.CANDIDATE:
        facts = {"cases": numbers_of(taken)}
        take_issue(issue, IssueAction.REMOVE_CASES, by=SYSTEM, now=now, facts=facts)
        _withdraw(issue, now)


def _urge(issue: Issue, seen: Sequence[Sighting], now: datetime) -> None:
    """So many places share it that somebody has to decide: once, with a clock."""
    if not issue.must_review and must_be_reviewed(seen, now):
        issue.must_review = True
        take_issue(issue, IssueAction.MUST_REVIEW, by=SYSTEM, now=now)
        start_for_issue(issue, now)
        deciders = [f"user:{owner.id}" for owner in possible_owners(issue.area_code, Role.SECRETARY)]
        tell(
            "issue_must_review",
            key=f"issue:{issue.id}:{issue.version}",
            recipients=deciders,
            facts={"number": issue.number, "title": issue.title, "link": f"/issues/{issue.number}"},
            now=now,
        )


def _may_return(issue: Issue, reports: Sequence[GroupedReport]) -> bool:
    """Whether a dismissed one may be proposed again; what only fell apart was nobody's decision."""
    dismissed_by = db.session.scalar(
        select(IssueEvent.user_id)
        .where(IssueEvent.issue_id == issue.id, IssueEvent.action == IssueAction.DISMISS)
        .order_by(IssueEvent.version.desc())
        .limit(1)
    )
    voices = len({report.device_hash for report in reports})
    return dismissed_by is None or has_grown_by_half(voices, issue.dismissed_voices)


# ---------------------------------------------------------------- what the machine takes back


def _fallen(groups: Groups) -> list[Issue]:
    """Candidates whose group is no more: its reports went elsewhere."""
    candidates = db.session.execute(
        select(Issue.id, Issue.cluster_key)
        .where(Issue.state == IssueState.CANDIDATE, Issue.cluster_key != "")
        .order_by(Issue.id)
    ).all()
    known = groups.known_keys([key for _, key in candidates]) if candidates else set()
    return [locked_issue(issue_id) for issue_id, key in candidates if key not in known]


def _withdraw(issue: Issue, now: datetime) -> bool:
    """Take back a candidate that no longer stands, unless a person has touched it; true if it was."""
    if issue.state != IssueState.CANDIDATE or _is_touched(issue.id) or still_stands(_places(issue.id)):
        return False
    issue.dismissed_voices = max(1, voices_of(issue.id))
    issue.must_review = False
    take_issue(issue, IssueAction.DISMISS, by=SYSTEM, now=now, note=FELL_APART)
    stop_for_issue(issue, now)
    return True


def _is_touched(issue_id: int) -> bool:
    by_people = select(IssueEvent.id).where(IssueEvent.issue_id == issue_id, IssueEvent.user_id.is_not(None))
    return db.session.scalar(by_people.limit(1)) is not None


def _places(issue_id: int) -> int:
    places = (
        select(func.count(Label.place_id.distinct()))
        .join(Report, Report.label_id == Label.id)
        .where(Report.case_id.in_(present_case_ids(issue_id)))
    )
    return db.session.scalar(places) or 0


def _kept_by_people(issue_id: int) -> set[int]:
    """Cases that a person put in, or left in when deciding about others."""
    put_in_by_hand = select(IssueCase.case_id).where(
        IssueCase.issue_id == issue_id, IssueCase.added_by.is_not(None)
    )
    ruled_in = (
        select(Report.case_id)
        .join(GroupingRuling, GroupingRuling.report_id == Report.id)
        .where(GroupingRuling.issue_id == issue_id, GroupingRuling.kind == "in")
    )
    return {*db.session.scalars(put_in_by_hand), *db.session.scalars(ruled_in)}


# ---------------------------------------------------------------- small things


def _case_ids(reports: Iterable[GroupedReport]) -> list[int]:
    return list(dict.fromkeys(report.case_id for report in reports))


def _most(values: Iterable[str]) -> str:
    """The most frequent value; of several the first in order, so that every process says the same."""
    counted = Counter(values)
    return min(counted, key=lambda value: (-counted[value], value))


def _size(reports: Sequence[GroupedReport]) -> dict[str, int]:
    return {
        "cases": len(_case_ids(reports)),
        "places": len({report.place_id for report in reports}),
        "voices": len({report.device_hash for report in reports}),
    }
