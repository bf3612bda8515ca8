"""One meeting of the demo street's committee, from its calling to the last of what it decided, as real use cases."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy import select

from tracker.demo.committee import AgendaPlan, ItemPlan, MeetingPlan
from tracker.demo.minutes_work import MinutesWork
from tracker.demo.moments import Act
from tracker.demo.people import HANDLER_NAMES
from tracker.demo.told import Office
from tracker.domain.actions import ItemAction
from tracker.domain.permissions import Actor
from tracker.extensions import db
from tracker.models import ActionItem, Invitation, Meeting
from tracker.services import (
    actions,
    agendas,
    answers,
    ballots,
    door,
    invitations,
    meeting_views,
    meetings,
    packs,
    sign_ins,
    votes,
)
from tracker.services.answers import Answer
from tracker.services.guest_letters import private_link
from tracker.services.meeting_values import AgendaView
from tracker.services.pack_facts import Note

FROZEN_BEFORE = timedelta(hours=5)
SIGNED_BEFORE = timedelta(minutes=10)
VOTED_AFTER = timedelta(minutes=70)
WRITTEN_AFTER = timedelta(minutes=15)
CLAIMED_EARLIER_DAYS = 0.6
APPROVED_AT, TAKEN_ON_LATER = time(11, 20), timedelta(hours=3)
FEWEST_DAYS_FOR_AN_ITEM = 2


class MeetingWork:
    """A meeting of one loading."""

    def __init__(self, plan: MeetingPlan, office: Office) -> None:
        self._plan, self._moments, self._told = plan, office.moments, office.told
        self._actors, self._issues = office.actors, office.issues
        self._number = ""
        day = self._moments.day(plan.days, later=plan.days < 0)
        self._starts_at = self._moments.on(day, time(plan.hour))
        self._ends_at = self._starts_at + timedelta(minutes=plan.minutes)

    def acts(self) -> Iterator[Act]:
        """Everything that is done about it; nothing that still lies ahead."""
        plan, ago = self._plan, self._moments.ago
        yield Act(ago(plan.planned_days), self._call)
        yield Act(ago(plan.invited_days), self._invite)
        yield from self._replies(ago(plan.invited_days))
        if plan.approved_days is None:
            yield Act(ago(plan.invited_days - 0.3), self._freeze)
            return
        yield Act(self._starts_at - FROZEN_BEFORE, self._freeze)
        yield Act(self._starts_at - SIGNED_BEFORE, self._sign)
        yield Act(self._starts_at + VOTED_AFTER, self._vote)
        yield Act(self._ends_at + WRITTEN_AFTER, self._write_minutes)
        yield Act(self._approved_at, self._approve)
        for point in plan.agenda:
            for item in point.items:
                yield from self._acts_on(item)

    def _replies(self, invited_at: datetime) -> Iterator[Act]:
        """Answers come in one after the other between the invitation and the meeting, or the loading."""
        plan = self._plan
        said = [
            (partial(self._answer_for_department, code, "no" if code in plan.absent else "yes"))
            for code in plan.departments
            if code not in plan.silent
        ]
        guests = {voice: answer for point in plan.agenda for voice, answer in _voices(point)}
        said += [
            partial(self._answer_as_reporter, trouble, voice, answer)
            for (trouble, voice), answer in guests.items()
        ]
        room = min(self._starts_at - FROZEN_BEFORE, self._moments.now) - invited_at
        for place, do in enumerate(said, start=1):
            yield Act(invited_at + room * place / (len(said) + 1), do)

    @property
    def _approved_at(self) -> datetime:
        return self._moments.on(self._moments.day(self._plan.approved_days or 0, later=True), APPROVED_AT)

    def _acts_on(self, item: ItemPlan) -> Iterator[Act]:
        ago = self._moments.ago
        handler = item.department.lower()
        yield Act(
            self._approved_at + TAKEN_ON_LATER,
            partial(self._move, item, ItemAction.TAKE_ON, handler, note=""),
        )
        yield Act(
            ago(item.done_days + CLAIMED_EARLIER_DAYS),
            partial(self._move, item, ItemAction.CLAIM, handler, note=item.evidence),
        )
        yield Act(
            ago(item.done_days), partial(self._move, item, ItemAction.ACCEPT, self._plan.chair, note="")
        )

    # ---------------------------------------------------------------- before it

    def _call(self, now: datetime) -> None:
        plan, chair = self._plan, self._chair
        wanted = meetings.Plan(
            plan.title, plan.area, self._starts_at, self._ends_at, plan.room, chair.user_id or 0
        )
        issues = [self._issues[point.trouble] for point in plan.agenda]
        self._number = meetings.plan(wanted, issues, by=chair, now=now)
        for item, point in zip(self._agenda(), plan.agenda, strict=True):
            options = "\n".join(option.text for option in point.options)
            agendas.set_item(
                self._number, item.id, point.question, options, version=self._version, by=chair, now=now
            )
            if point.background:
                note = Note(background=point.background, invite=plan.departments)
                packs.save_note(self._number, item.id, note, by=chair, now=now)
        for code in plan.departments:
            mail = f"{code.lower()}@puping.example"
            invitations.add_department(self._number, code, mail, version=self._version, by=chair, now=now)

    def _invite(self, now: datetime) -> None:
        invitations.invite(self._number, with_reporters=True, version=self._version, by=self._chair, now=now)

    def _answer_for_department(self, code: str, answer: str, now: datetime) -> None:
        words = "当天有集中检查，派不出人，意见已经电话报给会议。" if answer == "no" else ""
        answers.answer_by_token(self._token_of(code), Answer(answer, words), now)

    def _answer_as_reporter(self, trouble: str, voice: int, answer: str, now: datetime) -> None:
        told, comes = self._told.voice(trouble, voice), answer != "no"
        given = Answer(answer, has_consent=comes)
        answers.answer_by_report(told.link_key, told.device, self._number, given, now=now)

    def _freeze(self, now: datetime) -> None:
        packs.freeze(self._number, f"demo-pack-{self._plan.key}", by=self._chair, now=now)

    # ---------------------------------------------------------------- in the room

    def _sign(self, now: datetime) -> None:
        """Who said he would come scans the code at the door; some stay in the room without."""
        word = meeting_views.door_of(self._number, self._chair)
        for code in self._plan.departments:
            if code not in self._plan.absent:
                name = HANDLER_NAMES[code]
                door.sign_for_department(word, f"phone of {code} {self._number}", code, name, now=now)
        for point in self._plan.agenda:
            for (trouble, voice), answer in _voices(point):
                if answer == "yes":
                    door.sign_as_known(word, self._told.voice(trouble, voice).device, (), now)
        sign_ins.count_by_hand(
            self._number, self._plan.by_hand, version=self._version, by=self._chair, now=now
        )

    def _vote(self, now: datetime) -> None:
        meetings.hold(self._number, version=self._version, by=self._chair, now=now)
        for item, point in zip(self._agenda(), self._plan.agenda, strict=True):
            self._vote_on(item, point, now)

    def _vote_on(self, item: AgendaView, point: AgendaPlan, now: datetime) -> None:
        number, chair = self._number, self._chair
        votes.open_vote(number, item.id, version=self._version, by=chair, now=now)
        for option, plan in zip(item.vote.options, point.options, strict=True):
            for voice in plan.by_link:
                told = self._told.voice(point.trouble, voice)
                ballots.vote_by_report(
                    told.link_key, told.device, number, item_id=item.id, option_id=option.id
                )
        hands = {option.id: plan.hands for option, plan in zip(item.vote.options, point.options, strict=True)}
        votes.count_hands(number, item.id, hands, version=self._version, by=chair, now=now)
        votes.close_vote(number, item.id, version=self._version, by=chair, now=now)

    # ---------------------------------------------------------------- after it

    def _write_minutes(self, now: datetime) -> None:
        ids = [item.id for item in self._agenda()]
        MinutesWork(self._plan, self._number, self._chair).write(ids, self._due_on, now)

    def _approve(self, now: datetime) -> None:
        MinutesWork(self._plan, self._number, self._chair).approve(now)

    def _due_on(self, item: ItemPlan) -> date:
        """A working day; what is to be late has no more time than planned, everything else no less."""
        is_late = item.due_days > item.done_days
        due = self._moments.day(item.due_days, later=not is_late)
        return max(due, self._approved_at.date() + timedelta(days=FEWEST_DAYS_FOR_AN_ITEM))

    def _move(self, item: ItemPlan, action: ItemAction, login: str, now: datetime, *, note: str) -> None:
        number, version = db.session.execute(
            select(ActionItem.number, ActionItem.version).where(ActionItem.action == item.action)
        ).one()
        actions.take(number, action, version=version, by=self._actors[login], now=now, note=note)

    # ---------------------------------------------------------------- small things

    @property
    def _chair(self) -> Actor:
        return self._actors[self._plan.chair]

    @property
    def _version(self) -> int:
        return db.session.scalars(select(Meeting.version).where(Meeting.number == self._number)).one()

    def _agenda(self) -> Sequence[AgendaView]:
        return meeting_views.meeting_view(self._number, self._chair).agenda

    def _token_of(self, department: str) -> str:
        """The end of the link in the mail that the department got."""
        guest = db.session.scalars(
            select(Invitation.id)
            .join(Meeting, Meeting.id == Invitation.meeting_id)
            .where(Meeting.number == self._number, Invitation.department_code == department)
        ).one()
        return private_link(guest).rpartition("/")[2]


def _voices(point: AgendaPlan) -> Iterator[tuple[tuple[str, int], str]]:
    """Who was asked about a topic and answered: (trouble, voice) and the answer."""
    return (((point.trouble, voice), answer) for voice, answer in point.guests if answer != "none")
