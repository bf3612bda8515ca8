"""Workbooks as offices send them (XLSX): read as the same lines that a CSV file gives, and written without formulas.

Only values are read: no macro, formula, link or style takes effect. What a file unpacks to is measured before any of
it is parsed, so that a small file cannot fill the memory.
"""

import io
import re
import threading
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from tracker.adapters.csv_table import LONGEST_CELL, Column, Line, TableUnreadable, lines_of

ZIP_MARK: Final = b"PK\x03\x04"
LARGEST_FILE_BYTES: Final = 10 * 1024 * 1024
LARGEST_CONTENT_BYTES: Final = 100 * 1024 * 1024
"""Unpacked: 20,000 places take about 15 MB; Excel's own styles and thumbnails a few more."""
MOST_PARTS: Final = 500
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 60
DAMAGED: Final = "The workbook is damaged or locked with a password; open it and save it anew."
_CHUNK: Final = 256 * 1024
_NOT_IN_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ALL_ZEROS: Final = re.compile(r"0+")

_one_at_a_time = threading.Lock()  # the filter of warnings is per process


def is_workbook(data: bytes) -> bool:
    """Whether these bytes are a zip, which is what a workbook is."""
    return data.startswith(ZIP_MARK)


def read_workbook(data: bytes, columns: Sequence[Column]) -> list[Line]:
    """Return the lines of the first sheet whose first row names the columns; empty ones are left out.

    Raises:
        TableUnreadable: it is no workbook, is too large, or no sheet names the columns; the message says which.
    """
    _measure(data)
    rows_of_sheets = _sheets(data)
    refused: TableUnreadable | None = None
    for rows in rows_of_sheets:
        try:
            return lines_of(iter(rows), columns)
        except TableUnreadable as error:
            refused = refused or error
    raise refused or TableUnreadable("The workbook has no sheet with cells.", "empty")


def workbook(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]) -> bytes:
    """Return a workbook of (name, headers, rows): texts are real text cells, whatever they begin with.

    A cell may hold text, a number, a day or None.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - half a second that only exports need
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - the same
    from openpyxl.styles import Font  # noqa: PLC0415 - the same

    book = Workbook(write_only=True)
    for name, headers, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for number, header in enumerate(headers):
            sheet.column_dimensions[_letters(number)].width = max(10, 2 * len(header) + 6)
        head = [_text_cell(WriteOnlyCell, sheet, header) for header in headers]
        for cell in head:
            cell.font = Font(bold=True)
        sheet.append(head)
        for row in rows:
            sheet.append([_cell(WriteOnlyCell, sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(cell_class: Any, sheet: Any, value: Any) -> Any:
    return _text_cell(cell_class, sheet, value) if isinstance(value, str) and value else _or_nothing(value)


def _or_nothing(value: Any) -> Any:
    return None if value == "" else value


def _text_cell(cell_class: Any, sheet: Any, text: str) -> Any:
    """A cell that is text even if it begins with an equals sign; what XML cannot hold is left out."""
    cell = cell_class(sheet, value=_NOT_IN_XML.sub("", text))
    cell.data_type = "s"
    return cell


def _letters(number: int) -> str:
    head, last = divmod(number, 26)
    return (chr(64 + head) if head else "") + chr(65 + last)


def _measure(data: bytes) -> None:
    """Refuse what unpacks to too much, or is no workbook, before anything of it is parsed."""
    if len(data) > LARGEST_FILE_BYTES:
        raise TableUnreadable(
            f"The file is larger than {LARGEST_FILE_BYTES // 1024 // 1024} MB.", "too_large"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _unpack(archive)
    except TableUnreadable:
        raise
    except (
        Exception
    ) as error:  # what zipfile and zlib raise over damaged bytes: half a dozen unrelated classes
        raise TableUnreadable(DAMAGED, "damaged") from error


def _unpack(archive: zipfile.ZipFile) -> None:
    """Count what is really inside: what the directory says about sizes may be a lie."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or "xl/workbook.xml" not in {part.filename for part in parts}:
        raise TableUnreadable("The file is a zip, but no workbook; save it as XLSX or as CSV.", "no_workbook")
    unpacked, head = 0, b""
    for part in parts:
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                unpacked += len(chunk)
                if unpacked > LARGEST_CONTENT_BYTES:
                    raise TableUnreadable(
                        "The workbook unpacks to too much; delete what is not needed.", "too_large"
                    )
                if b"<!DOCTYPE" in head + chunk:  # no office program writes one; it could multiply itself
                    raise TableUnreadable(DAMAGED, "damaged")
                head = chunk[-16:]


def _sheets(data: bytes) -> list[list[tuple[int, list[str]]]]:
    """The rows of each visible sheet that hold anything, with their numbers."""
    from openpyxl import load_workbook  # noqa: PLC0415 - half a second that only imports need

    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about features that are not read anyway
        try:
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            try:
                visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
                return [list(_rows(sheet)) for sheet in visible]
            finally:
                book.close()
        except TableUnreadable:
            raise
        except Exception as error:  # a dozen unrelated classes, and no list of them exists
            raise TableUnreadable(DAMAGED, "damaged") from error


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    filled = 0
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
        cells = [_text_of(cell) for cell in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        filled += 1
        if filled > MOST_ROWS + 1 or number > 10 * MOST_ROWS:
            raise TableUnreadable(
                f"The sheet has more than {MOST_ROWS} rows; import it in parts.",
                "too_many_rows",
                rows=MOST_ROWS,
            )
        if max(map(len, cells)) > LONGEST_CELL:
            raise TableUnreadable(
                f"Line {number}: a cell has more than {LONGEST_CELL} characters.", "broken_line", line=number
            )
        yield number, cells


def _text_of(cell: Any) -> str:
    """A cell as a person reads it: numbers without a needless point, codes with their leading zeros, days as days."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime | date | time):
        return _moment_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number_text(value, str(cell.number_format or ""))
    return str(value).upper() if isinstance(value, bool) else str(value)


def _moment_text(value: datetime | date | time) -> str:
    if isinstance(value, datetime):
        return (
            value.date().isoformat()
            if value.time() == time()
            else value.isoformat(sep=" ", timespec="minutes")
        )
    return value.isoformat(timespec="minutes") if isinstance(value, time) else value.isoformat()


def _number_text(value: float, number_format: str) -> str:
    if not float(value).is_integer():
        return f"{Decimal(repr(value)):f}"
    digits = str(int(value))
    return digits.zfill(len(number_format)) if _ALL_ZEROS.fullmatch(number_format) else digits
