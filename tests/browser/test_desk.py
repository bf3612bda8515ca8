"""The desk while others work too."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import STALE, Queue, SignIn, at_the_case, at_the_desk, reported
from tests.browser.stand import Stand
from tests.browser.visitors import PHONE, SCREEN, Visitors, Window

pytestmark = pytest.mark.one_database  # two at once are tried on both in tests/crash

A_POLL_MS = 10_000


@pytest.mark.parametrize("window", [SCREEN, PHONE.plain], ids=["screen", "phone without script"])
def test_a_stale_page_shows_what_changed_and_keeps_the_words(
    stand: Stand, visitors: Visitors, window: Window
) -> None:
    _, told = reported(stand, visitors, PHONE.plain, f"两个人在 {window.width} 点宽的屏上同时看到的纸箱。")
    slow = at_the_case(stand, visitors, window, "operator", told.number)
    quick = at_the_case(stand, visitors, window, "operator", told.number)
    slow.fill("请补充", {"要问的问题": "在店门左边还是右边？"})
    quick.take("立案").saved("立案", "待派遣")

    with slow.page.expect_response(lambda response: response.request.method == "POST") as answered:
        slow.send("请补充")
    assert answered.value.status == 409
    slow.sees(STALE, "立案 → 待派遣", "在店门左边还是右边？").stands("待派遣").fits()
    assert "请补充" not in slow.offers()
    slow.again().misses("在店门左边还是右边？")


def test_a_second_tap_on_an_action_counts_once(stand: Stand, visitors: Visitors) -> None:
    _, told = reported(stand, visitors, PHONE.plain, "按了两次的纸箱。")
    case = at_the_case(stand, visitors, SCREEN.plain, "operator", told.number)
    case.fill("备注", {"备注": "先打电话问问。"})
    case.button("备注").dblclick()
    case.about(told.number).sees("先打电话问问。").stands("待受理")
    expect(case.page.locator(".timeline-words", has_text="先打电话问问。")).to_have_count(1)


def test_a_new_case_appears_in_the_open_queue(stand: Stand, visitors: Visitors) -> None:
    queue = open_queue(stand, visitors)
    told = stand.reported("没有刷新就出现的纸箱。")
    queue.page.clock.run_for(A_POLL_MS)
    queue.lists(told.number).sees("没有刷新就出现的纸箱。").shows_every_picture()


def test_a_new_case_never_moves_the_row_that_is_being_read(stand: Stand, visitors: Visitors) -> None:
    first = stand.reported("正在读的纸箱。")
    queue = open_queue(stand, visitors).lists(first.number)
    queue.page.get_by_role("link", name=first.number).focus()
    second = stand.reported("不打扰人的纸箱。")
    queue.page.clock.run_for(A_POLL_MS)
    queue.sees("1 条新案件 · 显示").misses("不打扰人的纸箱。")
    queue.press("1 条新案件 · 显示")
    queue.lists(second.number)
    expect(queue.page.get_by_role("link", name=second.number)).to_be_focused()


def open_queue(stand: Stand, visitors: Visitors) -> Queue:
    """The queue with its clock in our hand, so that nobody waits for the next poll."""
    page = at_the_desk(stand, visitors, SCREEN, "operator").page
    page.clock.install()
    page.reload()
    return Queue(page)


@pytest.mark.parametrize("window", [SCREEN, PHONE.plain], ids=["screen", "phone without script"])
def test_signing_in_leads_back_to_where_one_wanted_to_go(
    stand: Stand, visitors: Visitors, window: Window
) -> None:
    told = stand.reported("要登录才看得到的纸箱。")
    page = visitors.arrive(window)
    page.goto(f"{stand.address}/desk/cases/{told.number}")
    door = SignIn(page).sees("工作人员登录").misses("要登录才看得到的纸箱。")
    page.get_by_label("用户名").fill("operator")
    page.get_by_label("密码").fill("not the password")
    door.press("登录")
    door.sees("没有登录成功").fits()
    expect(page.get_by_label("用户名")).to_have_value("operator")
    door.enter("operator").sees("要登录才看得到的纸箱。")
    page.get_by_role("button", name="退出").click()
    page.goto(f"{stand.address}/desk/cases/{told.number}")
    door.sees("工作人员登录")


def test_a_handler_sees_only_the_cases_of_the_own_department(stand: Stand, visitors: Visitors) -> None:
    told = stand.reported("与绿化无关的纸箱。")
    queue = at_the_desk(stand, visitors, PHONE, "handler-lr").fits()
    expect(queue.page.get_by_role("link", name=told.number)).to_have_count(0)
    queue.page.goto(f"{stand.address}/desk/cases/{told.number}")
    queue.sees("没有找到这一页").misses("与绿化无关的纸箱。")


def test_the_phone_number_is_shown_with_a_reason_on_one_page_only(stand: Stand, visitors: Visitors) -> None:
    told = stand.reported("留了电话的纸箱。", phone="13812345678")
    case = at_the_case(stand, visitors, SCREEN, "operator", told.number)
    case.sees("138****5678").misses("13812345678", "138 1234 5678")
    case.take("查看电话", {"为什么要看电话": "问清是哪一边。"}).sees("只在这一页显示")
    expect(case.page.locator("main")).to_contain_text("13812345678")
    case.again().sees("138****5678", "问清是哪一边。")
    expect(case.page.locator("main")).not_to_contain_text("13812345678")
