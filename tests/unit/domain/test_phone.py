import pytest

from tracker.domain.phone import PhoneUnreadable, mask, normalise_phone


@pytest.mark.parametrize(
    "typed",
    [
        "13800000000",
        " 138 0000 0000 ",
        "138-0000-0000",
        "+86 138 0000 0000",
        "+86-13800000000",
        "(+86)13800000000",
        "008613800000000",
        "8613800000000",
        "１３８００００００００",
        "\u202d138 0000 0000\u202c",
        "138\u00a00000\u30000000",
        "138.0000.0000",
    ],
)
def test_a_mobile_number_is_understood_however_it_is_typed(typed: str) -> None:
    assert normalise_phone(typed) == "13800000000"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("021-56770000", "02156770000"),
        ("(021) 5677 0000", "02156770000"),
        ("（021）56770000", "02156770000"),
        ("+86 21 5677 0000", "02156770000"),
        ("+86 (0)21 5677 0000", "02156770000"),
        ("010 6552 0000", "01065520000"),
        ("+86 10 6552 0000", "01065520000"),
        ("0512-65220000", "051265220000"),
        ("0563-3020000", "05633020000"),
        ("0086 512 6522 0000", "051265220000"),
    ],
)
def test_a_landline_is_understood_with_its_area_code(typed: str, kept: str) -> None:
    assert normalise_phone(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "110",
        "56770000",  # no area code
        "1380000000",  # a digit short
        "138000000000",  # a digit long
        "12800000000",  # no mobile begins with 12
        "021-16770000",  # no subscriber number begins with 1
        "021-5677000",
        "021-56770000-123",
        "021-56770000转123",
        "+1 212 555 0100",
        "+852 2123 4567",
        "微信 zhang138",
        "１３８００００００００１",
        "١٣٨٠٠٠٠٠٠٠٠",
        "138" + " " * 100 + "00000000",
    ],
)
def test_anything_else_is_answered_with_how_to_type_it_and_never_quoted(typed: str) -> None:
    with pytest.raises(PhoneUnreadable) as unreadable:
        normalise_phone(typed)
    assert (
        str(unreadable.value)
        == "没有认出这个电话号码。请填 11 位手机号，或带区号的座机号，例如 021-56770000。"
    )


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800000000", "138****0000"),
        ("+86 139 1234 5678", "139****5678"),
        ("02156771234", "021****1234"),
        ("051265221234", "0512****1234"),
        ("05633021234", "0563****1234"),
    ],
)
def test_a_masked_number_shows_where_it_is_from_and_its_last_four_digits(phone: str, shown: str) -> None:
    assert mask(phone) == shown


def test_what_is_no_number_is_not_shown_half() -> None:
    with pytest.raises(PhoneUnreadable):
        mask("ring the bell at number 7")
