"""The life of the demo street's labels: who scanned them, which ones ask for a look, and what is still to be hung up.

Scans follow the kind of place and the day of the week. Among the labels that no case is about, one was never scanned,
one went silent, one is unusually quiet and one is scanned without a report; of two others people said that they are
broken or hang elsewhere. Some were replaced or asked for again: that batch is half posted.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random

from tracker.adapters.photo_store import StoredPhoto
from tracker.demo.street import Place
from tracker.domain.labels import Trouble
from tracker.domain.permissions import Actor
from tracker.services import label_batches, label_scans, label_troubles, labels
from tracker.services.label_batches import Choice
from tracker.services.parts import parts
from tracker.services.places import LabelledPlace

DAYS = 90
A_DAY = {"metro": 1.2, "market": 0.8, "residential_gate": 0.6, "school_gate": 0.6, "bin_room": 0.5}
"""Phones a day on a weekday, by kind of place; any other: 0.3."""
NEVER, SILENT, UNUSUAL, FUNNEL, BROKEN, AWAY = range(6)
BUSY = {UNUSUAL: 2.5, FUNNEL: 6.0}
"""The same of two labels whose story needs many scans."""
SILENT_DAYS, UNUSUAL_DAYS = 41, 16
ENDED_FROM = 6
"""Of the labels without a case, those from here on are replaced or printed again."""
FADED = 2
AGAIN = 4


class LabelsLife:
    """What happens to labels besides cases; planned when it is made, ``live`` stores."""

    def __init__(self, places: Sequence[Place], with_case: frozenset[str], seed: int, now: datetime) -> None:
        self._kinds = {place.code: place.kind for place in places}
        self._quiet = [place.code for place in places if place.code not in with_case and place.kind == "shop"]
        self._quiet += [
            place.code for place in places if place.code not in with_case and place.kind != "shop"
        ]
        self._rng, self._now = Random(f"labels life {seed}"), now
        self._today = now.astimezone(parts().zone).date()

    def live(
        self, labelled: Mapping[str, LabelledPlace], actors: Mapping[str, Actor], photo: StoredPhoto
    ) -> None:
        """Store the scans, what people said, and the second batch; `labelled`: by the place's code."""
        label_scans.add_days(dict(self._scans(labelled)))
        if len(self._quiet) < ENDED_FROM + FADED + AGAIN:
            return  # a very small street: every place has a case
        self._say(labelled)
        self._print_again(labelled, actors, photo)

    def _scans(self, labelled: Mapping[str, LabelledPlace]) -> Iterator[tuple[tuple[int, date], int]]:
        for code, place in labelled.items():
            for ago in range(DAYS):
                day = self._today - timedelta(days=ago)
                if scans := self._scans_on(code, day, ago):
                    yield (place.label_id, day), scans

    def _scans_on(self, code: str, day: date, ago: int) -> int:
        role = self._quiet.index(code) if code in self._quiet[:ENDED_FROM] else -1
        if (
            role == NEVER
            or (role == SILENT and ago < SILENT_DAYS)
            or (role == UNUSUAL and ago < UNUSUAL_DAYS)
        ):
            return 0
        mean = BUSY.get(role, A_DAY.get(self._kinds[code], 0.3))
        mean *= 1.4 if day.weekday() >= 5 else 1.0
        return sum(self._rng.random() < mean / 10 for _ in range(10))

    def _say(self, labelled: Mapping[str, LabelledPlace]) -> None:
        broken, away = labelled[self._quiet[BROKEN]], labelled[self._quiet[AWAY]]
        for number in range(2):
            at = self._now - timedelta(days=2, hours=number)
            label_troubles.tell(broken, Trouble.DAMAGED, f"demo-phone-{number}", at)
        if away.lat is not None and away.lon is not None:
            spot = (away.lat + 0.02, away.lon)
            at = self._now - timedelta(days=1)
            label_troubles.tell(away, Trouble.MISPLACED, "demo-phone-far", at, spot=spot)

    def _print_again(
        self, labelled: Mapping[str, LabelledPlace], actors: Mapping[str, Actor], photo: StoredPhoto
    ) -> None:
        admin, secretary = actors["admin"], actors["secretary"]
        chosen = self._quiet[ENDED_FROM : ENDED_FROM + FADED + AGAIN]
        at = self._now - timedelta(days=3)
        rng = self._rng.getrandbits
        for code in chosen[:FADED]:
            labels.replace(labelled[code].token, at, rng, by=admin, reason="日晒掉色，扫不出来")
        for code in chosen[FADED:]:
            label_troubles.ask_reprint(labelled[code].token, "边角翘起，换一张", by=secretary, now=at)
        number = label_batches.make(
            Choice(codes=tuple(chosen)), "a4-8", by=admin, now=at + timedelta(hours=1), wants_files=False
        )
        for item in label_batches.items(number)[:2]:
            labels.post(item.token, at + timedelta(hours=6), by=secretary, photo_sha256=photo.sha256)
