"""Sending a report: twice, with a wrong photo, from a code that is no good."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages import BLOCKED, PrivatePage, Receipt, ReportForm, Screen, at_the_desk
from tests.browser.photos import as_file, phone_photo, small_photo
from tests.browser.stand import Stand
from tests.browser.visitors import PHONE, SCREEN, Visitors, Window
from tracker.domain.qr_token import display, new_token

pytestmark = pytest.mark.one_database  # repetition at the same moment is tried on both in tests/crash

BOTH_WAYS = pytest.mark.parametrize("window", [PHONE, PHONE.plain], ids=["phone", "phone without script"])


@BOTH_WAYS
def test_a_double_tap_makes_one_case(stand: Stand, visitors: Visitors, window: Window) -> None:
    text = f"双击提交的纸箱，{window}。"
    form = ReportForm.at(visitors.arrive(window), stand.form_of(stand.street.token))
    form.choose(BLOCKED).write(text).attach(small_photo(21))
    form.page.get_by_role("button", name="提交").dblclick()
    told = Receipt(form.page).sees("收到了").told()
    queue = at_the_desk(stand, visitors, SCREEN, "operator").lists(told.number)
    expect(queue.page.get_by_text(text)).to_have_count(1)


@BOTH_WAYS
def test_going_back_and_sending_again_gives_the_same_number(
    stand: Stand, visitors: Visitors, window: Window
) -> None:
    form = ReportForm.at(page := visitors.arrive(window), stand.form_of(stand.street.token))
    first = form.report(BLOCKED, f"返回再提交的纸箱，{window}。").told()
    page.go_back()
    expect(page).to_have_url(re.compile("/q/", re.IGNORECASE))
    expect(page.get_by_label("说两句")).to_have_value(f"返回再提交的纸箱，{window}。")
    form.send()
    assert Receipt(page).sees("收到了").told() == first


@BOTH_WAYS
def test_a_file_that_is_no_photo_costs_neither_the_words_nor_the_other_photo(
    stand: Stand, visitors: Visitors, window: Window
) -> None:
    page = visitors.arrive(window)
    form = ReportForm.at(page, stand.form_of(stand.street.token))
    words = f"花坛边堆了砖头，{window}。"
    form.choose(BLOCKED).write(words)
    form.attach(phone_photo(seed=31), as_file("说明.jpg", b"%PDF-1.7 not a picture", "image/jpeg")).send()

    form.sees("还差一点，请看这里", "第 2 张：").fits()
    expect(page).to_have_title(re.compile("^错误："))
    expect(page.get_by_label("说两句")).to_have_value(words)
    expect(page.get_by_role("radio", name=BLOCKED)).to_be_checked()
    form.sees("保留").shows_every_picture()
    form.send()
    own = Receipt(page).sees("收到了").follow()
    assert len(own.sees(words).pictures()) == 1


@BOTH_WAYS
def test_an_empty_report_is_told_what_is_missing(stand: Stand, visitors: Visitors, window: Window) -> None:
    form = ReportForm.at(visitors.arrive(window), stand.form_of(stand.street.token))
    form.send()
    form.sees("还差一点，请看这里", "请选择类别。", "请写几个字，或者附一张照片。").fits()
    form.report(BLOCKED, f"店门口的砖头，{window}。")


def test_a_mistyped_a_made_up_and_a_revoked_code_each_say_so(stand: Stand, visitors: Visitors) -> None:
    page = visitors.arrive(PHONE)
    token = stand.street.token
    screen = Screen(page)
    slip = token[:-1] + ("0" if token[-1] != "0" else "1")
    for wrong in (slip, new_token()):
        answer = page.goto(stand.form_of(wrong))
        assert answer is not None
        assert answer.status == 404
        screen.sees("编码不对", "标牌上的编码").fits()
        expect(page.get_by_role("button", name="提交")).to_have_count(0)

    answer = page.goto(stand.form_of(stand.revoked_token()))
    assert answer is not None
    assert answer.status == 410
    screen.sees("这张标牌已经停用", "旧书店").fits()
    expect(page.get_by_role("button", name="提交")).to_have_count(0)


def test_a_replaced_code_leads_to_the_form_of_its_place(stand: Stand, visitors: Visitors) -> None:
    old, successor = stand.replaced_token()
    form = ReportForm.at(visitors.arrive(PHONE), stand.form_of(old)).sees("旧报亭")
    expect(form.page).to_have_url(re.compile(successor))
    form.report(BLOCKED, "换了新牌的报亭。").follow().sees("旧报亭")


@BOTH_WAYS
def test_a_code_can_be_typed_as_it_is_printed(stand: Stand, visitors: Visitors, window: Window) -> None:
    page = visitors.arrive(window)
    page.goto(stand.address)
    box = Screen(page).fits()
    page.get_by_label("标牌上的编码").fill(display(stand.street.token).lower().replace("0", "o"))
    box.press("去报事")
    ReportForm(page).sees("老盛昌汤包馆", "共和新路 2395 号")


def test_a_phone_number_is_kept_only_with_consent(stand: Stand, visitors: Visitors) -> None:
    form = ReportForm.at(page := visitors.arrive(PHONE), stand.form_of(stand.street.token))
    page.get_by_label("留个电话").fill("138 1234 5678")
    receipt = form.report(BLOCKED, "没勾同意的纸箱。").sees("电话没有保存：没有勾选同意。").fits()
    own = receipt.follow()
    assert own.may("留个电话")

    form = ReportForm.at(page, stand.form_of(stand.street.token))
    page.get_by_label("留个电话").fill("138 1234 5678")
    page.get_by_label("同意用这个号码联系我").check()
    own = form.report(BLOCKED, "留了电话的砖头。").misses("电话没有保存").follow()
    assert PrivatePage(own.page).may("删除我的电话")
