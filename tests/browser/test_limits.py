"""A busy hour in the hand: the phone works the puzzle out and sends by itself; without script one waits and presses."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clocked import street_on
from tests.browser.conftest import Visiting
from tests.browser.pages import BLOCKED, Receipt, ReportForm
from tests.browser.photos import small_photo
from tests.browser.stand import Stand
from tests.browser.visitors import PHONE, Visitors
from tests.databases import Databases, Engine
from tests.web.moving_clock import MovingClock
from tracker.domain.puzzles import is_solved

pytestmark = pytest.mark.one_database  # counting is tried on both in tests/web and tests/crash


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def busy(clock: MovingClock, databases: Databases, engine: Engine, tmp_path: Path) -> Iterator[Stand]:
    """A street where the second report of a device already needs a puzzle."""
    with street_on(clock, databases, engine, tmp_path, device_label_an_hour=1, puzzle_bits=12) as stand:
        yield stand


@pytest.fixture
def visitors(busy: Stand, visiting: Visiting) -> Iterator[Visitors]:
    with visiting(busy.address) as visitors:
        yield visitors


def second_report(stand: Stand, page: Page, text: str) -> ReportForm:
    """Somebody who reported once and fills the form in again."""
    form = ReportForm.at(page, stand.form_of(stand.street.token))
    form.report(BLOCKED, f"先报的一件：{text}")
    form = ReportForm.at(page, stand.form_of(stand.street.token))
    return form.choose(BLOCKED).write(text).attach(small_photo(41))


def test_the_phone_works_the_puzzle_out_and_sends_by_itself(busy: Stand, visitors: Visitors) -> None:
    page = visitors.arrive(PHONE)
    second_report(busy, page, "隔壁又堆了纸箱").send()
    own = Receipt(page).sees("收到了").follow()
    own.sees("隔壁又堆了纸箱")
    assert len(own.pictures()) == 1


def test_without_script_one_waits_and_presses_again(
    busy: Stand, visitors: Visitors, clock: MovingClock
) -> None:
    page = visitors.arrive(PHONE.plain)
    form = second_report(busy, page, "没有脚本也要能报")
    form.send()
    form.sees("还差一步：确认不是机器在发", "请等到 09:30:30").fits()
    expect(page.get_by_label("说两句")).to_have_value("没有脚本也要能报")
    form.shows_every_picture()
    clock.at("11-23 09:30:31")
    page.locator("#slow").get_by_role("button", name="提交").click()
    Receipt(page).sees("收到了")


def test_the_browsers_own_sum_is_the_servers(busy: Stand, visitors: Visitors) -> None:
    page = visitors.arrive(PHONE)
    page.goto(busy.form_of(busy.street.token))
    page.add_script_tag(url=f"{busy.address}/static/js/puzzle.js")
    for bits in (1, 8, 14):
        nonce = f"{'Aa0-_zZ9' * 3}"[:22]
        answer = page.evaluate("([nonce, bits]) => window.puzzle.solve(nonce, bits)", [nonce, bits])
        assert re.fullmatch(r"\d+", answer)
        assert is_solved(nonce, answer, bits)
        assert not any(is_solved(nonce, str(number), bits) for number in range(int(answer)))
