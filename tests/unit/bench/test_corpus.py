import hashlib
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench.grouping.causes import GAP_DAYS, GAP_M, Process
from bench.grouping.corpus import generate, main
from bench.grouping.grammar import grammar_names, read_grammar
from bench.grouping.phrases import PhraseMalformed, read_phrase, say
from tests.processes import ROOT
from tracker.demo.catalogue import categories

FIELDS = {
    "id", "submitted_at", "category", "place_id", "street", "lat", "lon", "text", "reporter_id", "cause_id",
}  # fmt: skip
GRAMMARS = ("chat", "voice")


@pytest.fixture(scope="module")
def corpus() -> dict[str, list[dict[str, Any]]]:
    return {grammar: list(generate(3000, 5, grammar)) for grammar in GRAMMARS}


def test_there_are_two_ways_of_writing() -> None:
    assert tuple(grammar_names()) == GRAMMARS


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_reports_have_every_field_and_come_in_order_of_time(
    corpus: dict[str, list[dict[str, Any]]], grammar: str
) -> None:
    rows = corpus[grammar]
    assert len(rows) == len({row["id"] for row in rows}) == 3000
    assert all(set(row) == FIELDS for row in rows)
    order = [(datetime.fromisoformat(row["submitted_at"]), row["id"]) for row in rows]
    assert order == sorted(order)


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_the_hard_cases_have_about_the_shares_they_should(
    corpus: dict[str, list[dict[str, Any]]], grammar: str
) -> None:
    rows = corpus[grammar]
    assert share(row["cause_id"] is not None for row in rows) == pytest.approx(0.60, abs=0.03)
    assert share(not row["text"] for row in rows) == pytest.approx(0.10, abs=0.02)
    assert share(row["lat"] is None for row in rows) == pytest.approx(0.03, abs=0.015)
    mistaken, caused = 0, 0
    for filed in by_cause(rows, "category").values():
        if len(filed) >= 12:
            caused += len(filed)
            mistaken += len(filed) - Counter(filed).most_common(1)[0][1]
    assert mistaken / caused == pytest.approx(0.12, abs=0.04)


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_causes_are_of_all_sizes_and_some_are_one_persons(
    corpus: dict[str, list[dict[str, Any]]], grammar: str
) -> None:
    voices = by_cause(corpus[grammar], "reporter_id")
    sizes = [len(found) for found in voices.values()]
    assert min(sizes) <= 2
    assert max(sizes) >= 25
    assert sum(len(set(found)) >= 5 for found in voices.values()) >= 40
    assert any(len(found) >= 4 and len(set(found)) == 1 for found in voices.values())
    assert {reporter.split("-")[0] for found in voices.values() for reporter in found} == {
        "owner", "resident", "courier",
    }  # fmt: skip


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_the_same_trouble_is_hardly_ever_put_in_the_same_words(
    corpus: dict[str, list[dict[str, Any]]], grammar: str
) -> None:
    texts = [row["text"] for row in corpus[grammar] if row["text"]]
    assert len(set(texts)) / len(texts) > 0.9
    assert all(len(text) <= 200 and not set(text) & set("()|@") for text in texts)


def test_the_two_ways_share_few_phrases(corpus: dict[str, list[dict[str, Any]]]) -> None:
    chat, voice = ({piece for row in corpus[name] for piece in pieces(row["text"])} for name in GRAMMARS)
    assert len(chat & voice) / min(len(chat), len(voice)) < 0.12


def test_chat_is_filed_under_the_categories_of_the_catalogue() -> None:
    troubles = read_grammar("chat").troubles
    filed = {code for trouble in troubles for code in (trouble.category, *trouble.mistaken)}
    assert filed <= set(categories())
    assert {trouble.category[0] for trouble in troubles} == set("ABCDEFGHJ")


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_nobody_takes_a_trouble_for_what_it_is(grammar: str) -> None:
    for trouble in read_grammar(grammar).troubles:
        assert trouble.category not in trouble.mistaken, trouble.key


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_the_same_arguments_give_the_same_file_in_another_process(grammar: str, tmp_path: Path) -> None:
    out = tmp_path / "reports.jsonl"
    arguments = ("--n", "200", "--seed", "9", "--grammar", grammar, "--out", str(out))
    command = (sys.executable, "-m", "bench.grouping.corpus", *arguments)
    subprocess.run(command, check=True, cwd=ROOT, timeout=60)
    written = hashlib.sha256(out.read_bytes()).hexdigest()
    main(arguments)
    assert hashlib.sha256(out.read_bytes()).hexdigest() == written
    first, *_ = (json.loads(line) for line in out.read_text("utf-8").splitlines())
    assert first != next(generate(200, 10, grammar))


def test_causes_of_one_trouble_never_meet() -> None:
    process = Process(read_grammar("chat"), 2000, Random(4))
    held: defaultdict[str, list[Any]] = defaultdict(list)
    for sighting in process.run():
        if sighting.cause:
            held[sighting.cause].append(sighting)
    for one, other in combinations(held.values(), 2):
        if one[0].trouble is other[0].trouble:
            apart_days = max(one[0].day, other[0].day) - min(one[-1].day, other[-1].day)
            apart_m = min(a.spot.distance_m(b.spot) for a in one for b in other)
            assert apart_days > GAP_DAYS - 1 or apart_m > GAP_M


def test_an_unknown_way_of_writing_is_an_error() -> None:
    with pytest.raises(KeyError):
        next(generate(10, 1, "telegram"))


def test_a_phrase_says_each_of_its_alternatives_and_fills_its_slots() -> None:
    phrase = read_phrase("(又|天天(都|))堵@where2了")
    said = {say(phrase, Random(nth), lambda name: f"<{name}>") for nth in range(40)}
    assert said == {"又堵<where>了", "天天都堵<where>了", "天天堵<where>了"}


@pytest.mark.parametrize("wrong", ["(又|天天", "又)天天", "又|天天"])
def test_a_phrase_with_brackets_that_do_not_match_is_an_error(wrong: str) -> None:
    with pytest.raises(PhraseMalformed):
        read_phrase(wrong)


def share(found: Iterable[bool]) -> float:
    answers = list(found)
    return sum(answers) / len(answers)


def by_cause(rows: list[dict[str, Any]], field: str) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["cause_id"] is not None:
            found[row["cause_id"]].append(row[field])
    return found


def pieces(text: str) -> set[str]:
    """Runs of four letters."""
    return {text[start : start + 4] for start in range(len(text) - 3)}
