"""CSV files as offices send them: UTF-8 with or without a byte order mark, or GB18030; Chinese or English headers."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

LONGEST_CELL = 10_000


class TableUnreadable(ValueError):
    """The file as a whole cannot be used; the message says why and what to change.

    Attributes:
        name: what is wrong, for whoever says it in other words (web/import_words.py).
        values: what belongs into the words.
    """

    def __init__(self, words: str, name: str, **values: object) -> None:
        super().__init__(words)
        self.name, self.values = name, values


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
        lacks: columns that the file does not have; about these it says nothing, not even that they are empty.
    """

    number: int
    values: dict[str, str]
    surplus: int = 0
    lacks: frozenset[str] = frozenset()


def read_table(data: bytes, columns: Sequence[Column]) -> list[Line]:
    """Return the lines of a CSV file; empty ones are left out.

    Raises:
        TableUnreadable: neither encoding fits, a header is missing or there twice, a quote is never closed.
    """
    return lines_of(_rows(_text(data)), columns)


def lines_of(rows: Iterator[tuple[int, list[str]]], columns: Sequence[Column]) -> list[Line]:
    """Return the lines of a table whose first row names the columns; rows come with their numbers, empty ones left out.

    Raises:
        TableUnreadable: there is no row, a header is missing or there twice.
    """
    found = next(rows, None)
    if found is None:
        raise TableUnreadable("The file is empty; the first line has to name the columns.", "empty")
    names = _names(found[1], columns)
    blank = dict.fromkeys((column.name for column in columns), "")
    lacks = frozenset(blank) - frozenset(names)
    return [
        Line(
            number,
            blank | {name: _as_typed(cell.strip()) for name, cell in zip(names, cells, strict=False) if name},
            surplus=max(0, len(cells) - len(names)),
            lacks=lacks,
        )
        for number, cells in rows
    ]


def write_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a CSV file as spreadsheets open it: UTF-8 with a byte order mark, no cell of which starts a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _as_typed(cell: str) -> str:
    """A cell without the apostrophe that ``harmless`` put before it: what went out comes back as it was."""
    return cell[1:] if cell[:1] == "'" and harmless(cell[1:]) == cell else cell


def harmless(cell: object) -> str:
    """A cell's text; one that a spreadsheet would take for a formula gets a leading apostrophe.

    Source: threats, part C, "Exports". A number stays a number: minus one is no formula.
    """
    if cell is None:
        return ""
    text = str(cell)
    is_risky = isinstance(cell, str) and (text.lstrip(" ")[:1] in _FORMULA_STARTS and text.strip(" ") != "")
    return "'" + text if is_risky else text


_FORMULA_STARTS = frozenset("=+-@\t\r\n\0")


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise TableUnreadable(
        "The file is neither UTF-8 nor GB18030 text; save it as CSV, not as a workbook.", "not_text"
    )


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that holds anything, with the line it starts on."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise TableUnreadable(f"Line {start}: {error}.", "broken_line", line=start) from error


def _names(headers: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """Which column each header stands for; empty for one we do not use."""
    by_header = {header.casefold(): column.name for column in columns for header in column.headers}
    names = [by_header.get(header.strip().casefold(), "") for header in headers]
    missing = [column for column in columns if column.is_needed and column.name not in names]
    if missing:
        words = ", ".join(column.headers[0] for column in missing)
        raise TableUnreadable(
            f"The first line names no column {words}.",
            "no_column",
            columns=[column.name for column in missing],
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise TableUnreadable(f"The first line names {', '.join(twice)} twice.", "twice", columns=twice)
    return names
