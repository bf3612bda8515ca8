"""Any single tampering with the chain is found, wherever it happens."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.domain.history_chain import (
    START,
    Head,
    HistoryBroken,
    Link,
    canonical,
    check_head,
    row_hash,
    sign_head,
    walk,
)

KEY = "a key that is not in the database"

contents = st.fixed_dictionaries(
    {"case_id": st.integers(1, 5), "note": st.text(max_size=8), "user_id": st.none() | st.integers(1, 9)}
)


def chain_of(rows: list[dict[str, Any]]) -> list[Link]:
    """The links as they would be written."""
    links: list[Link] = []
    for position, content in enumerate(rows, start=1):
        previous = links[-1].hash if links else START
        links.append(Link(position, content, previous, row_hash(position, content, previous)))
    return links


chains = st.lists(contents, min_size=2, max_size=8).map(chain_of)


def assert_found(links: list[Link], known: dict[int, str] | None = None) -> None:
    with pytest.raises(HistoryBroken):
        walk(links, known or {})


def signed(links: list[Link]) -> dict[int, str]:
    """What is known from outside: the end of the chain."""
    return {len(links): links[-1].hash}


@given(chains)
def test_what_was_written_is_whole(links: list[Link]) -> None:
    assert walk(links, signed(links)) == len(links)


@given(chains, st.data())
def test_a_changed_row_is_found(links: list[Link], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    other = data.draw(contents)
    assume(other != links[place].content)
    assert_found([*links[:place], replace(links[place], content=other), *links[place + 1 :]])


@given(chains, st.data())
def test_a_changed_row_with_a_hash_to_match_is_found_by_the_row_after_or_the_head(
    links: list[Link], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    other = data.draw(contents)
    assume(other != links[place].content)
    old = links[place]
    forged = replace(old, content=other, hash=row_hash(old.position, other, old.previous_hash))
    assert_found([*links[:place], forged, *links[place + 1 :]], signed(links))


@given(chains, st.data())
def test_a_chain_written_anew_from_the_changed_row_on_is_found_by_the_head(
    links: list[Link], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    other = data.draw(contents)
    assume(other != links[place].content)
    rows = [dict(link.content) for link in links]
    rows[place] = other
    assert_found(chain_of(rows), signed(links))


@given(chains, st.data())
def test_a_removed_row_is_found(links: list[Link], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    rest = [*links[:place], *links[place + 1 :]]
    assert_found(rest, signed(links))
    renumbered = [replace(link, position=number) for number, link in enumerate(rest, start=1)]
    assert_found(renumbered, signed(links))


@given(chains, st.data())
def test_two_rows_in_each_others_place_are_found(links: list[Link], data: st.DataObject) -> None:
    left = data.draw(st.integers(0, len(links) - 2))
    right = data.draw(st.integers(left + 1, len(links) - 1))
    swapped = list(links)
    swapped[left], swapped[right] = swapped[right], swapped[left]
    assert_found(swapped)
    contents_swapped = list(links)
    contents_swapped[left] = replace(links[left], content=links[right].content)
    contents_swapped[right] = replace(links[right], content=links[left].content)
    assume(links[left].content != links[right].content)
    assert_found(contents_swapped)


@given(chains, contents, st.data())
def test_an_inserted_row_is_found_or_makes_one_more_than_were_signed(
    links: list[Link], row: dict[str, Any], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(links)))
    rows = [dict(link.content) for link in links]
    longer = chain_of([*rows[:place], row, *rows[place:]])
    try:
        count = walk(longer, signed(links))
    except HistoryBroken:
        return
    assert count == len(links) + 1


@given(chains, st.data())
def test_removing_the_newest_rows_is_found_by_the_head(links: list[Link], data: st.DataObject) -> None:
    left = data.draw(st.integers(0, len(links) - 1))
    assert walk(links[:left], {}) == left
    assert_found(links[:left], signed(links))


@given(contents)
def test_the_spelling_that_is_hashed_does_not_depend_on_the_order_of_the_columns(row: dict[str, Any]) -> None:
    assert canonical(row) == canonical(dict(reversed(row.items())))


def test_a_head_is_believed_only_with_a_signature_of_ours() -> None:
    head = Head(3, "a" * 64, sign_head(3, "a" * 64, KEY))
    check_head(head, [KEY])
    check_head(head, ["a newer key", KEY])
    for forged in (
        replace(head, count=2),
        replace(head, hash="b" * 64),
        replace(head, signature="0" * 64),
        replace(head, signature=""),
    ):
        with pytest.raises(HistoryBroken):
            check_head(forged, [KEY])
    with pytest.raises(HistoryBroken):
        check_head(head, ["another key"])
