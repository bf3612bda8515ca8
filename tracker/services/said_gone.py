"""已经没了: somebody on the street says that an open case is there no more, and a verifier goes and looks.

It is no report and no voice: who says so joins nothing. A device counts once for each case, and nothing ends by it.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker.domain.case_rules import Incomplete, Supplied
from tracker.domain.lifecycle import AT_WORK, ENDED, Action, State
from tracker.domain.permissions import PASSER_BY, reporter
from tracker.domain.words import N_
from tracker.extensions import again_if_interrupted, db, transaction
from tracker.models import Case, SaidGone
from tracker.services.cases import situation_of
from tracker.services.intake import (
    KeyReused,
    NewReport,
    admitted,
    case_meant,
    check_joining,
    own_report,
    require_reachable,
    step_for,
)
from tracker.services.links import Credentials, credentials_of, hash_of
from tracker.services.moves import Move, take
from tracker.services.places import LabelledPlace


@dataclass(frozen=True)
class Thanks:
    """The answer; the same for every repetition.

    Attributes:
        own: what leads to the report that this device sent on the case; None: it sent none.
    """

    own: Credentials | None


def say_gone(new: NewReport, case_number: str, place: LabelledPlace, now: datetime) -> Thanks:
    """Write down that somebody at `place` finds the trouble gone. Words and photos are welcome and not needed.

    Once somebody has been to look, or there is a result that is looked at anyway, nothing more is written.

    Args:
        case_number: as offered by services/suggestions.py. If it was merged meanwhile, its main case is meant.

    Raises:
        Incomplete: ``case``: it has ended, or cannot be meant from this place, or there are words that would be
            lost because this device has said so before; or what was sent cannot be read.
        KeyReused: the form said something else of this case.
        SlowedDown: too much came lately; never for a repetition.
    """
    check_joining(new)
    content = _content_hash(new)

    def use_case() -> Thanks:
        with transaction():
            return _say(new, case_number, place, now, content=content)

    return again_if_interrupted(use_case)


def _say(new: NewReport, number: str, place: LabelledPlace, now: datetime, *, content: str) -> Thanks:
    case = case_meant(number)  # locked, so that the same form twice at once queues up here
    if (earlier := _earlier(case, new.key)) is not None:
        return _same_answer(earlier, case, new, content)
    require_reachable(case, place)
    if admitted(new, place, now).is_banned:
        return Thanks(None)
    own = own_report(case, new.device)
    if State(case.state) not in ENDED and (_is_said(case, new.device) or _is_looked_at_anyway(case)):
        _require_no_words(new)
        return _thanks(case, new.device)
    by = reporter(own.id, {case.id}) if own else PASSER_BY
    step = step_for(situation_of(case, now), Action.GONE, by)
    db.session.add(
        SaidGone(
            case_id=case.id,
            device_hash=hash_of(new.device),
            key=new.key,
            content_hash=content,
            said_at=now,
        )
    )
    take(case, [Move(step, Supplied(note=new.text, photos=len(new.photos)), by, photos=new.photos)], now)
    return _thanks(case, new.device)


def _is_looked_at_anyway(case: Case) -> bool:
    """Somebody was there, or there is a result that somebody else checks."""
    return State(case.state) not in AT_WORK or case.gone_seen_at is not None


def _is_said(case: Case, device: str) -> bool:
    said = select(SaidGone.id).where(SaidGone.case_id == case.id, SaidGone.device_hash == hash_of(device))
    return db.session.scalar(said) is not None


def _require_no_words(new: NewReport) -> None:
    """Nothing that somebody wrote is dropped without a word."""
    if new.text or new.photos:
        raise Incomplete(
            {"case": N_("谢谢，这件事没了我们已经知道，会有人去看。您写的还在，要另报一件请选类别再提交。")}
        )


def _earlier(case: Case, key: str) -> SaidGone | None:
    return db.session.scalar(select(SaidGone).where(SaidGone.case_id == case.id, SaidGone.key == key))


def _same_answer(earlier: SaidGone, case: Case, new: NewReport, content: str) -> Thanks:
    if earlier.content_hash != content:
        raise KeyReused(N_("这一条已经提交过了。要补充内容，请另报一件。"))
    return _thanks(case, new.device)


def _thanks(case: Case, device: str) -> Thanks:
    own = own_report(case, device)
    return Thanks(credentials_of(own) if own else None)


def _content_hash(new: NewReport) -> str:
    content = [new.text, [photo.sha256 for photo in new.photos]]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
