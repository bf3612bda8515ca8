"""Every sentence that people read can be translated, and is."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from tracker.adapters.photo_reading import RefusalReason
from tracker.adapters.photo_store import StorageFailed, StorageFull
from tracker.domain.case_rules import GUARD_WORDS, NEED_WORDS
from tracker.domain.phone import PhoneUnreadable

ROOT = Path(__file__).resolve().parents[2]
TRACKER = ROOT / "tracker"
ENGLISH = TRACKER / "translations" / "en" / "LC_MESSAGES" / "messages.po"

CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""Characters that no English page shows: ideographs and full-width punctuation."""
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
MARKS = frozenset({"_", "_lazy", "N_", "gettext", "lazy_gettext", "ngettext", "pgettext"})

OWN_NAME = "中文"
"""The link that leads back to Chinese is called so in every language."""
PRINTED = TRACKER / "templates" / "labels"
"""Labels are printed for a street in Shanghai, in Chinese."""


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the sources ask to have translated, collected as `make translations` does."""
    pot = tmp_path_factory.mktemp("catalogue") / "messages.pot"
    pybabel = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "--keyword", "_lazy"]
    subprocess.run([*pybabel, "--mapping-file", "pyproject.toml", "-o", pot, "."], cwd=ROOT, check=True)
    with pot.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def english() -> Catalog:
    """The English catalogue as it is committed."""
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def sentences(catalogue: Catalog) -> list[Message]:
    """All but the header."""
    return [message for message in catalogue if message.id]


def key(message: Message) -> tuple[str | None, str]:
    """Context and Chinese words: what a page looks a sentence up by."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """Singular and plural, or the one form there is."""
    return [text] if isinstance(text, str) else list(text or [""])


def test_the_sweep_found_the_templates_too(collected: Catalog) -> None:
    """It once did not, and nobody noticed: a pattern matched no file."""
    places = {place for message in sentences(collected) for place, _line in message.locations}
    assert {place.split("/")[1] for place in places} >= {"adapters", "domain", "services", "templates", "web"}
    assert "tracker/templates/messages/staff/case_dispatch.txt" in places


def test_a_mark_inside_a_formatted_string_is_not_lost(collected: Catalog) -> None:
    """The collector does not look into f-strings: a call in one would never be translated."""
    known = {text for message in sentences(collected) for text in forms(message.id)}
    assert [text for path in modules("") for text in _marked(path) if text not in known] == []


def test_every_sentence_is_in_the_english_catalogue_and_nothing_else(
    collected: Catalog, english: Catalog
) -> None:
    there, wanted = {key(each) for each in sentences(english)}, {key(each) for each in sentences(collected)}
    assert wanted - there == set(), "run: make translations"
    assert there - wanted == set(), "run: make translations"
    assert not english.obsolete


def test_every_sentence_has_english_words(english: Catalog) -> None:
    empty = [key(each) for each in sentences(english) if not all(forms(each.string))]
    assert empty == []
    unsure = [key(each) for each in sentences(english) if each.fuzzy]
    assert unsure == []


def test_english_words_hold_no_chinese_characters(english: Catalog) -> None:
    mixed = [text for each in sentences(english) for text in forms(each.string) if CHINESE.search(text)]
    assert mixed == []


def test_both_languages_leave_the_same_gaps_to_be_filled(english: Catalog) -> None:
    """Only the English singular may say "once" where the Chinese says 1."""
    for each in sentences(english):
        chinese = set(PLACEHOLDER.findall(forms(each.id)[-1]))
        *singular, last = forms(each.string)
        assert set(PLACEHOLDER.findall(last)) == chinese, each.id
        assert all(set(PLACEHOLDER.findall(text)) <= chinese for text in singular), each.id


def test_counted_sentences_have_a_singular_and_a_plural(english: Catalog) -> None:
    for each in sentences(english):
        if each.pluralizable:
            singular, plural = forms(each.string)
            assert singular != plural, each.id


# ---------------------------------------------------------------- nothing is shown that was not marked


def templates() -> list[Path]:
    found = [path for ending in ("*.html", "*.txt") for path in sorted((TRACKER / "templates").rglob(ending))]
    return [path for path in found if PRINTED not in path.parents]


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(TRACKER / "templates")))
def test_a_template_says_nothing_in_chinese_without_a_mark(path: Path) -> None:
    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    marked = {id(arg) for call in tree.find_all(nodes.Call) if _is_mark(call) for arg in call.args}
    said = [text.data for text in tree.find_all(nodes.TemplateData)]
    said += [
        const.value
        for const in tree.find_all(nodes.Const)
        if isinstance(const.value, str) and id(const) not in marked
    ]
    assert [text for text in said if CHINESE.search(text.replace(OWN_NAME, ""))] == []


def _is_mark(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name in MARKS


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((TRACKER / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", modules("web"), ids=lambda path: path.name)
def test_a_page_s_code_says_nothing_in_chinese_without_a_mark(path: Path) -> None:
    assert [text for text in unmarked(path) if text != OWN_NAME] == []


FOR_THE_OFFICE_ALONE = {
    "adapters/label_forms.py": "printed on labels",
    "adapters/label_layout.py": "printed on labels, or said by the command that prints them",
    "adapters/label_sheet.py": "said by the command that prints labels",
    "adapters/passwords.py": "goes into the log: the page says only that something went wrong",
    "adapters/photo_store.py": "PhotoMissing goes nowhere: the page says that it is not there",
    "adapters/qr_images.py": "printed on labels, or said by the command that prints them",
    "adapters/sealing.py": "goes into the log: the page says only that something went wrong",
    "domain/allowance.py": "says a mistake in the shipped tables, or in code",
    "domain/grouping/matters.py": "words that reports are compared by",
    "domain/qr_token.py": "PublicUrlUnusable is said by the command that prints labels",
    "domain/streets.py": "how addresses are written",
    "services/area_import.py": "headings of the office's own tables",
    "services/calendar_facts.py": "about files, said by the command that imports them",
    "services/place_import.py": "headings of the office's own tables",
    "services/register_export.py": "headings of the office's own tables",
    "services/routing_import.py": "headings of the office's own tables",
}
"""Chinese that needs no English, and why."""


def test_rules_and_use_cases_say_nothing_in_chinese_without_a_mark() -> None:
    found = {
        str(path.relative_to(TRACKER))
        for path in modules("domain", "services", "adapters", "models")
        if any(unmarked(path))
    }
    assert found == set(FOR_THE_OFFICE_ALONE)


def _marked(path: Path) -> Iterator[str]:
    """The Chinese strings that a module asks to have translated."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MARKS:
            yield from (
                argument.value
                for argument in call.args
                if isinstance(argument, ast.Constant)
                and isinstance(argument.value, str)
                and CHINESE.search(argument.value)
            )


def unmarked(path: Path) -> Iterator[str]:
    """The Chinese strings of a module that are neither marked for translation nor docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            skipped.update(id(argument) for argument in node.args)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))  # a docstring, of a module or under an attribute
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield from [node.value] if CHINESE.search(node.value) else []


@pytest.mark.parametrize(
    "words",
    [
        *(reason.value for reason in RefusalReason),
        *GUARD_WORDS.values(),
        *NEED_WORDS.values(),
        str(StorageFailed()),
        str(StorageFull()),
        str(PhoneUnreadable()),
    ],
)
def test_what_rules_and_adapters_tell_people_is_in_the_catalogue(words: str, english: Catalog) -> None:
    assert words in english
