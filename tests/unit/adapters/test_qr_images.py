"""Codes and whole labels as pictures: small, sharp, and read by decoders that know nothing of each other."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from weasyprint import HTML

from tests.unit.adapters.qr_reading import DECODERS, Picture, pdf_page, png_picture
from tracker.adapters.label_forms import lines_of
from tracker.adapters.label_layout import FontMissing, LabelIncomplete, find_font, font_at, wrap
from tracker.adapters.qr_images import (
    LabelArt,
    LinkTooLong,
    label_png,
    label_svg,
    png,
    svg,
    symbol,
    terminal,
)
from tracker.domain.qr_token import label_url, new_token

URL = "https://PENGPU.EXAMPLE.CN/Q/S4TAB6H0W"
SVG = "{http://www.w3.org/2000/svg}"

Decoder = Callable[[Picture], list[str]]


def label(**changes: str) -> LabelArt:
    usual = {
        "url": URL,
        "token": "S4TAB6H0W",
        "place_name": "老王水果店",
        "place_number": "PP-0123",
        "street_name": "彭浦镇城市运行管理中心",
        "office_phone": "021-5690 0000",
    }
    return LabelArt(**(usual | changes))


def drawn(document: str, dpi: int = 150) -> Picture:
    """A browser-free look at an SVG: set on a page, then rasterised by a second program."""
    return pdf_page(HTML(string=f"<html lang=zh-CN>{document}").write_pdf(), 0, dpi)


def test_a_street_label_stays_at_29_modules_with_a_quarter_of_it_spare() -> None:
    code = symbol(URL)
    assert (code.size, code.version, code.level) == (29, 3, "Q")
    assert all(len(row) == 29 for row in code.modules)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**40 - 1))
def test_every_token_gives_the_same_size(bits: int) -> None:
    assert symbol(label_url("https://pengpu.example.cn", new_token(lambda _wanted: bits))).size == 29


@pytest.mark.parametrize(
    ("host", "size", "level"),
    [
        ("pengpu.cn", 29, "H"),
        ("12345678.cn", 29, "H"),
        ("123456789.cn", 29, "Q"),
        ("bao.pengpu.example.cn", 29, "Q"),
        ("1234567890.example2.cn", 29, "Q"),
        ("1234567890.example23.cn", 33, "H"),
    ],
)
def test_a_short_host_is_printed_stronger_and_a_long_one_larger(host: str, size: int, level: str) -> None:
    code = symbol(label_url(f"https://{host}", "S4TAB6H0W"))
    assert (code.size, code.level) == (size, level)


def test_a_link_that_fits_no_code_is_refused_in_words() -> None:
    with pytest.raises(LinkTooLong, match="网址太长"):
        symbol("https://" + "a" * 3000)


@pytest.mark.parametrize("read", DECODERS)
@pytest.mark.parametrize("url", [URL, "http://192.168.1.20:5000/Q/S4TAB6H0W", "https://a.cn/small?letters=1"])
def test_the_png_decodes(read: Decoder, url: str) -> None:
    assert read(png_picture(png(symbol(url), px_per_module=6))) == [url]


def test_the_png_is_black_and_white_with_four_modules_of_margin() -> None:
    picture = Image.open(BytesIO(png(symbol(URL), px_per_module=3)))
    pixels = np.array(picture)
    assert picture.mode == "1"
    assert picture.size == (37 * 3, 37 * 3)
    assert pixels[:12].all()
    assert pixels[-12:].all()
    assert pixels[:, :12].all()
    assert pixels[:, -12:].all()
    assert not pixels[12, 12]


@pytest.mark.parametrize("read", DECODERS)
def test_the_svg_decodes(read: Decoder) -> None:
    assert read(drawn(svg(symbol(URL)))) == [URL]


def test_the_svg_is_one_path_with_a_name_for_people_who_cannot_see_it() -> None:
    root = ET.fromstring(svg(symbol(URL), module_mm=2))  # noqa: S314 - our own markup
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == f"二维码：{URL}"
    assert root.get("width") == root.get("height") == "74mm"
    assert len(root.findall(f"{SVG}path")) == 1


def test_the_outline_in_the_svg_holds_exactly_the_dark_modules() -> None:
    code = symbol(URL)
    page_style = "<style>@page{size:296px;margin:0} body{margin:0} svg{display:block}</style>"
    at_eight_px = drawn(page_style + svg(code, module_mm=25.4 / 12), dpi=96)
    middles = at_eight_px[4::8, 4::8][4:33, 4:33] < 128
    assert np.array_equal(middles, np.array(code.modules))


@pytest.mark.parametrize("read", DECODERS)
def test_a_phone_reads_the_code_off_the_terminal(read: Decoder) -> None:
    block = {" ": (255, 255), "▀": (0, 255), "▄": (255, 0), "█": (0, 0)}
    lines = re.sub(r"\x1b\[[\d;]*m", "", terminal(symbol(URL))).splitlines()
    halves = [[block[c][half] for c in line] for line in lines for half in (0, 1)]
    screen = Image.fromarray(np.array(halves, dtype=np.uint8))
    grown = screen.resize((screen.width * 8, screen.height * 8), Image.Resampling.NEAREST)
    assert read(np.array(grown)) == [URL]


def test_the_terminal_code_brings_its_own_colours_and_leaves_none_behind() -> None:
    lines = terminal(symbol(URL)).splitlines()
    assert len(lines) == 19
    assert all(line.startswith("\x1b[38;5;16;48;5;231m") and line.endswith("\x1b[0m") for line in lines)


@pytest.mark.parametrize("read", DECODERS)
def test_whole_labels_decode_as_png_and_as_svg(read: Decoder) -> None:
    assert read(png_picture(label_png(label()))) == [URL]
    assert read(drawn(label_svg(label()))) == [URL]


def test_a_label_says_what_it_is_where_it_is_and_whom_to_ring() -> None:
    words = [text.text for text in ET.fromstring(label_svg(label())).iter(f"{SVG}text")]  # noqa: S314 - ours
    assert words == [
        "彭浦镇城市运行管理中心",
        "扫码报事",
        "免登录，30 秒",
        "老王水果店",
        "S4T-AB6-H0W",
        "编号 PP-0123",
        "电话 021-5690 0000",
        "pengpu.example.cn",
    ]


def test_the_heading_under_the_code_is_at_least_five_millimetres_high() -> None:
    heading = next(line for line in lines_of(label()) if line.text == "扫码报事")
    left, top, right, bottom = font_at(heading.weight, 1000).getbbox(heading.text)
    assert heading.size_mm * (bottom - top) / 1000 >= 5
    assert right > left


def test_the_code_on_a_label_is_at_least_forty_millimetres_wide() -> None:
    picture = png_picture(label_png(label()))
    columns = np.flatnonzero((picture[150:700] < 60).any(axis=0))
    assert (columns[-1] - columns[0] + 1) / 300 * 25.4 >= 40


NAMES = [
    "店",
    "彭浦新村地铁站 3 号口",
    "彭浦新村街道第一社区卫生服务中心（临汾路分部）Building B 西侧候车亭",
    "PENGPUXINCUNMETROSTATIONEXITNUMBERTHREEBICYCLEPARKING",
    "很" * 200,
    "W" * 300,
]


@pytest.mark.parametrize("name", NAMES)
def test_no_text_runs_over_the_edge_or_into_its_neighbour(name: str) -> None:
    long = label(
        place_name=name,
        place_number="PP-2026-000123456",
        street_name="上海市静安区彭浦镇城市运行管理中心城运平台值班室",
        office_phone="021-5690 0000 转 8123（每日 8:30—17:30）",
        url="https://a-very-long-name-of-a-host.of-the-street-office.example.cn:8443/Q/S4TAB6H0W",
    )
    boxes = []
    for line in lines_of(long):
        font = font_at(line.weight, 1000)
        box = font.getbbox(line.text, anchor={"start": "ls", "middle": "ms", "end": "rs"}[line.anchor])
        left, top, right, bottom = (edge * line.size_mm / 1000 for edge in box)
        boxes.append((line.x_mm + left, line.baseline_mm + top, line.x_mm + right, line.baseline_mm + bottom))
    assert all(left >= 4 and right <= 62 and top >= 2 and bottom <= 95 for left, top, right, bottom in boxes)
    for first, second in ((a, b) for i, a in enumerate(boxes) for b in boxes[:i]):
        apart = (
            first[0] >= second[2] or second[0] >= first[2] or first[1] >= second[3] or second[1] >= first[3]
        )
        assert apart, (first, second)


def test_a_name_is_broken_evenly_and_not_inside_a_word_or_before_a_closing_mark() -> None:
    assert wrap("彭浦新村街道第一社区卫生服务中心", "Bold", 12) == ["彭浦新村街道第一", "社区卫生服务中心"]
    assert wrap("全家 FamilyMart 共和新路店", "Bold", 9) == ["全家 FamilyMart", "共和新路店"]
    assert wrap("地下车库（东侧）", "Bold", 7.5) == ["地下车库", "（东侧）"]
    assert wrap("东侧入口旁）候车亭里", "Bold", 9.5) == ["东侧入口旁）", "候车亭里"]


def test_a_name_too_long_for_any_size_is_cut_with_a_mark() -> None:
    texts = [line.text for line in lines_of(label(place_name="很" * 200))]
    assert any(re.fullmatch("很+…", text) for text in texts)


def test_markup_in_a_name_is_only_text() -> None:
    name = "<script>&\"'</script>"
    words = [text.text for text in ET.fromstring(label_svg(label(place_name=name))).iter(f"{SVG}text")]  # noqa: S314
    assert name in words


def test_stray_blanks_and_control_characters_in_imported_data_do_not_spoil_a_label() -> None:
    art = label(place_name=" 老王\x00\u200b水果店\t\n东门 ", office_phone="021-5690\u3000 0000\x07")
    words = [text.text for text in ET.fromstring(label_svg(art)).iter(f"{SVG}text")]  # noqa: S314 - ours
    assert "老王水果店 东门" in words
    assert "电话 021-5690 0000" in words


def test_a_label_without_a_phone_or_a_place_is_refused_in_words() -> None:
    with pytest.raises(LabelIncomplete, match="标牌缺少：场所名称、街道电话。"):
        label(place_name=" ", office_phone="")


def test_a_missing_typeface_names_the_package_to_install(tmp_path: Path) -> None:
    with pytest.raises(FontMissing, match="fonts-noto-cjk"):
        find_font("Bold", (tmp_path,))
