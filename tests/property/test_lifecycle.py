"""Random people doing random things, through the real use cases on both databases, beside a model of the brief."""

from collections import Counter
from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import func, select

from tests.brief import AT_WORK
from tests.factories import MORNING, Sent, a_crew, a_photo, a_report, a_street, a_voice, says_gone, speaker
from tests.property.the_model import BY_RULE, ModelCase, Who, street_day
from tracker.adapters.photo_store import StoredPhoto
from tracker.domain.case_rules import Incomplete, StepRefused, Supplied
from tracker.domain.clearing import Clearing
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import PASSER_BY, RULE, SYSTEM, Actor, NotPermitted, Role
from tracker.extensions import db
from tracker.models import Case, HistoryRow
from tracker.services import cases, history
from tracker.services.cases import CaseMissing, StaleVersion
from tracker.services.moves import record_of

ACTIONS = [action.value for action in Action if action != Action.REPORT]
STAFF = [
    Who("operator", "operator"),
    Who("verifier", "verifier", "JW"),
    Who("duty_lead", "duty_lead"),
    Who("supervisor", "supervisor"),
    Who("secretary", "secretary"),
    Who("admin", "admin"),
    *(Who(department, "handler", department) for department in ("ZF", "LR", "JJ")),
    Who("system", "system"),
    Who("passer_by", "passer_by"),
    Who("rule", "rule"),
]
NEEDS: dict[str, tuple[str, ...]] = {
    "file": ("category",),
    "decline": ("reason", "channel"),
    "merge": ("main_case",),
    "dispatch": ("lead",),
    "request_return": ("note", "suggested"),
    "request_extension": ("note", "on"),
    "hold": ("reason", "on", "note"),
    "rate": ("rating",),
    "resolve": ("outcome", "note", "photos"),
    "not_found": ("note", "photos"),
    "seen_gone": ("note", "photos"),
    "still_there": ("note",),
    "fix_on_spot": ("photos",),
    **dict.fromkeys(("ask_info", "found", "appeal", "void", "contact", "fail", "reopen", "look"), ("note",)),
    **dict.fromkeys(("add_info", "dispute", "note", "reveal_phone"), ("note",)),
    "publish_photos": ("clearing",),
}
LAST_RESORTS = ("void", "withdraw", "reveal_phone", "publish_photos", "withdraw_photos")
"""Left to those who try anything: a case goes no further after them, or does not move at all."""
SAME = (
    *(
        "state",
        "version",
        "lead",
        "outcome",
        "closing",
        "rating",
        "returns",
        "reworks",
        "reopens",
        "disputes",
        "extensions",
    ),
    *("appeals", "look_by", "due_on", "worse", "gone", "gone_at", "gone_seen_at"),
)


class Street(RuleBasedStateMachine):
    """Everybody on the street, doing what comes to mind."""

    actors: dict[Role | str, Actor]
    token: str
    photo: StoredPhoto

    def __init__(self) -> None:
        super().__init__()
        self.now = MORNING
        self.taken: Counter[str] = Counter()
        self.cases: dict[str, ModelCase] = {}
        self.reporters: dict[str, Any] = {}
        self.joiners: list[tuple[str, Sent]] = []

    @initialize()
    def the_first_report(self) -> None:
        self.somebody_reports("A5")

    @rule(category=st.sampled_from(["A5", "A5", "A1"]))
    def another_report(self, category: str) -> None:
        self.somebody_reports(category)

    def somebody_reports(self, category: str) -> None:
        sent = a_report(self.token, category, at=self.now)
        case = ModelCase(sent.number, category)
        if category in BY_RULE:
            case.take("file", STAFF[-1], {"category": category}, self.now)
        self.cases[sent.number], self.reporters[sent.number] = case, sent
        self._compare(sent.number)

    @rule(data=st.data())
    def somebody_met_it_too(self, data: st.DataObject) -> None:
        """He comes by the form, with a phone of his own; a case that has ended is not joined."""
        number = data.draw(st.sampled_from(sorted(self.cases)), "case")
        target = self.cases[
            self.cases[number].main or number
        ]  # who asks for a merged one joins its main case
        before = self._standing(target.number)
        try:
            sent = a_voice(self.token, number, at=self.now)
        except Incomplete:
            assert target.ended_at is not None
            assert self._standing(target.number) == before
        else:
            assert target.ended_at is None
            target.join()
            self.joiners.append((target.number, sent))
        self._compare(target.number)

    @rule(data=st.data(), worse=st.booleans())
    def somebody_on_the_street_says_how_it_is(self, data: st.DataObject, worse: bool) -> None:  # noqa: FBT001 - drawn
        """By the form, from a phone of his own: worse makes him one voice more, gone makes him none."""
        number = data.draw(st.sampled_from(sorted(self.cases)), "case")
        target = self.cases[self.cases[number].main or number]
        before = self._standing(target.number)
        try:
            if worse:
                voice = a_voice(self.token, number, at=self.now, worse=True)
                self.joiners.append((target.number, voice))
            else:
                says_gone(self.token, number, at=self.now)
        except Incomplete:
            assert target.ended_at is not None
            assert self._standing(target.number) == before
        else:
            assert target.ended_at is None
            self._said(target, "worse" if worse else "gone")
        self._compare(target.number)

    def _said(self, target: ModelCase, what: str) -> None:
        counts = target.state in AT_WORK.split()
        if what == "worse":
            target.join()
            if counts:
                target.says("worse", self.now)
                target.said.add(("worse", f"{len(self.joiners) - 1} who joined"))
        elif counts and target.gone_seen_at is None:
            target.says("gone", self.now)

    @rule(passed=st.sampled_from([timedelta(hours=2), timedelta(days=1), timedelta(days=16)]))
    def time_passes(self, passed: timedelta) -> None:
        self.now += passed

    @rule(data=st.data(), moves=st.integers(3, 9))
    def a_case_goes_some_way(self, data: st.DataObject, moves: int) -> None:
        number = data.draw(st.sampled_from(sorted(self.cases)), "case")
        for _ in range(moves):
            self._what_was_seldom_done(number, data)

    def _what_was_seldom_done(self, number: str, data: st.DataObject) -> None:
        """Somebody does what the brief allows; the moves taken least often so far come first."""
        options = [
            (action, who)
            for action in ACTIONS
            for who in self._everybody()
            if action not in LAST_RESORTS and self._may(number, action, who)
        ]
        if not options:
            return self.somebody_reports("A5")
        fewest = min(self.taken[action] for action, _ in options)
        seldom = [option for option in options if self.taken[option[0]] == fewest]
        return self._try(number, *data.draw(st.sampled_from(seldom), "move"), data)

    @rule(data=st.data(), action=st.sampled_from(ACTIONS))
    def somebody_tries_anything(self, data: st.DataObject, action: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.cases)), "case")
        who = data.draw(st.sampled_from(self._everybody()), "who")
        missing = data.draw(st.sampled_from(["", *NEEDS.get(action, ())]), "left out")
        self._try(number, action, who, data, missing)

    @rule(data=st.data(), action=st.sampled_from(ACTIONS))
    def somebody_acts_on_a_page_that_is_old(self, data: st.DataObject, action: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.cases)), "case")
        who = data.draw(st.sampled_from(self._everybody()), "who")
        if self._role(who, number):
            before = self._standing(number)
            assert self._act(number, action, who, {}, version=self.cases[number].version - 1) == StaleVersion
            assert self._standing(number) == before

    def _try(self, number: str, action: str, who: Who, data: st.DataObject, missing: str = "") -> None:
        case, given = self.cases[number], self._given(action, number, data)
        given.pop(missing, None)
        allowed = self._may(number, action, who)
        if action == "merge":
            main = self.cases.get(str(given.get("main_case")))
            allowed = allowed and main is not None and main.number != number and main.ended_at is None
        before = self._standing(number)
        refusal = self._act(number, action, who, given, version=case.version)
        if allowed and not missing:
            assert refusal is None, f"the brief allows {action} by {who.name} from {case.state}: {refusal}"
            if action == "merge":
                self.cases[str(given["main_case"])].voices += 1
            if action == "split":
                self.cases[case.main].voices -= 1
            case.take(action, who, given, self.now)
            self.taken[action] += 1
        else:
            assert refusal is not None, f"the brief does not allow {action} by {who.name} from {case.state}"
            assert self._standing(number) == before
        self._compare(number)

    def _act(
        self, number: str, action: str, who: Who, given: dict[str, Any], *, version: int
    ) -> type[Exception] | None:
        """What refused the move; None: it was taken."""
        given = dict(given)
        photos = [self.photo] * int(given.pop("photos", 0))
        try:
            cases.act(
                number,
                Action(action),
                Supplied(**given),
                version=version,
                by=self._actor(who),
                now=self.now,
                photos=photos,
            )
        except (CaseMissing, NotPermitted, StepRefused, Incomplete, StaleVersion) as refusal:
            return type(refusal)
        return None

    def _given(self, action: str, number: str, data: st.DataObject) -> dict[str, Any]:
        case, today = self.cases[number], street_day(self.now)
        later = max(case.due_on or today, today) + timedelta(days=60)  # after any promise, pauses included
        everything: dict[str, Any] = {
            "note": "说明",
            "category": data.draw(st.sampled_from(["A5", "A1"])) if action == "file" else "",
            "reason": "works" if action == "hold" else "consumer",
            "channel": "12315",
            "main_case": data.draw(st.sampled_from(sorted(self.cases))) if action == "merge" else "",
            "lead": data.draw(st.sampled_from(["ZF", "LR", "JJ"])) if action == "dispatch" else "",
            "suggested": "LR" if case.lead != "LR" else "ZF",
            "on": today + timedelta(days=20) if action == "hold" else later,
            "outcome": "fixed",
            "photos": 1,
            "clearing": Clearing("纸箱清走了。"),
            "rating": 4,
        }
        return {name: everything[name] for name in NEEDS.get(action, ())}

    def _everybody(self) -> list[Who]:
        joined = [
            Who(f"{place} who joined", "reporter", "", number, joined=True)
            for place, (number, _) in enumerate(self.joiners)
        ]
        opened = [Who(f"reporter of {number}", "reporter", "", number) for number in sorted(self.cases)]
        return [*STAFF, *opened, *joined]

    def _may(self, number: str, action: str, who: Who) -> bool:
        return self.cases[number].allows(action, who, self._role(who, number), self.now)

    def _role(self, who: Who, number: str) -> str:
        his = self.cases[who.reports].main if who.reports else ""
        return self.cases[number].role_of(who, his)

    def _actor(self, who: Who) -> Actor:
        if who.joined:
            return speaker(self.joiners[int(who.name.split()[0])][1])
        if who.reports:
            return speaker(self.reporters[who.reports])
        return {"system": SYSTEM, "rule": RULE, "passer_by": PASSER_BY}.get(who.name) or self.actors[who.name]

    def _standing(self, number: str) -> tuple[int, int]:
        db.session.rollback()
        version = db.session.scalars(select(Case.version).where(Case.number == number)).one()
        return version, db.session.scalar(select(func.count()).select_from(HistoryRow)) or 0

    def _compare(self, number: str) -> None:
        """Table, history and model tell the same."""
        db.session.rollback()
        row, case = db.session.scalars(select(Case).where(Case.number == number)).one(), self.cases[number]
        record = record_of(row)
        assert history.record_from_history(row.id) == record
        assert {name: getattr(record, name) for name in SAME} == {name: getattr(case, name) for name in SAME}
        assert (record.main_case, set(record.handled_by), record.closed_at, bool(record.appeal_open)) == (
            case.main,
            case.ever,
            case.ended_at,
            case.appealed,
        )
        assert (record.extension_on, record.hold_until_on) == (case.asked_on, case.review_on)

    def teardown(self) -> None:
        db.session.rollback()
        history.verify()


def test_no_state_is_reached_that_the_brief_does_not_allow(app: Flask) -> None:
    with app.app_context():
        street, crew = a_street(), a_crew()

        class ThisStreet(Street):
            actors = crew
            token = street.token
            photo = a_photo()

        run_state_machine_as_test(
            ThisStreet,
            settings=settings(
                max_examples=20,
                stateful_step_count=40,
                deadline=None,
                phases=[Phase.generate],  # a failure is told at once: making it shorter takes minutes
                suppress_health_check=list(HealthCheck),
            ),
        )
