"""A meeting as three shops and its secretary meet it: invitations on private pages, a vote, the code at the door."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.committee_pages import at_home
from tests.browser.pages import Screen, at_the_desk
from tests.browser.stand import Stand
from tests.browser.test_looks import barriers
from tests.browser.visitors import PHONE, SCREEN, SMALL_PHONE, Visitors, Window
from tests.factories import Sent
from tests.matters import an_issue
from tests.meetings import OPTIONS, QUESTION, a_plan, number_of_issue, three_shops, version_of, view_of
from tests.unit.adapters.qr_reading import png_picture, read_by_zxing
from tracker.domain.permissions import Role
from tracker.extensions import now
from tracker.services import agendas, invitations, meetings, votes
from tracker.services.meeting_views import door_of

pytestmark = pytest.mark.one_database  # about pages in the hand; services are tested on both


def a_meeting_soon(stand: Stand) -> tuple[str, list[Sent]]:
    """Three shops reported; the secretary has planned a meeting in three days and invited them."""
    with stand.app.app_context():
        by, at = stand.crew[Role.SECRETARY], now()
        shops = three_shops()
        issue = number_of_issue(an_issue(*(shop.number for shop in shops)))
        starts = at + timedelta(days=3)
        plan = a_plan(by, starts_at=starts, ends_at=starts + timedelta(hours=2))
        number = meetings.plan(plan, [issue], by=by, now=at)
        item = view_of(number, by).agenda[0].id
        agendas.set_item(number, item, QUESTION, OPTIONS, version=version_of(number), by=by, now=at)
        invitations.invite(number, with_reporters=True, version=version_of(number), by=by, now=at)
    return number, shops


def test_three_shops_answer_and_one_votes_on_phones_without_script(stand: Stand, visitors: Visitors) -> None:
    number, shops = a_meeting_soon(stand)
    desk = at_the_desk(stand, visitors, SCREEN, "secretary").page
    desk.goto(f"{stand.address}/meetings/{number}/votes")
    Screen(desk).press("开始表决")
    Screen(desk).sees("正在表决：已投 0 票，能投的 3 人").fits()

    first = at_home(stand, visitors.arrive(PHONE.plain), shops[0]).sees("请您来开会", QUESTION).fits()
    first.answer("我来", words="门口最堵", name="王师傅").sees("请先勾选同意，答复才能交给会议主持人。")
    expect(first.page.get_by_label("想在会上说什么")).to_have_value("门口最堵")
    first.answer("我来", words="门口最堵", name="王师傅", consent=True).sees("您答复的是“来”").fits()
    first.vote("划一块停放区").vote("先试一个月再定", "改投")
    second = at_home(stand, visitors.arrive(SMALL_PHONE.plain), shops[1])
    second.answer("还不一定", consent=True).sees("您答复的是“不一定”").fits()
    at_home(stand, visitors.arrive(PHONE.plain), shops[2]).answer("来不了").sees("您答复的是“不来”")

    desk.goto(f"{stand.address}/meetings/{number}/invitations")
    Screen(desk).sees("号（王师傅）", "门口最堵", "1 来，1 不一定，1 不来").fits()
    desk.goto(f"{stand.address}/meetings/{number}/votes")
    Screen(desk).press("结束表决")
    Screen(desk).sees("“先试一个月再定”最多，1 票。 共 1 票，能投的 3 人，投票率 33%。")
    first.page.reload()
    first.sees("“先试一个月再定”最多").fits()


def test_the_code_at_the_door_can_be_scanned(stand: Stand, visitors: Visitors) -> None:
    number, _ = a_meeting_soon(stand)
    desk = at_the_desk(stand, visitors, SCREEN, "secretary").page
    desk.goto(f"{stand.address}/meetings/{number}/sign-in/door")
    picture = png_picture(desk.locator(".door-code").screenshot())
    (link,) = read_by_zxing(picture)
    assert link.startswith(f"{stand.address}/m/")
    phone = visitors.arrive(PHONE.plain)
    phone.goto(link)
    Screen(phone).sees("还没到签到时间").fits()


@pytest.mark.parametrize(
    ("window", "scheme"), [(SCREEN, "light"), (SMALL_PHONE, "dark")], ids=["screen", "small phone, dark"]
)
def test_the_pages_have_no_barriers_and_fit(
    stand: Stand, visitors: Visitors, window: Window, scheme: str
) -> None:
    number, shops = a_meeting_soon(stand)
    desk = at_the_desk(stand, visitors, window, "secretary").page
    desk.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    with stand.app.app_context():
        by = stand.crew[Role.SECRETARY]
        item = view_of(number, by).agenda[0].id
        votes.open_vote(number, item, version=version_of(number), by=by, now=now())
        door = f"/m/{door_of(number, by)}"
    tabs = ("", "/edit", "/agenda", "/invitations", "/sign-in", "/sign-in/door", "/votes")
    addresses = ["/meetings", "/meetings/new", *(f"/meetings/{number}{tab}" for tab in tabs), door]
    assert not barriers(desk, opened(desk, stand, addresses))
    home = visitors.arrive(window, color_scheme=scheme)
    at_home(stand, home, shops[0]).page.locator("main details summary").first.click()
    assert not barriers(home, iter(["private page"]))
    Screen(home).fits()


def opened(page: Page, stand: Stand, addresses: list[str]) -> Iterator[str]:
    """One page after the other, with everything on it unfolded; each fits into the window."""
    for address in addresses:
        page.goto(stand.address + address)
        for fold in page.locator("main details:not([open]) > summary").all():
            fold.click()
        Screen(page).fits()
        yield address
