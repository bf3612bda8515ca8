"""Puzzles given out and taken back: signed, for one place, for a few minutes, each good for one thing sent.

Nothing is stored until one is solved; then only that it was, so that it cannot be used again.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.dialects import postgresql, sqlite

from tracker.domain.puzzles import NONCE_CHARS, is_solved
from tracker.extensions import db
from tracker.models import SolvedPuzzle
from tracker.services.parts import parts


@dataclass(frozen=True)
class Puzzle:
    """One puzzle.

    Attributes:
        token: what its form sends back; signed.
        nonce, bits: what has to be solved (domain/puzzles.py).
        opens_at: from then on it lets through without an answer, for browsers without script.
        ends_at: when it is too old.
    """

    token: str
    place_id: int
    nonce: str
    bits: int
    opens_at: datetime
    ends_at: datetime


class PuzzleRefused(Exception):
    """No answer, a wrong one, or to another puzzle.

    Attributes:
        puzzle: the same one, if it can still be solved or waited for; None: a new one is needed.
    """

    def __init__(self, puzzle: Puzzle | None = None) -> None:
        super().__init__("puzzle not solved")
        self.puzzle = puzzle


def new_puzzle(place_id: int, now: datetime) -> Puzzle:
    """A puzzle for something that is sent at this place."""
    nonce = secrets.token_urlsafe(NONCE_CHARS)[:NONCE_CHARS]
    return _puzzle(_signer().dumps([place_id, nonce, parts().config.puzzle_bits, int(now.timestamp())]))


def redeem(token: str, answer: str, place_id: int, now: datetime) -> bool:
    """Take an answer; return whether it was waited for rather than solved. Inside a transaction.

    Raises:
        PuzzleRefused: not ours, for another place, too old, used before, or neither solved nor waited for.
    """
    try:
        puzzle = _puzzle(token)
    except BadSignature as error:
        raise PuzzleRefused from error
    if puzzle.place_id != place_id or now >= puzzle.ends_at:
        raise PuzzleRefused
    solved = is_solved(puzzle.nonce, answer, puzzle.bits)
    if not solved and now < puzzle.opens_at:
        raise PuzzleRefused(puzzle)
    if not _spend(puzzle):
        raise PuzzleRefused
    return not solved


def _spend(puzzle: Puzzle) -> bool:
    """Note that it was used; false if it was before. Whoever sends it at the same time waits for our end."""
    dialect: Any = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    row = {"nonce": puzzle.nonce, "ends_at": puzzle.ends_at}
    statement = dialect.insert(SolvedPuzzle).values(row).on_conflict_do_nothing()
    return db.session.execute(statement.returning(SolvedPuzzle.nonce)).first() is not None


def _puzzle(token: str) -> Puzzle:
    """Raises BadSignature for what is not ours."""
    place_id, nonce, bits, made = _signer().loads(token)
    config, made_at = parts().config, datetime.fromtimestamp(made, UTC)
    return Puzzle(
        token=token,
        place_id=place_id,
        nonce=nonce,
        bits=bits,
        opens_at=made_at + timedelta(seconds=config.puzzle_wait_seconds),
        ends_at=made_at + timedelta(minutes=config.puzzle_minutes),
    )


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(parts().config.secret_keys)), salt="puzzle")
