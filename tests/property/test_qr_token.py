"""Is there any token that breaks the rules of reading it back?"""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.domain.qr_token import ALPHABET, TokenMistyped, display, label_url, new_token, read_token

tokens = st.integers(0, 2**40 - 1).map(lambda bits: new_token(lambda _wanted: bits))
places = st.integers(0, 8)


@given(tokens)
def test_every_token_reads_back_as_itself(token: str) -> None:
    assert read_token(token) == read_token(display(token).lower()) == token


@given(tokens, st.data())
def test_look_alikes_and_separators_change_nothing(token: str, data: st.DataObject) -> None:
    alike = {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(
        data.draw(st.sampled_from(alike.get(character, character + character.lower())))
        + data.draw(st.sampled_from(["", " ", "-", "\u3000"]))
        for character in token
    )
    assert read_token(typed) == token


@given(tokens, places, st.sampled_from(ALPHABET))
def test_one_wrong_character_never_passes(token: str, place: int, wrong: str) -> None:
    assume(token[place] != wrong)
    with pytest.raises(TokenMistyped):
        read_token(token[:place] + wrong + token[place + 1 :])


@given(tokens, places, places)
def test_two_swapped_characters_never_pass(token: str, left: int, right: int) -> None:
    assume(token[left] != token[right])
    swapped = list(token)
    swapped[left], swapped[right] = swapped[right], swapped[left]
    with pytest.raises(TokenMistyped):
        read_token("".join(swapped))


@given(st.text(max_size=80))
def test_whatever_is_typed_gives_a_canonical_token_or_one_clear_refusal(typed: str) -> None:
    try:
        token = read_token(typed)
    except TokenMistyped:
        return
    assert len(token) == 9
    assert set(token) <= set(ALPHABET)
    assert read_token(token) == token


@given(tokens)
def test_the_token_is_read_from_the_end_of_its_own_link(token: str) -> None:
    assert read_token(label_url("https://pengpu.example.cn", token).rsplit("/", 1)[1]) == token
