"""Several job processes bring the same groups up to date at once; people decide meanwhile."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from tests import factories
from tests.issue_samples import (
    TypedGroups,
    actions_of,
    issue_count,
    newest_issue,
    numbers_in,
    numbers_of,
    refreshed,
    report_from,
    reports_from,
)
from tracker.domain.permissions import Role
from tracker.extensions import db, now
from tracker.services import issue_decisions
from tracker.services.issue_decisions import Seen
from tracker.services.issue_moves import StaleIssue
from tracker.services.issue_wording import Wording


def at_once(app: Flask, *doings: Callable[[], object]) -> list[str]:
    """Let each be done in a thread with a connection of its own, all starting together; what came of it."""
    start = threading.Barrier(len(doings))

    def one(doing: Callable[[], object]) -> str:
        with app.app_context():
            start.wait()
            try:
                return str(doing())
            except StaleIssue:
                return "stale"

    db.session.remove()
    with ThreadPoolExecutor(len(doings)) as threads:
        return list(threads.map(one, doings))


def test_of_several_processes_one_proposes(app: Flask) -> None:
    with app.app_context():
        factories.a_street()
        groups = TypedGroups(a=reports_from(["店一", "店二", "店三", "店四", "店五"]))
        moment = now()
        assert sorted(at_once(app, *[lambda: refreshed(groups, moment)] * 4)) == ["0", "0", "0", "1"]
        assert issue_count() == 1
        assert actions_of(newest_issue().id) == ["propose", "must_review"]


def test_accepting_while_the_group_grows_loses_nothing(app: Flask) -> None:
    with app.app_context():
        factories.a_street()
        crew = factories.a_crew()
        secretary = crew[Role.SECRETARY]
        groups = TypedGroups(a=reports_from(["店一", "店二", "店三"]))
        refreshed(groups, now())
        issue = newest_issue()
        seen = Seen(issue.number, issue.version, "one form")
        groups["a"] = [*groups["a"], report_from("店四")]
        moment = now()

        def accept() -> str:
            wording = Wording("单车堵门", "", secretary.user_id)
            issue_decisions.accept(seen, wording, by=secretary, now=moment)
            return "accepted"

        accepted, grown = at_once(app, accept, lambda: refreshed(groups, moment))
        assert grown == "1"
        assert accepted == ("accepted" if newest_issue().state == "accepted" else "stale")
        assert numbers_in(newest_issue().id) == numbers_of(groups["a"])
        assert issue_count() == 1
