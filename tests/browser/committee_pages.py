"""The committee's pages as people use them: common issues, meetings, minutes, action items; and the reporters' side."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.pages import CasePage, PrivatePage, Screen
from tests.browser.stand import Stand
from tests.factories import Sent
from tests.unit.adapters.qr_reading import png_picture, read_by_zxing


class Form:
    """What stands in a part of a page, filled in by its labels."""

    def __init__(self, part: Locator) -> None:
        self.part = part

    def send(self, button: str) -> None:
        """Press the button."""
        self.part.get_by_role("button", name=button, exact=True).click()

    def write(self, fields: Mapping[str, str]) -> Self:
        """Label → words, or the option that says it."""
        for label, value in fields.items():
            field = self.part.get_by_label(label).first
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)
        return self


class IssueList(Screen):
    """Common issues at the desk."""

    @classmethod
    def at(cls, page: Page, address: str) -> Self:
        page.goto(f"{address}/issues")
        return cls(page).sees("共性问题")

    def open_first(self) -> "IssuePage":
        """Follow the number on top of the list."""
        self.page.locator("main .c-number a").first.click()
        return IssuePage(self.page).sees("为什么放在一起")


class IssuePage(Screen):
    """One common issue with its reasons and what may be decided."""

    @classmethod
    def at(cls, page: Page, address: str, number: str) -> Self:
        page.goto(f"{address}/issues/{number}")
        return cls(page).sees("为什么放在一起")

    @property
    def number(self) -> str:
        """Of the issue."""
        return self.page.locator(".case-head .number").inner_text()

    def stands(self, words: str) -> Self:
        """The badge says so."""
        expect(self.page.locator(".case-head .badge")).to_have_text(words)
        return self

    def cases(self) -> set[str]:
        """Numbers of the cases listed."""
        return set(self.page.locator(".issue-cases a.number").all_inner_texts())

    def add(self, numbers: Sequence[str]) -> Self:
        """Put cases in by their numbers."""
        self._decide("加入案件", {"案件编号": " ".join(numbers)}, "加入")
        return self.sees("已加入。")

    def accept(self, title: str, cause: str, owner: str) -> Self:
        """Say that it is one trouble of many."""
        self._decide("认定为共性问题", {"标题": title, "原因": cause, "负责人": owner}, "认定为共性问题")
        return self.sees("已认定。报事人在进度页上会看到。").stands("认定")

    def call_a_meeting(self) -> "NewMeeting":
        """Go on to the form with this issue chosen."""
        self.press("为它开个会")
        return NewMeeting(self.page).sees("新建会议")

    def _decide(self, title: str, fields: Mapping[str, str], submit: str) -> None:
        action = self.page.locator("details.action").filter(
            has=self.page.locator(".action-title", has_text=re.compile(f"^{title}$"))
        )
        if action.get_attribute("open") is None:
            action.locator("> summary").click()
        Form(action).write(fields).send(submit)


class NewMeeting(Screen):
    """The form in which a meeting is planned."""

    def plan(self, fields: Mapping[str, str]) -> "MeetingPages":
        """Fill in and send."""
        Form(self.page.locator("main form.meeting-form")).write(fields).send("建会议")
        self.sees("会议建好了。")
        return MeetingPages(self.page)


class MeetingPages(Screen):
    """A meeting with its tabs."""

    @classmethod
    def at(cls, page: Page, address: str, number: str) -> Self:
        page.goto(f"{address}/meetings/{number}")
        return cls(page)

    @property
    def number(self) -> str:
        """Of the meeting."""
        return self.page.locator(".meeting-number .number").inner_text()

    def tab(self, name: str) -> Self:
        """Turn to another tab."""
        self.page.locator(".tabs").get_by_role("link", name=name, exact=True).click()
        return self

    def ask(self, question: str, options: Sequence[str]) -> Self:
        """Write what is to be decided about the first topic, and what can be chosen."""
        form = Form(self.page.locator(".topic-form").first)
        form.write({"要决定什么": question, "表决选项": "\n".join(options)}).send("保存")
        return self.sees("已保存。")

    def add_department(self, name: str, mail: str) -> Self:
        self._panel("加单位").write({"单位": name, "邮箱": mail}).send("加到名单")
        return self.lists(name)

    def add_guest(self, name: str, mail: str) -> Self:
        self._panel("加嘉宾").write({"单位或称呼": name, "邮箱": mail}).send("加到名单")
        return self.lists(name)

    def lists(self, guest: str) -> Self:
        """Somebody of this name is on the list of those to be asked."""
        expect(self.page.locator(".guest-who b").get_by_text(guest, exact=True)).to_be_visible()
        return self

    def count_hands(self, counts: Mapping[str, int]) -> Self:
        """Keep how many hands were raised for an option."""
        self.page.get_by_text("登记举手人数").click()
        fold = Form(self.page.locator("details.fold").filter(has_text="登记举手人数"))
        fold.write({option: str(count) for option, count in counts.items()}).send("保存举手人数")
        return self.sees("举手人数记下了。")

    def door_link(self) -> str:
        """What a phone reads from the code on the sign-in tab."""
        (link,) = read_by_zxing(png_picture(self.page.locator(".door-code").screenshot()))
        return link

    def freeze_pack(self) -> Self:
        """Make the first edition of the pack."""
        self.press("定稿第 1 版")
        return self.sees("简报第 1 版已定稿。")

    def download(self, link: str, path: Path) -> bytes:
        """The paper behind a link that opens or saves it, as the browser gets it."""
        address = self.page.locator("main").get_by_role("link", name=link, exact=True).get_attribute("href")
        answer = self.page.context.request.get(f"{self.page.url.split('/meetings/')[0]}{address}")
        assert answer.headers["content-type"] == "application/pdf"
        path.write_bytes(answer.body())
        return answer.body()

    def _panel(self, heading: str) -> Form:
        return Form(
            self.page.locator("section.panel").filter(
                has=self.page.get_by_role("heading", name=heading, exact=True)
            )
        )


class MinutesPage(Screen):
    """Minutes while they are written."""

    def write(self, label: str, words: str) -> Self:
        """Fill in a field of the first topic."""
        self.page.locator(".minutes-form").get_by_label(label).first.fill(words)
        return self

    def type_lines(self, lines: Sequence[Mapping[str, str]]) -> Self:
        """Write action items without touching the mouse: Tab from cell to cell, Enter for the next line."""
        keys = self.page.keyboard
        self._cell("action", 0).focus()
        for place, line in enumerate(lines):
            expect(self._cell("action", place)).to_be_focused()
            keys.type(line["action"])
            keys.press("Tab")
            options = self._cell("department", place).locator("option").all_inner_texts()
            for _ in range(options.index(line["department"])):
                keys.press("ArrowDown")
            keys.press("Tab")
            keys.type(line["person"])
            keys.press("Tab")
            self._cell("due", place).fill(line["due"])  # how a day is typed is the browser's own matter
            while "measure" not in str(self.page.evaluate("document.activeElement.name")):
                keys.press("Tab")
            keys.type(line["measure"])
            keys.press("Enter")
        return self

    def approve(self) -> Self:
        """Look it through, approve and lock."""
        self.press("检查并批准")
        self.sees("将生成的行动项").fits()
        self.press("批准并锁定")
        return self.sees("已批准，已锁定")

    def item_numbers(self) -> list[str]:
        """Numbers of the action items that were made."""
        return re.findall(r"X\d\d-\d{4}", self.page.locator("main").inner_text())

    def _cell(self, part: str, place: int) -> Locator:
        return self.page.locator(f'.lines [name^="line."][name$=".{part}"]').nth(place)


class ItemPage(CasePage):
    """One action item with what may be done about it."""

    @classmethod
    def at(cls, page: Page, address: str, number: str) -> Self:
        page.goto(f"{address}/actions/{number}")
        return cls(page).about(number)

    def claim(self, words: str, *photos: FilePayload) -> Self:
        """Say that it is done, with evidence."""
        self.take("做完了，请验收", {"做了什么": words}, photos)
        return self.stands("待验收")

    def accept(self) -> Self:
        """Seen and found done."""
        self.take("验收通过")
        return self.stands("已办结")


class Bell(Screen):
    """What a person has not seen yet."""

    @classmethod
    def at(cls, page: Page, address: str) -> Self:
        page.goto(f"{address}/desk/bell")
        return cls(page).sees("消息")

    def tells_of(self, number: str, words: str) -> Self:
        """One line names it and says this."""
        line = self.page.locator("main li").filter(has_text=number).filter(has_text=words)
        expect(line.first).to_be_visible()
        return self


class Invited(PrivatePage):
    """The private page of somebody who is asked to a meeting."""

    def answer(self, choice: str, *, words: str = "", name: str = "", consent: bool = False) -> "Invited":
        """Say whether he comes."""
        self.page.get_by_label(choice, exact=True).check()
        self.page.get_by_label("想在会上说什么").fill(words)
        self.page.get_by_label("怎么称呼您").fill(name)
        if consent:
            self.page.get_by_label("同意邀请我参加，把我的答复交给会议主持人").check()
        self.page.get_by_role("button", name="答复").click()
        return self

    def says_better(self, words: str) -> "Invited":
        """Answer the one question afterwards."""
        self.page.get_by_role("button", name=words, exact=True).click()
        return self.sees(f"您的回答：{words}")

    def vote(self, option: str, button: str = "投票") -> "Invited":
        """Choose one of the options."""
        self.page.get_by_label(option, exact=True).check()
        self.press(button)
        return self.sees("投票收到了；结束前都可以改。")


def at_home(stand: Stand, page: Page, sent: Sent) -> Invited:
    """A shop's private page, where its owner has entered his code."""
    invited = Invited.at(page, f"{stand.address}/t/{sent.link_key}")
    invited.enter_code(sent.code)
    return Invited(page).sees("请您来开会")
