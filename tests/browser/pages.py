"""The site as people use it: one class a page, named after what they see. Words are the ones on the screen."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.stand import Stand
from tests.browser.visitors import Visitors, Window
from tests.factories import PASSWORD

BY_RULE = "非机动车(共享单车)乱停放"
"""A category that the rule files and dispatches by itself."""
BLOCKED = "占道(乱)堆物"
"""One that waits for an operator."""
STALE = "没有保存：您打开页面之后，案件已有变化"


class Screen:
    """Any page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def sees(self, *texts: str) -> Self:
        """Each of these stands where it can be read."""
        for text in texts:
            expect(self.page.locator("main").get_by_text(text).filter(visible=True).first).to_be_visible()
        return self

    def misses(self, *texts: str) -> Self:
        """None of these is on the page; ask for something that is there first, so that it has arrived."""
        for text in texts:
            expect(self.page.locator("main").get_by_text(text).filter(visible=True)).to_have_count(0)
        return self

    def fits(self) -> Self:
        """Nothing is wider than the window, so the page does not scroll sideways."""
        assert not self.too_wide(), self.too_wide()
        return self

    def too_wide(self) -> str:
        """What sticks out of the window to the right, if that makes the page scroll; empty if it does not."""
        found: str = self.page.evaluate(
            """() => {
                const root = document.documentElement, width = root.clientWidth;
                if (root.scrollWidth <= width) return '';
                const wide = [...document.querySelectorAll('body *')]
                    .filter(element => element.getBoundingClientRect().right > width + 1);
                return `${root.scrollWidth - width} px: ` + wide.slice(0, 4).map(e => e.outerHTML.slice(0, 120));
            }"""
        )
        return found

    def press(self, words: str) -> None:
        """Press the button, or follow the link that looks like one."""
        button = self.page.locator("main").get_by_role("button", name=words, exact=True)
        button.or_(self.page.locator("main").get_by_role("link", name=words, exact=True)).click()

    def switch_language(self, name: str) -> None:
        """Take the other language."""
        self.page.get_by_role("link", name=name, exact=True).click()

    def pictures(self) -> list[bytes]:
        """The photos that the page links to, whole, in its order."""
        addresses = self.page.locator("main .photos a").evaluate_all("links => links.map(link => link.href)")
        return [self.page.context.request.get(address).body() for address in dict.fromkeys(addresses)]

    def shows_every_picture(self) -> Self:
        """Each small picture was loaded and could be drawn."""
        for picture in self.page.locator("main img").all():
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", value=True)
            assert picture.evaluate("picture => picture.naturalWidth") > 0, picture.get_attribute("src")
        return self


@dataclass(frozen=True)
class Told:
    """What the receipt tells the sender."""

    number: str
    link: str
    code: str


class ReportForm(Screen):
    """The page behind a code."""

    @classmethod
    def at(cls, page: Page, link: str) -> Self:
        page.goto(link)
        return cls(page)

    def choose(self, category: str) -> Self:
        """Touch the category's tile, or find it under the others."""
        choice = self.page.locator("label.tile, label.choice").filter(has_text=category)
        if not choice.is_visible():
            self.page.get_by_text("更多类别").click()
        choice.click()
        return self

    def write(self, text: str) -> Self:
        self.page.get_by_label("说两句").fill(text)
        return self

    def attach(self, *photos: FilePayload) -> Self:
        self.page.get_by_label("拍张照片").set_input_files(photos)
        return self

    def send(self) -> None:
        self.press("提交")

    def join(self) -> "Receipt":
        """Touch the first of the cases that are listed."""
        self.page.get_by_role("button", name="我也遇到了").first.click()
        return Receipt(self.page).sees("收到了")

    def report(self, category: str, text: str = "", *photos: FilePayload) -> "Receipt":
        """Fill in and send."""
        self.choose(category).write(text)
        if photos:
            self.attach(*photos)
        self.send()
        return Receipt(self.page).sees("收到了")


class Receipt(Screen):
    """What follows a report, once."""

    def told(self) -> Told:
        read = {
            label: self.page.get_by_label(label, exact=True).inner_text() for label in ("编号", "4位数字")
        }
        link = self.page.get_by_label("进度页面的链接").inner_text()
        assert re.fullmatch(r"\d{6}-\d{4,}", read["编号"]), read
        assert re.fullmatch(r"\d{4}", read["4位数字"]), read
        return Told(read["编号"], link, read["4位数字"])

    def follow(self) -> "PrivatePage":
        self.press("看进度")
        return PrivatePage(self.page).sees("经过")


class PrivatePage(Screen):
    """The page behind a private link."""

    @classmethod
    def at(cls, page: Page, link: str) -> Self:
        page.goto(link)
        return cls(page).sees("经过")

    def again(self) -> Self:
        """Look once more."""
        self.page.reload()
        return self.sees("经过")

    def stands(self, words: str) -> Self:
        """The badge says so."""
        expect(self.page.locator(".hero .badge")).to_have_text(words)
        return self

    def enter_code(self, code: str) -> Self:
        self._unfold("我是上报人")
        self.page.get_by_label("上报时给您的4位数字").fill(code)
        self.press("确定")
        return self

    def confirm(self, rating: str = "", words: str = "") -> Self:
        """解决了, in one tap; afterwards a rating and words if there are any."""
        self.press("解决了")
        self.sees("收到了，谢谢。", "您已确认解决，谢谢！")
        if rating:
            self.page.get_by_text(rating, exact=True).click()
            self.page.get_by_label("想说的话").fill(words)
            self.press("提交评价")
        return self.sees("收到了，谢谢。")

    def dispute(self, words: str, *photos: FilePayload, touched: str = "") -> Self:
        """没解决, with one of the answers that only have to be touched."""
        self.press("没解决")
        if touched:
            self.page.get_by_text(touched, exact=True).click()
        self.page.get_by_label("说一句").fill(words)
        if photos:
            self.page.locator("#answer").get_by_label("附照片").set_input_files(photos)
        self.press("提交，退回重新处理")
        return self.sees("收到了，谢谢。")

    def appeal(self, words: str) -> Self:
        return self._say("不同意，申诉", "为什么应该受理？", words, "提交申诉")

    def withdraw(self, words: str) -> Self:
        return self._say("撤回上报", "为什么撤回？", words, "撤回")

    def add(self, words: str) -> Self:
        return self._say("补充情况", "补充什么？", words, "提交")

    def is_asked(self) -> bool:
        """Whether the two answers are offered."""
        return self.page.locator("main").get_by_role("button", name="解决了", exact=True).count() > 0

    def code_for_another_phone(self) -> tuple[str, str]:
        """Ask for a one-time code; the code, and the address where it is typed."""
        self.press("换手机打开，换链接")
        self.press("生成一个码")
        code = self.page.locator(".code-big").inner_text()
        address = re.search(r"https?://\S+/mine/open", self.page.locator("#pair").inner_text())
        assert address, self.page.url
        return code, address[0]

    def may(self, title: str) -> bool:
        """Whether a line for this is on the page."""
        return self.page.locator("main details > summary").filter(has_text=title).count() > 0

    def _say(self, title: str, label: str, words: str, submit: str) -> Self:
        fold = self._unfold(title)
        fold.get_by_label(label).fill(words)
        fold.get_by_role("button", name=submit, exact=True).click()
        return self.sees("收到了，谢谢。")

    def _unfold(self, title: str) -> Locator:
        fold = self.page.locator("main details").filter(has=self.page.locator("summary", has_text=title))
        if fold.get_attribute("open") is None:
            fold.locator("summary").first.click()
        return fold


class MyReports(Screen):
    """What a phone has sent."""

    @classmethod
    def at(cls, page: Page, address: str) -> Self:
        page.goto(f"{address}/mine")
        return cls(page)

    def open(self, number: str) -> PrivatePage:
        self.page.locator("a.own-row").filter(has_text=number).click()
        return PrivatePage(self.page).sees("经过")


class SignIn(Screen):
    """Where staff sign in."""

    @classmethod
    def at(cls, page: Page, address: str) -> Self:
        page.goto(f"{address}/login")
        return cls(page)

    def enter(self, login: str, password: str = PASSWORD) -> "Queue":
        self.page.get_by_label("用户名").fill(login)
        self.page.get_by_label("密码").fill(password)
        self.press("登录")
        expect(self.page).to_have_url(re.compile(r"/desk"))
        return Queue(self.page)


class Queue(Screen):
    """The cases a person may see."""

    def open(self, number: str) -> "CasePage":
        """Follow the case's number."""
        self.page.get_by_role("link", name=number, exact=True).click()
        return CasePage(self.page).about(number)

    def lists(self, number: str) -> Self:
        expect(self.page.get_by_role("link", name=number, exact=True)).to_be_visible()
        return self


class CasePage(Screen):
    """One case, with everything the person may do now."""

    def about(self, number: str) -> Self:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(number)
        return self

    def again(self) -> Self:
        """Look once more, at the case itself rather than at an answer."""
        self.page.goto(self.page.url.split("/desk/cases/")[0] + "/desk/cases/" + self._number())
        return self

    def stands(self, words: str) -> Self:
        """The badge says so."""
        expect(self.page.locator(".case-head .badge")).to_have_text(words)
        return self

    def take(
        self, title: str, fields: Mapping[str, str] | None = None, photos: Sequence[FilePayload] = ()
    ) -> Self:
        """Do one of the things on offer: label → words, or the option to choose."""
        self.fill(title, fields or {}, photos)
        self.send(title)
        return self

    def fill(self, title: str, fields: Mapping[str, str], photos: Sequence[FilePayload] = ()) -> None:
        """Open the action's form and fill it in."""
        form = self._form(title)
        self._unfold(form.locator("[name=version]"))
        for label, value in fields.items():
            field = form.get_by_label(label).first
            self._unfold(field)
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(label=self._option(field, value))
            else:
                field.fill(value)
        if photos:
            form.locator("input[type=file]").set_input_files(photos)

    def send(self, title: str) -> None:
        self.button(title).click()

    def button(self, title: str) -> Locator:
        """What sends the action's form."""
        return self._form(title).get_by_role("button", name=title, exact=True)

    def saved(self, title: str, state: str) -> Self:
        """The page says that it was done, and where the case stands now."""
        return self.sees(f"{title}，已保存").stands(state)

    def offers(self) -> list[str]:
        """What the person may do now."""
        return self.page.locator("details.action .action-title").all_inner_texts()

    def _form(self, title: str) -> Locator:
        exactly = re.compile(f"^{re.escape(title)}$")
        return self.page.locator("details.action").filter(
            has=self.page.locator(".action-title", has_text=exactly)
        )

    @staticmethod
    def _unfold(inner: Locator) -> None:
        """Open what is still folded around it, from the outside in."""
        folded = inner.locator("xpath=ancestor::details[not(@open)]")
        while folded.count():
            folded.first.locator("> summary").click()

    def _number(self) -> str:
        return self.page.get_by_role("heading", level=1).inner_text()

    @staticmethod
    def _option(field: Locator, words: str) -> str:
        """The option that says it, whatever code stands before it."""
        options = field.locator("option").all_inner_texts()
        found = [option for option in options if words in option]
        assert len(found) == 1, f"{words}: {found or options}"
        return found[0]


def reported(stand: Stand, visitors: Visitors, window: Window, text: str) -> tuple[PrivatePage, Told]:
    """A report of this text that waits for an operator, its sender's private page, and what he was told."""
    page = visitors.arrive(window)
    receipt = ReportForm.at(page, stand.form_of(stand.street.token)).report(BLOCKED, text)
    told = receipt.told()
    return receipt.follow(), told


def at_the_desk(stand: Stand, visitors: Visitors, window: Window, login: str) -> "Queue":
    """Somebody who has signed in, with the queue before him; the first time he does it by hand."""
    page = visitors.arrive(window, storage_state=stand.signed_in.get(login))
    if login in stand.signed_in:
        page.goto(f"{stand.address}/desk")
        return Queue(page)
    queue = SignIn.at(page, stand.address).enter(login)
    stand.signed_in[login] = page.context.storage_state()
    return queue


def at_the_case(stand: Stand, visitors: Visitors, window: Window, login: str, number: str) -> CasePage:
    """The same, with a case before him."""
    page = at_the_desk(stand, visitors, window, login).page
    page.goto(f"{stand.address}/desk/cases/{number}")
    return CasePage(page).about(number)
