"""The parts an installation is put together from, made once by ``create_app`` and found through the app."""

import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from argon2.profiles import CHEAPEST
from flask import Flask, current_app

from config import Config
from tracker.adapters.mail import MailServer
from tracker.adapters.passwords import PasswordHasher
from tracker.adapters.photo_reading import PhotoLimits, PhotoReader
from tracker.adapters.photo_store import PhotoStore
from tracker.adapters.sealing import PhoneBox, parse_phone_keys
from tracker.adapters.webhook import WebhookSender
from tracker.domain.calendar import ServiceCalendar
from tracker.domain.grouping.model import Model


@dataclass(frozen=True)
class Parts:
    """Settings and the adapters made from them."""

    config: Config
    zone: ZoneInfo
    photo_reader: PhotoReader
    photo_store: PhotoStore
    phones: PhoneBox
    passwords: PasswordHasher
    mail: MailServer
    webhooks: WebhookSender
    calendars: dict[int, ServiceCalendar]
    """Calendar versions built so far, by row id; a version never changes."""
    lessons: dict[str, Model]
    """The grouping's latest lesson as it was read last, by its digest; a lesson never changes."""


def assemble(config: Config) -> Parts:
    """Make the parts; a setting that cannot be used is refused here, at start-up."""
    keys = parse_phone_keys(config.phone_keys)
    pepper = hmac.digest(config.secret_keys[-1].encode(), b"phone fingerprints", "sha256")
    return Parts(
        config=config,
        zone=ZoneInfo(config.time_zone),
        photo_reader=PhotoReader(PhotoLimits(config.photo_limit_bytes, config.photo_limit_pixels)),
        photo_store=PhotoStore(config.data_dir / "photos"),
        phones=PhoneBox(keys.keys, keys.current, pepper=pepper),
        passwords=PasswordHasher(CHEAPEST) if config.cheap_passwords else PasswordHasher(),
        mail=_mail_server(config),
        webhooks=WebhookSender(config.webhook_hosts, config.webhook_secret, config.webhook_private),
        calendars={},
        lessons={},
    )


def _mail_server(config: Config) -> MailServer:
    host_name = urlsplit(config.public_url).hostname or "localhost"
    return MailServer(
        host=config.mail_host,
        port=config.mail_port,
        tls=config.mail_tls,
        user=config.mail_user,
        password=config.mail_password,
        sender=config.mail_from or f"noreply@{host_name}",
        name=config.office_name,
        host_name=host_name,
    )


def bind_parts(app: Flask, parts: Parts) -> None:
    """Let this application's use cases find `parts`."""
    app.extensions["tracker"] = parts


def parts() -> Parts:
    """The parts of the application at work."""
    found: Parts = current_app.extensions["tracker"]
    return found
