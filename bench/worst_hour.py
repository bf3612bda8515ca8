"""What the measured rate of reports means for the worst hour that the street has to live through: a typhoon's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.rounds import Measured
from bench.workload import PHOTO_REPORT

REPORTS: Final = 300
"""Of the worst hour, every one taken to bring a photo; from the brief."""
_HOUR_S: Final = 3600


@dataclass(frozen=True)
class WorstHour:
    """How far one machine is from its limit in that hour.

    Attributes:
        per_second: reports with a photo, `concurrency` people sending at once.
        cpu_ms: the server's processor time for each of them.
    """

    per_second: float
    cpu_ms: float
    concurrency: int

    @property
    def times(self) -> float:
        """How many such hours' reports fit into one hour."""
        return self.per_second * _HOUR_S / REPORTS

    @property
    def cpu_s(self) -> float:
        """Seconds a processor is busy with the reports of that hour."""
        return self.cpu_ms * REPORTS / 1000

    def __str__(self) -> str:
        return (
            f"Worst hour, {REPORTS} reports with a photo: {self.per_second:.1f} a second "
            f"({self.concurrency} at once)\nmake {self.per_second * _HOUR_S:,.0f} an hour, "
            f"{self.times:.0f} times that; at {self.cpu_ms:.0f} ms each the {REPORTS} keep\n"
            f"one processor busy for {self.cpu_s:.0f} of the hour's {_HOUR_S:,} seconds."
        )

    def as_json(self) -> dict[str, Any]:
        """The same, unrounded."""
        return {
            "reports": REPORTS,
            "concurrency": self.concurrency,
            "reports_per_second": self.per_second,
            "times": self.times,
            "cpu_s": self.cpu_s,
        }


def worst_hour(rows: Sequence[Measured]) -> WorstHour:
    """Reckoned from the most people at once that were measured: a storm does not make them take turns."""
    crowd = max((row for row in rows if row.key == PHOTO_REPORT), key=lambda row: row.concurrency)
    return WorstHour(crowd.per_second, crowd.cpu_ms, crowd.concurrency)
