"""我也遇到了: somebody finds what he came to report, and joins it in one tap."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import BLOCKED, Receipt, ReportForm
from tests.browser.photos import small_photo
from tests.browser.stand import Stand
from tests.browser.visitors import PHONE, Visitors, Window

pytestmark = pytest.mark.one_database  # the lists and the joining themselves are tried on both elsewhere


@pytest.mark.parametrize("window", [PHONE, PHONE.plain], ids=["phone", "phone without script"])
def test_a_neighbour_joins_in_one_tap_with_what_he_had_filled_in(
    stand: Stand, visitors: Visitors, window: Window
) -> None:
    link = stand.form_of(stand.new_shop(f"邻居的店，{window}"))
    first = ReportForm.at(visitors.arrive(window), link).report(BLOCKED, "纸箱堵门。", small_photo(51)).told()
    form = ReportForm.at(visitors.arrive(window), link).sees("这里正在办的", "就在这里")
    form.write("我家门口也有。").fits().shows_every_picture()
    joined = form.join().sees("算上您，2 人遇到了这件事")
    assert joined.told().number == first.number
    assert joined.told().link != first.link
    joined.follow().sees("您也遇到了，加入了这件事", "我家门口也有。").misses("纸箱堵门。")


def test_once_a_category_is_chosen_the_list_shows_what_fits_and_nothing_else(
    stand: Stand, visitors: Visitors
) -> None:
    link = stand.form_of(stand.new_shop("两件事的店"))
    ReportForm.at(visitors.arrive(PHONE), link).report(BLOCKED, "纸箱堵门。")
    form = ReportForm.at(page := visitors.arrive(PHONE), link).sees("这里正在办的")
    form.choose("非机动车").misses("这里正在办的", "我也遇到了")
    form.choose(BLOCKED).sees("是不是这件事？", "我也遇到了")
    expect(page.get_by_role("status").filter(has_text="是不是这件事？")).to_have_count(1)
    page.get_by_label("留个电话").press("Enter")
    form.sees("还差一点，请看这里")  # Enter sends; it never joins a case of somebody else
    form.write("另外一堆。").send()
    Receipt(page).sees("收到了").misses("算上您")
