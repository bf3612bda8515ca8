"""Passwords: hashed slowly, and as slowly for a name that does not exist."""

import secrets
import unicodedata

import argon2
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY


class PasswordHashBroken(ValueError):
    """What is stored for an account is not a password hash."""


class PasswordHasher:
    """Argon2id. ``profile`` is the work: RFC 9106's low-memory choice (64 MiB, 3 passes) unless given.

    Make one per process: making it costs one hash.
    """

    def __init__(self, profile: argon2.Parameters = RFC_9106_LOW_MEMORY) -> None:
        self._hasher = argon2.PasswordHasher.from_parameters(profile)
        # Compared with when there is no such account. Made now: made at the first unknown name, that
        # one answer would take twice as long and tell.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def hash_password(self, password: str) -> str:
        """Return the encoded hash to store, with its salt and parameters inside."""
        return self._hasher.hash(_as_typed_anywhere(password))

    def verify_password(self, stored: str | None, password: str) -> bool:
        """Return whether ``password`` is the one hashed. None, for an unknown name, is False and as slow.

        Raises:
            PasswordHashBroken: ``stored`` is not a hash.
        """
        try:
            self._hasher.verify(self._nobody if stored is None else stored, _as_typed_anywhere(password))
        except VerifyMismatchError:
            return False
        except InvalidHashError as error:
            raise PasswordHashBroken("这个账号的密码记录已损坏，请管理员重设密码。") from error
        return stored is not None


def _as_typed_anywhere(password: str) -> str:
    """One form for the full-width and half-width characters that Chinese keyboards switch between."""
    return unicodedata.normalize("NFKC", password)
