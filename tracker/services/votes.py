"""Votes on an agenda item, seen from the chair: opened, closed, hands counted. Guests vote in services/guests.py."""

from collections.abc import Callable, Mapping
from datetime import datetime

from tracker.domain.case_rules import Incomplete
from tracker.domain.meetings import MeetingAction
from tracker.domain.permissions import Actor
from tracker.domain.votes import VoteRefused
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, transaction
from tracker.models import AgendaItem, Meeting
from tracker.services.agendas import item_of, options_of
from tracker.services.meeting_moves import locked_meeting_numbered, take_meeting

MOST_HANDS = 2000
"""A larger number is a slip of the finger."""


def open_vote(number: str, item_id: int, *, version: int, by: Actor, now: datetime) -> None:
    """Let guests vote on an item by their private links.

    Raises:
        MeetingMissing, StaleMeeting, NotPermitted.
        MeetingStepRefused: not the chair.
        VoteRefused: there is nothing to choose from, or it was voted on already.
    """

    def change(item: AgendaItem) -> None:
        if item.vote_state != "none":
            raise VoteRefused(N_("这个议题已经表决过，或正在表决。"))
        if not options_of(item):
            raise VoteRefused(N_("先写好选项，再开始表决。"))
        item.vote_state = "open"

    _change(number, item_id, MeetingAction.OPEN_VOTE, change, version=version, by=by, now=now)


def close_vote(number: str, item_id: int, *, version: int, by: Actor, now: datetime) -> None:
    """End the vote on an item, for good; from here on its result can be read.

    Raises:
        MeetingMissing, StaleMeeting, NotPermitted.
        MeetingStepRefused: not the chair.
        VoteRefused: it is not open.
    """

    def change(item: AgendaItem) -> None:
        if item.vote_state != "open":
            raise VoteRefused(N_("这一项现在不在表决。"))
        item.vote_state = "closed"

    _change(number, item_id, MeetingAction.CLOSE_VOTE, change, version=version, by=by, now=now)


def count_hands(
    number: str, item_id: int, counts: Mapping[int, int | None], *, version: int, by: Actor, now: datetime
) -> None:
    """Keep how many hands were raised for each option, with who counted; a later count takes its place.

    Args:
        counts: option id → hands, every option of the item; None: what was typed is no number.

    Raises:
        MeetingMissing, StaleMeeting, MeetingStepRefused, NotPermitted.
        Incomplete: a number is missing; ``hands`` says so.
    """

    def change(item: AgendaItem) -> None:
        options = options_of(item)
        if not options:
            raise VoteRefused(N_("先写好选项，再登记举手。"))
        for option in options:
            count = counts.get(option.id)
            if count is None or not 0 <= count <= MOST_HANDS:
                raise Incomplete({"hands": N_("每个选项都填一个人数，没有人举手就填0。")})
            option.hand_count, option.hand_counted_by, option.hand_counted_at = count, by.user_id, now

    _change(number, item_id, MeetingAction.COUNT, change, version=version, by=by, now=now)


def _change(
    number: str,
    item_id: int,
    action: MeetingAction,
    change: Callable[[AgendaItem], None],
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    def use_case() -> None:
        with transaction():
            meeting: Meeting = locked_meeting_numbered(number, by, version)
            item = item_of(meeting, item_id)
            change(item)
            facts = {"item": item.id, "issue": item.issue_id, "hands": _hands(item)}
            take_meeting(meeting, action, by=by, now=now, facts=facts)

    again_if_interrupted(use_case)


def _hands(item: AgendaItem) -> list[int | None]:
    return [option.hand_count for option in options_of(item)]
