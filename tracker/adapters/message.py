"""What the senders share: the message they take, and how they say that it did not arrive."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Message:
    """One message to one address.

    Attributes:
        key: identity, the same in every try, so that the far end can drop repeats.
        to: address in the form of its channel.
        at: moment of this try (aware).
        facts: the same in a form for programs; JSON values.
        calendar: text of a calendar file (iCalendar) that goes with it, where the channel can carry one.
    """

    key: str
    to: str
    subject: str
    body: str
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    calendar: str = ""


class NotDelivered(Exception):
    """The message did not arrive, or nobody knows whether it did. The words are for an admin and name no secret.

    They are a sentence of the catalogue, or one that ends in a colon and the far end's answer behind it.

    Attributes:
        is_final: trying again would give the same answer.
        is_down: the server could not be reached, so others of the same channel need not be tried now.
    """

    def __init__(self, words: str, *, is_final: bool = False, is_down: bool = False) -> None:
        super().__init__(words)
        self.is_final, self.is_down = is_final, is_down
