"""The rows of the case table with the promise that is due first on each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tracker.services.clock_pages import next_promises
from tracker.services.worklists import QueueRow
from tracker.web.clock_words import sla
from tracker.web.names import Names
from tracker.web.presenters import queue_row


def queue_rows(
    rows: Sequence[QueueRow], names: Names, now: datetime, soon_until: datetime
) -> list[dict[str, Any]]:
    """Rows as components/case_table.html takes them; ``sla`` is none where nothing is promised."""
    promises = next_promises([row.id for row in rows], now, soon_until) if rows else {}
    return [
        queue_row(row, names) | {"sla": sla(promises[row.id]) if row.id in promises else None} for row in rows
    ]
