from importlib import resources
from typing import Any

import pytest
import yaml

AUTOMATIC = {"A1", "A2", "A3", "B1", "B3", "B4", "C1", "C4", "C7", "D4", "E1", "G1", "J1"}


def data(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((resources.files("tracker") / "data" / name).read_text("utf-8"))
    return loaded


def test_there_are_44_categories_in_nine_groups() -> None:
    catalogue = data("categories.yaml")
    assert [group["code"] for group in catalogue["groups"]] == list("ABCDEFGHJ")
    codes = [row["code"] for row in catalogue["categories"]]
    assert len(codes) == len(set(codes)) == 44
    assert all(row["group"] == row["code"][0] for row in catalogue["categories"])


def test_every_category_states_every_field_and_knows_its_icon_sources_and_departments() -> None:
    catalogue = data("categories.yaml")
    departments = {row["code"] for row in data("departments.yaml")["departments"]}
    fields = set(catalogue["categories"][0])
    for row in catalogue["categories"]:
        assert set(row) == fields, row["code"]
        assert row["icon"] in catalogue["icons"]
        assert {row["lead"], *row["co"]} <= departments
        cited = {
            word.strip(";") for word in row["basis"].split() if word[:1].isupper() and word[1:2].isdigit()
        }
        assert {code.strip(";") for code in cited} <= set(catalogue["sources"]), row["code"]


def test_clear_cut_street_matters_are_filed_and_dispatched_by_rule_and_judgement_is_not() -> None:
    rows = data("categories.yaml")["categories"]
    assert {row["code"] for row in rows if row["auto_file"]} == AUTOMATIC
    assert {row["code"] for row in rows if row["auto_dispatch"]} == AUTOMATIC


@pytest.mark.parametrize("code", ["H1", "H2", "H3", "H4", "J3", "J4"])
def test_questions_and_needs_ask_for_no_photo_of_the_result(code: str) -> None:
    row = next(row for row in data("categories.yaml")["categories"] if row["code"] == code)
    assert row["evidence"] is False


def test_the_limits_of_a_missing_manhole_cover_are_those_of_the_reference() -> None:
    row = next(row for row in data("categories.yaml")["categories"] if row["code"] == "C1")
    assert (row["accept"], row["act"], row["done"]) == ("15min", "1h", "24h")
    assert row["stages"] == ["guard 1h", "repair 24h"]
    assert (row["lead"], row["co"], row["urgent"]) == ("SZ", ["PS", "DL", "RQ", "TX"], True)


def test_there_are_21_departments_with_both_names_and_no_phones() -> None:
    rows = data("departments.yaml")["departments"]
    assert len({row["code"] for row in rows}) == 21
    assert all(set(row) == {"code", "zh", "en"} and row["en"].isascii() for row in rows)


def test_every_kind_of_place_offers_eight_different_known_categories() -> None:
    known = {row["code"] for row in data("categories.yaml")["categories"]}
    for kind in data("place_kinds.yaml")["place_kinds"]:
        assert len(set(kind["categories"])) == len(kind["categories"]) == 8, kind["code"]
        assert set(kind["categories"]) <= known


def test_bikes_come_first_at_the_metro() -> None:
    metro = next(kind for kind in data("place_kinds.yaml")["place_kinds"] if kind["code"] == "metro")
    assert metro["categories"][0] == "A1"
