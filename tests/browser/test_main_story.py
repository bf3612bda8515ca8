"""From the printed code to the reporter's own 解决了, as each person sees it."""

from collections.abc import Sequence

import pytest
from playwright.sync_api import FilePayload

from tests.browser.pages import BLOCKED, BY_RULE, ReportForm, at_the_desk
from tests.browser.photos import is_upright, opened, phone_photo
from tests.browser.stand import Stand
from tests.browser.visitors import PHONE, SCREEN, Visitors, Window


@pytest.mark.one_database  # the other database is walked below
@pytest.mark.parametrize(
    ("window", "category"),
    [(PHONE, BY_RULE), (PHONE.plain, BLOCKED), (SCREEN, BLOCKED), (SCREEN.plain, BY_RULE)],
    ids=["phone", "phone without script", "screen", "screen without script"],
)
def test_a_scanned_code_ends_in_the_reporters_own_yes(
    stand: Stand, visitors: Visitors, window: Window, category: str
) -> None:
    walk(stand, visitors, window, category)


def test_a_scanned_code_ends_in_the_reporters_own_yes_on_any_database(
    stand: Stand, visitors: Visitors
) -> None:
    walk(stand, visitors, PHONE, BLOCKED)


def walk(stand: Stand, visitors: Visitors, window: Window, category: str) -> None:
    """The whole way, each person in a browser of his own."""
    assert stand.printed_link.startswith(stand.address)
    before, after = phone_photo(seed=11), phone_photo(seed=12)

    form = (
        ReportForm.at(visitors.arrive(window), stand.printed_link).sees("彭浦小馄饨", "闻喜路 251 号").fits()
    )
    receipt = form.report(category, "店门口走不过去了。", before).fits()
    told = receipt.told()
    own = receipt.follow().stands("已派单" if category == BY_RULE else "已收到").fits()
    assert own.page.url == told.link
    assert_clean(own.shows_every_picture().pictures(), 1)

    if category == BLOCKED:
        file_and_dispatch(stand, visitors, window, told.number)
    else:
        operator = at_the_desk(stand, visitors, window, "operator")
        operator.page.goto(f"{stand.address}/desk/cases/{told.number}")
        operator.sees("按规则：A1 非机动车(共享单车)乱停放 × 各片区")
    put_right(stand, visitors, window, told.number, after)
    check(stand, visitors, window, told.number)

    own.again().stands("等您确认").sees("解决了吗？", "处理结果：已经处理好", "已经清走，路面干净。").fits()
    own.sees("处置前", "处置后")
    assert_clean(own.shows_every_picture().pictures(), 2)
    own.confirm("很满意", "来得真快").stands("已结案").sees("您已确认解决，谢谢！", "来得真快").fits()

    desk = at_the_desk(stand, visitors, window, "duty_lead").fits()
    desk.page.goto(f"{stand.address}/desk/cases/{told.number}")
    desk.sees("已结案", "报事人确认", "5 分（满分 5 分）", "来得真快")


def file_and_dispatch(stand: Stand, visitors: Visitors, window: Window, number: str) -> None:
    queue = at_the_desk(stand, visitors, window, "operator").fits()
    case = queue.open(number).stands("待受理").sees("店门口走不过去了。").fits()
    assert_clean(case.shows_every_picture().pictures(), 1)
    case.take("立案").saved("立案", "待派遣").sees("按规则建议：")
    case.take("派遣").saved("派遣", "待签收").fits()


def put_right(stand: Stand, visitors: Visitors, window: Window, number: str, after: FilePayload) -> None:
    """The department signs, gets in touch, and shows that it is done."""
    handler = at_the_desk(stand, visitors, window, "handler-zf").fits()
    case = handler.open(number).fits().take("签收").saved("签收", "处置中")
    case.take("先行联系", {"说明": "已到店门口看过，下午来清。"}).saved("先行联系", "处置中")
    if "办结" in case.offers():
        case.take("办结", {"处置结果": "已解决"}).sees("请填写说明。").stands("处置中")
    words = {"处置结果": "已解决", "怎样处置的": "已经清走，路面干净。"}
    case.take("办结", words, [after]).saved("办结", "待核查").shows_every_picture().fits()
    assert_clean(case.pictures(), 2)


def check(stand: Stand, visitors: Visitors, window: Window, number: str) -> None:
    """Somebody else looks at the result."""
    verifier = at_the_desk(stand, visitors, window, "verifier-jw").fits()
    case = verifier.open(number).sees("处置前", "处置后").shows_every_picture().fits()
    case.take("核查通过", {"说明": "现场已看，干净。"}).saved("核查通过", "待回访")


def assert_clean(pictures: Sequence[bytes], count: int) -> None:
    """That many photos, upright, smaller than they were sent, with nothing hidden in them."""
    assert len(pictures) == count
    for content in pictures:
        picture = opened(content)
        assert is_upright(picture)
        assert max(picture.size) < 4000
        assert not picture.getexif()
        assert b"PhoneMaker" not in content
        assert b"Exif" not in content
