"""What the secretary of the demo street does with the troubles that many share, through the real use cases.

The grouping proposes; where it did not see a trouble, or saw a part of it, or too much, the secretary puts it right as
anybody would: proposes it herself, adds and takes out cases, dismisses what is none.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from functools import partial

from sqlalchemy import select

from tracker.demo.committee import IssuePlan
from tracker.demo.committee_plan import ISSUES, MEETINGS, WAITING
from tracker.demo.meeting_work import MeetingWork
from tracker.demo.moments import A_DAY, Act
from tracker.demo.told import Office
from tracker.domain.issues import IssueAction, IssueState
from tracker.domain.look_back import Answer
from tracker.domain.permissions import Actor
from tracker.extensions import db
from tracker.models import Case, Issue, IssueCase
from tracker.services import issue_decisions, issue_endings, issue_messages, issue_voices, look_backs
from tracker.services.issue_decisions import Seen
from tracker.services.issue_proposals import FEWEST, propose
from tracker.services.issue_wording import Wording

LOOKS_THROUGH = time(9, 10), time(17, 30)
"""First before the morning's jobs: what the night put together wrongly opens nothing again."""
ADDS_EVERY_DAYS = 4
KNOWN_BEFORE_DAYS = 1.2
"""So long before the secretary accepts it a trouble is a candidate at the latest."""
NOT_IT = "看过了，不是同一件事，分开处理。"
NO_ISSUE = "看过了，是几件不同的事，地点和原因都不一样。"
_CHANGEABLE = frozenset(IssueState) - {
    IssueState.DISMISSED,
    IssueState.DONE,
    IssueState.LONG_TERM,
    IssueState.RAISED,
}


class Committee:
    """The committee of one loading. Planned when it is made; its acts are done by whoever walks them in order."""

    def __init__(self, office: Office) -> None:
        self._office, self._moments, self._told = office, office.moments, office.told

    def acts(self) -> Iterator[Act]:
        """Everything the committee does; each act's order among those of the same moment is kept."""
        if not self._told.troubles:
            return
        ago = self._moments.ago
        known = {plan.trouble: plan.accepted_days + KNOWN_BEFORE_DAYS for plan in ISSUES} | dict(WAITING)
        for trouble, days in known.items():
            yield Act(ago(days), partial(self._know, trouble))
        for plan in ISSUES:
            yield from self._acts_on(plan)
        for meeting in MEETINGS:
            yield from MeetingWork(meeting, self._office).acts()
        yield from self._looks(since_days=int(max(known.values())))

    def _acts_on(self, plan: IssuePlan) -> Iterator[Act]:
        ago = self._moments.ago
        yield Act(ago(plan.accepted_days), partial(self._accept, plan))
        for days, words in plan.messages:
            yield Act(ago(days), partial(self._write, plan.trouble, words))
        for place, (days, words) in enumerate(plan.voices):
            yield Act(ago(days), partial(self._speak, plan.trouble, f"demo {plan.trouble} {place}", words))
        for given in plan.answers:
            yield Act(ago(given.days), partial(self._answer, plan.trouble, given.voice, given.answer))
        if plan.finished:
            days, reason = plan.finished
            yield Act(ago(days), partial(self._finish, plan.trouble, reason))

    def _looks(self, *, since_days: int) -> Iterator[Act]:
        """Twice a day she looks through what came in; every few days, and lately, she adds what was not seen."""
        for days in range(since_days, -1, -1):
            for time_of_day in LOOKS_THROUGH:
                at = self._moments.on(self._moments.today - days * A_DAY, time_of_day)
                if at < self._moments.now:
                    adds = days < 2 or days % ADDS_EVERY_DAYS == 0
                    yield Act(at, partial(self._look_through, adds=adds))

    # ---------------------------------------------------------------- putting the grouping right

    def _know(self, trouble: str, now: datetime) -> None:
        """From here on the trouble is an issue: what the grouping proposed, or what she proposes herself."""
        wanted = self._cases_of(trouble)
        found = [
            (len(set(wanted) & set(_cases_in(number))), number)
            for number in _candidates()
            if number not in self._office.issues.values()
        ]
        many, number = max(found, default=(0, ""))
        if many < FEWEST:
            number = propose(wanted, "", key=f"demo-propose-{trouble}", by=self._secretary, now=now)
        self._office.issues[trouble] = number
        self._put_right(trouble, now, adds=True)

    def _look_through(self, now: datetime, *, adds: bool) -> None:
        for trouble in self._office.issues:
            self._put_right(trouble, now, adds=adds)
        own = set(self._office.issues.values())
        for number in _candidates():
            if number not in own and not self._is_known_later(number):
                self._dismiss(number, now)

    def _put_right(self, trouble: str, now: datetime, *, adds: bool) -> None:
        number = self._office.issues[trouble]
        if _issue(number).state not in _CHANGEABLE:
            return
        wanted, present = self._cases_of(trouble), _cases_in(number)
        strange = [each for each in present if each not in wanted]
        missing = [each for each in wanted if each not in present]
        if missing and (adds or len(strange) == len(present)):
            issue_decisions.add(self._seen(number, "add", now), missing, by=self._secretary, now=now)
        if strange:
            issue_decisions.remove(
                self._seen(number, "remove", now), strange, NOT_IT, by=self._secretary, now=now
            )

    def _is_known_later(self, number: str) -> bool:
        """Whether it is a part of a trouble that is still to become an issue, or will be added to one."""
        cases = _cases_in(number)
        return any(
            2 * len(set(cases) & set(self._cases_of(each))) > len(cases) for each in self._told.troubles
        )

    def _dismiss(self, number: str, now: datetime) -> None:
        issue_decisions.dismiss(self._seen(number, "dismiss", now), NO_ISSUE, by=self._secretary, now=now)

    # ---------------------------------------------------------------- decisions

    def _accept(self, plan: IssuePlan, now: datetime) -> None:
        number, by = self._office.issues[plan.trouble], self._secretary
        self._put_right(plan.trouble, now, adds=True)
        wording = Wording(plan.title, plan.cause, by.user_id)
        issue_decisions.accept(self._seen(number, "accept", now), wording, by=by, now=now)

    def _write(self, trouble: str, words: str, now: datetime) -> None:
        seen = self._seen(self._office.issues[trouble], f"message {words[:6]}", now)
        issue_messages.send_message(seen, words, by=self._secretary, now=now)

    def _speak(self, trouble: str, device: str, words: str, now: datetime) -> None:
        issue_voices.add_voice(self._office.issues[trouble], device, words, now)

    def _answer(self, trouble: str, voice: int, given: Answer, now: datetime) -> None:
        told = self._told.voice(trouble, voice)
        look_backs.answer(told.link_key, told.device, given, now)

    def _finish(self, trouble: str, reason: str, now: datetime) -> None:
        number = self._office.issues[trouble]
        version, by = _issue(number).version, self._secretary
        issue_endings.end(number, IssueAction.FINISH, note=reason, version=version, by=by, now=now)

    # ---------------------------------------------------------------- small things

    @property
    def _secretary(self) -> Actor:
        return self._office.actors["secretary"]

    def _seen(self, number: str, what: str, now: datetime) -> Seen:
        return Seen(number, _issue(number).version, f"demo {what} {now:%y%m%d%H%M%S}")

    def _cases_of(self, trouble: str) -> Sequence[str]:
        return [case.number for case in self._told.of(trouble)]


def _issue(number: str) -> Issue:
    return db.session.scalars(select(Issue).where(Issue.number == number)).one()


def _candidates() -> Sequence[str]:
    waiting = select(Issue.number).where(Issue.state == IssueState.CANDIDATE)
    return db.session.scalars(waiting.order_by(Issue.id)).all()


def _cases_in(number: str) -> Sequence[str]:
    """Numbers of the cases that the issue holds now."""
    return db.session.scalars(
        select(Case.number)
        .join(IssueCase, IssueCase.case_id == Case.id)
        .join(Issue, Issue.id == IssueCase.issue_id)
        .where(Issue.number == number, IssueCase.removed_at.is_(None))
        .order_by(Case.id)
    ).all()
