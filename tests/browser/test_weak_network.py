"""In ten seconds, on a wet street, with two bars of signal or none: the form in the hand, nothing lost on the way."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import select

from tests.browser.conftest import chromium
from tests.browser.pages import BLOCKED, PrivatePage, Receipt, ReportForm, Screen
from tests.browser.photos import phone_photo, small_photo
from tests.browser.slow_phone import SlowPhone
from tests.browser.stand import Stand
from tests.browser.visitors import PATIENCE_MS, PHONE, Visitors
from tracker.extensions import db
from tracker.models import Case, Photo, Report

pytestmark = pytest.mark.one_database(reason="what the phone does; both databases: tests/web, tests/crash")

KEPT_FORM = """async token => {
    for (const name of await caches.keys()) {
        const kept = (await (await caches.open(name)).keys()).map(each => new URL(each.url).pathname);
        if (kept.includes('/q/' + token) && kept.some(each => each.endsWith('outbox.js'))) return true;
    }
    return false;
}"""
UNSENT = """() => new Promise((done, failed) => {
    const asked = indexedDB.open('reports');
    asked.onerror = () => failed(asked.error);
    asked.onsuccess = () => {
        const all = asked.result.transaction('outbox').objectStore('outbox').getAll();
        all.onsuccess = () => { asked.result.close(); done(all.result.map(one => ({
            fields: one.fields, key: one.key, photos: one.photos.map(photo => Array.from(new Uint8Array(photo.bytes))),
        }))); };
    };
})"""


def reported(stand: Stand, text: str) -> list[tuple[str, list[tuple[int, int]]]]:
    """The cases whose report says so: number, and width and height of each photo."""
    with stand.app.app_context():
        cases = db.session.execute(
            select(Case.number, Case.id).join(Report, Report.case_id == Case.id).where(Report.text == text)
        ).all()
        return [
            (
                number,
                [
                    (photo.width, photo.height)
                    for photo in db.session.scalars(select(Photo).where(Photo.case_id == case_id))
                ],
            )
            for number, case_id in cases
        ]


@contextmanager
def phone_with_memory(browser: Browser, folder: Path) -> Iterator[BrowserContext]:
    """A phone whose browser keeps what it stored when it is closed."""
    context = browser.browser_type.launch_persistent_context(
        folder,
        executable_path=chromium(),
        args=["--no-sandbox"],
        viewport={"width": PHONE.width, "height": PHONE.height},
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context
    finally:
        context.close()


def test_the_form_is_light_and_ready_at_once_and_three_taps_lead_to_a_number(
    stand: Stand, visitors: Visitors
) -> None:
    token = stand.new_shop("慢网速的店")
    page = visitors.arrive(PHONE)
    phone = SlowPhone.behind(page)
    page.goto(stand.form_of(token))
    tile = page.locator("label.tile").filter(has_text=BLOCKED)
    tile.tap()
    expect(tile.get_by_role("radio")).to_be_checked()
    usable_ms = phone.usable_ms(stand.form_of(token))
    assert usable_ms < 2_000, (usable_ms, phone.wire_bytes)

    phone.slow_down()
    expect(page.locator(".photos-on")).to_be_visible()
    page.wait_for_function(KEPT_FORM, arg=token)  # everything that comes later has come
    assert phone.total_bytes(without="/outbox.js") <= 25_000, (
        phone.wire_bytes
    )  # that comes with the first touch
    assert phone.total_bytes() <= 36_000, phone.wire_bytes
    with page.expect_file_chooser() as chooser:
        page.locator(".photo-pick").tap()
    taken = phone_photo(seed=61)
    chooser.value.set_files(taken)
    with page.expect_request(lambda request: request.method == "POST" and "sent=1" in request.url) as sent:
        page.locator("main").get_by_role("button", name="提交", exact=True).tap()
    assert sent.value.headers["accept"] == "application/json"
    assert len(sent.value.post_data_buffer or b"") < len(taken["buffer"]) / 2
    told = Receipt(page).sees("收到了").told()
    with stand.app.app_context():
        (size,) = db.session.execute(
            select(Photo.width, Photo.height)
            .join(Case, Case.id == Photo.case_id)
            .where(Case.number == told.number)
        ).all()
    assert tuple(size) == (1200, 1600)


def test_reports_written_without_network_go_out_once_after_the_browser_was_closed(
    stand: Stand, browser: Browser, tmp_path: Path
) -> None:
    token = stand.new_shop("没信号的店")
    first, second = "没信号时写的纸箱。", "重新打开以后写的砖头。"
    with phone_with_memory(browser, tmp_path / "phone") as context:
        page = context.pages[0]
        form = ReportForm.at(page, stand.form_of(token)).choose(BLOCKED)
        page.wait_for_function(KEPT_FORM, arg=token)
        context.set_offline(True)
        form.sees("现在没有网络").write(first).attach(phone_photo(seed=62)).send()
        form.sees("未发送：1 件", f"{BLOCKED} · 没信号的店", "1 张照片").fits()
        (kept,) = page.evaluate(UNSENT)
        photo = bytes(kept["photos"][0])
        assert b"Exif" not in photo
        assert b"PhoneMaker" not in photo
        assert "csrf_token" not in [name for name, _ in kept["fields"]]
        form.write("写了一半")  # the next one, not yet sent
        page.get_by_label("留个电话").fill("13812345678")
    assert reported(stand, first) == []

    with phone_with_memory(browser, tmp_path / "phone") as context:
        context.set_offline(True)
        page = context.pages[0]
        form = ReportForm.at(page, stand.form_of(token).replace("/q/", "/Q/"))
        form.sees("没信号的店", "这是上次打开时", "未发送：1 件", "放回来了").fits()
        expect(page.get_by_label("说两句")).to_have_value("写了一半")
        expect(page.get_by_label("留个电话")).to_have_value("")
        form.press("清空")
        expect(page.get_by_label("说两句")).to_have_value("")
        form.choose(BLOCKED).write(second).send()
        form.sees("未发送：2 件")
        assert len({one["key"] for one in page.evaluate(UNSENT)}) == 2

        context.set_offline(False)
        form.sees("刚才存着的，已经发出")
        assert [photos for _, photos in reported(stand, first)] == [[(1200, 1600)]]
        assert [photos for _, photos in reported(stand, second)] == [[]]
        ((number, _),) = reported(stand, first)
        told = page.locator(".unsent li").filter(has_text=number)
        expect(told).to_contain_text(re.compile(r"4位数字 \d{4}"))
        told.get_by_role("link", name="看进度").click()
        PrivatePage(page).sees(number, first)
        for _ in range(2):  # the numbers stay, on any of our pages, until they were seen
            page.get_by_role("button", name="知道了").first.click()
        expect(page.locator(".unsent")).to_be_hidden()


def answers_to_forms(page: Page) -> list[Callable[[Route], Any]]:
    """What becomes of the next reports that a script sends from the page, in this order; later ones go through."""
    answers: list[Callable[[Route], Any]] = []

    def answer(route: Route) -> None:
        is_ours = route.request.headers.get("accept") == "application/json" and route.request.method == "POST"
        if is_ours and answers:
            answers.pop(0)(route)
        else:
            route.continue_()

    page.route("**/q/*?sent=1", answer)
    return answers


def test_a_lost_answer_a_late_refusal_and_a_question_cost_nothing_and_make_no_second_case(
    stand: Stand, visitors: Visitors
) -> None:
    token = stand.new_shop("断断续续的店")
    page = visitors.arrive(PHONE)

    def lose(route: Route) -> None:
        route.fetch()  # it arrived
        page.context.clear_cookies()  # and the in-app browser forgot who we are
        route.abort("connectionreset")

    form = ReportForm.at(page, stand.form_of(token)).choose(BLOCKED)
    page.wait_for_function(KEPT_FORM, arg=token)
    answers = answers_to_forms(page)
    answers.append(lose)
    form.write("回音丢了的纸箱。").attach(small_photo(63)).send()
    form.sees("已收到，编号")  # by itself, after two seconds
    assert len(reported(stand, "回音丢了的纸箱。")) == 1
    form.press("知道了")

    def fail(route: Route) -> None:
        route.fulfill(status=503, headers={"Retry-After": "120"}, json={"error": 503})

    def refuse(route: Route) -> None:
        route.fulfill(status=422, json={"problems": {"text": "请再写一遍。"}})

    answers += [fail, refuse]
    form.choose(BLOCKED).write("晚了才退回的纸箱。").attach(small_photo(64)).send()
    form.sees("未发送：1 件", "约 2 分钟后自动再发")
    page.evaluate(
        """() => new Promise(done => {
            const asked = indexedDB.open('reports');
            asked.onsuccess = () => {
                const turn = asked.result.transaction('outbox', 'readwrite');
                const shelf = turn.objectStore('outbox'), all = shelf.getAll();
                all.onsuccess = () => all.result.forEach(one => shelf.put({...one, notBefore: 0}));
                turn.oncomplete = () => { asked.result.close(); done(); };
            };
        })"""
    )  # two minutes later
    form.press("现在发送")
    form.sees("没有收下：请再写一遍。")
    form.press("打开改一改")
    expect(page.get_by_label("说两句")).to_have_value("晚了才退回的纸箱。")
    form.sees("已选 1 张")

    answers.append(lambda route: route.fulfill(status=429, json={"challenge": "…"}))
    form.send()  # the server wants to see the person: then the form goes as it would without script
    Receipt(page).sees("收到了")
    assert [len(photos) for _, photos in reported(stand, "晚了才退回的纸箱。")] == [1]
    form = ReportForm.at(page, stand.form_of(token)).sees("断断续续的店").misses("放回来了")
    expect(page.get_by_label("说两句")).to_have_value("")
    visitors.faults[:] = [fault for fault in visitors.faults if not fault.startswith(("503 for", "429 for"))]


def test_a_full_phone_says_so_and_keeps_the_words(stand: Stand, visitors: Visitors) -> None:
    token = stand.new_shop("存满了的店")
    page = visitors.arrive(PHONE)
    page.add_init_script(
        """const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (value, ...more) {
            if (value.photos && value.photos.length) throw new DOMException('full', 'QuotaExceededError');
            return put.call(this, value, ...more);
        };"""
    )
    form = ReportForm.at(page, stand.form_of(token)).choose(BLOCKED)
    page.wait_for_function(KEPT_FORM, arg=token)
    page.context.set_offline(True)
    form.write("手机满了时的纸箱。").attach(small_photo(65))
    form.sees("已选 1 张").send()
    form.sees("未发送：1 件", "照片没存住", "只存下了文字").fits()
    page.context.set_offline(False)
    form.sees("已收到，编号")  # this page still had the photo
    assert [len(photos) for _, photos in reported(stand, "手机满了时的纸箱。")] == [1]
    page.on("dialog", lambda dialog: dialog.accept())


def test_what_is_urgent_or_protected_is_said_where_it_is_chosen(stand: Stand, visitors: Visitors) -> None:
    page = visitors.arrive(PHONE)
    form = ReportForm.at(page, stand.form_of(stand.new_shop("要命的店")))
    form.misses("有危险，先打电话", "另外保护报事人")
    form.choose("燃气(用电)隐患").sees("有危险，先打电话，再报事").fits()
    expect(page.get_by_role("link", name="119 火情、燃气")).to_be_in_viewport()
    assert page.get_by_role("link", name="119 火情、燃气").get_attribute("href") == "tel:119"
    form.choose("餐饮油烟").sees("这一类，另外保护报事人", "看不到几点几分").misses("有危险，先打电话").fits()
    form.choose(BLOCKED).misses("另外保护报事人")
    form.send()
    form.sees("还差一点，请看这里", "请写几个字，或者附一张照片。").misses("请选择类别。")
    Screen(page).press("请写几个字，或者附一张照片。")
    expect(page.get_by_label("说两句")).to_be_focused()
