"""Which category's photo shows which trouble, and what stands there once it is put right."""

from collections.abc import Callable
from random import Random

from tracker.demo.damage import (
    branch,
    broken_paving,
    clutter,
    dark_lamp,
    laundry,
    loose_sign,
    open_manhole,
    posters,
    puddle,
    shut_manhole,
    smoke,
    wires,
    works,
)
from tracker.demo.obstacles import bikes, bins, boxes, car, rubbish, stall
from tracker.demo.scene import Canvas

Painter = Callable[[Canvas, Random], None]

TROUBLES: dict[str, Painter] = {
    "A1": bikes, "A2": car, "A3": stall, "A4": stall, "A5": boxes, "A6": car,
    "B1": rubbish, "B2": rubbish, "B3": rubbish, "B4": rubbish, "B5": posters, "B6": laundry,
    "C1": open_manhole, "C2": broken_paving, "C3": broken_paving, "C4": dark_lamp, "C5": broken_paving,
    "C6": wires, "C7": puddle,
    "D1": loose_sign, "D2": clutter, "D3": loose_sign, "D4": posters,
    "E1": branch, "E2": rubbish, "E3": branch, "E4": puddle,
    "F1": works, "F2": works, "F3": smoke, "F4": clutter,
    "G1": boxes, "G2": wires, "G3": smoke, "G4": boxes, "G5": clutter,
    "H1": clutter, "H2": stall, "H3": clutter, "H4": clutter,
    "J1": wires, "J2": clutter, "J3": clutter, "J4": clutter,
}  # fmt: skip

# What stays when the trouble goes; draws as its trouble does, so it stands on the same spot.
PUT_RIGHT: dict[Painter, Painter] = {rubbish: bins, open_manhole: shut_manhole}

NIGHT_CATEGORIES = frozenset({"C4"})
