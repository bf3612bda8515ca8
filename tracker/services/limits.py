"""What comes in over the net is counted by device, network and label, and slowed down where it is too much.

Counted in the transaction of what is sent: what is refused is not counted, parallel sendings wait for each other, and
a name under which something is counted says nothing and changes every day. No address is stored.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from config import Config
from tracker.domain.limits import Limit, Part, Step, Verdict, judge
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Bucket, Case, Category, DeviceBan, Report, SolvedPuzzle
from tracker.services.links import hash_of
from tracker.services.parts import parts
from tracker.services.places import LabelledPlace
from tracker.services.puzzles import Puzzle, PuzzleRefused, redeem

SAME_WITHIN = timedelta(minutes=10)
"""The same words at the same place within this time are probably the same report. Source: threats, part C."""
NETWORKS_KEPT = timedelta(days=2)
"""How long a report says that it came from the same network as another."""

_DEVICE, _NETWORK, _LABEL = Part.DEVICE, Part.NETWORK, Part.LABEL


class SlowedDown(Exception):
    """Not now, or not without a puzzle; nothing was stored.

    Attributes:
        verdict: a puzzle, or later and when.
        puzzle: the puzzle that was not solved yet; None: a new one is to be made.
    """

    def __init__(self, verdict: Verdict, puzzle: Puzzle | None = None) -> None:
        super().__init__(verdict.step.name)
        self.verdict, self.puzzle = verdict, puzzle


class SaidBefore(Exception):
    """The same words came from this place just now; nothing was stored.

    Attributes:
        number: of the case they opened, which can be joined instead.
    """

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


@dataclass(frozen=True)
class Sender:
    """How something came over the net.

    Attributes:
        device: the value of its cookie.
        network: as ``domain.limits.network_of`` names it; never stored.
        is_odd: it looks as if no person had filled the form in.
        puzzle, answer: what the form sent back of a puzzle; empty: none was asked for.
        is_asked: whether it may be answered with a question (the same words were sent here just now).
    """

    device: str
    network: str
    is_odd: bool = False
    puzzle: str = ""
    answer: str = ""
    is_asked: bool = False


@dataclass(frozen=True)
class Admission:
    """What is known of something that may pass.

    Attributes:
        is_banned: its device is; it is to be kept apart.
        same_as: number of an open case that was reported here just now in the same words; empty: none.
    """

    is_banned: bool = False
    same_as: str = ""


def report_limits(config: Config) -> tuple[Limit, ...]:
    """What reports and joinings are held to. A network alone, or a label alone, never keeps anybody out."""
    return (
        Limit("device", frozenset({_DEVICE}), config.device_an_hour, config.device_most),
        Limit(
            "device at label",
            frozenset({_DEVICE, _LABEL}),
            config.device_label_an_hour,
            config.device_label_most,
        ),
        Limit(
            "network at label",
            frozenset({_NETWORK, _LABEL}),
            config.network_label_an_hour,
            config.network_label_most,
        ),
        Limit("label", frozenset({_LABEL}), config.label_an_hour),
        Limit("network", frozenset({_NETWORK}), config.network_an_hour),
    )


def admit(sender: Sender, place: LabelledPlace, text: str, now: datetime) -> Admission:
    """Count a report or joining and let it pass; one statement where nothing is out of the way. Inside a transaction.

    Raises:
        SlowedDown: too much came already; the transaction has to be undone.
        SaidBefore: the same words came just now, and somebody is there to be asked; the same.
    """
    limits = report_limits(parts().config)
    of = {_DEVICE: sender.device, _NETWORK: sender.network, _LABEL: place.label_id}
    facts = _facts(sender.device, place, text, now)
    levels, admission = _fill([(limit, of, 1.0) for limit in limits], now, facts)
    verdict = judge(levels, limits, is_odd=sender.is_odd)
    if verdict.step == Step.LATER:
        raise SlowedDown(verdict)
    if admission.same_as and sender.is_asked:
        raise SaidBefore(admission.same_as)  # before the puzzle: nobody works one out for nothing
    if verdict.step == Step.PUZZLE:
        _require_answer(sender, place, of, now)
    return admission


def _require_answer(sender: Sender, place: LabelledPlace, of: Mapping[Part, object], now: datetime) -> None:
    """Raise SlowedDown unless the puzzle was solved, or waited for and not by too many."""
    if not sender.puzzle:
        raise SlowedDown(Verdict(Step.PUZZLE))
    try:
        has_waited = redeem(sender.puzzle, sender.answer, place.place_id, now)
    except PuzzleRefused as refused:
        raise SlowedDown(Verdict(Step.PUZZLE), refused.puzzle) from refused
    if has_waited:
        limit = _plain("waits", parts().config.waits_an_hour, _NETWORK, _LABEL)
        levels, _ = _fill([(limit, of, 1.0)], now)
        verdict = judge(levels, [limit])
        if verdict.step != Step.NORMAL:
            raise SlowedDown(Verdict(Step.PUZZLE, verdict.retry_after_s))


def count_photos(sender: Sender, at: object, count: int, now: datetime) -> None:
    """Count photos that are about to be read, in a transaction of its own.

    Args:
        at: the label's id, or the key of a private link.

    Raises:
        SlowedDown: too many came already; none of these is counted.
    """
    config = parts().config
    limits = (
        _plain("photos of device", config.photos_an_hour, _DEVICE),
        _plain("photos at label", config.photos_label_an_hour, _NETWORK, _LABEL),
    )
    _count(limits, {_DEVICE: sender.device, _NETWORK: sender.network, _LABEL: at}, count, now)


def count_words(device: str, link_key: str, now: datetime) -> None:
    """Count something said on a private page.

    Raises:
        SlowedDown: too much was said there from this device.
    """
    limit = _plain("words", parts().config.words_an_hour, _DEVICE, _LABEL)
    _count((limit,), {_DEVICE: device, _LABEL: hash_of(link_key)}, 1, now)


def count_guess(device: str, network: str, now: datetime) -> None:
    """Count a code, number or digits that lead nowhere. A browser without cookies is known by its network alone.

    Once it is too much nothing is written any more.

    Raises:
        SlowedDown: too many were wrong.
    """
    refuse_guessing(device, network, now)
    _count((_guesses(),), _guesser(device, network), 1, now)


def refuse_guessing(device: str, network: str, now: datetime) -> None:
    """Raise SlowedDown where so much was guessed wrong lately that another guess has to wait; writes nothing."""
    limit = _guesses()
    bucket = db.session.get(Bucket, _key(limit, _guesser(device, network), now), populate_existing=True)
    if bucket is None:
        return
    elapsed = max(0.0, now.timestamp() - bucket.at)
    level = max(0.0, bucket.level - elapsed * bucket.drain) + 1
    verdict = judge({limit.name: level}, [limit])
    if verdict.step != Step.NORMAL:
        raise SlowedDown(verdict)


def network_mark(network: str, now: datetime) -> str:
    """The name of a network for this day; says only whether two are the same."""
    return _mark(("network of a report", network), now)


def forget_old(now: datetime) -> int:
    """Empty what has no use any more: buckets that ran dry, networks of reports, puzzles too old. A timed task."""
    level = Bucket.level - (now.timestamp() - Bucket.at) * Bucket.drain
    old = Report.network_mark != "", Report.sent_at < now - NETWORKS_KEPT
    statements = (
        delete(Bucket).where(level <= 0),
        delete(SolvedPuzzle).where(SolvedPuzzle.ends_at < now),
        update(Report).where(*old).values(network_mark=""),
    )

    def use_case() -> int:
        with transaction():
            results: list[Any] = [db.session.execute(each) for each in statements]
            return sum(int(each.rowcount) for each in results)

    return again_if_interrupted(use_case)


# ---------------------------------------------------------------- buckets


def _plain(name: str, an_hour: int, *by: Part) -> Limit:
    """A limit without a puzzle: everything passes up to it."""
    return Limit(name, frozenset(by), an_hour, an_hour, has_puzzle=False)


def _guesses() -> Limit:
    return _plain("guesses", parts().config.guesses_an_hour, _DEVICE, _NETWORK)


def _guesser(device: str, network: str) -> Mapping[Part, object]:
    return {_DEVICE: device, _NETWORK: network}


def _count(limits: Sequence[Limit], of: Mapping[Part, object], amount: int, now: datetime) -> None:
    def use_case() -> None:
        with transaction():
            levels, _ = _fill([(limit, of, float(amount)) for limit in limits], now)
            verdict = judge(levels, limits)
            if verdict.step != Step.NORMAL:
                raise SlowedDown(verdict)

    again_if_interrupted(use_case)


def _fill(
    wanted: Iterable[tuple[Limit, Mapping[Part, object], float]],
    now: datetime,
    facts: Sequence[ColumnElement[Any]] = (),
) -> tuple[dict[str, float], Admission]:
    """Pour into buckets, those of one statement in one order, so that two senders never wait for each other's.

    Returns:
        Name of the limit → its level, and what `facts` (banned, same words) are.
    """
    names = {_key(limit, of, now): (limit, amount) for limit, of, amount in wanted}
    rows = [
        {
            "key": key,
            "level": min(amount, limit.cap),
            "at": now.timestamp(),
            "drain": limit.drain_per_s,
            "cap": limit.cap,
        }
        for key, (limit, amount) in sorted(names.items())
    ]
    found = db.session.execute(_pouring(rows).returning(Bucket.key, Bucket.level, *facts)).all()
    levels = {names[row[0]][0].name: float(row[1]) for row in found}
    known = found[0][2:] if facts else ()
    return levels, Admission(bool(known[0]), known[1] or "") if known else Admission()


def _pouring(rows: Sequence[Mapping[str, Any]]) -> Any:
    """The same sum as ``domain.limits.level_after``, where the level is: nobody pours in between."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    dialect: Any = sqlite if is_sqlite else postgresql
    most, least = (func.max, func.min) if is_sqlite else (func.greatest, func.least)
    statement = dialect.insert(Bucket).values(rows)
    new = statement.excluded
    left = Bucket.level - most(new.at - Bucket.at, 0.0) * new.drain
    return statement.on_conflict_do_update(
        index_elements=[Bucket.key],
        set_={
            "level": least(new.cap, most(left, 0.0) + new.level),
            "at": most(Bucket.at, new.at),
            "drain": new.drain,
            "cap": new.cap,
        },
    )


def _facts(device: str, place: LabelledPlace, text: str, now: datetime) -> Sequence[ColumnElement[Any]]:
    """Two questions that are answered with the pouring, so that nobody waits for a statement more.

    One table a level: where they stand columns are written without their table's name.
    """
    banned = (
        select(DeviceBan.id)
        .where(
            DeviceBan.device_hash == hash_of(device), DeviceBan.lifted_at.is_(None), DeviceBan.until_at > now
        )
        .exists()
    )
    said = select(Report.case_id).where(Report.sent_at > now - SAME_WITHIN, Report.text == text)
    same = (
        select(Case.number)
        .where(
            Case.id.in_(said.where(Report.text != "")),
            Case.place_id == place.place_id,
            Case.closed_at.is_(None),
            Case.held == 0,
            Case.category_id.not_in(select(Category.id).where(Category.private)),
        )
        .order_by(Case.id)
        .limit(1)
        .scalar_subquery()
    )
    return banned.label("banned"), same.label("same")


def _key(limit: Limit, of: Mapping[Part, object], now: datetime) -> str:
    return _mark((limit.name, *(str(of[part]) for part in sorted(limit.by))), now)


def _mark(words: Sequence[str], now: datetime) -> str:
    """32 hex digits that nobody without the installation's key connects with what they stand for; new every day."""
    day = f"{now.astimezone(parts().zone):%Y-%m-%d}"
    key = hmac.digest(parts().config.secret_keys[0].encode(), f"counted on {day}".encode(), "sha256")
    return hmac.new(key, "\0".join(words).encode(), "sha256").hexdigest()[:32]
