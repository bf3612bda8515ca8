"""A common issue that a person sees where the grouping saw none: several shops told her, each in words of its own."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from tracker.domain.case_rules import Incomplete
from tracker.domain.issues import IssueAction
from tracker.domain.permissions import Actor
from tracker.domain.plain_text import plain_text
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Case, Issue, IssueEvent
from tracker.services.issue_cases import lock_membership, put_in, rule
from tracker.services.issue_decisions import cases_named, leave_others
from tracker.services.issue_moves import take_issue
from tracker.services.issue_titles import TITLE_CHARS, title_for
from tracker.services.numbers import next_number

FEWEST = 2
"""One case alone is no common issue."""


def propose(numbers: Collection[str], title: str, *, key: str, by: Actor, now: datetime) -> str:
    """Make a candidate of these cases (their numbers) and return its number; whichever issue held one lets it go.

    From here on it is a candidate like any other: what people ruled stands above the grouping, which adds to it.

    Args:
        title: empty: one is made of the cases.
        key: of the form; sent again it makes no other.

    Raises:
        Incomplete: too few, or numbers that are none of this person's business; ``number`` says which.
        NotPermitted: not this person's to decide.
    """

    def use_case() -> str:
        with transaction():
            lock_membership()
            made = _made_before(key, by)
            if made is not None:
                return made
            cases = cases_named(numbers, by)
            if len(cases) < FEWEST:
                raise Incomplete({"number": N_("至少写两件案件的编号。")})
            issue, chosen = _new_issue(cases, title, now), [case.id for case in cases]
            facts = {"cases": len(cases), "places": len({case.place_id for case in cases}), "key": key}
            take_issue(issue, IssueAction.PROPOSE, by=by, now=now, facts=facts)
            leave_others(issue, chosen, by=by, now=now)
            put_in(issue, chosen, by=by, now=now)
            rule(chosen, issue, "in", by=by, now=now)
            return issue.number

    return again_if_interrupted(use_case)


def _made_before(key: str, by: Actor) -> str | None:
    recent = db.session.execute(
        select(IssueEvent.facts, Issue.number)
        .join(Issue, Issue.id == IssueEvent.issue_id)
        .where(IssueEvent.user_id == by.user_id, IssueEvent.action == IssueAction.PROPOSE)
        .order_by(IssueEvent.id.desc())
        .limit(20)
    )
    return next((number for facts, number in recent if key and facts.get("key") == key), None)


def _new_issue(cases: Sequence[Case], title: str, now: datetime) -> Issue:
    return Issue(
        number=next_number("G", now),
        title=" ".join(plain_text(title).split())[:TITLE_CHARS] or title_for(cases),
        cause="",
        state="",
        area_code=_most([case.area_code for case in cases]),
        category=_most([case.category for case in cases]),
        cluster_key="",
        must_review=False,
        dismissed_voices=0,
        opened_at=now,
        state_at=now,
    )


def _most(values: Sequence[str]) -> str:
    counted = Counter(values)
    return min(counted, key=lambda value: (-counted[value], value))
