"""Through the pages that people meet most, in any language: what every page must hold is asked of each."""

import re
from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.browser.pages import at_the_desk
from tests.browser.photos import small_photo
from tests.browser.stand import Stand
from tests.browser.visitors import SCREEN, Visitors, Window
from tracker.domain.lifecycle import State


def of_the_public(page: Page, stand: Stand) -> Iterator[str]:
    """Show the pages of a reporter one after the other on `page`; yields what each is."""
    page.goto(stand.address)
    yield "front door"
    stand.reported("盲道上堆了纸箱。")
    page.goto(stand.form_of(stand.street.token))
    expect(page.locator("#similar")).to_be_visible()
    yield "form with what is open here"
    page.locator("details.more summary").first.click()
    yield "form with all categories"
    if page.locator(".enhanced").count():
        for choice, state in (("G3", "a danger"), ("F3", "a protected category")):
            page.locator(f"label:has(input[value={choice}])").click()
            yield f"form with {state} chosen"
        page.reload()
    _send(page)
    yield "form with errors"
    page.locator("label.tile:has(input[value=A5])").click()
    page.locator("#f-text").fill("Wide-words-without-a-break-" * 6 + "纸箱堆在人行道上，轮椅过不去。" * 4)
    page.locator("#photos").set_input_files(small_photo(41))
    _send(page)
    expect(page).to_have_url(re.compile("/t/"))
    yield "receipt"
    own = _waiting_for_an_answer(page, stand)
    page.goto(own + "?progress=1")  # away from the receipt
    yield "private page, asked"
    _unfold(page)
    yield "private page, everything open"
    page.goto(own + "?answer=no#answer")
    yield "private page, not fixed"
    page.goto(own)
    page.locator("form[action$='/confirm'] button").click()
    expect(page.locator("#rate")).to_be_visible()
    yield "private page, rating"
    page.goto(f"{own}/phones")
    page.locator("form[action$='/pair'] button").click()
    expect(page.locator(".code-picture")).to_be_visible()
    _unfold(page)
    yield "link and phones, with a code"
    yield from _other_states(page, stand)
    page.goto(f"{stand.address}/mine")
    _unfold(page)
    yield "my reports"
    page.goto(f"{stand.address}/mine/open")
    page.locator("#f-code").fill("ABCD-EFGH")
    _send(page)
    yield "a code that is wrong"


def _other_states(page: Page, stand: Stand) -> Iterator[str]:
    """The private page of somebody else's reports, opened by their digits, where it looks different."""
    for state in (State.NEEDS_INFO, State.ON_HOLD, State.DECLINED):
        sent = stand.reported("盲道上堆了纸箱。")
        stand.walk(sent.number, state)
        page.goto(f"{stand.address}/t/{sent.link_key}")
        if state != State.NEEDS_INFO:  # there the form stands open
            page.locator("#speak > summary").click()
        page.locator("#f-code").fill(sent.code)
        page.locator("#speak form button").click()
        expect(page.locator("#speak")).to_have_count(0)
        yield f"private page, {state}"


def of_the_desk(page: Page, stand: Stand) -> Iterator[str]:
    """The same for somebody who is signed in as the operator on `page`."""
    number = stand.reported("盲道上堆了纸箱。" * 5, phone="13812345678").number
    page.goto(f"{stand.address}/desk")
    yield "queue"
    page.goto(f"{stand.address}/desk/cases/{number}")
    yield "case"
    _unfold(page)
    yield "case, actions open"
    page.goto(f"{stand.address}/login/sessions")
    yield "sessions"
    page.context.clear_cookies()
    page.goto(f"{stand.address}/login")
    yield "login"


def signed_in(stand: Stand, visitors: Visitors, window: Window, **options: str) -> Page:
    """A browser in which the operator has signed in before."""
    if "operator" not in stand.signed_in:
        at_the_desk(stand, visitors, SCREEN, "operator")
    return visitors.arrive(window, storage_state=stand.signed_in["operator"], **options)


def _unfold(page: Page) -> None:
    """Open everything that can be opened, also what that brings to light."""
    folded = page.locator("main details:not([open]) > summary").filter(visible=True)
    while folded.count():
        folded.first.click()


def _send(page: Page) -> None:
    page.locator("main form button[type=submit]").last.click()


def _waiting_for_an_answer(page: Page, stand: Stand) -> str:
    """Bring the report just sent to where its sender is asked; the address of its private page."""
    stand.walk(page.locator("#number").inner_text(), State.VERIFIED)
    return page.url
