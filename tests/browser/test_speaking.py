"""Who may speak for a report, and in which language the site answers."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PrivatePage, ReportForm, reported
from tests.browser.stand import Stand
from tests.browser.visitors import PHONE, SCREEN, Visitors, Window

pytestmark = pytest.mark.one_database  # about browsers and cookies


@pytest.mark.parametrize("window", [PHONE, SCREEN.plain], ids=["phone", "screen without script"])
def test_another_device_may_look_and_speaks_only_with_the_code(
    stand: Stand, visitors: Visitors, window: Window
) -> None:
    _, told = reported(stand, visitors, window, f"煤气罐放在楼道口，{window.width} 点宽。")
    other = PrivatePage.at(visitors.arrive(window), told.link)
    other.stands("已收到").sees(told.number, "煤气罐放在楼道口", "我是上报人，要补充").fits()
    assert not other.may("补充情况")
    assert not other.may("撤回上报")

    other.enter_code(f"{(int(told.code) + 1) % 10_000:04d}").sees("验证码不对，请核对上报时显示的4位数字。")
    assert not other.may("补充情况")
    other.enter_code(told.code).sees("好了，现在可以在这里补充、回答。")
    other.add("现在挪到门外了。").sees("您补充了情况", "现在挪到门外了。")


def test_a_made_up_link_says_nothing_about_any_case(stand: Stand, visitors: Visitors) -> None:
    _, told = reported(stand, visitors, PHONE, "楼道堆了旧家具。")
    page = visitors.arrive(PHONE)
    page.goto(told.link[:-4] + "AAAA")
    expect(page.locator("main")).not_to_contain_text(told.number)
    expect(page.locator("main")).not_to_contain_text("楼道堆了旧家具。")


@pytest.mark.parametrize("window", [PHONE, PHONE.plain], ids=["phone", "phone without script"])
def test_the_other_language_is_one_touch_away_and_stays(
    stand: Stand, visitors: Visitors, window: Window
) -> None:
    form = ReportForm.at(page := visitors.arrive(window), stand.form_of(stand.street.token))
    address = page.url
    form.sees("占道(乱)堆物").switch_language("English")
    expect(page).to_have_url(address)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    form.sees("Goods blocking pavement").misses("占道(乱)堆物", "什么问题？", "拍张照片", "提交")

    form.choose("Goods blocking pavement")
    page.locator("#f-text").fill(f"Boxes on the pavement, script: {window.has_script}.")
    page.locator("main form button[type=submit]").last.click()
    expect(page).to_have_url(re.compile("/t/"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    own = page.url
    page.get_by_role("link", name="中文", exact=True).click()
    expect(page).to_have_url(own)
    PrivatePage(page).sees("已收到")
