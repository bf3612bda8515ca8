"""Workbooks: read as the lines of a CSV file would be, refused where they are no table; written without formulas."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tracker.adapters.csv_table import Column, TableUnreadable, harmless, read_table, write_table
from tracker.adapters.xlsx_table import is_workbook, read_workbook, workbook

COLUMNS = (
    Column("code", ("code", "编号")),
    Column("name", ("name", "名称")),
    Column("more", ("more",), False),
)


def saved(rows: Iterable[Sequence[Any]], change: Any = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(list(row))
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_lines_come_with_the_numbers_that_the_program_shows_and_without_empty_ones() -> None:
    data = saved([["编号", "名称"], ["A1", " 店 "], [None, None], ["A2", "两行\n店名"]])
    lines = read_workbook(data, COLUMNS)
    assert is_workbook(data)
    assert [(line.number, line.values["code"], line.values["name"]) for line in lines] == [
        (2, "A1", "店"),
        (4, "A2", "两行\n店名"),
    ]
    assert lines[0].lacks == {"more"}


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        ("0012", "@", "0012"),
        (12, "0000", "0012"),
        (12.0, "General", "12"),
        (13800001234, "General", "13800001234"),
        (31.306, "0.00", "31.306"),
        (1e-7, "General", "0.0000001"),
        (date(2026, 11, 25), "yyyy-mm-dd", "2026-11-25"),
        (datetime(2026, 11, 25, 9, 30), "yyyy-mm-dd hh:mm", "2026-11-25 09:30"),  # noqa: DTZ001 - as cells hold it
        (time(9, 30), "hh:mm", "09:30"),
        (True, "General", "TRUE"),
    ],
)
def test_a_cell_is_read_as_a_person_reads_it(value: Any, number_format: str, text: str) -> None:
    def dress(book: Any) -> None:
        book.active["A2"].number_format = number_format

    [line] = read_workbook(saved([["编号", "名称"], [value, "店"]], dress), COLUMNS)
    assert line.values["code"] == text


def test_the_sheet_that_names_the_columns_is_read_and_hidden_ones_are_not() -> None:
    def more(book: Any) -> None:
        book.active.sheet_state = "hidden"
        notes = book.create_sheet("说明")
        notes.append(["怎么填"])
        places = book.create_sheet("场所")
        places.append(["编号", "名称"])
        places.append(["B1", "对的表"])

    [line] = read_workbook(saved([["编号", "名称"], ["A1", "藏起来的"]], more), COLUMNS)
    assert line.values["name"] == "对的表"


def test_a_formula_gives_its_last_value_and_never_itself() -> None:
    assert read_workbook(saved([["编号", "名称"], ["A1", "=1+1"]]), COLUMNS)[0].values["name"] == ""


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


BOMB = zipped({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": bytes(101 * 1024 * 1024)})
GOOD = saved([["编号", "名称"], ["A1", "店"]])


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (BOMB, "too_large"),
        (zipped({"photo.jpg": b"x"}), "no_workbook"),
        (zipped({"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}), "damaged"),
        (zipped({"xl/workbook.xml": b"<x/>"}), "damaged"),
        (GOOD[: len(GOOD) // 2], "damaged"),
        (saved([["编号"], ["A1"]]), "no_column"),
        (saved([]), "empty"),
        (saved([["编号", "名称"], ["A1", "长" * 10_001]]), "broken_line"),
        (saved([["编号", "名称"], *([str(n), "店"] for n in range(20_001))]), "too_many_rows"),
    ],
    ids=["bomb", "zip", "doctype", "nothing", "torn", "column", "empty", "long", "rows"],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(data: bytes, name: str) -> None:
    assert len(BOMB) < 200_000, "a small file that unpacks to a hundred megabytes"
    with pytest.raises(TableUnreadable) as refused:
        read_workbook(data, COLUMNS)
    assert refused.value.name == name


RISKY = ["=1+1", "+8621", "-1", "@SUM(A1)", "\t=1", "  =cmd|' /C calc'!A0", "'=1"]


def test_no_cell_that_goes_out_is_a_formula_for_a_spreadsheet() -> None:
    data = workbook([("场所", ["编号", "名称"], [[text, "\x00店\x0b"] for text in RISKY])])
    sheet = load_workbook(io.BytesIO(data))["场所"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == RISKY
    assert {cell.data_type for cell in cells} == {"s"}
    assert sheet["B2"].value == "店"


def test_risky_cells_of_a_csv_get_an_apostrophe_and_lose_it_on_the_way_back() -> None:
    data = write_table(["编号", "名称"], [[text, "店"] for text in RISKY[:6]])
    assert data.startswith(b"\xef\xbb\xbf")
    assert [line.split(",")[0].strip('"')[:1] for line in data.decode("utf-8-sig").splitlines()[1:]] == [
        "'"
    ] * 6
    back = [line.values["code"] for line in read_table(data, COLUMNS)]
    assert back[:4] == RISKY[:4]
    assert harmless(-1.5) == "-1.5"
    assert harmless("普通 - 店") == "普通 - 店"
