from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tracker.adapters.csv_table import TableUnreadable
from tracker.extensions import db
from tracker.models import Place
from tracker.services.imports import Imported
from tracker.services.parts import parts
from tracker.services.place_import import import_places, keeper_context, read_places

HEADERS = "code,kind,name,address,area,lat,lon,keeper,keeper_phone,facilities,opening_hours\n"
BAKERY = "S-1,shop,向阳烘焙坊,共和新路 12 号,PP-1,31.3061,121.4550,王店主,138 0000 1234,,\n"
CANTEEN = "S-2,社区食堂,暖心食堂,场中路 8 号,彭浦新村片区,,,,,套餐、外带,10:30-13:00\n"


@pytest.fixture(autouse=True)
def street(app: Flask) -> Iterator[None]:
    with app.app_context():
        factories.a_street()
        yield


def imported(text: str, encoding: str = "utf-8") -> Imported:
    return import_places(read_places(text.encode(encoding)))


def place(code: str) -> Place:
    return db.session.scalars(select(Place).where(Place.code == code)).one()


def test_a_file_fills_the_register() -> None:
    result = imported(HEADERS + BAKERY + CANTEEN)
    assert (result.added, result.changed, result.unchanged, result.problems) == (2, 0, 0, [])
    bakery = place("S-1")
    assert (bakery.name, bakery.kind, bakery.area_code) == ("向阳烘焙坊", "shop", "PP-1")
    assert (bakery.lat, bakery.lon) == (31.3061, 121.455)


def test_kind_and_area_may_be_given_by_their_chinese_names() -> None:
    imported(HEADERS + CANTEEN)
    assert (place("S-2").kind, place("S-2").area_code) == ("canteen", "PP-2")


def test_a_second_run_changes_nothing() -> None:
    imported(HEADERS + BAKERY + CANTEEN)
    sealed = place("S-1").keeper_phone_sealed
    again = imported(HEADERS + BAKERY + CANTEEN)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert place("S-1").keeper_phone_sealed == sealed


def test_a_place_that_moved_is_brought_up_to_date() -> None:
    imported(HEADERS + BAKERY)
    result = imported(HEADERS + BAKERY.replace("12 号", "14 号").replace("1234", "9999"))
    assert (result.added, result.changed) == (0, 1)
    assert place("S-1").address == "共和新路 14 号"
    assert parts().phones.open(place("S-1").keeper_phone_sealed, keeper_context("S-1")) == "13800009999"


def test_the_keepers_number_lies_sealed_in_the_database() -> None:
    imported(HEADERS + BAKERY)
    assert "1234" not in place("S-1").keeper_phone_sealed


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_from_any_office_program_are_read(encoding: str) -> None:
    headers = "编号,类型,名称,地址,片区\n"
    assert imported(headers + "S-3,商铺,四方五金店,长临路 3 号,PP-1\r\n", encoding).added == 1
    assert place("S-3").name == "四方五金店"


BAD_LINES = [
    (",shop,无编号,某路 1 号,PP-1,,,,,,", "code is empty"),
    ("S 1,shop,空格,某路 1 号,PP-1,,,,,,", "may only have letters"),
    ("../x,shop,路径,某路 1 号,PP-1,,,,,,", "may only have letters"),
    ("B-1,castle,城堡,某路 1 号,PP-1,,,,,,", "kind 'castle' is not one of"),
    ("B-1,shop,,某路 1 号,PP-1,,,,,,", "name is empty"),
    (f"B-1,shop,{'长' * 81},某路 1 号,PP-1,,,,,,", "name is longer than 80"),
    ("B-1,shop,无地址,,PP-1,,,,,,", "address is empty"),
    ("B-1,shop,外地,某路 1 号,XX-9,,,,,,", "area 'XX-9' is not known"),
    ("B-1,shop,半个位置,某路 1 号,PP-1,31.3,,,,,", "together or not at all"),
    ("B-1,shop,文字,某路 1 号,PP-1,北,东,,,,", "not decimal degrees"),
    ("B-1,shop,反了,某路 1 号,PP-1,121.45,31.30,,,,", "look swapped"),
    ("B-1,shop,天外,某路 1 号,PP-1,31.3,521.4,,,,", "no place on earth"),
    ("B-1,shop,不是数,某路 1 号,PP-1,nan,121.4,,,,", "no place on earth"),
    ("B-1,shop,电话,某路 1 号,PP-1,,,,12345,,", "keeper_phone is neither"),
    ("B-1,shop,多一格,某路 1 号,PP-1,,,,,,,x", "more cells than the first line"),
    ("S-1,shop,重号,某路 1 号,PP-1,,,,,,", "already used by a line above"),
]


@pytest.mark.parametrize(("line", "reason"), BAD_LINES)
@pytest.mark.one_database  # about the checks, which the database does not make
def test_a_bad_line_is_named_and_the_good_ones_are_kept(line: str, reason: str) -> None:
    result = imported(f"{HEADERS}{BAKERY}{line}\n{CANTEEN}")
    assert result.added == 2
    [problem] = result.problems
    assert problem.where == "line 3"
    assert reason in problem.reason


def test_everything_wrong_with_a_line_is_said_at_once() -> None:
    [problem] = imported(f"{HEADERS}B-1,castle,,某路 1 号,PP-1,,,,,,\n").problems
    assert "name is empty" in problem.reason
    assert "castle" in problem.reason


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    result = imported(
        f'{HEADERS}\n"S-1",shop,"两行\n店名",某路 1 号,PP-1,,,,,,\nB-1,castle,店,某路 2 号,PP-1,,,,,,\n'
    )
    assert [problem.where for problem in result.problems] == ["line 5"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"code,kind,name\n", "no column address, area"),
        ("code,kind,name,address,area,编号\n".encode(), "code twice"),
        (b"PK\x03\x04\xff\xff\x00\x00", "damaged or locked"),
        (b"\xff\xfe\x00k", "save it as CSV"),
        (f'{HEADERS}"S-1,shop\n'.encode(), "Line 2"),
    ],
)
@pytest.mark.one_database  # nothing is stored
def test_a_file_that_is_no_such_table_is_refused_as_a_whole(data: bytes, reason: str) -> None:
    with pytest.raises(TableUnreadable, match=reason):
        read_places(data)
