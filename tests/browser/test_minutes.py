"""Minutes in the hand: two write at once, the line drops, and nothing that was typed is lost."""

from contextlib import suppress
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import at_the_desk
from tests.browser.stand import Stand
from tests.browser.visitors import PHONE, SCREEN, Visitors, Window
from tests.factories import a_person, a_report
from tests.held_meetings import Held, a_meeting
from tracker.domain.permissions import Role
from tracker.extensions import now
from tracker.services.people import PersonRefused

pytestmark = pytest.mark.one_database  # the saves themselves are tried on both in tests/unit and tests/web

A_TICK_MS = 5_100
OFFLINE = "未保存，网络恢复后自动保存"


@pytest.fixture
def held(stand: Stand) -> Held:
    """A meeting that began half an hour ago, and 李梅 who looks after the area too."""
    with stand.app.app_context():
        with suppress(PersonRefused):  # another test brought her
            a_person(Role.SUPERVISOR, department="DJ", area="PP-1", name="李梅")
        moment = now()
        number = a_report(stand.street.token, at=moment - timedelta(days=4)).number
        return a_meeting(
            stand.crew, (number,), at=moment - timedelta(days=2), starts_at=moment - timedelta(minutes=30)
        )


class Minutes:
    """The page on which minutes are written, with its clock in our hand: nobody waits for the next save."""

    def __init__(
        self, stand: Stand, visitors: Visitors, held: Held, login: str, window: Window = SCREEN
    ) -> None:
        self.held = held
        self.address = f"{stand.address}/meetings/{held.number}/minutes"
        self.page: Page = at_the_desk(stand, visitors, window, login).page
        self.open()

    def open(self) -> None:
        self.page.clock.install()
        self.page.goto(self.address)

    def field(self, kind: str) -> Locator:
        """The notes or the decision of the first item."""
        return self.page.locator(f'[name="{kind}.{self.held.items[0]}"]')

    def tick(self) -> None:
        self.page.clock.run_for(A_TICK_MS)

    def says(self, words: str) -> None:
        expect(self.page.locator("[data-save-state]")).to_contain_text(words)

    def line(self, part: str, place: int = 0) -> Locator:
        """A field of an action line."""
        return self.page.locator(f'.lines [name^="line."][name$=".{part}"]').nth(place)


def test_two_write_at_once_the_line_drops_and_both_texts_are_there(
    stand: Stand, visitors: Visitors, held: Held
) -> None:
    wang = Minutes(stand, visitors, held, "secretary")
    li = Minutes(stand, visitors, held, "supervisor-dj")
    li.page.context.set_offline(True)
    li.field("notes").fill("先清运。")
    li.field("decision").fill("年底前划线。")
    li.tick()
    li.says(OFFLINE)
    wang.field("notes").fill("先划线。")
    wang.tick()
    wang.says("已保存")
    li.field("notes").fill("先清运，再说。")
    li.tick()
    expect(li.field("notes")).to_have_value("先清运，再说。")

    li.page.context.set_offline(False)
    li.tick()
    expect(li.page.locator(".copy")).to_contain_text("先划线。")
    li.tick()
    expect(li.page.locator(".copy")).to_contain_text("先清运，再说。")
    expect(li.page.locator(".copy")).to_have_count(1)
    wang.tick()
    expect(wang.field("decision")).to_have_value("年底前划线。")
    expect(wang.field("notes")).to_have_value("先划线。")
    expect(wang.page.locator("[data-writers]")).to_have_text("李梅 正在写第 1 项")
    expect(wang.page.locator(".copy")).to_contain_text("李梅")
    wang.page.get_by_role("button", name="两份都留，再整理").click()
    expect(wang.field("notes")).to_have_value("先划线。\n先清运，再说。")
    expect(wang.page.locator(".copy")).to_have_count(0)
    for _ in range(2):
        li.tick()
    expect(li.field("notes")).to_have_value("先划线。\n先清运，再说。")


def test_a_page_that_was_closed_without_a_line_brings_its_words_back(
    stand: Stand, visitors: Visitors, held: Held
) -> None:
    li = Minutes(stand, visitors, held, "supervisor-dj")
    li.page.context.set_offline(True)
    li.field("notes").fill("还没有发出去的话。")
    li.line("action").fill("划线")
    li.tick()
    li.says(OFFLINE)
    context = li.page.context
    li.page.close()
    context.set_offline(False)
    li.page = context.new_page()
    li.open()
    expect(li.field("notes")).to_have_value("还没有发出去的话。")
    li.tick()
    li.says("已保存")
    li.page.reload()
    expect(li.field("notes")).to_have_value("还没有发出去的话。")
    expect(li.line("action")).to_have_value("划线")


def test_action_lines_are_typed_with_the_keyboard_alone(stand: Stand, visitors: Visitors, held: Held) -> None:
    wang = Minutes(stand, visitors, held, "secretary")
    page, keys = wang.page, wang.page.keyboard
    wang.line("action").focus()
    for place, (action, measure) in enumerate((("划线", "线外不超过三辆"), ("早晚清运", "每天两次"))):
        expect(wang.line("action", place)).to_be_focused()
        keys.type(action)
        keys.press("Tab")
        keys.press("ArrowDown")
        keys.press("Tab")
        keys.type("郑王敏")
        keys.press("Tab")
        due = wang.line("due", place)
        due.fill("2026-12-18")  # how a day is typed is the browser's own matter
        while "measure" not in str(page.evaluate("document.activeElement.name")):
            keys.press("Tab")
        keys.type(measure)
        page.evaluate(
            "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
            " {key: 'Enter', isComposing: true, bubbles: true}))"
        )
        expect(page.locator(".lines .line")).to_have_count(place + 1)
        keys.press("Enter")
        expect(page.locator(".lines .line")).to_have_count(place + 2)
    wang.tick()
    wang.says("已保存")
    li = Minutes(stand, visitors, held, "supervisor-dj")
    expect(li.line("action", 0)).to_have_value("划线")
    expect(li.line("measure", 1)).to_have_value("每天两次")
    expect(li.line("department", 1)).not_to_have_value("")
    wang.line("gone", 0).check()
    wang.tick()
    wang.says("已保存")
    li.tick()
    expect(li.line("gone", 0)).to_be_checked()


@pytest.mark.parametrize("window", [PHONE, PHONE.plain], ids=["phone", "phone without script"])
def test_minutes_fit_a_phone_and_are_saved_by_the_button(
    stand: Stand, visitors: Visitors, held: Held, window: Window
) -> None:
    wang = Minutes(stand, visitors, held, "secretary", window)
    wang.field("notes").fill("手机上写的。")
    wang.page.get_by_role("button", name="保存", exact=True).last.click()
    wang.says("已保存")
    wide = (
        wang.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        if window.has_script
        else False
    )
    assert not wide
    wang.page.reload()
    expect(wang.field("notes")).to_have_value("手机上写的。")
