"""A trial message to one of a person's own channels: sent at once, so that he sees whether the address works."""

import secrets
from datetime import datetime

from flask import current_app
from flask_babel import force_locale

from tracker.adapters.chat import send_chat
from tracker.adapters.message import Message
from tracker.extensions import db
from tracker.services.channels import AddressGone, own_channels
from tracker.services.message_texts import LOCALES
from tracker.services.parts import parts


def send_trial(user_id: int, channel: str, now: datetime) -> None:
    """Send a message that says it is a trial; nothing is stored, and nothing is open while the far end takes its time.

    Raises:
        AddressGone: the person has no such channel.
        NotDelivered: with words that say why.
    """
    choice = next((each for each in own_channels(user_id) if each.channel == channel), None)
    if choice is None:
        raise AddressGone
    with force_locale(LOCALES[choice.language]):
        text = current_app.jinja_env.get_template("messages/trial.txt").render(
            office=parts().config.office_name
        )
    db.session.rollback()
    subject, _, body = text.strip().partition("\n")
    facts = {"event": "trial"}
    message = Message(secrets.token_hex(16), choice.address, subject, body.strip() + "\n", now, facts)
    match channel:
        case "mail":
            parts().mail.send(message)
        case "webhook":
            parts().webhooks.send(message)
        case _:
            send_chat(message)
