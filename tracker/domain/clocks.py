"""Which move starts, stops, pauses or lengthens which clock. A table; services/clocks.py writes what it says.

Source: design brief, section 3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Role


class ClockKind(StrEnum):
    """What has been promised."""

    ACCEPT = "accept"
    """To decide on a report: reported → filed or declined."""
    INFO = "info"
    """The reporter's time to answer a question."""
    DISPATCH = "dispatch"
    SIGN = "sign"
    CONTACT = "contact"
    """First contact with the reporter, or first time on site 先行联系."""
    STAGE = "stage"
    """One of several limits of a category, such as guarding a hole before it is repaired."""
    DONE = "done"
    REDO = "redo"
    VERIFY = "verify"
    CONFIRM = "confirm"
    """The reporter's time to answer."""
    REVIEW = "review"
    """Until the review day of a case on hold."""
    ISSUE_REVIEW = "issue_review"
    """To decide on what so many share that somebody has to: a common issue, not a case."""
    ITEM = "item"
    """To do what was decided: an action item, until the end of service on a day."""


class Change(StrEnum):
    """What happens to a clock."""

    START = "start"
    START_UNLESS_RUNNING = "start_unless_running"
    """Reassignment gives no new time: the promise to the reporter goes on."""
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"


@dataclass(frozen=True)
class Effect:
    """What a move does to the clocks of some kinds, in the order of the tuple it stands in."""

    change: Change
    kinds: tuple[ClockKind, ...]


_K, _C, _A = ClockKind, Change, Action
_ALL = tuple(ClockKind)
_WORK = (_K.CONTACT, _K.STAGE, _K.DONE, _K.REDO)
_STOP_ALL = Effect(_C.STOP, _ALL)

CLOCK_EFFECTS: Mapping[Action, tuple[Effect, ...]] = {
    _A.REPORT: (Effect(_C.START, (_K.ACCEPT,)),),
    _A.FILE: (Effect(_C.STOP, (_K.ACCEPT, _K.INFO)), Effect(_C.START, (_K.DISPATCH,))),
    _A.FOUND: (Effect(_C.STOP, (_K.ACCEPT, _K.INFO)), Effect(_C.START, (_K.DISPATCH,))),
    _A.ASK_INFO: (Effect(_C.PAUSE, (_K.ACCEPT,)), Effect(_C.START, (_K.INFO,))),
    _A.ADD_INFO: (Effect(_C.STOP, (_K.INFO,)), Effect(_C.RESUME, (_K.ACCEPT,))),
    _A.NOT_FOUND: (_STOP_ALL,),
    _A.DECLINE: (_STOP_ALL,),
    _A.MERGE: (_STOP_ALL,),
    _A.WITHDRAW: (_STOP_ALL,),
    _A.VOID: (_STOP_ALL,),
    _A.FIX_ON_SPOT: (_STOP_ALL, Effect(_C.START, (_K.CONFIRM,))),
    _A.APPEAL: (Effect(_C.START, (_K.ACCEPT,)),),
    _A.SPLIT: (Effect(_C.START, (_K.ACCEPT,)),),
    _A.RELEASE: (Effect(_C.START, (_K.ACCEPT,)),),
    _A.DISPATCH: (
        Effect(_C.STOP, (_K.DISPATCH,)),
        Effect(_C.START, (_K.SIGN, _K.CONTACT)),
        Effect(_C.START_UNLESS_RUNNING, (_K.STAGE, _K.DONE)),
    ),
    _A.SIGN: (Effect(_C.STOP, (_K.SIGN,)),),
    _A.GRANT_RETURN: (Effect(_C.STOP, (_K.SIGN, _K.CONTACT)), Effect(_C.START, (_K.DISPATCH,))),
    _A.CONTACT: (Effect(_C.STOP, (_K.CONTACT,)),),
    _A.FINISH_STAGE: (Effect(_C.STOP, (_K.STAGE,)),),
    _A.GRANT_EXTENSION: (Effect(_C.EXTEND, (_K.DONE, _K.REDO)),),
    _A.HOLD: (Effect(_C.PAUSE, _WORK), Effect(_C.START, (_K.REVIEW,))),
    _A.RESUME: (Effect(_C.STOP, (_K.REVIEW,)), Effect(_C.RESUME, _WORK)),
    _A.RESOLVE: (Effect(_C.STOP, (_K.SIGN, *_WORK)), Effect(_C.START, (_K.VERIFY,))),
    _A.PASS: (Effect(_C.STOP, (_K.VERIFY,)), Effect(_C.START, (_K.CONFIRM,))),
    _A.FAIL: (Effect(_C.STOP, (_K.VERIFY,)), Effect(_C.START, (_K.REDO,))),
    _A.CONFIRM: (_STOP_ALL,),
    _A.LAPSE: (_STOP_ALL,),
    _A.DISPUTE: (Effect(_C.STOP, (_K.CONFIRM,)), Effect(_C.START, (_K.REDO,))),
    _A.REOPEN: (Effect(_C.START, (_K.REDO,)),),
}
"""Actions that are not here touch no clock; asking for a return does not either: 先办后议."""

STANDARD_ALLOWANCES: Mapping[ClockKind, str] = {
    ClockKind.INFO: "3wd",
    ClockKind.DISPATCH: "30min",
    ClockKind.SIGN: "2wh",
    ClockKind.REDO: "3wd",
    ClockKind.VERIFY: "1wd",
    ClockKind.CONFIRM: "3wd",
    ClockKind.ISSUE_REVIEW: "5wd",
}
"""Where the category says nothing. Signing is our own proposal: the brief names the clock, not its length."""

URGENT_SIGN = "15min"
"""Signing of an urgent category: it runs day and night like the rest of it. Our own proposal."""

OWNER: Mapping[ClockKind, Role] = {
    ClockKind.ACCEPT: Role.OPERATOR,
    ClockKind.DISPATCH: Role.OPERATOR,
    ClockKind.SIGN: Role.HANDLER,
    ClockKind.CONTACT: Role.HANDLER,
    ClockKind.STAGE: Role.HANDLER,
    ClockKind.DONE: Role.HANDLER,
    ClockKind.REDO: Role.HANDLER,
    ClockKind.VERIFY: Role.VERIFIER,
    ClockKind.ISSUE_REVIEW: Role.SECRETARY,
    ClockKind.ITEM: Role.HANDLER,
}
"""Whose promise it is. Kinds that are not here belong to nobody at the desk: no ladder, a job acts at the end."""

AT_THE_END: Mapping[ClockKind, Action] = {
    ClockKind.INFO: Action.DECLINE,
    ClockKind.CONFIRM: Action.LAPSE,
    ClockKind.REVIEW: Action.RESUME,
}
"""What the system does when such a time is used up."""
