import argon2
import pytest
from argon2 import Parameters, Type, extract_parameters
from argon2.low_level import ARGON2_VERSION

from tracker.adapters.passwords import PasswordHashBroken, PasswordHasher

CHEAP = Parameters(
    type=Type.ID, version=ARGON2_VERSION, salt_len=16, hash_len=32, time_cost=1, memory_cost=8, parallelism=1
)


@pytest.fixture(scope="module")
def hasher() -> PasswordHasher:
    return PasswordHasher(CHEAP)


def test_only_the_right_password_opens(hasher: PasswordHasher) -> None:
    stored = hasher.hash_password("彭浦 street 2026")
    assert hasher.verify_password(stored, "彭浦 street 2026")
    assert not hasher.verify_password(stored, "彭浦 street 2025")
    assert not hasher.verify_password(stored, "")


def test_the_same_password_is_stored_differently_each_time(hasher: PasswordHasher) -> None:
    assert hasher.hash_password("same") != hasher.hash_password("same")


def test_a_password_typed_with_full_width_characters_is_the_same_password(hasher: PasswordHasher) -> None:
    assert hasher.verify_password(hasher.hash_password("abc123！"), "ａｂｃ１２３!")


def test_without_an_account_nothing_opens(hasher: PasswordHasher) -> None:
    assert not hasher.verify_password(None, "anything")
    assert not hasher.verify_password(None, "")


def test_an_unknown_name_costs_the_same_work_as_a_known_one(
    hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[Parameters] = []
    really = argon2.PasswordHasher.verify

    def verify(self: argon2.PasswordHasher, stored: str, password: str) -> bool:
        worked.append(extract_parameters(stored))
        return really(self, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", verify)
    hasher.verify_password(hasher.hash_password("known"), "wrong")
    hasher.verify_password(None, "wrong")
    assert worked == [CHEAP, CHEAP]


@pytest.mark.parametrize("stored", ["", "plain text", "$1$md5$of-another-system"])
def test_a_broken_record_is_an_error_and_not_a_wrong_password(hasher: PasswordHasher, stored: str) -> None:
    with pytest.raises(PasswordHashBroken, match="管理员"):
        hasher.verify_password(stored, "anything")


def test_a_password_still_opens_when_more_work_is_asked_for(hasher: PasswordHasher) -> None:
    stored = hasher.hash_password("same")
    assert PasswordHasher().verify_password(stored, "same")


def test_unless_told_otherwise_the_work_is_that_of_rfc_9106() -> None:
    parameters = extract_parameters(PasswordHasher().hash_password("same"))
    assert (parameters.type, parameters.memory_cost, parameters.time_cost) == (Type.ID, 64 * 1024, 3)
