"""An independent model of a case, typed from the brief: who may do what when, and what that changes."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.brief import AT_WORK, BRIEF, Row

REOPEN_DAYS = 15
BY_RULE = {"A1": ("ZF", ("BK", "JJ"))}
"""Categories that the catalogue files and dispatches at once, and to whom."""
OWN_DEPARTMENT = {"A1": "ZF", "A5": "ZF"}
ENDED = ("closed", "declined", "merged", "withdrawn", "voided")
WORK = ("sign", "contact", "request_return", "request_extension", "resolve", "fix_on_spot")
LEAD_ONLY = ("sign", "request_return", "request_extension", "resolve")
RE_DECIDED = ("file", "ask_info", "check", "decline", "merge")


@dataclass(frozen=True)
class Who:
    """Somebody who acts. `reports` is the number of his own case, `department` what he handles or belongs to.

    `joined`: he did not open that case, he met the same trouble.
    """

    name: str
    role: str
    department: str = ""
    reports: str = ""
    joined: bool = False


@dataclass
class ModelCase:
    """What the brief says about one case."""

    number: str
    category: str
    state: str = "reported"
    version: int = 1
    lead: str = ""
    co: tuple[str, ...] = ()
    ever: set[str] = field(default_factory=set)
    workers: set[str] = field(default_factory=set)
    outcome: str = ""
    closing: str = ""
    rating: int = 0
    main: str = ""
    voices: int = 0
    joined: int = 0
    worse: int = 0
    gone: int = 0
    gone_at: datetime | None = None
    gone_seen_at: datetime | None = None
    said: set[tuple[str, str]] = field(default_factory=set)
    """What each reporter said of it, ``worse`` or ``gone``: it counts once."""
    returns: int = 0
    reworks: int = 0
    reopens: int = 0
    disputes: int = 0
    extensions: int = 0
    appeals: int = 0
    appealed: bool = False
    look_by: str = ""
    asked_on: date | None = None
    due_on: date | None = None
    review_on: date | None = None
    return_until: datetime | None = None
    ended_at: datetime | None = None

    def role_of(self, who: Who, main_of_his: str) -> str:
        """What somebody is on this case; empty: it is none of his business."""
        if who.role == "reporter":
            return "reporter" if self.number in (who.reports, main_of_his) else ""
        if who.role == "handler":
            return "handler" if who.department in (self.lead, *self.co) else ""
        return "" if who.role == "admin" else who.role

    def allows(self, action: str, who: Who, role: str, now: datetime) -> bool:
        """Whether the brief lets somebody do this now, given everything that has to be supplied."""
        allowed = {row_role for row in self._rows(action) for row_role in self._deciders(action, row.who)}
        return role in allowed and self._circumstances(action, who, role, now)

    def _rows(self, action: str) -> list[Row]:
        return [row for row in BRIEF if row.action == action and self.state in row.sources.split()]

    def _deciders(self, action: str, usual: str) -> set[str]:
        if self.appealed and action in RE_DECIDED and "operator" in usual:
            return {"duty_lead"}
        if action in ("grant_return", "refuse_return") and self.returns > 1:
            return {"supervisor"}
        if action in ("grant_extension", "refuse_extension") and self.extensions > 0:
            return {"supervisor"}
        return set(usual.split())

    def _circumstances(self, action: str, who: Who, role: str, now: datetime) -> bool:
        """What must hold besides state and role; said of every action, true where it does not matter."""
        today = street_day(now)
        return all(
            (
                action not in LEAD_ONLY or who.department == self.lead,
                action not in ("withdraw", "confirm", "rate")
                or (who.reports == self.number and not who.joined),
                action not in ("merge", "withdraw", "void") or not self.voices,
                action != "withdraw" or not self.joined,  # it is not his alone any more
                action != "release",  # nothing is kept apart here: nobody's device is banned
                action != "join",  # whoever can be asked here is in it already; the others come by the form
                action != "rate" or (self.closing == "confirmed" and not self.rating),
                action != "appeal" or self.appeals == 0,
                action != "request_return" or self.return_until is None or now <= self.return_until,
                action != "request_extension" or self.asked_on is None,
                action not in ("grant_extension", "refuse_extension") or self.asked_on is not None,
                (action, role) != ("resume", "system") or (self.review_on or today) <= today,
                action != "resolve" or not self.look_by,
                action != "finish_stage",  # neither of the categories here has stages
                action != "look" or (bool(self.look_by) and role in (self.look_by, "supervisor")),
                action not in ("worse", "gone") or (action, who.name) not in self.said,
                action != "gone" or self.gone_seen_at is None,
                action not in ("still_there", "seen_gone") or self.gone > 0,
                action not in ("pass", "fail", "still_there", "seen_gone")
                or (who.department not in self.ever and who.name not in self.workers),
                (action, role) != ("reopen", "reporter")
                or (self.ended_at is not None and now <= self.ended_at + timedelta(days=REOPEN_DAYS)),
            )
        )

    def take(self, action: str, who: Who, given: dict[str, object], now: datetime) -> None:
        """What the move changes."""
        to = self._rows(action)[0].to
        self.version += 1
        if action in WORK:
            self.workers.add(who.name)
        if action in ("worse", "gone") and who.role == "reporter":
            self.said.add((action, who.name))
        if to != "stays":
            self.state = to
            self.ended_at = now if to in ENDED else None
        getattr(self, f"_{action}", lambda *_: None)(given, now)
        if self.state not in ("reported", "needs_info", "checking"):
            self.appealed = False
        if self.state not in AT_WORK.split():
            self._nothing_said()
        if self.state == "filed" and action in ("file", "found") and self.category in BY_RULE:
            self.dispatched_by_rule(now)

    def join(self) -> None:
        """Somebody else met it too: nothing moves, and the history has one row more."""
        self.version += 1
        self.joined += 1
        self.gone_seen_at = None  # it is there again

    def says(self, action: str, now: datetime) -> None:
        """Somebody says by the form that it got worse, or is gone."""
        self.version += 1
        getattr(self, f"_{action}")({}, now)

    def _worse(self, _given: dict[str, object], _now: datetime) -> None:
        self.worse, self.gone_seen_at = self.worse + 1, None

    def _gone(self, _given: dict[str, object], now: datetime) -> None:
        self.gone, self.gone_at = self.gone + 1, self.gone_at or now

    def _still_there(self, _given: dict[str, object], _now: datetime) -> None:
        self.gone, self.gone_at = 0, None

    def _seen_gone(self, _given: dict[str, object], now: datetime) -> None:
        self.gone, self.gone_at, self.gone_seen_at = 0, None, now

    def _found(self, _given: dict[str, object], _now: datetime) -> None:
        self.gone, self.gone_at = 0, None

    def _nothing_said(self) -> None:
        self.worse, self.gone, self.gone_at, self.gone_seen_at = 0, 0, None, None

    def _file(self, given: dict[str, object], _now: datetime) -> None:
        self.category = str(given["category"])

    def dispatched_by_rule(self, now: datetime) -> None:
        """The rule's own move."""
        self.version += 1
        self.state = "dispatched"
        lead, co = BY_RULE[self.category]
        self._dispatch({"lead": lead, "co": co}, now)

    def _dispatch(self, given: dict[str, object], now: datetime) -> None:
        co = given.get("co", ())
        assert isinstance(co, tuple)
        self.lead, self.co = str(given["lead"]), co
        self.ever |= {self.lead, *self.co}
        self.return_until = end_of_next_working_day(now)

    def _not_found(self, _given: dict[str, object], _now: datetime) -> None:
        self.outcome = "not_found"

    def _fix_on_spot(self, _given: dict[str, object], _now: datetime) -> None:
        self.outcome = "fixed_on_spot"

    def _appeal(self, _given: dict[str, object], _now: datetime) -> None:
        self.appeals, self.appealed, self.outcome = 1, True, ""

    def _merge(self, given: dict[str, object], _now: datetime) -> None:
        self.main = str(given["main_case"])

    def _split(self, _given: dict[str, object], _now: datetime) -> None:
        self.main, self.outcome = "", ""
        self._nobodys()

    def _nobodys(self) -> None:
        self.lead, self.co, self.asked_on, self.due_on, self.return_until = "", (), None, None, None

    def _request_return(self, _given: dict[str, object], _now: datetime) -> None:
        self.returns += 1

    def _grant_return(self, _given: dict[str, object], _now: datetime) -> None:
        self._nobodys()

    def _request_extension(self, given: dict[str, object], _now: datetime) -> None:
        assert isinstance(given["on"], date)
        self.asked_on = given["on"]

    def _grant_extension(self, _given: dict[str, object], _now: datetime) -> None:
        self.due_on, self.asked_on, self.extensions = self.asked_on, None, self.extensions + 1

    def _refuse_extension(self, _given: dict[str, object], _now: datetime) -> None:
        self.asked_on = None

    def _hold(self, given: dict[str, object], _now: datetime) -> None:
        assert isinstance(given["on"], date)
        self.review_on = given["on"]

    def _resume(self, _given: dict[str, object], _now: datetime) -> None:
        self.review_on = None

    def _look(self, _given: dict[str, object], _now: datetime) -> None:
        self.look_by = ""

    def _resolve(self, given: dict[str, object], _now: datetime) -> None:
        self.outcome, self.asked_on = str(given["outcome"]), None

    def _fail(self, _given: dict[str, object], _now: datetime) -> None:
        self.outcome, self.reworks = "", self.reworks + 1
        if self.reworks >= 3:
            self.look_by = "supervisor"

    def _confirm(self, _given: dict[str, object], _now: datetime) -> None:
        self.closing = "confirmed"

    def _lapse(self, _given: dict[str, object], _now: datetime) -> None:
        self.closing = "lapsed"

    def _rate(self, given: dict[str, object], _now: datetime) -> None:
        assert isinstance(given["rating"], int)
        self.rating = given["rating"]

    def _dispute(self, given: dict[str, object], now: datetime) -> None:
        self._reopen(given, now)
        self.disputes += 1
        if self.disputes >= 2:
            self.look_by = "duty_lead"

    def _reopen(self, _given: dict[str, object], _now: datetime) -> None:
        self.reopens, self.outcome, self.closing, self.rating = self.reopens + 1, "", "", 0
        self.lead = self.lead or OWN_DEPARTMENT[self.category]
        self.ever.add(self.lead)


def street_day(now: datetime) -> date:
    """The day on the street: UTC+8, all year."""
    return (now + timedelta(hours=8)).date()


def end_of_next_working_day(now: datetime) -> datetime | None:
    """17:30 on the street; the weeks of the test have no holidays, and the calendar ends with the year."""
    day = street_day(now) + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return None if day.year > 2026 else datetime(day.year, day.month, day.day, 9, 30, tzinfo=now.tzinfo)
