"""May this person take this arrow now, with what was supplied? And what does the arrow change?

``permitted_steps`` is what a page offers; ``choose_step`` is what a use case asks before it walks: it raises one
of three refusals. All of it works on plain values and reads no clock.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.domain.case_record import CaseRecord
from tracker.domain.clearing import WORDS_LIMIT_CHARS, Clearing
from tracker.domain.lifecycle import (
    CHANNELS,
    DECLINE_REASONS,
    HOLD_LIMIT_DAYS,
    HOLD_REASONS,
    LIFECYCLE,
    REOPEN_LIMIT_DAYS,
    Action,
    Guard,
    Need,
    Outcome,
    Step,
    steps_from,
)
from tracker.domain.permissions import Actor, NotPermitted, Role
from tracker.domain.words import N_


class StepRefused(Exception):
    """The table has no such arrow for this case now. The message can be shown to the person who asked."""


class Incomplete(Exception):
    """Something that goes with the action is missing or wrong.

    Attributes:
        problems: what to supply → why it is refused, in words for the person who asked.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True)
class Supplied:
    """What goes with an action. Codes where the table asks for codes; photos are counted, not carried."""

    note: str = ""
    category: str = ""
    outcome: str = ""
    reason: str = ""
    channel: str = ""
    main_case: str = ""
    lead: str = ""
    co: tuple[str, ...] = ()
    suggested: str = ""
    on: date | None = None
    stage: str = ""
    photos: int = 0
    rating: int = 0
    held: bool = False
    """Of a report: its device is banned, so it is kept apart."""
    report: int | None = None
    """Id of the report whose phone number is asked for; None: of none, so none is shown."""
    return_until_at: datetime | None = None
    """Set by the use case that dispatches, from the working calendar."""
    clearing: Clearing | None = None
    """What strangers may see of the case from now on."""


@dataclass(frozen=True)
class Situation:
    """One case as the rules see it.

    Attributes:
        case_id: the row's id, to tell whether a reporter's link follows it.
        area: code of the area it lies in.
        evidence: whether the category asks for a photo when it is resolved.
        worked_by: user ids of the people who handled it.
        stages: names of the category's stages that are still to be finished.
        voices: how many other cases are merged into this one.
        opened_by: id of the report that opened it.
        reports: ids of the reports that follow it: its own, and those of the cases merged into it.
        joined: how many reports joined it after the one that opened it.
        said_worse, said_gone: ids of the reports whose senders said so before.
        promised_on: the day the work is promised for; None: not known.
        for_strangers: whether its category lets strangers see photos and words of it.
        today: the calendar day where the street is, at `now`.
    """

    record: CaseRecord
    case_id: int
    area: str
    now: datetime
    today: date
    evidence: bool = False
    worked_by: frozenset[int] = frozenset()
    voices: int = 0
    stages: tuple[str, ...] = ()
    opened_by: int | None = None
    reports: frozenset[int] = frozenset()
    joined: int = 0
    said_worse: frozenset[int] = frozenset()
    said_gone: frozenset[int] = frozenset()
    promised_on: date | None = None
    for_strangers: bool = True


def roles_of(actor: Actor, case: Situation) -> frozenset[Role]:
    """What `actor` is on this case; empty: it is none of his business.

    A handler keeps sight of a case only while it lies with his department; a reporter's link follows his own
    case and the main case it was merged into. An admin's role opens no case, whatever other roles he has. What is
    kept apart is for the duty lead alone.
    """
    if actor.report_id is not None and case.case_id not in actor.cases:
        return frozenset()
    roles = actor.roles_for(case.area, case.record.departments) - {Role.ADMIN}
    return roles & _WITH_HELD if case.record.held else roles


_WITH_HELD = frozenset({Role.DUTY_LEAD, Role.REPORTER})


def permitted_steps(case: Situation, actor: Actor) -> Iterator[Step]:
    """The arrows `actor` may take now, in the order of the table: the buttons of the page."""
    roles = roles_of(actor, case)
    for step in steps_from(case.record.state):
        if roles & who_may(step, case.record) and next(_broken_guards(step, case, actor), None) is None:
            yield step


def choose_step(case: Situation, action: Action, actor: Actor) -> Step:
    """The arrow `actor` takes with `action`.

    Raises:
        NotPermitted: none of the actor's roles may do this.
        StepRefused: wrong state, or a condition beside the state does not hold.
    """
    roles = roles_of(actor, case)
    mine = [step for step in LIFECYCLE if step.action == action and roles & who_may(step, case.record)]
    if not mine:
        raise NotPermitted(f"{actor.name} may not {action}")
    here = [step for step in mine if case.record.state in step.sources]
    if not here:
        raise StepRefused(N_("案件已不在可以这样办理的状态。"))
    for problem in _broken_guards(here[0], case, actor):
        raise StepRefused(problem)
    return here[0]


def who_may(step: Step, record: CaseRecord) -> frozenset[Role]:
    """The roles that decide on this arrow for this case: some decisions move up when they repeat."""
    if step.raised and getattr(record, step.raised.field) >= step.raised.at_least:
        return step.raised.who
    return step.who


def _broken_guards(step: Step, case: Situation, actor: Actor) -> Iterator[str]:
    for guard in Guard:  # in the order of the enumeration, so that the first words are always the same
        if guard in step.guards and not _HOLDS[guard](case, actor):
            yield GUARD_WORDS[guard]


_HOLDS: dict[Guard, Callable[[Situation, Actor], bool]] = {
    Guard.APPEAL_UNUSED: lambda case, actor: case.record.appeals == 0,
    Guard.BY_LEAD: lambda case, actor: Role.HANDLER in actor.roles_for(case.area, {case.record.lead}),
    Guard.RETURN_WINDOW: lambda case, actor: (
        case.record.return_until_at is None or case.now <= case.record.return_until_at
    ),
    Guard.EXTENSION_ASKED: lambda case, actor: case.record.extension_on is not None,
    Guard.NO_EXTENSION_ASKED: lambda case, actor: case.record.extension_on is None,
    Guard.REVIEW_DAY: lambda case, actor: (
        case.record.hold_until_on is not None and case.today >= case.record.hold_until_on
    ),
    Guard.STAGE_RUNNING: lambda case, actor: bool(case.stages),
    Guard.NO_LOOK_DUE: lambda case, actor: not case.record.look_by,
    Guard.LOOK_DUE: lambda case, actor: (
        bool(case.record.look_by)
        and (case.record.look_by in roles_of(actor, case) or Role.SUPERVISOR in roles_of(actor, case))
    ),
    Guard.NOT_OWN_WORK: lambda case, actor: (
        not actor.departments & frozenset(case.record.handled_by) and actor.user_id not in case.worked_by
    ),
    Guard.REOPEN_WINDOW: lambda case, actor: (
        case.record.closed_at is not None
        and case.now <= case.record.closed_at + timedelta(days=REOPEN_LIMIT_DAYS)
    ),
    Guard.OPENED_BY_SELF: lambda case, actor: actor.report_id == case.opened_by,
    Guard.NO_VOICES: lambda case, actor: case.voices == 0,
    Guard.NOBODY_JOINED: lambda case, actor: case.joined == 0,
    Guard.NEW_VOICE: lambda case, actor: actor.report_id not in case.reports,
    Guard.WORSE_UNSAID: lambda case, actor: actor.report_id not in case.said_worse,
    Guard.GONE_UNSAID: lambda case, actor: actor.report_id not in case.said_gone,
    Guard.GONE_UNSEEN: lambda case, actor: case.record.gone_seen_at is None,
    Guard.GONE_SAID: lambda case, actor: case.record.gone > 0,
    Guard.FOR_STRANGERS: lambda case, actor: case.for_strangers,
    Guard.UNRATED: lambda case, actor: case.record.closing == "confirmed" and case.record.rating == 0,
    Guard.HELD: lambda case, actor: bool(case.record.held),
}

GUARD_WORDS = {
    Guard.APPEAL_UNUSED: N_("每个案件只能申诉一次。"),
    Guard.BY_LEAD: N_("只有主办单位可以这样办理。"),
    Guard.RETURN_WINDOW: N_("已超过退单期限（派遣后一个工作日内）。"),
    Guard.EXTENSION_ASKED: N_("没有待批的延期申请。"),
    Guard.NO_EXTENSION_ASKED: N_("已有一个待批的延期申请。"),
    Guard.REVIEW_DAY: N_("还没有到挂账复核日。"),
    Guard.STAGE_RUNNING: N_("没有待完成的阶段。"),
    Guard.NO_LOOK_DUE: N_("需要值班长或督办领导先过问，才能办结。"),
    Guard.LOOK_DUE: N_("这个案件现在不需要您过问。"),
    Guard.NOT_OWN_WORK: N_("参与处置的单位和人员不能核查本案件。"),
    Guard.REOPEN_WINDOW: N_("结案已超过15天，请重新上报。"),
    Guard.OPENED_BY_SELF: N_("只有最先上报的人可以这样做。"),
    Guard.NO_VOICES: N_("有其他案件并入本案，请先拆分。"),
    Guard.NOBODY_JOINED: N_("别人也遇到了同样的问题，所以不能撤回。"),
    Guard.NEW_VOICE: N_("您已经在这件事里了。"),
    Guard.WORSE_UNSAID: N_("您已经说过更严重了。"),
    Guard.GONE_UNSAID: N_("您已经说过没有了。"),
    Guard.GONE_UNSEEN: N_("已经有人到现场看过了。"),
    Guard.GONE_SAID: N_("没有人说这件事已经没了。"),
    Guard.FOR_STRANGERS: N_("这一类事项要保护上报的人，照片和文字都不公开。"),
    Guard.UNRATED: N_("现在没有要评价的，或者您已经评过了。"),
    Guard.HELD: N_("这件上报没有被单独存放。"),
}


def check_supplied(step: Step, supplied: Supplied, case: Situation) -> None:
    """Raise Incomplete, naming everything that is missing or out of range at once."""
    problems = {need.value: words for need in step.needs if (words := _missing(need, supplied, case))}
    problems |= _out_of_range(step.action, supplied, case)
    if problems:
        raise Incomplete(problems)


def _missing(need: Need, supplied: Supplied, case: Situation) -> str:
    match need:
        case Need.PHOTO:
            return "" if supplied.photos else N_("请附照片。")
        case Need.NOTE_OR_PHOTO:
            return "" if supplied.photos or supplied.note.strip() else N_("请写几个字，或者附一张照片。")
        case Need.EVIDENCE:
            return N_("请附处置后的照片。") if case.evidence and not supplied.photos else ""
        case Need.NOTE:
            return "" if supplied.note.strip() else N_("请填写说明。")
        case _:
            return "" if getattr(supplied, need.value) else NEED_WORDS[need]


NEED_WORDS = {
    Need.CATEGORY: N_("请选择类别。"),
    Need.REASON: N_("请选择原因。"),
    Need.CHANNEL: N_("请选择应去的渠道。"),
    Need.MAIN_CASE: N_("请填写主案件编号。"),
    Need.LEAD: N_("请选择主办单位。"),
    Need.SUGGESTED: N_("请选择应由哪个单位承办。"),
    Need.ON: N_("请选择日期。"),
    Need.OUTCOME: N_("请选择处置结果。"),
    Need.STAGE: N_("请选择完成了哪个阶段。"),
    Need.CLEARING: N_("请选择公开哪些照片，或写一句做了什么。"),
    Need.RATING: N_("请选一个满意程度。"),
}

RESOLVE_OUTCOMES = tuple(outcome for outcome in Outcome if outcome != Outcome.FIXED_ON_SPOT)


def _out_of_range(action: Action, supplied: Supplied, case: Situation) -> dict[str, str]:
    check = _RANGES.get(action)
    return dict(check(supplied, case)) if check else {}


Problems = Iterator[tuple[str, str]]


def _decline_range(supplied: Supplied, case: Situation) -> Problems:
    if supplied.reason and supplied.reason not in DECLINE_REASONS:
        yield "reason", NEED_WORDS[Need.REASON]
    if supplied.channel and supplied.channel not in CHANNELS:
        yield "channel", NEED_WORDS[Need.CHANNEL]


def _hold_range(supplied: Supplied, case: Situation) -> Problems:
    if supplied.reason and supplied.reason not in HOLD_REASONS:
        yield "reason", NEED_WORDS[Need.REASON]
    last = case.today + timedelta(days=HOLD_LIMIT_DAYS)
    if supplied.on and not case.today < supplied.on <= last:
        yield "on", N_("复核日须在明天起90天之内。")


def _extension_range(supplied: Supplied, case: Situation) -> Problems:
    promised = case.promised_on or case.record.due_on or case.today
    if supplied.on and supplied.on <= max(promised, case.today):
        yield "on", N_("新的期限须晚于今天和现在的期限。")


def _resolve_range(supplied: Supplied, case: Situation) -> Problems:
    if supplied.outcome and supplied.outcome not in RESOLVE_OUTCOMES:
        yield "outcome", NEED_WORDS[Need.OUTCOME]


def _dispatch_range(supplied: Supplied, case: Situation) -> Problems:
    if supplied.lead in supplied.co:
        yield "co", N_("主办单位不能同时是协办单位。")


def _return_range(supplied: Supplied, case: Situation) -> Problems:
    if supplied.suggested == case.record.lead:
        yield "suggested", N_("请选择另一个单位。")


def _stage_range(supplied: Supplied, case: Situation) -> Problems:
    if supplied.stage and supplied.stage not in case.stages:
        yield "stage", NEED_WORDS[Need.STAGE]


def _clearing_range(supplied: Supplied, case: Situation) -> Problems:
    clearing = supplied.clearing
    if clearing and not clearing.shows_something:
        yield "clearing", NEED_WORDS[Need.CLEARING]
    if clearing and len(clearing.words) > WORDS_LIMIT_CHARS:
        yield "words", N_("文字太长，请缩短后再提交。")


def _rating_range(supplied: Supplied, case: Situation) -> Problems:
    if not 0 <= supplied.rating <= 5:
        yield "rating", N_("评价为1至5分。")


_RANGES: dict[Action, Callable[[Supplied, Situation], Problems]] = {
    Action.DECLINE: _decline_range,
    Action.HOLD: _hold_range,
    Action.REQUEST_EXTENSION: _extension_range,
    Action.RESOLVE: _resolve_range,
    Action.DISPATCH: _dispatch_range,
    Action.REQUEST_RETURN: _return_range,
    Action.FINISH_STAGE: _stage_range,
    Action.CONFIRM: _rating_range,
    Action.PUBLISH_PHOTOS: _clearing_range,
    Action.RATE: _rating_range,
}
