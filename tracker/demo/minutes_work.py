"""The minutes of the demo street's meeting: written field by field, then approved."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from tracker.demo.committee import AgendaPlan, ItemPlan, MeetingPlan
from tracker.domain.minutes import TICKED
from tracker.domain.permissions import Actor
from tracker.services import minutes, minutes_approval, minutes_draft
from tracker.services.minutes import Change


class MinutesWork:
    """The minutes of one meeting, by its chair."""

    def __init__(self, plan: MeetingPlan, number: str, chair: Actor) -> None:
        self._plan, self._number, self._chair = plan, number, chair

    def write(self, item_ids: Sequence[int], due_on: Callable[[ItemPlan], date], now: datetime) -> None:
        """Write everything that the plan says of it.

        Args:
            item_ids: of the agenda, in its order.
            due_on: the day of an item.
        """
        texts = dict(self._texts(item_ids, due_on))
        for place, (name, text) in enumerate(texts.items()):
            key = f"demo-{self._plan.key}-{place}"
            minutes.save(self._number, key, [Change(name, 0, text)], by=self._chair, now=now)

    def approve(self, now: datetime) -> None:
        """Approve them as they stand; their lines become action items."""
        cursor = minutes_draft.draft_of(self._number, self._chair, now).cursor
        minutes_approval.approve(self._number, cursor, by=self._chair, now=now)

    def _texts(
        self, item_ids: Sequence[int], due_on: Callable[[ItemPlan], date]
    ) -> Iterator[tuple[str, str]]:
        yield f"here.user-{self._chair.user_id}", TICKED
        for item_id, point in zip(item_ids, self._plan.agenda, strict=True):
            yield from self._texts_of(item_id, point, due_on)
        yield "remarks", f"{self._plan.opening}\n{self._plan.closing}"

    def _texts_of(
        self, item_id: int, point: AgendaPlan, due_on: Callable[[ItemPlan], date]
    ) -> Iterator[tuple[str, str]]:
        yield f"notes.{item_id}", "\n".join(point.said)
        yield f"decision.{item_id}", point.decision
        for place, item in enumerate(point.items, start=1):
            line = f"line.{item_id}.demo{item_id:04d}{place}"
            yield f"{line}.action", item.action
            yield f"{line}.department", item.department
            yield f"{line}.person", item.person
            yield f"{line}.due", due_on(item).isoformat()
            yield f"{line}.measure", item.measure
