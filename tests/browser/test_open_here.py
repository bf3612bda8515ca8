"""更严重了, 已经没了, 都不是: on a phone, from the card of an open case to the verifier who goes and looks."""

import pytest

from tests.browser.pages import BLOCKED, Receipt, ReportForm, Screen, at_the_case
from tests.browser.photos import small_photo
from tests.browser.stand import Stand
from tests.browser.visitors import PHONE, SCREEN, Visitors

pytestmark = pytest.mark.one_database  # what is written by each answer is tried on both elsewhere


def test_worse_gone_and_different_from_three_phones_and_the_verifier_looks(
    stand: Stand, visitors: Visitors
) -> None:
    link = stand.form_of(stand.new_shop("三种回答的店"))
    first = ReportForm.at(visitors.arrive(PHONE), link).report(BLOCKED, "纸箱堵门。", small_photo(61))
    number, private = first.told().number, first.follow()

    form = (
        ReportForm.at(visitors.arrive(PHONE), link).sees("更严重了", "已经没了", "都不是，我的不一样").fits()
    )
    form.write("堵到马路上了。").attach(small_photo(62)).press("更严重了")
    worse = Receipt(form.page).sees("收到了", "算上您，2 人遇到了这件事")
    assert worse.told().number == number
    worse.follow().sees("您说：更严重了", "堵到马路上了。")

    passing = ReportForm.at(visitors.arrive(PHONE.plain), link)
    passing.press("已经没了")
    passing.sees("记下了，谢谢", "有人到现场看").misses(number).fits()
    private.again().sees("有人说：更严重了", "有人说：已经没了", "还在的话，请在这里告诉我们")

    own = ReportForm.at(visitors.arrive(PHONE), link).choose(BLOCKED).sees("是不是这件事？")
    own.press("都不是，我的不一样")
    own.sees("好的，按新的一件报").misses("我也遇到了")
    own.write("隔壁另外一堆。").send()
    sent = Receipt(own.page).sees("收到了").misses("算上您").told()
    assert sent.number != number
    again = ReportForm.at(own.page, link).sees("这里正在办的")
    assert again.page.locator(f"button[name=case][value='{sent.number}']").count() == 1
    assert again.page.locator(f"button[name=case][value='{number}']").count() == 0

    case = at_the_case(stand, visitors, SCREEN, "verifier-jw", number)
    case.sees("1 人说更严重了", "1 人说已经没了", "路过的人")
    case.take("还在", {"现场看到什么": "纸箱还堵着一半。"})
    case.sees("还在，已保存").misses("人说已经没了，")
    private.again().sees("派人看过：还在，接着办", "纸箱还堵着一半。")
    Screen(private.page).fits()
