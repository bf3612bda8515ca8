"""What must hold on every page, whatever the test that fetched it is about."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from html5lib.constants import E as PARSE_ERRORS
from werkzeug.test import TestResponse

FIELDS = frozenset({"input", "select", "textarea"})
UNLABELLED_INPUTS = frozenset({"hidden", "submit", "button", "reset", "image"})
POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "form", "list")
DATA_SCRIPTS = frozenset({"application/json", "application/ld+json"})


RANDOM = re.compile(r'\b(nonce|value)="[\w.-]{12,}"')
"""What differs each time a page is made and cannot be at fault."""
_clean: set[int] = set()


class PageCheckingClient(FlaskClient):
    """A test client that looks over every page it is given; the same page, the sign-in say, once a process."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request; a page with faults fails the test and names them."""
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code not in range(300, 400):
            text = response.get_data(as_text=True)
            page = hash(RANDOM.sub(r"\1", text))
            if page not in _clean:
                faults = faults_of(text)
                assert not faults, f"{response.request.path}: " + "; ".join(faults)
                _clean.add(page)
        return response


def faults_of(html: str) -> list[str]:
    """Every fault of a page, as sentences. Markup without ``<html`` is the part that an update sends."""
    is_page = "<html" in html.lower()
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(html) if is_page else parser.parseFragment(html)
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    return [
        *(f"line {at[0]}: {PARSE_ERRORS[code] % details}" for at, code, details in parser.errors),
        *(_page_faults(root) if is_page else ()),
        *_id_faults(elements, is_page=is_page),
        *_field_faults(elements),
        *_naming_faults(elements),
        *_inline_faults(elements),
    ]


def _page_faults(root: Element) -> Iterator[str]:
    headings = len(root.findall(".//h1"))
    if headings != 1:
        yield f"{headings} h1 instead of one"
    if not root.get("lang"):
        yield "the page does not say its language"
    if not (root.findtext("head/title") or "").strip():
        yield "the page has no title"


def _id_faults(elements: list[Element], *, is_page: bool) -> Iterator[str]:
    ids = Counter(element.get("id") for element in elements if element.get("id") is not None)
    yield from (f"id {name!r} is used {count} times" for name, count in ids.items() if count > 1)
    if not is_page:
        return
    for element in elements:
        for attribute in POINTERS:
            for target in (element.get(attribute) or "").split():
                if target not in ids:
                    yield f"<{element.tag} {attribute}={target!r}> points at nothing"
        link = element.get("href") or ""
        if link.startswith("#") and link not in ("#", "#top") and link[1:] not in ids:
            yield f"link {link!r} leads nowhere"


def _field_faults(elements: list[Element]) -> Iterator[str]:
    labels = [element for element in elements if element.tag == "label" and _text(element)]
    named = {label.get("for") for label in labels}
    wrapped = {id(field) for label in labels for field in label.iter()}
    for field in elements:
        if field.tag not in FIELDS or field.get("type") in UNLABELLED_INPUTS:
            continue
        is_labelled = field.get("id") in named if field.get("id") else False
        if not (
            is_labelled or id(field) in wrapped or field.get("aria-label") or field.get("aria-labelledby")
        ):
            yield f"<{field.tag} name={field.get('name')!r}> has no label"


def _naming_faults(elements: list[Element]) -> Iterator[str]:
    for element in elements:
        if element.tag == "img" and element.get("alt") is None:
            yield f"<img src={element.get('src')!r}> has no alt"
        if element.tag in ("a", "button") and not (_text(element) or element.get("aria-label")):
            yield f"<{element.tag}> says nothing to someone who cannot see it"


def _inline_faults(elements: list[Element]) -> Iterator[str]:
    for element in elements:
        if element.tag == "script" and not element.get("src") and element.get("type") not in DATA_SCRIPTS:
            yield "a script stands in the page"
        for attribute, value in element.items():
            if attribute == "style" or attribute.startswith("on"):
                yield f"<{element.tag} {attribute}=…> stands in the page"
            if value.strip().lower().startswith("javascript:"):
                yield f"<{element.tag} {attribute}=javascript:…>"


def _text(element: Element) -> str:
    """What a screen reader would say for the element's content."""
    pictures = [picture.get("alt") or "" for picture in element.iter("img")]
    titles = [title.text or "" for title in element.iter("title")]
    return "".join((*element.itertext(), *pictures, *titles)).strip()
