"""Chromium, a street to walk in, and visitors whose browsers are watched."""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.stand import Stand, standing
from tests.browser.visitors import PATIENCE_MS, Visitors, file_name
from tests.databases import Databases, Engine

FAILED = pytest.StashKey[bool]()
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the fixtures below whether their test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


def chromium() -> str:
    """The Chromium named by CHROME_PATH, or on the path."""
    found = os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "These tests need Chromium: install it or set CHROME_PATH."
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all."""
    found = chromium()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stand_on(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Engine], Stand]]:
    """The street on a database of either kind, set up when first asked for."""
    standings: dict[Engine, Stand] = {}
    with ExitStack() as stack:

        def on(engine: Engine) -> Stand:
            if engine not in standings:
                folder = tmp_path_factory.mktemp(f"street-{engine}")
                standings[engine] = stack.enter_context(standing(databases, engine, folder))
            return standings[engine]

        yield on


@pytest.fixture
def stand(stand_on: Callable[[Engine], Stand], engine: Engine) -> Stand:
    """The street of this test's database, shared with other tests: make your own places or cases."""
    return stand_on(engine)


Visiting = Callable[[str], AbstractContextManager[Visitors]]


@pytest.fixture
def visiting(
    browser: Browser, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Visiting:
    """Browsers on the site at an address; afterwards none may have met a script error or asked another host."""

    @contextmanager
    def on(address: str) -> Iterator[Visitors]:
        visitors = Visitors(browser, address)
        try:
            yield visitors
            assert not visitors.faults, "\n".join(visitors.faults)
        finally:
            if request.node.stash.get(FAILED, False) or visitors.faults:
                visitors.photograph(_folder_for(request, tmp_path_factory))
            visitors.leave()

    return on


@pytest.fixture
def visitors(stand: Stand, visiting: Visiting) -> Iterator[Visitors]:
    """Browsers on the street."""
    with visiting(stand.address) as visitors:
        yield visitors


def _folder_for(request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> Path:
    return folders.getbasetemp() / "failed" / file_name(request.node.name)
