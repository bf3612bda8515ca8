"""CSV files as offices send them: UTF-8 with or without a byte order mark, or GB18030; Chinese or English headers."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LONGEST_CELL = 10_000


class TableUnreadable(ValueError):
    """The file as a whole cannot be used; the message says why and what to change."""


@dataclass(frozen=True)
class Column:
    """One column: the name its values are kept under, and the headers it is recognised by."""

    name: str
    headers: tuple[str, ...]
    is_needed: bool = True


@dataclass(frozen=True)
class Line:
    """One line below the headers.

    Attributes:
        number: in the file, counted from 1, headers included; of its first line where a cell has several.
        values: column name → text without blanks around it; every column is there, empty if the file lacks it.
        surplus: how many cells it has beyond the last header.
    """

    number: int
    values: dict[str, str]
    surplus: int = 0


def read_table(data: bytes, columns: Sequence[Column]) -> list[Line]:
    """Return the lines of a CSV file; empty ones are left out.

    Raises:
        TableUnreadable: neither encoding fits, a header is missing or there twice, a quote is never closed.
    """
    rows = _rows(_text(data))
    found = next(rows, None)
    if found is None:
        raise TableUnreadable("The file is empty; the first line has to name the columns.")
    names = _names(found[1], columns)
    blank = dict.fromkeys((column.name for column in columns), "")
    return [
        Line(
            number,
            blank | {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name},
            surplus=max(0, len(cells) - len(names)),
        )
        for number, cells in rows
    ]


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise TableUnreadable("The file is neither UTF-8 nor GB18030 text; save it as CSV, not as a workbook.")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that holds anything, with the line it starts on."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise TableUnreadable(f"Line {start}: {error}.") from error


def _names(headers: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """Which column each header stands for; empty for one we do not use."""
    by_header = {header.casefold(): column.name for column in columns for header in column.headers}
    names = [by_header.get(header.strip().casefold(), "") for header in headers]
    missing = [column.headers[0] for column in columns if column.is_needed and column.name not in names]
    if missing:
        raise TableUnreadable(f"The first line names no column {', '.join(missing)}.")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise TableUnreadable(f"The first line names {', '.join(twice)} twice.")
    return names
