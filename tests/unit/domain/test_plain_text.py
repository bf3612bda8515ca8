import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.plain_text import plain_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  纸箱\u3000", "纸箱"),
        ("第一行\r\n第二行\r第三行\n第四行", "第一行\n第二行\n第三行\n第四行"),
        ("零\x00字符\x1b[31m\x7f", "零字符[31m"),
        ("列\t列", "列\t列"),
        ("半个\ud83d表情", "半个表情"),
        ("整个😀表情", "整个😀表情"),
        ("\x00 \r\n", ""),
    ],
)
def test_what_was_typed_is_kept_but_for_what_nobody_can_read(typed: str, kept: str) -> None:
    assert plain_text(typed) == kept


@given(st.text(st.characters() | st.characters(categories=["Cs", "Cc"])))
def test_the_stored_form_can_be_stored_and_does_not_change_again(typed: str) -> None:
    text = plain_text(typed)
    assert "\x00" not in text
    assert text.encode().decode() == text == plain_text(text)
