"""Every paper and form: the code large enough, the logo where it harms nothing, every label of every sheet read."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.unit.adapters.qr_reading import Picture, opened, pdf_page, read_by_wechat, read_by_zxing
from tests.unit.adapters.test_label_sheet import LABELS, art
from tracker.adapters.label_check import Fault, LabelFaulty, check_picture, check_sheet, measure
from tracker.adapters.label_forms import FORMS
from tracker.adapters.label_layout import Box, font_at
from tracker.adapters.label_papers import CodeTooSmall, PaperUnknown, paper_named, papers
from tracker.adapters.label_sheet import sheet_pdf
from tracker.adapters.qr_images import label_png, symbol

PAPERS = list(papers().values())
CODES = list(papers())


def a_logo() -> bytes:
    """A dark mark, wider than high."""
    picture = Image.new("RGB", (300, 100), "#102a43")
    ImageDraw.Draw(picture).ellipse([10, 10, 90, 90], fill="#d64545")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


LOGO = a_logo()


def touch(one: Box, other: Box) -> bool:
    return (
        one.x_mm < other.right_mm
        and other.x_mm < one.right_mm
        and one.y_mm < other.bottom_mm
        and other.y_mm < one.bottom_mm
    )


def grey(png: bytes) -> Picture:
    return np.array(Image.open(io.BytesIO(png)).convert("L"))


@pytest.mark.parametrize("code", CODES)
def test_labels_of_a_paper_lie_inside_its_page_and_beside_each_other(code: str) -> None:
    paper = papers()[code]
    boxes = [
        Box(*paper.corner(position), paper.label_width_mm, paper.label_height_mm)
        for position in range(paper.per_page)
    ]
    assert all(box.x_mm >= 0 and box.y_mm >= 0 for box in boxes)
    assert all(box.right_mm <= paper.page_width_mm + 0.01 for box in boxes)
    assert all(box.bottom_mm <= paper.page_height_mm + 0.01 for box in boxes)
    for index, box in enumerate(boxes):
        inner = Box(box.x_mm + 0.01, box.y_mm + 0.01, box.width_mm - 0.02, box.height_mm - 0.02)
        assert not any(touch(inner, other) for other in boxes[:index])
    assert paper.source


def test_what_hangs_on_a_wall_has_a_code_of_about_forty_millimetres() -> None:
    assert [code for code in CODES if papers()[code].code_mm(29) < 39] == ["a4-24"]
    assert papers()["card-a5"].code_mm(29) > 80


def test_a_paper_on_which_a_module_would_be_finer_than_half_a_millimetre_is_refused() -> None:
    small = replace(papers()["a4-24"], label_width_mm=45, label_height_mm=25)
    small.refuse_if_too_small(29)  # 0.57 mm
    with pytest.raises(CodeTooSmall, match="太小"):
        small.refuse_if_too_small(37)
    with pytest.raises(CodeTooSmall, match="太小"):
        replace(small, label_width_mm=38.1, label_height_mm=21.2).refuse_if_too_small(29)
    with pytest.raises(PaperUnknown, match="a4-9"):
        paper_named("a0")


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_no_word_and_no_logo_of_a_form_comes_near_the_code(form: object) -> None:
    assert form in FORMS.values()
    for each in FORMS.values():
        assert not touch(each.band, each.code)
        assert each.logo is None or not touch(each.logo, each.code)
        for serial in range(4):
            for line in each.lines(art(serial), with_logo=True):
                box = font_at(line.weight, 1000).getbbox(
                    line.text, anchor={"start": "ls", "middle": "ms", "end": "rs"}[line.anchor]
                )
                left, top, right, bottom = (edge * line.size_mm / 1000 for edge in box)
                words = Box(line.x_mm + left, line.baseline_mm + top, right - left, bottom - top)
                assert not touch(words, each.code), line
                assert words.x_mm >= 0
                assert words.right_mm <= each.width_mm
                assert words.bottom_mm <= each.height_mm
                is_in_band = line.colour == "#ffffff"
                assert is_in_band or each.logo is None or not touch(words, each.logo), line


@pytest.mark.parametrize("code", CODES)
def test_every_label_of_every_paper_is_measured_and_read_with_a_logo(code: str) -> None:
    """The product's own check, and beside it two decoders that look at the pixels by themselves."""
    paper = papers()[code]
    arts = LABELS[: min(paper.per_page + 1, 10)]
    sheet = sheet_pdf(arts, paper, LOGO)
    measured = check_sheet(sheet, arts, paper)
    assert len(measured) == len(arts)
    for one in measured:
        assert one.contrast > 0.95
        assert (one.quiet_zone, one.wrong_modules, one.hairlines) == (255, 0, 0)
    sizes = {tuple(round(points / 72 * 25.4) for points in page.get_size()) for page in opened(sheet)}
    assert sizes == {(round(paper.page_width_mm), round(paper.page_height_mm))}
    for position, expected in enumerate(arts):
        page, on_page = divmod(position, paper.per_page)
        x, y = (mm * 200 / 25.4 for mm in paper.corner(on_page))
        wide, high = (mm * 200 / 25.4 for mm in (paper.label_width_mm, paper.label_height_mm))
        label = np.ascontiguousarray(
            pdf_page(sheet, page, 200)[round(y) : round(y + high), round(x) : round(x + wide)]
        )
        assert read_by_zxing(label) == [expected.url]
        assert read_by_wechat(label) == [expected.url]


@pytest.mark.parametrize("code", ["a4-9", "square-80", "card-a6"])
def test_the_logo_is_there_and_changes_no_pixel_of_the_code_and_its_margin(code: str) -> None:
    placed = papers()[code].placed
    plain, with_logo = grey(label_png(art(0), placed)), grey(label_png(art(0), placed, LOGO))
    px, box = 300 / 25.4, placed.code
    inside = np.s_[
        round(box.y_mm * px) : round(box.bottom_mm * px), round(box.x_mm * px) : round(box.right_mm * px)
    ]
    assert np.array_equal(plain[inside], with_logo[inside])
    room = placed.logo
    assert room is not None
    corner = with_logo[round((room.bottom_mm - 1) * px), round((room.right_mm - 1) * px)]
    assert corner < 80


def spoiled(fault: str) -> bytes:
    """A label whose code suffers from one thing."""
    placed, code = papers()["a4-9"].placed, symbol(art(0).url)
    picture = Image.open(io.BytesIO(label_png(art(0)))).convert("L")
    draw, px = ImageDraw.Draw(picture), 300 / 25.4
    room = round(placed.code.width_mm * px)
    module, slack = room // 37, room % 37 // 2
    left, top = (round(mm * px) + slack + 4 * module for mm in (placed.code.x_mm, placed.code.y_mm))
    if fault == Fault.MODULES:
        draw.rectangle(
            [left + 12 * module, top + 12 * module, left + 16 * module, top + 16 * module], fill=90
        )
    if fault == Fault.QUIET_ZONE:
        draw.rectangle([left + 10 * module, top - 3 * module, left + 12 * module, top - 2 * module], fill=0)
    if fault == Fault.CONTRAST:
        picture = picture.point(lambda level: 120 + level * 135 // 255)
    if fault == Fault.HAIRLINES:
        for row in range(1, code.size):
            y = round(top + row * module)
            draw.line([left, y, left + code.size * module - 1, y], fill=200)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("fault", [Fault.MODULES, Fault.QUIET_ZONE, Fault.CONTRAST, Fault.HAIRLINES])
def test_a_spoiled_label_is_refused_and_named(fault: str) -> None:
    with pytest.raises(LabelFaulty, match=fault) as refused:
        check_picture(spoiled(fault), art(0), papers()["a4-9"].placed)
    assert (refused.value.number, refused.value.place) == ("PP-0000", "老王水果店")


def test_a_sheet_in_another_order_than_promised_is_refused_with_page_and_place() -> None:
    paper = papers()["a4-24"]
    arts = list(LABELS[:3])
    with pytest.raises(LabelFaulty) as refused:
        check_sheet(sheet_pdf([arts[0], arts[2], arts[1]], paper), arts, paper)
    assert (refused.value.page, refused.value.position) == (1, 2)


def test_a_measured_label_says_how_dark_and_how_clear_it_is() -> None:
    measured = measure(grey(label_png(art(1))), symbol(art(1).url), papers()["a4-9"].placed, is_snapped=True)
    assert measured.contrast == pytest.approx(1.0)
    assert measured.quiet_zone == 255
