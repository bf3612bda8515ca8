"""Common issues 共性问题: the states, every arrow between them, who may take it and what has to be supplied.

What is proposed by the machine is a candidate; everything after that is a person's decision, or follows from one.
Buttons, the state views of the list and the history read ``ISSUE_STEPS``. Source: design brief, section 6.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tracker.domain.permissions import Role
from tracker.domain.words import N_


class IssueState(StrEnum):
    """Where a common issue stands."""

    CANDIDATE = "candidate"
    DISMISSED = "dismissed"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    MET = "met"
    ACTING = "acting"
    REVIEWING = "reviewing"
    DONE = "done"
    LONG_TERM = "long_term"
    RAISED = "raised"


PUBLIC = frozenset(IssueState) - {IssueState.CANDIDATE, IssueState.DISMISSED}
"""An issue that a person accepted has a page for everybody, without persons."""
LIVE = frozenset(
    {
        IssueState.CANDIDATE,
        IssueState.ACCEPTED,
        IssueState.SCHEDULED,
        IssueState.MET,
        IssueState.ACTING,
        IssueState.REVIEWING,
    }
)
"""Somebody still has something to do."""


class IssueAction(StrEnum):
    """What can happen to a common issue. ``PROPOSE`` opens it."""

    PROPOSE = "propose"
    PROPOSE_AGAIN = "propose_again"
    ACCEPT = "accept"
    DISMISS = "dismiss"
    SPLIT = "split"
    ADD_CASES = "add_cases"
    REMOVE_CASES = "remove_cases"
    EDIT = "edit"
    MESSAGE = "message"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    MEET = "meet"
    ACT = "act"
    REVIEW = "review"
    FINISH = "finish"
    LENGTHEN = "lengthen"
    RAISE_UP = "raise_up"
    REOPEN = "reopen"


@dataclass(frozen=True)
class IssueStep:
    """One arrow.

    Attributes:
        sources: states it leaves; empty for what opens an issue.
        target: state it reaches; None: the issue stays where it is.
        needs_note: a reason must be given.
    """

    action: IssueAction
    sources: frozenset[IssueState]
    target: IssueState | None
    who: frozenset[Role]
    needs_note: bool = False


class IssueStepRefused(Exception):
    """The table has no such arrow from where the issue stands. The message can be shown."""


_S, _A = IssueState, IssueAction
_DECIDES = frozenset({Role.SECRETARY, Role.SUPERVISOR})
_MACHINE = frozenset({Role.SYSTEM})
_UNDER_WAY = frozenset({_S.ACCEPTED, _S.MET, _S.ACTING, _S.REVIEWING})
_WORKED_ON = PUBLIC - {_S.DONE, _S.LONG_TERM, _S.RAISED}


def _from(*states: IssueState) -> frozenset[IssueState]:
    return frozenset(states)


# fmt: off
ISSUE_STEPS: tuple[IssueStep, ...] = (
    IssueStep(_A.PROPOSE, _from(), _S.CANDIDATE, _MACHINE | _DECIDES),
    IssueStep(_A.PROPOSE_AGAIN, _from(_S.DISMISSED), _S.CANDIDATE, _MACHINE | _DECIDES),
    IssueStep(_A.ACCEPT, _from(_S.CANDIDATE), _S.ACCEPTED, _DECIDES),
    IssueStep(_A.DISMISS, _from(_S.CANDIDATE), _S.DISMISSED, _DECIDES, needs_note=True),
    IssueStep(_A.SPLIT, _from(_S.CANDIDATE) | _WORKED_ON, None, _DECIDES),
    IssueStep(_A.ADD_CASES, _from(_S.CANDIDATE) | _WORKED_ON, None, _DECIDES | _MACHINE),
    IssueStep(_A.REMOVE_CASES, _from(_S.CANDIDATE) | _WORKED_ON, None, _DECIDES),
    IssueStep(_A.EDIT, _from(_S.CANDIDATE) | PUBLIC, None, _DECIDES),
    IssueStep(_A.MESSAGE, PUBLIC, None, _DECIDES),
    IssueStep(_A.SCHEDULE, _UNDER_WAY, _S.SCHEDULED, _DECIDES),
    IssueStep(_A.UNSCHEDULE, _from(_S.SCHEDULED), _S.ACCEPTED, _DECIDES),
    IssueStep(_A.MEET, _from(_S.SCHEDULED), _S.MET, _DECIDES),
    IssueStep(_A.ACT, _from(_S.ACCEPTED, _S.MET, _S.REVIEWING), _S.ACTING, _DECIDES),
    IssueStep(_A.REVIEW, _from(_S.ACTING), _S.REVIEWING, _DECIDES | _MACHINE),
    IssueStep(_A.FINISH, _from(_S.REVIEWING), _S.DONE, _DECIDES, needs_note=True),
    IssueStep(_A.LENGTHEN, _UNDER_WAY, _S.LONG_TERM, _DECIDES, needs_note=True),
    IssueStep(_A.RAISE_UP, _UNDER_WAY, _S.RAISED, _DECIDES, needs_note=True),
    IssueStep(_A.REOPEN, _from(_S.REVIEWING, _S.DONE, _S.LONG_TERM, _S.RAISED), _S.ACCEPTED, _DECIDES | _MACHINE,
              needs_note=True),
)
# fmt: on


def issue_steps_from(state: IssueState) -> Iterable[IssueStep]:
    """Every arrow that leaves `state`, in the order of the table."""
    return (step for step in ISSUE_STEPS if state in step.sources)


def issue_step(action: IssueAction, state: IssueState | None) -> IssueStep:
    """The arrow that `action` takes from `state` (None: the issue is being opened).

    Raises:
        IssueStepRefused: there is none.
    """
    for step in ISSUE_STEPS:
        if step.action == action and (state in step.sources if state else not step.sources):
            return step
    raise IssueStepRefused(N_("这个问题现在不能这样操作，请刷新页面看看最新状态。"))
