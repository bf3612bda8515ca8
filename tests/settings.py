"""The settings that tests run under."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config import PREFIX, Config

SECRET_KEY = "a secret key for tests that opens nothing"
PHONE_KEYS = "t1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="  # "0123456789abcdef" twice

WITHOUT_LIMITS = dict.fromkeys(
    (
        *("device_an_hour", "device_most", "device_label_an_hour", "device_label_most"),
        *("network_label_an_hour", "network_label_most", "label_an_hour", "network_an_hour"),
        *("photos_an_hour", "photos_label_an_hour", "words_an_hour", "guesses_an_hour", "waits_an_hour"),
    ),
    1_000_000,
) | {"form_seconds": 0}
"""Tests fill forms in no time and have one device; those of the limits bring limits of their own."""


def settings_in(folder: Path, **changes: Any) -> Config:
    """Settings that keep everything in one folder; every field of Config can be changed by name."""
    given: dict[str, Any] = {
        "secret_keys": (SECRET_KEY,),
        "phone_keys": PHONE_KEYS,
        "data_dir": folder,
        "keys_dir": folder / "keys",
        "labels_dir": folder / "qr_codes",
        "cheap_passwords": True,
        **WITHOUT_LIMITS,
    }
    return Config(**(given | changes))


def as_environment(settings: Config) -> Mapping[str, str]:
    """The same settings as another process reads them."""
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    values["secret_key"] = ",".join(values.pop("secret_keys"))
    return {f"{PREFIX}{name.upper()}": _as_text(value) for name, value in values.items()}


def _as_text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return str(int(value)) if isinstance(value, bool) else str(value)
