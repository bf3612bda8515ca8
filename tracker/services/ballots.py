"""Votes by private link: one a guest and phone, changed until the vote is closed, and secret."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tracker.domain.votes import VoteRefused
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import AgendaItem, Invitation, Option, Vote
from tracker.services.guests import guest_behind, invitation_of_reporter
from tracker.services.meeting_moves import MeetingMissing
from tracker.services.parts import parts

_ONE_A_PHONE = N_("这台手机已经投过这一项了。每人一票。")


def vote_by_report(link_key: str, device: str, number: str, *, item_id: int, option_id: int) -> None:
    """Take a reporter's vote, or change it.

    Raises:
        LinkUnknown, MeetingMissing, NotPermitted, VoteRefused.
    """

    def use_case() -> None:
        with transaction():
            _vote(invitation_of_reporter(link_key, device, number), device, item_id, option_id)

    _voting(use_case)


def vote_by_token(token: str, device: str, item_id: int, option_id: int) -> None:
    """Take the vote of a guest by mail, or change it.

    Raises:
        MeetingMissing, VoteRefused.
    """

    def use_case() -> None:
        with transaction():
            guest = guest_behind(token)
            db.session.refresh(guest, with_for_update=True)
            _vote(guest, device, item_id, option_id)

    _voting(use_case)


def votes_by_link(item_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """Item id → option id → votes given by private link."""
    rows = db.session.execute(
        select(Vote.agenda_item_id, Vote.option_id, func.count(Vote.id))
        .where(Vote.agenda_item_id.in_(item_ids))
        .group_by(Vote.agenda_item_id, Vote.option_id)
    )
    found: dict[int, dict[int, int]] = {item_id: {} for item_id in item_ids}
    for item_id, option_id, count in rows:
        found[item_id][option_id] = count
    return found


def own_votes(invitation_id: int, item_ids: Sequence[int]) -> Mapping[int, int]:
    """Item id → id of the option that this guest voted for."""
    voters = {_keyed("voter", invitation_id, item_id): item_id for item_id in item_ids}
    rows = db.session.execute(
        select(Vote.voter_hash, Vote.option_id).where(Vote.voter_hash.in_(sorted(voters)))
    )
    return {voters[voter]: option_id for voter, option_id in rows}


def _voting(use_case: Callable[[], None]) -> None:
    try:
        again_if_interrupted(use_case)
    except IntegrityError as error:  # two taps met: one of them counted
        raise VoteRefused(_ONE_A_PHONE) from error


def _vote(guest: Invitation, device: str, item_id: int, option_id: int) -> None:
    item = db.session.scalar(
        select(AgendaItem)
        .where(AgendaItem.id == item_id, AgendaItem.meeting_id == guest.meeting_id)
        .with_for_update(read=True)  # the vote is not closed meanwhile
    )
    if item is None:
        raise MeetingMissing
    if item.vote_state != "open":
        raise VoteRefused(N_("这一项现在不在表决。"))
    option = db.session.get(Option, option_id)
    if option is None or option.agenda_item_id != item.id:
        raise VoteRefused(N_("请选择一个选项。"))
    voter, phone = _keyed("voter", guest.id, item.id), _keyed("device", device, item.id)
    given = {row.voter_hash: row for row in _votes_of(item, voter, phone)}
    own = given.pop(voter, None)
    if given:
        raise VoteRefused(_ONE_A_PHONE)
    if own is None:
        own = Vote(agenda_item_id=item.id, voter_hash=voter)
    own.option_id, own.device_hash = option.id, phone
    db.session.add(own)
    db.session.flush()


def _votes_of(item: AgendaItem, voter: str, phone: str) -> Sequence[Vote]:
    return db.session.scalars(
        select(Vote).where(
            Vote.agenda_item_id == item.id, (Vote.voter_hash == voter) | (Vote.device_hash == phone)
        )
    ).all()


def _keyed(what: str, who: int | str, item_id: int) -> str:
    """64 hex digits that say whose vote it is to those who hold the key alone; it is not in the database."""
    key = parts().config.secret_keys[-1].encode()
    return hmac.new(key, f"vote\n{what}\n{who}\n{item_id}".encode(), hashlib.sha256).hexdigest()
