"""The life of a printed code: its states, what is noted about it, what people say is wrong with it."""

from enum import StrEnum

LABEL_STATES = ("printed", "posted", "replaced", "revoked")
CURRENT = ("printed", "posted")
"""A label in one of these states belongs on its place; the others have ended."""


class LabelEvent(StrEnum):
    """What is noted about a label; rows are never changed."""

    PRINTED = "printed"
    POSTED = "posted"
    TAKEN_DOWN = "taken_down"
    REPLACED = "replaced"
    REVOKED = "revoked"
    REPRINT_ASKED = "reprint_asked"
    REPRINTED = "reprinted"
    SETTLED = "settled"
    """Somebody looked: nothing is wrong with it, or no longer."""


class Trouble(StrEnum):
    """What is said to be wrong with a label."""

    DAMAGED = "damaged"
    MISPLACED = "misplaced"
    REPRINT = "reprint"
    """Staff want it printed again."""


PRINTED_AGAIN = (Trouble.DAMAGED, Trouble.REPRINT)
"""Troubles that a fresh print of the same label puts right."""

FAR_STEPS_M = (200, 500, 1000, 2000, 5000, 10_000, 50_000)
"""Distances are kept as one of these: how far, roughly, and never where."""


def coarse_distance(metres: float) -> int | None:
    """The step that a distance lies at or above; None: nearer than a phone's position is exact, so it means nothing."""
    reached = [step for step in FAR_STEPS_M if metres >= step]
    return reached[-1] if reached else None
