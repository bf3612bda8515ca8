"""For everybody's eyes and hands: WCAG 2.2 AA as far as a program can tell, small windows, large letters."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import tour
from tests.browser.pages import Screen
from tests.browser.stand import Stand
from tests.browser.visitors import PHONE, SCREEN, SMALL_PHONE, Visitors, Window

pytestmark = pytest.mark.one_database  # about what is drawn

WCAG_22_AA = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
LANGUAGES = pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


@LANGUAGES
@SCHEMES
def test_the_public_pages_have_no_barriers(
    stand: Stand, visitors: Visitors, locale: str, scheme: str
) -> None:
    page = visitors.arrive(PHONE, locale=locale, color_scheme=scheme)
    assert not barriers(page, tour.of_the_public(page, stand))


@LANGUAGES
@SCHEMES
def test_the_desk_has_no_barriers(stand: Stand, visitors: Visitors, locale: str, scheme: str) -> None:
    window = SCREEN if scheme == "light" else PHONE
    page = tour.signed_in(stand, visitors, window, locale=locale, color_scheme=scheme)
    assert not barriers(page, tour.of_the_desk(page, stand))


def barriers(page: Page, names: Iterator[str]) -> list[str]:
    """What axe finds on each page of a tour."""
    axe = Axe()
    return [
        f"{name}: {found['id']} at {node['target']}: {node['failureSummary']}"
        for name in names
        for found in axe.run(page, options=WCAG_22_AA).response["violations"]
        for node in found["nodes"]
    ]


def as_it_is(page: Page) -> None:
    """Leave the letters alone."""


def twice_the_size(page: Page) -> None:
    """The reader's letters, at 200 %."""
    page.evaluate(
        """() => {
            const root = document.documentElement;
            root.style.fontSize ||= parseFloat(getComputedStyle(root).fontSize) * 2 + 'px';
        }"""
    )


@pytest.mark.parametrize(
    ("window", "letters"),
    [(SMALL_PHONE, as_it_is), (PHONE, twice_the_size), (SCREEN, twice_the_size)],
    ids=["320 px wide", "letters twice the size on a phone", "letters twice the size on a screen"],
)
def test_nothing_scrolls_sideways(
    stand: Stand, visitors: Visitors, window: Window, letters: Callable[[Page], None]
) -> None:
    too_wide = []
    public, desk = visitors.arrive(window), tour.signed_in(stand, visitors, window)
    for page, names in ((public, tour.of_the_public(public, stand)), (desk, tour.of_the_desk(desk, stand))):
        for name in names:
            letters(page)
            if wider := Screen(page).too_wide():
                too_wide.append(f"{name}: {wider}")
    assert not too_wide, "\n".join(too_wide)
