"""Covering a face in a photo before strangers see it: by hand with a pointer, and with the keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests import factories
from tests.browser import tour
from tests.browser.pages import Screen
from tests.browser.stand import Stand
from tests.browser.test_looks import as_it_is, barriers, twice_the_size
from tests.browser.visitors import PHONE, SCREEN, SMALL_PHONE, Visitors
from tracker.domain.lifecycle import State
from tracker.extensions import db, now
from tracker.models import Case, PublicPhoto
from tracker.services.figures import count_on

pytestmark = pytest.mark.one_database  # about what is drawn and pressed


def a_closed_case(stand: Stand, shop: str) -> str:
    """A case with a photo before and after, in a shop of its own."""
    with stand.app.app_context():
        sent = factories.a_report(factories.a_place(name=shop), photos=1)
        factories.walk_to(sent.number, State.CLOSED, stand.crew)
        return sent.number


def marks(stand: Stand, number: str) -> list[str]:
    """What was destroyed in the public pictures of a case."""
    with stand.app.app_context():
        return list(
            db.session.scalars(
                select(PublicPhoto.areas)
                .join(Case, Case.id == PublicPhoto.case_id)
                .where(Case.number == number)
                .order_by(PublicPhoto.photo_id)
            )
        )


def publish(page: Page) -> None:
    """Look at it, and agree."""
    page.get_by_role("button", name="看看公开后的样子").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("公开后的样子")
    picture = page.locator(".look img").first
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 400
    page.get_by_role("button", name="公开", exact=True).click()
    expect(page.locator(".flashes")).to_contain_text("已公开")


def test_a_box_drawn_on_the_photo_is_destroyed_in_what_strangers_get(
    stand: Stand, visitors: Visitors
) -> None:
    number = a_closed_case(stand, "画框的店")
    page = tour.signed_in(stand, visitors, SCREEN)
    page.goto(f"{stand.address}/desk/cases/{number}")
    page.get_by_role("link", name="公开照片").click()
    first = page.locator(".photo-choice").first
    first.locator("summary").click()
    first.get_by_role("button", name="画框").click()
    sheet = first.locator(".mask-sheet")
    sheet.scroll_into_view_if_needed()
    edge = sheet.bounding_box()
    assert edge
    for start, end in (((0.25, 0.25), (0.5, 0.75)), ((0.9, 0.9), (0.6, 0.8))):
        page.mouse.move(edge["x"] + edge["width"] * start[0], edge["y"] + edge["height"] * start[1])
        page.mouse.down()
        page.mouse.move(edge["x"] + edge["width"] * end[0], edge["y"] + edge["height"] * end[1], steps=4)
        page.mouse.up()
    expect(first.locator(".mask-boxes rect")).to_have_count(2)
    expect(first.get_by_label("打码后公开")).to_be_checked()
    first.get_by_role("button", name="去掉第 2 个框").click()
    publish(page)
    (drawn,) = marks(stand, number)
    assert all(
        abs(int(at) - wanted) <= 3 for at, wanted in zip(drawn.split(","), (250, 250, 250, 500), strict=True)
    )
    front = visitors.arrive(PHONE)
    front.goto(stand.address)
    expect(front.locator(".fixed img").first).to_be_attached()
    page.get_by_role("button", name="全部撤下").click()
    expect(page.locator(".flashes")).to_contain_text("已撤下")
    assert marks(stand, number) == []


def test_the_keyboard_alone_marks_cells_looks_and_publishes(stand: Stand, visitors: Visitors) -> None:
    number = a_closed_case(stand, "按键的店")
    page = tour.signed_in(stand, visitors, SCREEN)
    page.goto(f"{stand.address}/desk/cases/{number}/photos")
    first = page.locator(".photo-choice").first
    first.get_by_label("不公开").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(first.get_by_label("打码后公开")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # opens what was folded
    for _ in range(3):
        page.keyboard.press("Tab")  # two ways to mark, then the first cell
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(first.locator("input[type=checkbox]:checked")).to_have_count(2)
    publish(page)
    assert marks(stand, number) == ["0,0,125,166;125,0,125,166"]


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_the_front_page_and_the_tool_have_no_barriers_and_nothing_scrolls_sideways(
    stand: Stand, visitors: Visitors, locale: str, scheme: str
) -> None:
    number = a_closed_case(stand, f"看得见的店 {locale}")
    with stand.app.app_context():
        while count_on(now()):
            pass
    staff = tour.signed_in(stand, visitors, PHONE, locale=locale, color_scheme=scheme)
    stranger = visitors.arrive(SMALL_PHONE, locale=locale, color_scheme=scheme)

    stranger.goto(stand.address)
    staff.goto(f"{stand.address}/desk/cases/{number}/photos")
    for fold in staff.locator(".mask-fold summary").all():
        fold.click()
    staff.locator("input[value=as_it_is]").first.check()
    found = barriers(stranger, iter(["front"])) + barriers(staff, iter(["choosing"]))
    for page in (stranger, staff):
        for letters in (as_it_is, twice_the_size):
            letters(page)
            found += filter(None, [Screen(page).too_wide()])
    staff.locator(".choose-end button").click()
    staff.wait_for_url(re.compile("/look$"))
    found += barriers(staff, iter(["looking"])) + list(filter(None, [Screen(staff).too_wide()]))
    assert not found, "\n".join(map(str, found))
