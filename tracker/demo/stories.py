"""How a demo case comes to its state: the moves of everyone involved, one after the other.

Every story is a walk through the case table (domain/lifecycle.py) that the real use cases accept: the right
person, from the right state, with what has to be supplied.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from tracker.demo import words
from tracker.demo.catalogue import Category, departments
from tracker.demo.people import handler_login
from tracker.domain.lifecycle import Action, Outcome, State

REPORTER, SYSTEM = "reporter", "system"  # who acts without signing in


@dataclass(frozen=True)
class PlannedPhoto:
    """One call of `pictures.draw_photo`; the same seed shows the same spot."""

    category: str
    seed: int
    before: bool


@dataclass(frozen=True)
class PlannedStep:
    action: Action
    by: str  # a login, or REPORTER or SYSTEM
    after: timedelta  # since the case was opened
    note: str = ""
    photos: tuple[PlannedPhoto, ...] = ()
    outcome: Outcome | None = None
    reason: str = ""  # one of lifecycle.DECLINE_REASONS or HOLD_REASONS
    channel: str = ""  # one of lifecycle.CHANNELS
    lead: str = ""  # department code: dispatched to
    co: tuple[str, ...] = ()
    suggested: str = ""  # department code: who should have it instead
    in_days: int = 0  # review day of a hold, new day of an extension: this many days after the step
    rating: int = 0  # 1-5, 0: none given
    main_case: int | None = None  # index of the case it is merged into


class Story:
    """Writes down one case's steps, hour after hour."""

    def __init__(self, rng: Random, category: Category, verifier: str, scene: int) -> None:
        self.rng = rng
        self.steps: list[PlannedStep] = []
        self.category = category
        self.verifier = verifier
        self.scene = scene
        self._lead = category.lead
        self._hours = 0.0

    def happens(self, share: float) -> bool:
        return self.rng.random() < share

    def add(self, action: Action, by: str, hours: tuple[float, float], **facts: Any) -> None:
        """Let `action` follow after a time between the two `hours`; `facts` are fields of PlannedStep."""
        self._hours += self.rng.uniform(*hours)
        if isinstance(facts.get("note"), tuple):
            facts["note"] = self.rng.choice(facts["note"])
        self.steps.append(PlannedStep(action, by, timedelta(seconds=round(self._hours * 3600)), **facts))

    def by_handler(self, action: Action, hours: tuple[float, float], **facts: Any) -> None:
        self.add(action, handler_login(self._lead), hours, **facts)

    def photo(self, *, before: bool) -> tuple[PlannedPhoto, ...]:
        return (PlannedPhoto(self.category.code, self.scene, before),)

    # ------------------------------------------------------------ from report to department

    def ask_and_answer(self) -> None:
        self.add(Action.ASK_INFO, "operator", (0.2, 1), note=words.ASK_INFO)
        self.add(Action.ADD_INFO, REPORTER, (0.5, 9), note=words.ADD_INFO)

    def file(self) -> None:
        """Reach `filed`; automatic categories are there, and dispatched, the moment they are reported."""
        if self.happens(0.15):
            self.ask_and_answer()
        if self.happens(0.15):
            self.add(Action.CHECK, "operator", (0.2, 1))
            self.add(Action.FOUND, self.verifier, (0.5, 5), note=words.CHECK_FOUND)
        else:
            self.add(Action.FILE, "operator", (0.1, 1.5))

    def dispatch(self) -> None:
        if not self.category.is_automatic:
            self.file()
            self._dispatch_to(self.category.lead, self.category.co)
        if self.happens(0.06):
            self.return_and_grant()
            self._dispatch_to(self._lead, ())
        elif self.happens(0.05):
            self.request_return()
            self.add(Action.REFUSE_RETURN, "lead", (0.2, 2), note=words.RETURN_REFUSALS)

    def _dispatch_to(self, lead: str, co: tuple[str, ...]) -> None:
        self.add(Action.DISPATCH, "operator", (0.05, 0.5), lead=lead, co=co, note=words.DISPATCH)

    def request_return(self) -> str:
        """Ask to be rid of the case; return the department that should have it."""
        others = self.category.co or tuple(departments())
        suggested = self.rng.choice([code for code in others if code != self._lead] or ["GL"])
        self.by_handler(Action.REQUEST_RETURN, (0.3, 2), note=words.RETURN_REQUESTS, suggested=suggested)
        return suggested

    def return_and_grant(self) -> None:
        suggested = self.request_return()
        self.add(Action.GRANT_RETURN, "lead", (0.2, 2), note=words.RETURN_GRANTS)
        self._lead = suggested

    # ------------------------------------------------------------ work

    def work(self) -> None:
        """Reach `in_progress`, with what happens along the way."""
        self.dispatch()
        self.by_handler(Action.SIGN, (0.1, 1.5))
        if self.happens(0.7):
            self.by_handler(Action.CONTACT, (0.2, 3), note=words.CONTACT)
        if self.happens(0.1):
            self._extension()
        if self.happens(0.04):
            self.hold()
            self.add(Action.RESUME, "supervisor", (72, 200), note=words.RESUMES)

    def _extension(self) -> None:
        in_days = self.rng.randrange(3, 15)
        self.by_handler(Action.REQUEST_EXTENSION, (1, 8), note=words.EXTENSION_REQUESTS, in_days=in_days)
        if self.happens(0.7):
            self.add(Action.GRANT_EXTENSION, "lead", (0.5, 4), note=words.EXTENSION_GRANTS)
        else:
            self.add(Action.REFUSE_EXTENSION, "lead", (0.5, 4), note=words.EXTENSION_REFUSALS)

    def hold(self) -> None:
        reason = self.rng.choice(list(words.HOLDS))
        in_days = self.rng.randrange(25, 81)
        self.add(Action.HOLD, "supervisor", (2, 20), reason=reason, in_days=in_days, note=words.HOLDS[reason])

    def resolve(self, outcome: Outcome) -> None:
        is_put_right = outcome in {Outcome.FIXED, Outcome.NOT_FOUND}
        photos = self.photo(before=not is_put_right) if self.category.needs_evidence else ()
        note = words.FIXED[self.category.icon] if outcome == Outcome.FIXED else words.RESOLVED[outcome]
        self.by_handler(Action.RESOLVE, (0.5, 20), outcome=outcome, note=note, photos=photos)

    def rework(self, outcome: Outcome, failures: int) -> None:
        """Fail the check this often; from the third time on the supervisor has to look."""
        for failure in range(1, failures + 1):
            self.resolve(outcome)
            self.add(Action.FAIL, self.verifier, (1, 8), note=words.FAILS, photos=self.photo(before=True))
            if failure >= 3:
                self.add(Action.LOOK, "supervisor", (1, 8), note=words.LOOKS)

    # ------------------------------------------------------------ the end

    def prove(self, outcome: Outcome) -> None:
        """Reach `verified`."""
        if outcome == Outcome.FIXED_ON_SPOT:
            who = self.rng.choice(("operator", "secretary", self.verifier))
            self.add(
                Action.FIX_ON_SPOT, who, (0.2, 3), note=words.FIXED_ON_SPOT, photos=self.photo(before=False)
            )
            return
        self.work()
        self.rework(outcome, self.rng.choices((0, 1, 2, 3), weights=(85, 10, 3, 2))[0])
        self.resolve_and_pass(outcome)

    def resolve_and_pass(self, outcome: Outcome) -> None:
        self.resolve(outcome)
        self.add(Action.PASS, self.verifier, (1, 8), note=words.PASSES)

    def dispute(self, times: int) -> None:
        """Say "not solved" of a verified case; the second time the duty lead has to look."""
        for time in range(1, times + 1):
            self.add(Action.DISPUTE, REPORTER, (1, 30), note=words.DISPUTES, photos=self.photo(before=True))
            if time >= 2:
                self.add(Action.LOOK, "lead", (0.5, 6), note=words.LOOKS)
            if time < times:
                self.resolve_and_pass(Outcome.FIXED)

    def confirm_or_lapse(self) -> None:
        if self.happens(0.7):
            rating = self.rng.choices((0, 5, 4, 3, 2), weights=(3, 9, 5, 2, 1))[0]
            self.add(Action.CONFIRM, REPORTER, (0.5, 40), rating=rating, note=words.THANKS)
        else:
            self.add(Action.LAPSE, SYSTEM, (96, 150))

    def reopen(self) -> None:
        who = self.rng.choice((REPORTER, "secretary", "lead"))
        self.add(Action.REOPEN, who, (24, 120), note=words.REOPENS)

    def decline(self, by: str) -> None:
        reason, channel, note = self.rng.choice(words.DECLINES)
        self.add(Action.DECLINE, by, (0.3, 4), reason=reason, channel=channel, note=note)


def reported(story: Story, outcome: Outcome) -> None:
    del outcome
    if story.happens(0.2):
        story.decline("operator")
        story.add(Action.APPEAL, REPORTER, (1, 20), note=words.APPEALS)
    elif story.happens(0.15):
        story.ask_and_answer()


def needs_info(story: Story, outcome: Outcome) -> None:
    del outcome
    story.add(Action.ASK_INFO, "operator", (0.2, 2), note=words.ASK_INFO)


def checking(story: Story, outcome: Outcome) -> None:
    del outcome
    story.add(Action.CHECK, "operator", (0.2, 1))


def filed(story: Story, outcome: Outcome) -> None:
    del outcome
    if story.category.is_automatic:
        story.return_and_grant()
    else:
        story.file()


def dispatched(story: Story, outcome: Outcome) -> None:
    del outcome
    story.dispatch()


def return_requested(story: Story, outcome: Outcome) -> None:
    del outcome
    story.dispatch()
    story.request_return()


def in_progress(story: Story, outcome: Outcome) -> None:
    """Freshly signed, or back from a failed check, a dispute or a reopening."""
    del outcome
    way = story.rng.choices(("new", "failed", "disputed", "reopened"), weights=(60, 16, 16, 8))[0]
    if way in {"new", "failed"}:
        story.work()
    if way == "failed":
        story.rework(Outcome.FIXED, story.rng.choice((1, 1, 2, 3)))
    if way in {"disputed", "reopened"}:
        story.prove(Outcome.FIXED)
    if way == "disputed":
        story.dispute(story.rng.choice((1, 1, 2)))
    if way == "reopened":
        story.confirm_or_lapse()
        story.reopen()


def on_hold(story: Story, outcome: Outcome) -> None:
    del outcome
    story.work()
    story.hold()


def resolved(story: Story, outcome: Outcome) -> None:
    story.work()
    story.resolve(outcome)


def verified(story: Story, outcome: Outcome) -> None:
    story.prove(outcome)


def closed(story: Story, outcome: Outcome) -> None:
    story.prove(outcome)
    if outcome == Outcome.FIXED and story.happens(0.12):
        story.dispute(story.rng.choice((1, 1, 2)))
        story.resolve_and_pass(outcome)
    story.confirm_or_lapse()
    if outcome == Outcome.FIXED and story.happens(0.06):
        story.reopen()
        story.resolve_and_pass(outcome)
        story.confirm_or_lapse()


def declined(story: Story, outcome: Outcome) -> None:
    del outcome
    if story.happens(0.3):
        story.add(Action.CHECK, "operator", (0.2, 1))
        note, photos = words.CHECK_NOT_FOUND, story.photo(before=False)
        story.add(Action.NOT_FOUND, story.verifier, (0.5, 5), note=note, photos=photos)
        return
    story.decline("operator")
    if story.happens(0.2):
        story.add(Action.APPEAL, REPORTER, (1, 20), note=words.APPEALS)
        story.decline("lead")


def merged(story: Story, outcome: Outcome) -> None:
    """Up to the merge itself, which needs to know the main case (see plan)."""
    del outcome
    if not story.category.is_automatic and story.happens(0.5):
        story.file()


def withdrawn(story: Story, outcome: Outcome) -> None:
    del outcome
    if story.happens(0.4):
        story.file()
    story.add(Action.WITHDRAW, REPORTER, (0.2, 6), note=words.WITHDRAWALS)


def voided(story: Story, outcome: Outcome) -> None:
    del outcome
    if story.happens(0.5):
        story.dispatch()
    story.add(Action.VOID, "lead", (0.5, 6), note=words.VOIDS)


STORIES: dict[State, Callable[[Story, Outcome], None]] = {
    State.REPORTED: reported,
    State.NEEDS_INFO: needs_info,
    State.CHECKING: checking,
    State.FILED: filed,
    State.DISPATCHED: dispatched,
    State.RETURN_REQUESTED: return_requested,
    State.IN_PROGRESS: in_progress,
    State.ON_HOLD: on_hold,
    State.RESOLVED: resolved,
    State.VERIFIED: verified,
    State.CLOSED: closed,
    State.DECLINED: declined,
    State.MERGED: merged,
    State.WITHDRAWN: withdrawn,
    State.VOIDED: voided,
}
