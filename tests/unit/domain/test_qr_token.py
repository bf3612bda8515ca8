"""The printed token: how it is made, what people may type for it, and the link that carries it."""

from itertools import combinations

import pytest

from tracker.domain.qr_token import (
    ALPHABET,
    PublicUrlUnusable,
    TokenMistyped,
    display,
    label_url,
    new_token,
    read_token,
)


def token_from(bits: int) -> str:
    return new_token(lambda _wanted: bits)


def test_the_alphabet_has_no_letters_that_look_like_others() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


def test_a_token_is_nine_characters_drawn_from_forty_random_bits() -> None:
    asked: list[int] = []

    def bits(wanted: int) -> int:
        asked.append(wanted)
        return (1 << wanted) - 1

    assert new_token(bits)[:8] == "ZZZZZZZZ"
    assert asked == [40]
    assert len(new_token()) == 9


def test_two_tokens_are_not_alike() -> None:
    assert len({new_token() for _ in range(1000)}) == 1000


def test_printed_tokens_keep_their_check_character_for_ever() -> None:
    # These stand on walls: a change of the check rule would turn every printed label into a mistyped one.
    assert [token_from(bits) for bits in (0, 1, 0x123456789A, 0xFFFFFFFFFF)] == [
        "000000000",
        "10000000D",
        "T4YC5T82Q",
        "ZZZZZZZZ3",
    ]


@pytest.mark.parametrize("bits", [0, 1, 0x123456789A, 0xFFFFFFFFFF, 0x8080808080])
def test_every_single_wrong_character_is_noticed(bits: int) -> None:
    token = token_from(bits)
    for place in range(9):
        for wrong in set(ALPHABET) - {token[place]}:
            with pytest.raises(TokenMistyped):
                read_token(token[:place] + wrong + token[place + 1 :])


@pytest.mark.parametrize("bits", [1, 0x123456789A, 0x8080808080, 0x0102030405])
def test_every_swap_of_two_characters_is_noticed(bits: int) -> None:
    token = token_from(bits)
    for left, right in combinations(range(9), 2):
        swapped = list(token)
        swapped[left], swapped[right] = swapped[right], swapped[left]
        if swapped != list(token):
            with pytest.raises(TokenMistyped):
                read_token("".join(swapped))


@pytest.mark.parametrize(
    "typed",
    [
        "S4TAB6H0W",
        "s4tab6h0w",
        "S4T-AB6-H0W",
        "S4T AB6 HOW",
        " s4t-ab6-how\n",
        "S4T–AB6—H0W",
        "Ｓ４Ｔ－ＡＢ６－Ｈ０Ｗ",
        "S4T\u3000AB6\u3000H0W",
    ],
)
def test_a_token_is_understood_however_it_was_typed(typed: str) -> None:
    assert read_token(typed) == "S4TAB6H0W"


def test_i_and_l_are_read_as_one() -> None:
    assert read_token("I0000000D") == read_token("l0000000d") == "10000000D"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "现在是 0 位"),
        ("S4TAB6H0", "现在是 8 位"),
        ("S4TAB6H0WW", "现在是 10 位"),
        ("S4TAB6H0U", "没有字母 U"),
        ("S4TAB6H0W!", "只有字母和数字"),
        ("/q/S4TAB6H0W", "只有字母和数字"),
        ("S4TAB6H0é", "只有字母和数字"),
        ("标牌S4TAB6H0W", "只有字母和数字"),
        ("S4TAB6H0B", "有一处不对"),
        ("A" * 1_000_000, "编码太长"),
    ],
)
def test_a_mistyped_token_says_in_chinese_what_is_wrong(typed: str, said: str) -> None:
    with pytest.raises(TokenMistyped, match=said):
        read_token(typed)


def test_people_see_the_token_in_three_groups() -> None:
    assert display("ABCDEFGHJ") == "ABC-DEF-GHJ"


@pytest.mark.parametrize(
    ("public_url", "printed"),
    [
        ("https://pengpu.example.cn", "https://PENGPU.EXAMPLE.CN/Q/S4TAB6H0W"),
        ("https://pengpu.example.cn/", "https://PENGPU.EXAMPLE.CN/Q/S4TAB6H0W"),
        ("HTTPS://Pengpu.Example.CN", "https://PENGPU.EXAMPLE.CN/Q/S4TAB6H0W"),
        ("http://192.168.1.20:5000", "http://192.168.1.20:5000/Q/S4TAB6H0W"),
        ("https://example.cn/street/", "https://EXAMPLE.CN/STREET/Q/S4TAB6H0W"),
    ],
)
def test_the_printed_link_is_in_capitals_after_a_lower_case_scheme(public_url: str, printed: str) -> None:
    assert label_url(public_url, "S4TAB6H0W") == printed


@pytest.mark.parametrize(
    "public_url",
    [
        "",
        "pengpu.example.cn",
        "ftp://pengpu.example.cn",
        "https://",
        "https://name:word@pengpu.example.cn",
        "https://pengpu.example.cn/?from=wall",
        "https://彭浦.example.cn",
    ],
)
def test_an_address_that_cannot_be_printed_is_refused(public_url: str) -> None:
    with pytest.raises(PublicUrlUnusable, match="公开网址"):
        label_url(public_url, "S4TAB6H0W")
