"""Promised working time as the catalogue writes it: ``30min``, ``24h``, ``4wh``, ``5wd``, ``guard 1h``."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

_FORM = re.compile(r"([0-9]{1,4})(min|h|wh|wd)")


class AllowanceUnreadable(ValueError):
    """Not an allowance. The message quotes what was written and shows the forms there are."""


class Unit(StrEnum):
    """What an allowance is counted in."""

    MINUTE = "min"
    HOUR = "h"
    WORKING_HOUR = "wh"
    WORKING_DAY = "wd"


@dataclass(frozen=True)
class Allowance:
    """So many of a unit; at least one.

    ``min`` and ``h`` run day and night, ``wh`` in service hours only, ``wd`` counts working days after the
    first. Source: design brief, section 3.
    """

    amount: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    @property
    def runs_day_and_night(self) -> bool:
        """Whether nights, weekends and holidays count."""
        return self.unit in (Unit.MINUTE, Unit.HOUR)

    @property
    def time(self) -> timedelta:
        """The amount as a length of time; for ``wd`` there is none: days differ.

        Raises:
            AllowanceUnreadable: counted in days.
        """
        match self.unit:
            case Unit.MINUTE:
                return timedelta(minutes=self.amount)
            case Unit.HOUR | Unit.WORKING_HOUR:
                return timedelta(hours=self.amount)
            case Unit.WORKING_DAY:
                raise AllowanceUnreadable(f"{self} has no length in hours")


def read_allowance(text: str) -> Allowance:
    """Read ``4wh``.

    Raises:
        AllowanceUnreadable: nothing, zero, or another form.
    """
    match = _FORM.fullmatch(text.strip())
    if not match or int(match[1]) == 0:
        raise AllowanceUnreadable(f"时限写法不对：{text!r}。例如 30min、24h、4wh、5wd。")
    return Allowance(int(match[1]), Unit(match[2]))


@dataclass(frozen=True)
class Stage:
    """One of several limits of a category, such as guard 1h before repair 24h."""

    name: str
    allowance: Allowance


def read_stage(text: str) -> Stage:
    """Read ``guard 1h``.

    Raises:
        AllowanceUnreadable: no name, or no allowance behind it.
    """
    name, _, allowance = text.strip().partition(" ")
    return Stage(name, read_allowance(allowance))
