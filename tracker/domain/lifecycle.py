"""The case table: every state, every arrow, who may take it and what has to be supplied.

Buttons, pages, jobs, the README's table and diagram all read ``LIFECYCLE``; a new arrow is one line here.
What an arrow changes besides the state is in domain/case_effects.py; who asks and walks is services/cases.py.
Source: design brief, section 2.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from tracker.domain.permissions import Role


class State(StrEnum):
    """Where a case stands."""

    REPORTED = "reported"
    NEEDS_INFO = "needs_info"
    CHECKING = "checking"
    FILED = "filed"
    DISPATCHED = "dispatched"
    RETURN_REQUESTED = "return_requested"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    VERIFIED = "verified"
    CLOSED = "closed"
    DECLINED = "declined"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"


ENDED = frozenset({State.CLOSED, State.DECLINED, State.MERGED, State.WITHDRAWN, State.VOIDED})
OPEN = frozenset(State) - ENDED
INTAKE = frozenset({State.REPORTED, State.NEEDS_INFO, State.CHECKING})
"""States before anybody has decided that the report is a case for us."""
AT_WORK = OPEN - {State.RESOLVED, State.VERIFIED}
"""States without a result yet: here it is of use what passers-by say; later somebody goes and looks anyway."""


class Outcome(StrEnum):
    """With what a case ended; apart from the state."""

    FIXED = "fixed"
    PARTLY_FIXED = "partly_fixed"
    PLANNED = "planned"
    EXPLAINED = "explained"
    REFERRED = "referred"
    NOT_FOUND = "not_found"
    FIXED_ON_SPOT = "fixed_on_spot"


class Action(StrEnum):
    """What can be done to a case. ``REPORT`` opens it."""

    REPORT = "report"
    FILE = "file"
    ASK_INFO = "ask_info"
    ADD_INFO = "add_info"
    CHECK = "check"
    FOUND = "found"
    NOT_FOUND = "not_found"
    FIX_ON_SPOT = "fix_on_spot"
    DECLINE = "decline"
    APPEAL = "appeal"
    MERGE = "merge"
    SPLIT = "split"
    WITHDRAW = "withdraw"
    VOID = "void"
    DISPATCH = "dispatch"
    SIGN = "sign"
    REQUEST_RETURN = "request_return"
    GRANT_RETURN = "grant_return"
    REFUSE_RETURN = "refuse_return"
    CONTACT = "contact"
    FINISH_STAGE = "finish_stage"
    REQUEST_EXTENSION = "request_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    HOLD = "hold"
    RESUME = "resume"
    RESOLVE = "resolve"
    PASS = "pass"  # noqa: S105 - the verifier's verdict, no password
    FAIL = "fail"
    CONFIRM = "confirm"
    LAPSE = "lapse"
    DISPUTE = "dispute"
    REOPEN = "reopen"
    RATE = "rate"
    NOTE = "note"
    JOIN = "join"
    WORSE = "worse"
    GONE = "gone"
    STILL_THERE = "still_there"
    SEEN_GONE = "seen_gone"
    LOOK = "look"
    REVEAL_PHONE = "reveal_phone"
    PUBLISH_PHOTOS = "publish_photos"
    WITHDRAW_PHOTOS = "withdraw_photos"
    RELEASE = "release"


class Need(StrEnum):
    """What the person who acts has to supply."""

    CATEGORY = "category"
    NOTE = "note"
    PHOTO = "photo"
    NOTE_OR_PHOTO = "note_or_photo"
    REASON = "reason"
    CHANNEL = "channel"
    MAIN_CASE = "main_case"
    LEAD = "lead"
    SUGGESTED = "suggested"
    ON = "on"
    OUTCOME = "outcome"
    STAGE = "stage"
    RATING = "rating"
    EVIDENCE = "evidence"
    """A photo, if the category asks for one."""
    CLEARING = "clearing"
    """What strangers may see of it."""


class Guard(StrEnum):
    """What must be true besides the state; checked in domain/case_rules.py, where each has its words."""

    APPEAL_UNUSED = "appeal_unused"
    BY_LEAD = "by_lead"
    RETURN_WINDOW = "return_window"
    EXTENSION_ASKED = "extension_asked"
    NO_EXTENSION_ASKED = "no_extension_asked"
    REVIEW_DAY = "review_day"
    STAGE_RUNNING = "stage_running"
    NO_LOOK_DUE = "no_look_due"
    LOOK_DUE = "look_due"
    NOT_OWN_WORK = "not_own_work"
    REOPEN_WINDOW = "reopen_window"
    OPENED_BY_SELF = "opened_by_self"
    NO_VOICES = "no_voices"
    NOBODY_JOINED = "nobody_joined"
    NEW_VOICE = "new_voice"
    WORSE_UNSAID = "worse_unsaid"
    GONE_UNSAID = "gone_unsaid"
    GONE_UNSEEN = "gone_unseen"
    GONE_SAID = "gone_said"
    FOR_STRANGERS = "for_strangers"
    UNRATED = "unrated"
    HELD = "held"


@dataclass(frozen=True)
class Raise:
    """From `at_least` on, the counter `field` of the case lifts an arrow to other roles."""

    field: str
    at_least: int
    who: frozenset[Role]


@dataclass(frozen=True)
class Step:
    """One arrow of the table.

    Attributes:
        sources: states it leaves; empty for the report that opens a case.
        target: state it reaches; None: the case stays where it is.
        needs: what has to be supplied.
        public: whether the reporter reads the note that goes with it.
        guards: what must hold besides.
        raised: when other roles decide instead of `who`.
    """

    action: Action
    sources: frozenset[State]
    target: State | None
    who: frozenset[Role]
    needs: frozenset[Need] = frozenset()
    public: bool = False
    guards: frozenset[Guard] = frozenset()
    raised: Raise | None = None


_T = TypeVar("_T")


def _set(*items: _T) -> frozenset[_T]:
    return frozenset(items)


_S, _A, _R, _N, _G = State, Action, Role, Need, Guard
_APPEALED = Raise("appeal_open", 1, _set(_R.DUTY_LEAD))
_SECOND_RETURN = Raise("returns", 2, _set(_R.SUPERVISOR))
_SECOND_EXTENSION = Raise("extensions", 1, _set(_R.SUPERVISOR))
_LOOKED_AT = AT_WORK - {State.CHECKING}
"""Where a verifier has no answer yet: one who was sent to check says found or not found."""
_SEE_CASES = _set(_R.OPERATOR, _R.HANDLER, _R.VERIFIER, _R.DUTY_LEAD, _R.SUPERVISOR, _R.SECRETARY)

# fmt: off
LIFECYCLE: tuple[Step, ...] = (
    Step(_A.REPORT, _set(), _S.REPORTED, _set(_R.REPORTER), _set(_N.CATEGORY, _N.NOTE_OR_PHOTO), public=True),
    Step(_A.FILE, _set(_S.REPORTED, _S.CHECKING), _S.FILED, _set(_R.OPERATOR, _R.RULE), _set(_N.CATEGORY),
         raised=_APPEALED),
    Step(_A.ASK_INFO, _set(_S.REPORTED), _S.NEEDS_INFO, _set(_R.OPERATOR), _set(_N.NOTE), public=True,
         raised=_APPEALED),
    Step(_A.ADD_INFO, _set(_S.NEEDS_INFO), _S.REPORTED, _set(_R.REPORTER), _set(_N.NOTE_OR_PHOTO), public=True),
    Step(_A.CHECK, _set(_S.REPORTED), _S.CHECKING, _set(_R.OPERATOR), raised=_APPEALED),
    Step(_A.FOUND, _set(_S.CHECKING), _S.FILED, _set(_R.VERIFIER), _set(_N.NOTE)),
    Step(_A.NOT_FOUND, _set(_S.CHECKING), _S.DECLINED, _set(_R.VERIFIER), _set(_N.NOTE, _N.PHOTO), public=True),
    Step(_A.FIX_ON_SPOT, _set(_S.REPORTED, _S.CHECKING), _S.VERIFIED, _set(_R.OPERATOR, _R.VERIFIER, _R.SECRETARY),
         _set(_N.PHOTO), public=True),
    Step(_A.DECLINE, _set(_S.REPORTED, _S.CHECKING, _S.NEEDS_INFO), _S.DECLINED, _set(_R.OPERATOR),
         _set(_N.REASON, _N.CHANNEL), public=True, raised=_APPEALED),
    Step(_A.DECLINE, _set(_S.NEEDS_INFO), _S.DECLINED, _set(_R.SYSTEM), _set(_N.REASON, _N.CHANNEL), public=True),
    Step(_A.APPEAL, _set(_S.DECLINED), _S.REPORTED, _set(_R.REPORTER), _set(_N.NOTE), public=True,
         guards=_set(_G.APPEAL_UNUSED)),
    Step(_A.MERGE, _set(_S.REPORTED, _S.CHECKING, _S.FILED, _S.DISPATCHED, _S.IN_PROGRESS), _S.MERGED,
         _set(_R.OPERATOR), _set(_N.MAIN_CASE), guards=_set(_G.NO_VOICES), raised=_APPEALED),
    Step(_A.SPLIT, _set(_S.MERGED), _S.REPORTED, _set(_R.DUTY_LEAD)),
    Step(_A.WITHDRAW, _set(_S.REPORTED, _S.NEEDS_INFO, _S.CHECKING, _S.FILED), _S.WITHDRAWN, _set(_R.REPORTER),
         public=True, guards=_set(_G.OPENED_BY_SELF, _G.NO_VOICES, _G.NOBODY_JOINED)),
    Step(_A.VOID, OPEN, _S.VOIDED, _set(_R.DUTY_LEAD), _set(_N.NOTE), public=True, guards=_set(_G.NO_VOICES)),
    Step(_A.DISPATCH, _set(_S.FILED), _S.DISPATCHED, _set(_R.OPERATOR, _R.RULE), _set(_N.LEAD)),
    Step(_A.SIGN, _set(_S.DISPATCHED), _S.IN_PROGRESS, _set(_R.HANDLER), guards=_set(_G.BY_LEAD)),
    Step(_A.REQUEST_RETURN, _set(_S.DISPATCHED), _S.RETURN_REQUESTED, _set(_R.HANDLER), _set(_N.NOTE, _N.SUGGESTED),
         guards=_set(_G.BY_LEAD, _G.RETURN_WINDOW)),
    Step(_A.GRANT_RETURN, _set(_S.RETURN_REQUESTED), _S.FILED, _set(_R.DUTY_LEAD), raised=_SECOND_RETURN),
    Step(_A.REFUSE_RETURN, _set(_S.RETURN_REQUESTED), _S.DISPATCHED, _set(_R.DUTY_LEAD), raised=_SECOND_RETURN),
    Step(_A.CONTACT, _set(_S.IN_PROGRESS), None, _set(_R.HANDLER), _set(_N.NOTE)),
    Step(_A.FINISH_STAGE, _set(_S.IN_PROGRESS), None, _set(_R.HANDLER), _set(_N.STAGE, _N.NOTE), public=True,
         guards=_set(_G.BY_LEAD, _G.STAGE_RUNNING)),
    Step(_A.REQUEST_EXTENSION, _set(_S.IN_PROGRESS), None, _set(_R.HANDLER), _set(_N.NOTE, _N.ON),
         guards=_set(_G.BY_LEAD, _G.NO_EXTENSION_ASKED)),
    Step(_A.GRANT_EXTENSION, _set(_S.IN_PROGRESS), None, _set(_R.DUTY_LEAD), public=True,
         guards=_set(_G.EXTENSION_ASKED), raised=_SECOND_EXTENSION),
    Step(_A.REFUSE_EXTENSION, _set(_S.IN_PROGRESS), None, _set(_R.DUTY_LEAD),
         guards=_set(_G.EXTENSION_ASKED), raised=_SECOND_EXTENSION),
    Step(_A.HOLD, _set(_S.IN_PROGRESS), _S.ON_HOLD, _set(_R.SUPERVISOR), _set(_N.REASON, _N.ON, _N.NOTE), public=True),
    Step(_A.RESUME, _set(_S.ON_HOLD), _S.IN_PROGRESS, _set(_R.SUPERVISOR), public=True),
    Step(_A.RESUME, _set(_S.ON_HOLD), _S.IN_PROGRESS, _set(_R.SYSTEM), guards=_set(_G.REVIEW_DAY), public=True),
    Step(_A.RESOLVE, _set(_S.IN_PROGRESS), _S.RESOLVED, _set(_R.HANDLER), _set(_N.OUTCOME, _N.NOTE, _N.EVIDENCE),
         public=True, guards=_set(_G.BY_LEAD, _G.NO_LOOK_DUE)),
    Step(_A.PASS, _set(_S.RESOLVED), _S.VERIFIED, _set(_R.VERIFIER), guards=_set(_G.NOT_OWN_WORK)),
    Step(_A.FAIL, _set(_S.RESOLVED), _S.IN_PROGRESS, _set(_R.VERIFIER), _set(_N.NOTE), guards=_set(_G.NOT_OWN_WORK)),
    Step(_A.CONFIRM, _set(_S.VERIFIED), _S.CLOSED, _set(_R.REPORTER), public=True, guards=_set(_G.OPENED_BY_SELF)),
    Step(_A.LAPSE, _set(_S.VERIFIED), _S.CLOSED, _set(_R.SYSTEM), public=True),
    Step(_A.DISPUTE, _set(_S.VERIFIED), _S.IN_PROGRESS, _set(_R.REPORTER), _set(_N.NOTE_OR_PHOTO), public=True),
    Step(_A.REOPEN, _set(_S.CLOSED), _S.IN_PROGRESS, _set(_R.REPORTER), _set(_N.NOTE), public=True,
         guards=_set(_G.REOPEN_WINDOW)),
    Step(_A.REOPEN, _set(_S.CLOSED), _S.IN_PROGRESS, _set(_R.SECRETARY, _R.VERIFIER, _R.DUTY_LEAD),
         _set(_N.NOTE), public=True),
    # The brief's optional rating, given after the yes: one tap closes the case, words may follow once.
    Step(_A.RATE, _set(_S.CLOSED), None, _set(_R.REPORTER), _set(_N.RATING), public=True,
         guards=_set(_G.OPENED_BY_SELF, _G.UNRATED)),
    # Not in the brief's table but in its text: words that move nothing and still belong in the history.
    Step(_A.NOTE, OPEN - {_S.NEEDS_INFO}, None, _set(_R.REPORTER), _set(_N.NOTE_OR_PHOTO), public=True),
    Step(_A.NOTE, OPEN, None, _SEE_CASES, _set(_N.NOTE)),
    Step(_A.JOIN, OPEN, None, _set(_R.REPORTER), public=True, guards=_set(_G.NEW_VOICE)),
    # What people on the street say of an open case never moves it: somebody who may decide goes and looks.
    Step(_A.WORSE, AT_WORK, None, _set(_R.REPORTER), public=True, guards=_set(_G.WORSE_UNSAID)),
    Step(_A.GONE, AT_WORK, None, _set(_R.REPORTER, _R.PASSER_BY), guards=_set(_G.GONE_UNSAID, _G.GONE_UNSEEN)),
    Step(_A.STILL_THERE, _LOOKED_AT, None, _set(_R.VERIFIER), _set(_N.NOTE), public=True,
         guards=_set(_G.NOT_OWN_WORK, _G.GONE_SAID)),
    Step(_A.SEEN_GONE, _LOOKED_AT, None, _set(_R.VERIFIER), _set(_N.NOTE, _N.PHOTO), public=True,
         guards=_set(_G.NOT_OWN_WORK, _G.GONE_SAID)),
    Step(_A.LOOK, _set(_S.IN_PROGRESS), None, _set(_R.DUTY_LEAD, _R.SUPERVISOR), _set(_N.NOTE),
         guards=_set(_G.LOOK_DUE)),
    Step(_A.RELEASE, _set(_S.REPORTED), None, _set(_R.DUTY_LEAD), guards=_set(_G.HELD)),
    Step(_A.REVEAL_PHONE, frozenset(State), None, _set(_R.OPERATOR), _set(_N.NOTE)),
    Step(_A.PUBLISH_PHOTOS, _set(_S.CLOSED), None, _set(_R.OPERATOR, _R.SECRETARY), _set(_N.CLEARING),
         guards=_set(_G.FOR_STRANGERS)),
    Step(_A.WITHDRAW_PHOTOS, frozenset(State), None, _set(_R.OPERATOR, _R.SECRETARY)),
)
# fmt: on


def steps_from(state: State) -> Iterable[Step]:
    """Every arrow that leaves `state`, in the order of the table."""
    return (step for step in LIFECYCLE if state in step.sources)


def step_of(action: Action, who: Role = Role.RULE) -> Step:
    """The arrow that a rule, a job or the reporter's own report takes.

    Raises:
        LookupError: `who` has no such arrow.
    """
    for step in LIFECYCLE:
        if step.action == action and who in step.who:
            return step
    raise LookupError(f"{who} has no arrow {action}")


DECLINE_REASONS = (
    "not_street_matter",
    "emergency",
    "dispute_at_law",
    "petition",
    "consumer",
    "unclear",
    "repeated",
)
"""Codes of why a report is not taken on; words in web/words.py. Unclear: nobody answered the question."""

CHANNELS = ("110", "119", "120", "122", "12315", "12345", "court", "petition", "property", "none")
"""Where the reporter should go instead; ``none``: nowhere else is needed."""

HOLD_REASONS = ("works", "season", "ownership", "policy")
"""Why a case may rest: waits for works, for the season, for whose it is, for a policy."""

ABUSE = "abuse"
"""Reason of a voided case that was sent to harm: its photos are shown only to whoever asks for them."""

HOLD_LIMIT_DAYS = 90
REOPEN_LIMIT_DAYS = 15
FAILURES_TO_SUPERVISOR = 3
DISPUTES_TO_DUTY_LEAD = 2
