"""The parts an installation is put together from, made once by ``create_app`` and found through the app."""

import hmac
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from argon2.profiles import CHEAPEST
from flask import Flask, current_app

from config import Config
from tracker.adapters.passwords import PasswordHasher
from tracker.adapters.photo_reading import PhotoLimits, PhotoReader
from tracker.adapters.photo_store import PhotoStore
from tracker.adapters.sealing import PhoneBox, parse_phone_keys
from tracker.domain.calendar import ServiceCalendar


@dataclass(frozen=True)
class Parts:
    """Settings and the adapters made from them."""

    config: Config
    zone: ZoneInfo
    photo_reader: PhotoReader
    photo_store: PhotoStore
    phones: PhoneBox
    passwords: PasswordHasher
    calendars: dict[int, ServiceCalendar]
    """Calendar versions built so far, by row id; a version never changes."""


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
        calendars={},
    )


def bind_parts(app: Flask, parts: Parts) -> None:
    """Let this application's use cases find `parts`."""
    app.extensions["tracker"] = parts


def parts() -> Parts:
    """The parts of the application at work."""
    found: Parts = current_app.extensions["tracker"]
    return found
