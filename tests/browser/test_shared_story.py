"""From nine reports in different words to a meeting, its decisions, and whether they helped: as each person sees it.

The street's clock is the story's: two months pass, from the first report to the look back after thirty days.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pypdfium2.raw
import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.clocked import street_on, work
from tests.browser.committee_pages import (
    Bell,
    Invited,
    IssueList,
    IssuePage,
    ItemPage,
    MeetingPages,
    MinutesPage,
    at_home,
)
from tests.browser.conftest import Visiting
from tests.browser.pages import PrivatePage, ReportForm, Screen, SignIn, Told
from tests.browser.photos import as_file
from tests.browser.stand import Stand
from tests.browser.visitors import PHONE, SCREEN, SMALL_PHONE, Visitors, Window
from tests.databases import Databases, Engine
from tests.factories import Sent
from tests.mail_server import MailServer, receiving
from tests.unit.adapters.qr_reading import opened
from tests.web.moving_clock import STREET, MovingClock
from tracker.demo.pictures import draw_photo
from tracker.demo.words import REPORTS
from tracker.domain.lifecycle import Action
from tracker.domain.permissions import Role
from tracker.services import escalations, people

pdfium: Any = pypdfium2.raw  # carries no types

TITLE = "地铁口一带共享单车停满人行道"
QUESTION = "地铁口东侧要不要划一块单车停放区，谁来清运？"
OPTIONS = ("划停放区，早晚清运", "全部移走，不许停", "先看一个月")


# One walk of two months is half a minute of work; what it calls is tried on both databases in tests/unit and tests/web,
# and `--database postgresql` walks it there.
pytestmark = pytest.mark.one_database


@dataclass(frozen=True)
class Voice:
    """One of the nine: when and where, under which category, in whose words; `form`: sent in a browser."""

    at: str
    shop: str
    category: str
    text: str
    form: Window | None = None


NINE = (
    Voice("10-12 08:10", "老王面馆", "A1", "共享单车停满人行道，面馆门口进不来客人。", PHONE),
    Voice("10-13 08:20", "小李烟酒", "A1", "地铁口共享单车乱停，堆到我们烟酒店门口，轮椅过不去。"),
    Voice("10-14 07:50", "阿芳花店", "A1", "一早地铁口全是单车，花店门口被堵住，搬花没地方走。"),
    Voice(
        "10-16 08:30", "鲜果坊", "A5", "共享单车堆在地铁口人行道上，占道，买水果的人走不过去。", PHONE.plain
    ),
    Voice("10-19 09:05", "同仁药房", "A1", "药房门口又被共享单车围住了，老人买药要绕到马路上。"),
    Voice("10-20 08:40", "蓝天理发", "A2", "地铁口单车停得乱七八糟，人行道占了，走路都挤不过去。"),
    Voice("10-21 08:15", "张记生煎", "A1", "共享单车乱停，从地铁口一直排到我们店台阶上。"),
    Voice("10-23 07:35", "晨光文具", "G1", "共享单车把地铁口旁边的通道堵住了，学生上学要从缝里穿过去。"),
    Voice("10-24 08:10", "修鞋铺", "A5", "人行道上共享单车倒了一片，堆到我的摊子前面，走不了路。"),
)
TILES = {"A1": "非机动车(共享单车)乱停放", "A5": "占道(乱)堆物"}
BY_HAND = ("B2", "B5", "B6", "C2", "C5", "D3", "E2", "E3", "F1", "F3", "F4", "G2")
"""Categories of other people's troubles that no rule dispatches, so that they can be ended in one move."""
LATER_VOICES = 22
"""Passers-by who met it too before the meeting: 9 + 22 = 31 reports in the thirty days before the decision."""
AFTERWARDS = ("11-14", "11-16", "11-20", "11-23", "11-26", "11-30", "12-02", "12-04", "12-08")
"""Days of the nine reports after the measures: two of them in the first week."""


@dataclass
class Story:
    """The street, its clock, its mail, and what is known by now."""

    stand: Stand
    clock: MovingClock
    mail: MailServer
    visitors: Visitors
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)
    sent: dict[str, Sent] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)

    def at(self, text: str, *jobs: str) -> None:
        """Let it be this moment, and the job processes have done this."""
        self.clock.at(text)
        work(self.stand, *jobs)

    def sign_in(self, login: str, window: Window = SCREEN) -> Page:
        """Somebody comes to work at this hour of the story."""
        page = self.visitors.arrive(window)
        SignIn.at(page, self.stand.address).enter(login)
        return page


@pytest.fixture
def story(visiting: Visiting, databases: Databases, engine: Engine, tmp_path: Path) -> Iterator[Story]:
    """A street on a clock of its own, with a real mail server beside it."""
    clock = MovingClock()
    clock.at("09-01 09:00")
    with (
        receiving(tmp_path / "mail") as mail,
        street_on(clock, databases, engine, tmp_path, **mail.settings) as stand,
        visiting(stand.address) as visitors,
    ):
        yield Story(stand, clock, mail, visitors, tmp_path)


def test_nine_reports_become_a_meeting_and_later_the_page_shows_that_it_helped(story: Story) -> None:
    other_troubles(story)
    nine_report_it(story)
    issue = the_secretary_accepts_it(story)
    meeting = a_meeting_is_called(story, issue)
    three_shops_answer(story, meeting)
    the_pack_is_frozen_and_read(story, meeting)
    it_is_held(story, meeting)
    items = the_minutes_are_approved(story, meeting)
    one_item_is_late_and_both_are_done(story, issue, items)
    it_helped(story, issue)


# ---------------------------------------------------------------- what the street had before


def other_troubles(story: Story) -> None:
    """Autumn: other people's troubles at other places, from which the grouping learns how this street writes."""
    rng = Random(7)
    words = [(code, text) for code in BY_HAND for text in REPORTS[code]]
    rng.shuffle(words)
    with story.stand.app.app_context():
        operator = story.stand.crew[Role.OPERATOR]
        people.add_person(
            "lead-zf", "周队长", factories.PASSWORD, role=Role.HANDLER, area=None, department="ZF"
        )
        people.make_lead("ZF", "lead-zf")
        elsewhere = [
            factories.a_place(name=f"远处 {n} 号", spot=(31.29 + 0.001 * n, 121.44 + 0.002 * (n % 5)))
            for n in range(12)
        ]
        for n, (category, text) in enumerate(words[:36]):
            story.clock.now += timedelta(hours=22)
            sent = factories.a_report(elsewhere[n % 12], category, text, device=f"elsewhere-{n}")
            declined: dict[str, Any] = {"reason": "consumer", "channel": "12315", "note": "已转有关单位。"}
            factories.take(sent.number, Action.DECLINE, by=operator, **declined)
        for n, voice in enumerate(NINE):
            spot = (31.3060 + 0.00022 * (n % 3), 121.4550 + 0.00035 * (n // 3))
            story.tokens[voice.shop] = factories.a_place(name=voice.shop, spot=spot)
    story.at("10-12 02:30", "group", "regroup")


def nine_report_it(story: Story) -> None:
    """Nine shops in two weeks; two of them with the form in their hands."""
    for n, voice in enumerate(NINE):
        story.clock.at(voice.at)
        if voice.form is None:
            with story.stand.app.app_context():
                story.sent[voice.shop] = factories.a_report(
                    story.tokens[voice.shop], voice.category, voice.text, photos=1, device=f"phone-{n}"
                )
        else:
            by_form(story, voice, n)
        story.clock.now += timedelta(minutes=1)
        work(story.stand, "group")
    with story.stand.app.app_context():
        for n in range(LATER_VOICES):
            story.clock.at(f"10-{20 + n % 5} 17:{10 + n}")
            voice = NINE[n % 4]
            factories.a_voice(story.tokens[voice.shop], story.sent[voice.shop].number)
    story.at("10-25 02:30", "group", "regroup")


def by_form(story: Story, voice: Voice, n: int) -> None:
    """A shop's own phone, which is kept: its owner comes back with it."""
    page = story.visitors.arrive(voice.form or PHONE)
    form = ReportForm.at(page, story.stand.form_of(story.tokens[voice.shop])).sees(voice.shop)
    photo = as_file("IMG_1.jpg", draw_photo(voice.category, before=True, rng=Random(n)))
    receipt = form.report(TILES[voice.category], voice.text, photo).fits()
    told: Told = receipt.told()
    receipt.follow()
    story.pages[voice.shop] = page
    story.sent[voice.shop] = Sent(told.number, told.link.rpartition("/")[2], told.code, "", "")


# ---------------------------------------------------------------- the committee takes it


def the_secretary_accepts_it(story: Story) -> str:
    """Monday morning: it waits with its reasons, and must be reviewed."""
    story.at("10-26 09:30")
    page = story.sign_in("secretary")
    IssueList.at(page, story.stand.address).sees("线索", "必须研判").fits()
    issue = IssueList(page).open_first().stands("线索").fits()
    issue.sees("必须研判", "大家用了同样的词", "单车", "个不同地点上报", "位不同的报事人", "近 14 天")
    expect(page.locator("svg.place-map")).to_be_visible()
    expect(page.locator("svg.chart").first).to_be_visible()
    numbers = {sent.number for sent in story.sent.values()}
    found = issue.cases()
    assert found <= numbers
    assert len(found) >= 5, "the five that chose the same category are no matter of doubt"
    if missed := sorted(numbers - found):
        issue.add(missed)
    assert issue.cases() == numbers
    issue.sees("9 个地点", "31 份上报", "件原来报在别的类别")
    on_phone = IssuePage.at(story.sign_in("secretary", PHONE), story.stand.address, issue.number)
    on_phone.sees("认定为共性问题").fits()
    issue.accept(TITLE, "早高峰换乘的人多，出口没有划线的停放处。", "secretary·王敏").fits()
    return issue.number


def a_meeting_is_called(story: Story, issue: str) -> str:
    """From the issue's page to the invitations, which really arrive."""
    story.at("10-26 10:00")
    page = story.sign_in("secretary")
    form = IssuePage.at(page, story.stand.address, issue).call_a_meeting().fits()
    expect(page.get_by_label(TITLE)).to_be_checked()
    meeting = form.plan(
        {
            "会议名称": "地铁口单车停放协调会",
            "哪一天": "2026-10-29",
            "从": "14:00",
            "到": "15:30",
            "地点": "街道二楼会议室",
        }
    )
    meeting.ask(QUESTION, OPTIONS).fits()
    number = meeting.number
    meeting.tab("邀请").add_department("综合行政执法队", "zhifa@street.example")
    meeting.add_department("交警", "jiaojing@street.example")
    meeting.add_guest("蓝骑单车", "ops@bikes.example").fits()
    meeting.sees("3 个单位或嘉宾等着发邮件", "同时邀请 31 位上报人").press("发出邀请")
    meeting.sees("31").fits()
    work(story.stand, "tell", "send")
    letters = {letter.to: letter for letter in story.mail.letters()}
    assert set(letters) == {"zhifa@street.example", "jiaojing@street.example", "ops@bikes.example"}
    for letter in letters.values():
        method, _name, calendar = letter.calendars[0]
        assert method == "REQUEST"
        (event,) = Calendar.from_ical(calendar).walk("VEVENT")
        assert event.decoded("DTSTART") == datetime(2026, 10, 29, 14, tzinfo=STREET)
        assert "地铁口单车停放协调会" in str(event["SUMMARY"])
        assert "地铁口单车停放协调会" in letter.subject + letter.body
    IssuePage.at(page, story.stand.address, issue).stands("列入议题").sees(number, "地铁口单车停放协调会")
    return number


def three_shops_answer(story: Story, meeting: str) -> None:
    """On their private pages: the phones they reported with, and one that needs the four digits."""
    story.at("10-27 19:30")
    noodles = Invited(story.pages["老王面馆"])
    noodles.again().sees("请您来开会", QUESTION).fits()
    noodles.answer("我来", words="早上七点半到九点最堵。", name="王师傅", consent=True)
    noodles.sees("您答复的是“来”").fits()
    fruit = Invited(story.pages["鲜果坊"])
    fruit.again().sees("请您来开会").answer("我来", consent=True).sees("您答复的是“来”").fits()
    chemist = at_home(story.stand, story.visitors.arrive(SMALL_PHONE.plain), story.sent["同仁药房"])
    chemist.answer("来不了", consent=True).sees("您答复的是“不来”").fits()
    page = story.sign_in("secretary")
    guests = MeetingPages.at(page, story.stand.address, meeting).tab("邀请")
    guests.sees("号（王师傅）", "早上七点半到九点最堵。", "2 来，1 不来").fits()


def the_pack_is_frozen_and_read(story: Story, meeting: str) -> None:
    """The day before: one click, and the paper says and shows what it should."""
    story.at("10-28 16:00")
    pages = MeetingPages.at(story.sign_in("secretary"), story.stand.address, meeting).tab("简报")
    pages.sees("未定稿", QUESTION).fits()
    pages.freeze_pack().shows_every_picture().fits()
    paper = opened(pages.download("PDF", story.folder / "pack.pdf"))
    texts = ["".join(page.get_textpage().get_text_range().split()) for page in paper]
    whole = "".join(texts)
    for words in ("会议简报", TITLE, QUESTION, *OPTIONS, "31", meeting, "第1版"):
        assert "".join(words.split()) in whole, f"{words}: {whole}"
    section = next(
        page for page, text in zip(paper, texts, strict=True) if "要决定的问题" in text and "在哪里" in text
    )
    kinds = [each.type for each in section.get_objects(max_depth=8)]
    assert kinds.count(pdfium.FPDF_PAGEOBJ_IMAGE) >= 1, "a photo"
    assert kinds.count(pdfium.FPDF_PAGEOBJ_PATH) >= 9 + 10, (
        "the nine places on the map, the weeks of the chart"
    )


# ---------------------------------------------------------------- they meet


def it_is_held(story: Story, meeting: str) -> None:
    """Signed in at the door, voted by private link, hands counted for another option."""
    story.at("10-29 13:50")
    pages = MeetingPages.at(story.sign_in("secretary"), story.stand.address, meeting).tab("签到").fits()
    link = pages.door_link()
    noodles = story.pages["老王面馆"]
    noodles.goto(link)
    Screen(noodles).sees("您是", "商户代表").fits().press("签到")
    Screen(noodles).sees("签到成功").fits()
    officer = story.visitors.arrive(PHONE)
    officer.goto(link)
    from_department = officer.locator("section").filter(has_text="单位来的")
    from_department.get_by_label("单位", exact=True).select_option(label="综合行政执法队")
    from_department.get_by_label("姓名").fill("陈建国")
    from_department.get_by_role("button", name="签到").click()
    Screen(officer).sees("签到成功").fits()

    story.at("10-29 14:00")
    pages.tab("概况").sees("2 人已签到").press("会议开始")
    pages.sees("会议开始了，可以记纪要。").tab("表决").press("开始表决")
    pages.sees("正在表决：已投 0 票")
    voter = PrivatePage.at(noodles, f"{story.stand.address}/t/{story.sent['老王面馆'].link_key}")
    Invited(voter.page).sees("会议正在开。").vote(OPTIONS[0]).fits()
    pages.count_hands(dict(zip(OPTIONS, (3, 0, 5), strict=True)))
    pages.press("结束表决")
    pages.sees(f"“{OPTIONS[0]}”最多，1 票。", f"“{OPTIONS[2]}”最多，5 票。").fits()


def the_minutes_are_approved(story: Story, meeting: str) -> list[str]:
    """Typed beside the agenda; two action items by the keyboard alone."""
    story.at("10-29 16:30")
    page = story.sign_in("secretary")
    MeetingPages.at(page, story.stand.address, meeting).tab("纪要")
    minutes = MinutesPage(page).sees("到会人员", QUESTION).fits()
    minutes.write("讨论记录", "店家说早高峰最堵；单车企业愿意每天派两个人。")
    minutes.write("决定", "地铁口东侧划一块停放区，单车企业早晚清运。")
    minutes.type_lines(
        [
            {
                "action": "在地铁口东侧划出单车停放区",
                "department": "综合行政执法队",
                "person": "陈建国",
                "due": "2026-11-05",
                "measure": "线划好，盲道不受影响",
            },
            {
                "action": "早晚高峰派人引导停车",
                "department": "交警",
                "person": "李警官",
                "due": "2026-11-20",
                "measure": "连续两周到岗，线外不超过三辆",
            },
        ]
    )
    minutes.approve().fits()
    minutes.sees("secretary·王敏、综合行政执法队 · 陈建国、商户代表", "交警、蓝骑单车、30 位商户代表")
    numbers = sorted(set(minutes.item_numbers()))
    assert len(numbers) == 2
    return numbers


# ---------------------------------------------------------------- it is done, one of the two late


def one_item_is_late_and_both_are_done(story: Story, issue: str, items: Sequence[str]) -> None:
    lines, guides = items
    ladder(story, lines, until="11-11 09:30")
    Bell.at(story.sign_in("lead-zf"), story.stand.address).tells_of(lines, "已超期：行动项办理")
    duty = story.sign_in("duty_lead")
    Bell.at(duty, story.stand.address).tells_of(lines, "督办：行动项办理，已用时限的 150%").fits()
    duty.goto(f"{story.stand.address}/actions?show=overdue")
    Screen(duty).sees(lines).fits()
    expect(duty.locator("main").get_by_text(guides)).to_have_count(0)

    story.at("11-11 10:00")
    drawn = as_file("line.jpg", draw_photo("A1", before=False, rng=Random(1)))
    handler = ItemPage.at(story.sign_in("handler-zf", PHONE), story.stand.address, lines).fits()
    handler.take("开始办理")
    handler.claim("线已划好，东西各立一块牌。", drawn).fits()
    other = ItemPage.at(story.sign_in("handler-jj", PHONE.plain), story.stand.address, guides)
    other.claim("两周每天两班到岗，记录在附件照片里。").fits()

    story.at("11-12 10:00")
    page = story.sign_in("secretary")
    for number in items:
        ItemPage.at(page, story.stand.address, number).accept().fits()
    IssuePage.at(page, story.stand.address, issue).stands("回头看").sees("措施在 11月12日")


def ladder(story: Story, number: str, until: str) -> None:
    """Let every rung of an item's promise fire when it is due, as the job processes would."""
    story.clock.at(until)
    end: datetime = story.clock.now
    with story.stand.app.app_context():
        moments = sorted({each.at for each in escalations.upcoming(end) if each.number == number})
    assert len(moments) >= 3, "75 %, 100 % and 150 %"
    for moment in moments:
        story.clock.now = moment
        work(story.stand, "escalate", "tell")
    story.clock.now = end


# ---------------------------------------------------------------- did it help?


def it_helped(story: Story, issue: str) -> None:
    """Fewer report it; the page says so with an interval; who reported it is asked."""
    for n, day in enumerate(AFTERWARDS):
        story.clock.at(f"{day} 08:15")
        voice = NINE[n % 4]
        with story.stand.app.app_context():
            factories.a_voice(story.tokens[voice.shop], story.sent[voice.shop].number)
        if n == 1:
            story.at("11-19 10:05", "look_back", "reopen_issues", "tell")
            page = IssuePage.at(story.sign_in("secretary"), story.stand.address, issue)
            page.sees("前后各 7 天：14 → 2 件").fits()
            Bell.at(page.page, story.stand.address).tells_of(issue, "回头看")

    noodles = PrivatePage.at(
        story.pages["老王面馆"], f"{story.stand.address}/t/{story.sent['老王面馆'].link_key}"
    )
    Invited(noodles.page).sees("好些了吗？", f"“{TITLE}”的措施已经做完。").says_better("好些了").fits()
    fruit = story.pages["鲜果坊"]
    fruit.reload()
    Invited(fruit).says_better("差不多").fits()

    story.at("12-12 10:05", "look_back", "tell")
    page = IssuePage.at(story.sign_in("secretary"), story.stand.address, issue)
    page.sees("前后各 30 天：31 → 9 件，减少 71%，95% 区间：减少 88% 到 减少 38%，确实少了")
    page.sees("2 位报事人回答了“好些了吗”")
    expect(page.page.locator("svg.looks")).to_be_visible()
    expect(page.page.locator("#look-back")).to_contain_text("好些了 1，差不多 1，更糟了 0")
    page.fits()
    IssuePage.at(story.sign_in("secretary", PHONE), story.stand.address, issue).fits()
