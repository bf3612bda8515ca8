"""What a move changes besides the state, walked through whole stories."""

from datetime import date, timedelta
from typing import Any

from tests.unit.domain.case_samples import NOW
from tracker.domain.case_effects import advance
from tracker.domain.case_record import CaseRecord, Changes, changes_between, rebuild
from tracker.domain.case_rules import Supplied
from tracker.domain.lifecycle import LIFECYCLE, Action, State

LATER = NOW + timedelta(days=3)


class Story:
    """One case walked from move to move, with the history it leaves."""

    def __init__(self) -> None:
        self.case = CaseRecord()
        self.history: list[tuple[int, Changes]] = []
        self.take("report", category="A5")

    def take(self, action: str, **given: Any) -> CaseRecord:
        """Take the first arrow of that name that leaves the present state."""
        steps = [step for step in LIFECYCLE if step.action == Action(action)]
        step = next(step for step in steps if self.case.state in step.sources or action == "report")
        before, self.case = self.case, advance(self.case, step, Supplied(**given), NOW)
        self.history.append((self.case.version, changes_between(before, self.case)))
        return self.case

    def changed(self, action_from_end: int = 1) -> Changes:
        """What a late move changed."""
        return self.history[-action_from_end][1]


def dispatched(**given: Any) -> Story:
    story = Story()
    story.take("file", category="A5")
    story.take("dispatch", **({"lead": "ZF", "co": ("LR",), "return_until_at": LATER} | given))
    return story


def verified(outcome: str = "fixed") -> Story:
    story = dispatched()
    story.take("sign")
    story.take("resolve", outcome=outcome)
    story.take("pass")
    return story


def test_every_move_counts_one_version() -> None:
    story = verified()
    assert [version for version, _ in story.history] == [1, 2, 3, 4, 5, 6]


def test_filing_under_another_category_changes_it() -> None:
    story = Story()
    assert story.take("file", category="D1").category == "D1"


def test_every_department_it_ever_lay_with_is_remembered() -> None:
    story = dispatched()
    story.take("request_return", suggested="JJ")
    story.take("grant_return")
    story.take("dispatch", lead="JJ")
    assert (story.case.lead, story.case.co) == ("JJ", ())
    assert story.case.handled_by == ("JJ", "LR", "ZF")
    assert story.case.departments == {"JJ"}


def test_a_granted_return_leaves_nobody_in_charge_and_keeps_the_suggestion_for_the_operator() -> None:
    story = dispatched()
    assert story.take("request_return", suggested="JJ").return_to == "JJ"
    back = story.take("grant_return")
    assert (back.state, back.lead, back.co, back.returns) == (State.FILED, "", (), 1)
    assert (back.return_to, back.return_until_at) == ("JJ", None)
    assert story.take("dispatch", lead="JJ").return_to == ""


def test_a_refused_return_stays_with_the_department_and_is_counted() -> None:
    story = dispatched()
    story.take("request_return", suggested="JJ")
    back = story.take("refuse_return")
    assert (back.state, back.lead, back.co, back.returns, back.return_to) == (
        State.DISPATCHED,
        "ZF",
        ("LR",),
        1,
        "",
    )


def test_the_history_keeps_both_dates_of_an_extension() -> None:
    story = dispatched()
    story.take("sign")
    story.take("request_extension", on=date(2026, 12, 1))
    granted = story.take("grant_extension")
    assert (granted.due_on, granted.extension_on, granted.extensions) == (date(2026, 12, 1), None, 1)
    story.take("request_extension", on=date(2026, 12, 20))
    story.take("grant_extension")
    assert story.changed()["due_on"] == ["2026-12-01", "2026-12-20"]
    assert story.case.extensions == 2


def test_a_refused_extension_leaves_the_promise_and_is_not_counted() -> None:
    story = dispatched()
    story.take("sign")
    story.take("request_extension", on=date(2026, 12, 1))
    refused = story.take("refuse_extension")
    assert (refused.due_on, refused.extension_on, refused.extensions) == (None, None, 0)


def test_a_request_that_nobody_decided_ends_with_the_work() -> None:
    story = dispatched()
    story.take("sign")
    story.take("request_extension", on=date(2026, 12, 1))
    assert story.take("resolve", outcome="fixed").extension_on is None


def test_a_hold_and_its_end() -> None:
    story = dispatched()
    story.take("sign")
    held = story.take("hold", reason="works", on=date(2026, 12, 30))
    assert (held.hold_reason, held.hold_until_on) == ("works", date(2026, 12, 30))
    resumed = story.take("resume")
    assert (resumed.state, resumed.hold_reason, resumed.hold_until_on) == (State.IN_PROGRESS, "", None)


def test_the_outcome_stands_apart_from_the_state_and_goes_when_the_work_failed() -> None:
    story = dispatched()
    story.take("sign")
    assert story.take("resolve", outcome="partly_fixed").outcome == "partly_fixed"
    failed = story.take("fail")
    assert (failed.state, failed.outcome, failed.reworks) == (State.IN_PROGRESS, "", 1)


def test_the_third_failure_goes_to_the_supervisor_and_so_does_every_later_one() -> None:
    story = dispatched()
    story.take("sign")
    seen = []
    for _ in range(4):
        story.take("resolve", outcome="fixed")
        seen.append(story.take("fail").look_by)
        if story.case.look_by:
            assert story.take("look").look_by == ""
    assert (seen, story.case.reworks) == (["", "", "supervisor", "supervisor"], 4)


def test_a_confirmed_case_is_told_apart_from_one_that_lapsed() -> None:
    confirmed = verified().take("confirm", rating=5)
    lapsed = verified().take("lapse")
    assert (confirmed.state, confirmed.closing, confirmed.rating) == (State.CLOSED, "confirmed", 5)
    assert (lapsed.state, lapsed.closing, lapsed.rating) == (State.CLOSED, "lapsed", 0)
    assert confirmed.closed_at == lapsed.closed_at == NOW
    assert confirmed.outcome == lapsed.outcome == "fixed"


def test_a_dispute_takes_the_result_back_and_the_second_one_calls_the_duty_lead() -> None:
    story = verified()
    first = story.take("dispute")
    assert (first.state, first.outcome, first.lead) == (State.IN_PROGRESS, "", "ZF")
    assert (first.reopens, first.disputes, first.look_by) == (1, 1, "")
    story.take("resolve", outcome="fixed")
    story.take("pass")
    second = story.take("dispute")
    assert (second.reopens, second.disputes, second.look_by) == (2, 2, "duty_lead")


def test_reopening_takes_result_and_rating_back_and_keeps_the_department() -> None:
    story = verified()
    story.take("confirm", rating=4)
    again = story.take("reopen")
    assert (again.state, again.lead, again.reopens, again.disputes) == (State.IN_PROGRESS, "ZF", 1, 0)
    assert (again.outcome, again.closing, again.rating, again.closed_at) == ("", "", 0, None)


def test_a_case_fixed_on_the_spot_goes_to_the_routes_department_when_it_is_disputed() -> None:
    story = Story()
    assert story.take("fix_on_spot").outcome == "fixed_on_spot"
    disputed = story.take("dispute", lead="ZF")
    assert (disputed.lead, disputed.handled_by, disputed.outcome) == ("ZF", ("ZF",), "")


def test_an_appeal_takes_the_refusal_back_and_waits_for_a_duty_lead_until_it_is_decided() -> None:
    story = Story()
    story.take("decline", reason="consumer", channel="12315")
    assert (story.case.decline_reason, story.case.decline_channel, story.case.closed_at) == (
        "consumer",
        "12315",
        NOW,
    )
    appealed = story.take("appeal")
    assert (appealed.state, appealed.appeals, appealed.appeal_open) == (State.REPORTED, 1, 1)
    assert (appealed.decline_reason, appealed.decline_channel, appealed.closed_at) == ("", "", None)
    for action in ("ask_info", "add_info", "check"):
        assert story.take(action).appeal_open == 1
    assert story.take("found").appeal_open == 0


def test_nothing_found_is_an_outcome_that_an_appeal_takes_back() -> None:
    story = Story()
    story.take("check")
    assert story.take("not_found").outcome == "not_found"
    assert story.take("appeal").outcome == ""


def test_a_split_case_starts_again_with_nobody_in_charge() -> None:
    story = dispatched()
    story.take("sign")
    merged = story.take("merge", main_case="261123-0001")
    assert (merged.main_case, merged.closed_at) == ("261123-0001", NOW)
    split = story.take("split")
    assert (split.state, split.main_case, split.closed_at) == (State.REPORTED, "", None)
    assert (split.lead, split.co, split.handled_by) == ("", (), ("LR", "ZF"))


def test_a_rating_after_the_yes_is_kept_and_goes_when_the_case_is_reopened() -> None:
    story = verified()
    story.take("confirm")
    assert story.take("rate", rating=4).rating == 4
    assert story.changed() == {"rating": [0, 4]}
    assert story.take("reopen", note="又来了").rating == 0


def test_words_that_move_nothing_change_nothing_but_the_version() -> None:
    story = dispatched()
    story.take("sign")
    before = story.case
    for action in ("contact", "note", "reveal_phone"):
        story.take(action, note="说明")
        assert story.changed() == {}
    assert story.case.version == before.version + 3


def test_the_history_alone_gives_the_record() -> None:
    story = verified()
    story.take("confirm", rating=3)
    assert rebuild(story.history) == story.case
