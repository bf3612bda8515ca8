"""One report, two phones: sent from the first, answered on the second, which got it by a code that works once."""

import pytest

from tests.browser.pages import BLOCKED, MyReports, PrivatePage, ReportForm, Screen
from tests.browser.photos import phone_photo
from tests.browser.stand import Stand
from tests.browser.visitors import PHONE, Visitors
from tests.unit.adapters.qr_reading import png_picture, read_by_zxing
from tracker.domain.lifecycle import State


@pytest.mark.one_database  # about what two browsers see; the rows are counted in tests/unit/services/test_link_codes.py
def test_a_report_from_one_phone_is_answered_on_another(stand: Stand, visitors: Visitors) -> None:
    first = ReportForm.at(visitors.arrive(PHONE), stand.form_of(stand.street.token))
    receipt = first.report(BLOCKED, "两部手机的事。", phone_photo(seed=21))
    told, own = receipt.told(), receipt.follow()
    stand.walk(told.number, State.VERIFIED)

    code, address = own.code_for_another_phone()
    own.fits()
    picture = own.page.locator(".code-picture").screenshot()
    (scanned,) = read_by_zxing(png_picture(picture))
    assert scanned == f"{address}?code={code.replace('-', '')}"

    second = visitors.arrive(PHONE.plain)
    second.goto(address)
    Screen(second).fits()
    second.get_by_label("另一部手机上显示的8位码").fill(code.lower())
    Screen(second).press("打开")
    other = PrivatePage(second).sees("好了，这部手机也能看进度").fits()
    assert other.is_asked()
    other.dispute("", touched="只处理了一部分").stands("处理中").sees("只处理了一部分")

    own = MyReports.at(own.page, stand.address).sees(told.number).open(told.number)
    own.stands("处理中").sees("您说：没解决。已退回重新处理").fits()

    late = visitors.arrive(PHONE)
    late.goto(scanned)
    Screen(late).press("打开")
    Screen(late).sees("这个码不对，或者已经过期、用过了。").fits()
