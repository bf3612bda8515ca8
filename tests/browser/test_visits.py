"""A round through the shops with a phone: on a good network, on none, and what the shop gets of it."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select

from tests.browser.pages import PrivatePage, Screen, at_the_desk
from tests.browser.photos import phone_photo, small_photo
from tests.browser.stand import Stand
from tests.browser.test_looks import as_it_is, barriers, twice_the_size
from tests.browser.visitors import PHONE, SCREEN, SMALL_PHONE, Visitors, Window
from tests.unit.adapters.qr_reading import png_picture, read_by_zxing
from tracker.extensions import db
from tracker.models import Case, Place, Visit, VisitLine, VisitPhoto

pytestmark = pytest.mark.one_database(
    reason="what the phone does; both databases: tests/unit/services/test_visits.py"
)

OPENED = re.compile(r"/visits/\d+$")


def on_her_round(stand: Stand, visitors: Visitors, window: Window = PHONE) -> Page:
    """The secretary with her phone, signed in."""
    if "secretary" not in stand.signed_in:
        at_the_desk(stand, visitors, SCREEN, "secretary")
    return visitors.arrive(window, storage_state=stand.signed_in["secretary"])


def at_the_shop(stand: Stand, page: Page, place: str) -> Screen:
    """The form of a place before her."""
    page.goto(f"{stand.address}/visits/new?place={place}")
    return Screen(page)


def said(page: Page, *lines: str) -> None:
    """Write down what was said, a line each."""
    for number, words in enumerate(lines, start=1):
        if number > 1:
            page.get_by_role("button", name="再加一条").click()
        page.get_by_label(f"第 {number} 条：店里说了什么").fill(words)


def stored(stand: Stand, name: str) -> list[list[str]]:
    """What the database holds of visits to a place: the lines of each, in the order they came in."""
    with stand.app.app_context():
        wanted = select(Visit.id).join(Visit.place).where(Place.name == name).order_by(Visit.id)
        return [
            list(
                db.session.scalars(
                    select(VisitLine.text).where(VisitLine.visit_id == visit_id).order_by(VisitLine.position)
                )
            )
            for visit_id in list(db.session.scalars(wanted))
        ]


def test_a_visit_without_network_is_kept_and_sent_once_and_a_line_becomes_the_shops_own_case(
    stand: Stand, visitors: Visitors
) -> None:
    place = stand.new_place("shop", name="阿婆葱油饼", address="闻喜路 100 号")
    page = on_her_round(stand, visitors)
    page.goto(f"{stand.address}/visits/today")
    Screen(page).sees("今天的路线", "还没走访过").fits()
    # The route has room for so many shops, and this street of all browser tests has more: she scans the shop's code.
    shop = at_the_shop(stand, page, place).sees("阿婆葱油饼", "还没走访过").fits()
    page.get_by_label("见到谁").fill("阿婆")
    said(page, "共享单车天天堵住店门", "垃圾桶两天没收")
    page.get_by_label("照片").first.set_input_files(phone_photo(seed=5))
    expect(page.get_by_text("已选 1 张")).to_be_visible()

    page.context.set_offline(True)
    shop.press("记下")
    shop.sees("未发送：1 次走访", "没有网络：已存在这部手机里").fits()
    assert stored(stand, "阿婆葱油饼") == []
    page.get_by_label("哪家店").fill("老盛昌")  # the next shop, still without network
    said(page, "路灯不亮")
    shop.press("记下")
    shop.sees("未发送：2 次走访")

    page.context.set_offline(False)
    expect(page.locator("[data-outbox]")).to_be_hidden()
    assert stored(stand, "阿婆葱油饼") == [["共享单车天天堵住店门", "垃圾桶两天没收"]]
    assert stored(stand, "老盛昌汤包馆")[-1] == ["路灯不亮"]
    with stand.app.app_context():
        photo = db.session.scalars(select(VisitPhoto).order_by(VisitPhoto.id.desc()).limit(1)).one()
        assert max(photo.width, photo.height) == 1600  # made small on the phone
        assert photo.height > photo.width  # and upright

    page.goto(f"{stand.address}/visits")
    page.get_by_role("link", name="阿婆葱油饼").click()
    visit = Screen(page).sees("见到：阿婆", "只记录").fits().shows_every_picture()
    page.get_by_role("button", name="非机动车(共享单车)乱停放").first.click()
    visit.sees("请店家扫一扫").fits()
    shown = page.get_by_role("img", name="进度页面的二维码").screenshot()
    (link,) = read_by_zxing(png_picture(shown))
    code = page.get_by_label("4位数字", exact=True).inner_text()
    keeper = PrivatePage.at(visitors.arrive(PHONE), link).sees("共享单车天天堵住店门").misses("走访", "书记")
    keeper.enter_code(code).add("今天又堵了").sees("今天又堵了")
    visit.press("好了，回到走访")
    visit.sees("已立案", "待签收")

    page.goto(f"{stand.address}/visits/places/{place}")
    Screen(page).sees("阿婆葱油饼", "垃圾桶两天没收", "已立案").fits()
    with stand.app.app_context():
        of_the_shop = (
            select(func.count()).select_from(Case).join(Case.place).where(Place.name == "阿婆葱油饼")
        )
        assert db.session.scalar(of_the_shop) == 1


def test_an_answer_lost_on_the_way_back_makes_no_second_visit(stand: Stand, visitors: Visitors) -> None:
    stand.new_place("shop", name="断网五金店", address="闻喜路 101 号")
    page = on_her_round(stand, visitors)
    shop = at_the_shop(stand, page, "断网五金店")
    said(page, "门口积水")
    lost: list[int] = []

    def lose(route: Route) -> None:
        lost.append(route.fetch(max_redirects=0).status)
        route.abort("connectionreset")

    page.route("**/visits/new", lose, times=2)
    page.get_by_role("button", name="记下").dblclick()
    shop.sees("未发送：1 次走访")
    expect(page.locator("[data-outbox]")).to_be_hidden(timeout=30_000)
    assert lost == [201, 201]
    assert stored(stand, "断网五金店") == [["门口积水"]]


def test_what_is_being_written_survives_the_page(stand: Stand, visitors: Visitors) -> None:
    stand.new_place("shop", name="手滑奶茶店", address="闻喜路 102 号")
    page = on_her_round(stand, visitors)
    shop = at_the_shop(stand, page, "手滑奶茶店")
    said(page, "排队挡了盲道", "晚上有人抽烟")
    page.get_by_label("照片").nth(1).set_input_files(small_photo(7))
    page.wait_for_function(
        "() => new Promise(done => setTimeout(() => done(true), 900))"
    )  # a pause in typing
    page.goto(f"{stand.address}/visits")
    shop = at_the_shop(stand, page, "手滑奶茶店")
    shop.sees("上次没写完的还在")
    expect(page.get_by_label("第 2 条：店里说了什么")).to_have_value("晚上有人抽烟")
    expect(page.get_by_text("已选 1 张")).to_be_visible()
    shop.press("记下")
    expect(page).to_have_url(OPENED)
    at_the_shop(stand, page, "手滑奶茶店").sees("以前说过的").misses("上次没写完的还在")
    assert stored(stand, "手滑奶茶店") == [["排队挡了盲道", "晚上有人抽烟"]]


def test_a_visit_can_be_written_without_script(stand: Stand, visitors: Visitors) -> None:
    stand.new_place("shop", name="没脚本的店", address="闻喜路 103 号")
    page = on_her_round(stand, visitors, PHONE.plain)
    page.goto(f"{stand.address}/visits/today")
    Screen(page).sees("今天的路线").fits()
    at_the_shop(stand, page, "没脚本的店")
    page.get_by_label("照片").set_input_files(small_photo(8))
    said(page, "招牌要掉了", "下水道堵了")
    Screen(page).sees("保留").press("记下")
    expect(page).to_have_url(OPENED)
    Screen(page).sees("招牌要掉了", "下水道堵了").shows_every_picture()


def her_pages(page: Page, stand: Stand) -> Iterator[str]:
    """Show every page of hers one after the other; yields what each is."""
    code = stand.new_place("shop", name="名字很长很长的一家小店" * 2, address="闻喜路 104 号")
    stand.reported("盲道上堆了纸箱。" * 5)
    page.goto(f"{stand.address}/visits/new?place=" + "闻喜路")
    yield "form, several places fit"
    page.goto(f"{stand.address}/visits/new?place={code}")
    page.locator("button[name=more]").click()
    yield "form"
    page.locator("#f-text-0").fill("Wide-words-without-a-break-" * 6 + "纸箱堆在人行道上，轮椅过不去。" * 4)
    page.locator("#f-met").fill("Keeper")
    page.locator("#photos-0").set_input_files(small_photo(9))
    page.locator(".visit-form button[type=submit]").last.click()
    expect(page).to_have_url(OPENED)
    yield "visit"
    for fold in page.locator("main details > summary").all():
        fold.click()
    yield "visit, everything open"
    page.locator(".make-case button").first.click()
    expect(page).to_have_url(re.compile("/link$"))
    yield "the shop's code"
    page.goto(f"{stand.address}/visits/places/{code}")
    yield "memory"
    page.goto(f"{stand.address}/visits/today")
    yield "route"
    page.goto(f"{stand.address}/visits")
    yield "list"


@pytest.mark.parametrize(
    ("locale", "scheme", "window"), [("zh-CN", "light", PHONE), ("en-GB", "dark", SCREEN)], ids=["zh", "en"]
)
def test_her_pages_have_no_barriers(
    stand: Stand, visitors: Visitors, locale: str, scheme: str, window: Window
) -> None:
    on_her_round(stand, visitors)
    options = {"locale": locale, "color_scheme": scheme, "storage_state": stand.signed_in["secretary"]}
    page = visitors.arrive(window, **options)
    if locale == "en-GB":
        page.goto(f"{stand.address}/language/en?next=/visits")
    assert not barriers(page, her_pages(page, stand))


@pytest.mark.parametrize(
    ("window", "letters"),
    [(SMALL_PHONE, as_it_is), (PHONE, twice_the_size)],
    ids=["320 px wide", "letters twice the size on a phone"],
)
def test_her_pages_never_scroll_sideways(
    stand: Stand, visitors: Visitors, window: Window, letters: Callable[[Page], None]
) -> None:
    page, too_wide = on_her_round(stand, visitors, window), []
    for name in her_pages(page, stand):
        letters(page)
        if wider := Screen(page).too_wide():
            too_wide.append(f"{name}: {wider}")
    assert not too_wide, "\n".join(too_wide)
