"""The printed sheet: every label is read by independent decoders, fresh from the printer and after wear."""

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2.raw
import pytest

from tests.unit.adapters.qr_reading import (
    DECODERS,
    Picture,
    blurred,
    corner_covered,
    corner_torn,
    opened,
    pdf_page,
    read_by_opencv,
    read_by_wechat,
    read_by_zxing,
    turned,
)
from tracker.adapters.label_sheet import NothingToPrint, sheet_pdf
from tracker.adapters.qr_images import LabelArt
from tracker.domain.qr_token import label_url, new_token

pdfium: Any = pypdfium2.raw  # carries no types

Decoder = Callable[[Picture], list[str]]

NAMES = (
    "老王水果店",
    "彭浦新村地铁站 3 号口",
    "闻喜路非机动车充电点 12 号桩（地下车库 B1 层东侧入口旁）",
    "A & <B> 便利店",
)

# The sheet as measured with a ruler: label size, white edge of the page, and where the code lies in a label.
LABEL_MM = (66, 96)
EDGE_MM = (6, 4.5)
CODE_LEFT_MM, CODE_TOP_MM, CODE_WIDE_MM = 12.0, 15.8, 42.0
MODULE_MM = CODE_WIDE_MM / 29


def art(serial: int) -> LabelArt:
    token = new_token(lambda _wanted: 0x9E3779B97F * (serial + 1) % 2**40)
    return LabelArt(
        url=label_url("https://pengpu.example.cn", token),
        token=token,
        place_name=NAMES[serial % len(NAMES)],
        place_number=f"PP-{serial:04}",
        street_name="彭浦镇城市运行管理中心",
        office_phone="021-5690 0000",
    )


LABELS = [art(serial) for serial in range(20)]


@pytest.fixture(scope="module")
def sheet() -> bytes:
    return sheet_pdf(LABELS)


def cut_out(page: Picture, position: int, dpi: int) -> Picture:
    column, row = position % 3, position // 3
    left, top = EDGE_MM[0] + column * LABEL_MM[0], EDGE_MM[1] + row * LABEL_MM[1]
    edges = (round(mm * dpi / 25.4) for mm in (left, top, left + LABEL_MM[0], top + LABEL_MM[1]))
    x, y, x_end, y_end = edges
    return page[y:y_end, x:x_end].copy()


@pytest.mark.parametrize("dpi", [150, 300])
@pytest.mark.parametrize("read", DECODERS)
def test_every_label_of_every_page_decodes(sheet: bytes, read: Decoder, dpi: int) -> None:
    for page_number in range(3):
        page = pdf_page(sheet, page_number, dpi)
        for position, expected in enumerate(LABELS[page_number * 9 : page_number * 9 + 9]):
            assert read(cut_out(page, position, dpi)) == [expected.url]


def test_a_whole_page_shows_nine_codes_at_once(sheet: bytes) -> None:
    page = pdf_page(sheet, 0, 150)
    for read in (read_by_zxing, read_by_opencv):
        assert sorted(read(page)) == sorted(label.url for label in LABELS[:9])


@pytest.mark.parametrize("degrees", [7, 30, 45, 90, 135, 180, 200, 270, 333])
@pytest.mark.parametrize("read", DECODERS)
def test_a_label_hung_askew_decodes(sheet: bytes, read: Decoder, degrees: int) -> None:
    page = pdf_page(sheet, 0, 150)
    for position in (0, 4, 8):
        assert read(turned(cut_out(page, position, 150), degrees)) == [LABELS[position].url]


# OpenCV's own decoder wants a sharp picture and whole finders, so the worst wear is asked of the other two.
STURDY = (read_by_zxing, read_by_wechat)


@pytest.mark.parametrize("read", STURDY)
@pytest.mark.parametrize("modules", [0.3, 0.5])
def test_an_unsharp_picture_decodes(sheet: bytes, read: Decoder, modules: float) -> None:
    """Gaussian blur with a sigma of up to half a module; at 0.7 no decoder reads any label."""
    page = pdf_page(sheet, 0, 150)
    for position in (0, 4, 8):
        picture = blurred(cut_out(page, position, 150), modules * MODULE_MM * 150 / 25.4)
        assert read(picture) == [LABELS[position].url]


@pytest.mark.parametrize("grey", [255, 60])
@pytest.mark.parametrize(
    ("read", "share"), [*((read, 0.06) for read in DECODERS), *((read, 0.09) for read in STURDY)]
)
def test_a_label_with_a_covered_corner_decodes(sheet: bytes, read: Decoder, share: float, grey: int) -> None:
    """A square over 6 % and 9 % of the code's area, paper white or mud dark, where there is no finder."""
    page, px_per_mm = pdf_page(sheet, 0, 150), 150 / 25.4
    for position in (0, 4, 8):
        picture = corner_covered(
            cut_out(page, position, 150),
            right=(CODE_LEFT_MM + CODE_WIDE_MM) * px_per_mm,
            bottom=(CODE_TOP_MM + CODE_WIDE_MM) * px_per_mm,
            side=share**0.5 * CODE_WIDE_MM * px_per_mm,
            grey=grey,
        )
        assert read(picture) == [LABELS[position].url]


@pytest.mark.parametrize("read", STURDY)
def test_a_label_with_the_tip_of_a_finder_torn_off_decodes(sheet: bytes, read: Decoder) -> None:
    """One and a half modules along each side; at two, only WeChat's engine still reads every label."""
    page, px_per_mm = pdf_page(sheet, 0, 150), 150 / 25.4
    for position in (0, 4, 8):
        label = cut_out(page, position, 150)
        picture = corner_torn(
            label, CODE_LEFT_MM * px_per_mm, CODE_TOP_MM * px_per_mm, 1.5 * MODULE_MM * px_per_mm
        )
        assert read(picture) == [LABELS[position].url]


def test_the_sheet_is_a4_with_nine_labels_a_page(sheet: bytes) -> None:
    document = opened(sheet)
    assert [tuple(round(points / 72 * 25.4) for points in page.get_size()) for page in document] == [
        (210, 297)
    ] * 3


def test_the_text_of_a_label_can_be_copied_from_the_pdf(sheet: bytes) -> None:
    text = opened(sheet)[0].get_textpage().get_text_range()
    for words in (
        "扫码报事",
        "免登录，30 秒",
        "老王水果店",
        "A & <B> 便利店",
        "电话 021-5690 0000",
        "pengpu.example.cn",
    ):
        assert words in text


def test_the_chinese_typeface_travels_inside_the_pdf_cut_to_what_is_used(sheet: bytes) -> None:
    fonts = dict(fonts_of(sheet))
    assert fonts
    assert all(embedded for embedded in fonts.values())
    assert all("+Noto-Sans-CJK-SC" in name or "+NotoSansCJKsc" in name for name in fonts), fonts
    assert len(sheet) < 600_000  # the two typefaces weigh 19 MB each


def test_each_code_is_one_single_path(sheet: bytes) -> None:
    """Rows of rectangles leave white hairlines in print that decoders stumble over."""
    page = opened(sheet)[0]
    paths = [item for item in page.get_objects(max_depth=9) if item.type == pdfium.FPDF_PAGEOBJ_PATH]
    lengths = [pdfium.FPDFPath_CountSegments(item.raw) for item in paths]
    assert len([length for length in lengths if length > 200]) == 9
    assert all(length < 40 for length in lengths if length <= 200)


def test_an_empty_sheet_is_refused_in_words() -> None:
    with pytest.raises(NothingToPrint, match="没有可打印的标牌"):
        sheet_pdf([])


def fonts_of(pdf: bytes) -> Iterator[tuple[str, bool]]:
    for page in opened(pdf):
        for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=9):
            font = pdfium.FPDFTextObj_GetFont(item.raw)
            name = ctypes.create_string_buffer(200)
            pdfium.FPDFFont_GetBaseFontName(font, name, 200)
            yield name.value.decode(), bool(pdfium.FPDFFont_GetIsEmbedded(font))
