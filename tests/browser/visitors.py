"""People with browsers: each has a window of some size, cookies of his own, and an eye on what goes wrong."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

PATIENCE_MS = 15_000
"""Ends a broken test; a busy machine is no matter."""


@dataclass(frozen=True)
class Window:
    """How somebody looks at the site: CSS pixels, a finger or a mouse, with or without JavaScript."""

    width: int
    height: int
    is_phone: bool = False
    has_script: bool = True

    @property
    def plain(self) -> "Window":
        """The same with JavaScript off."""
        return replace(self, has_script=False)

    def __str__(self) -> str:
        return f"{self.width}x{self.height}, {'with' if self.has_script else 'no'} script"


PHONE = Window(390, 844, is_phone=True)
SMALL_PHONE = Window(320, 640, is_phone=True)
SCREEN = Window(1280, 800)


class Visitors:
    """The visitors of one test, on the site at `address`."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._host = urlsplit(address).netloc
        self._contexts: list[BrowserContext] = []
        self.faults: list[str] = []

    def arrive(self, window: Window, **options: Any) -> Page:
        """A new person with a new browser, speaking Chinese unless `options` (of the context) say otherwise."""
        given: dict[str, Any] = {
            "viewport": {"width": window.width, "height": window.height},
            "is_mobile": window.is_phone,
            "has_touch": window.is_phone,
            "java_script_enabled": window.has_script,
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
            "reduced_motion": "reduce",
        }
        context = self._browser.new_context(**given | options)
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("request", self._see_request)
        context.on("response", self._see_response)
        self._contexts.append(context)
        return context.new_page()

    def photograph(self, folder: Path) -> None:
        """Keep what every open page shows, as a picture and as markup: for whoever looks into a failure."""
        folder.mkdir(parents=True, exist_ok=True)
        pages = [page for context in self._contexts for page in context.pages if not page.is_closed()]
        for number, page in enumerate(pages, start=1):
            page.screenshot(path=folder / f"{number}.png", full_page=True)
            (folder / f"{number}.html").write_text(page.content(), encoding="utf-8")

    def leave(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        """An answer such as 409 is reported by the browser too; which of them were due is the story's matter."""
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console: {message.text}")

    def _see_request(self, request: Request) -> None:
        split = urlsplit(request.url)
        if split.scheme not in ("data", "blob", "about") and split.netloc != self._host:
            self.faults.append(f"asked another host: {request.url}")

    def _see_response(self, response: Response) -> None:
        is_form_given_back = response.status in (409, 422, 429) and response.request.method == "POST"
        if is_form_given_back:
            return  # what is wrong with it is the story's matter, whether a page or its script sent it
        if response.status >= 400 and not response.request.is_navigation_request():
            self.faults.append(f"{response.status} for {response.url}")
        elif response.status >= 500:
            self.faults.append(f"{response.status} for the page {response.url}")


def file_name(test_name: str) -> str:
    """A test's name as a folder's name."""
    return re.sub(r"[^\w.-]+", "-", test_name).strip("-")
