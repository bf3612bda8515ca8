"""When it does not go well: declined, returned, failed, disputed, merged, withdrawn."""

import pytest

from tests.browser.pages import CasePage, at_the_case, reported
from tests.browser.photos import small_photo
from tests.browser.stand import Stand
from tests.browser.visitors import PHONE, SCREEN, Visitors
from tracker.domain.lifecycle import Action, State
from tracker.domain.permissions import Role

pytestmark = pytest.mark.one_database  # what pages offer and say; the rules run on both in tests/unit


def test_a_declined_report_can_be_appealed_once_and_the_duty_lead_decides(
    stand: Stand, visitors: Visitors
) -> None:
    own, told = reported(stand, visitors, PHONE.plain, "买的包子有问题，老板不认。")
    operator = at_the_case(stand, visitors, SCREEN.plain, "operator", told.number)
    why = {"原因": "消费纠纷", "请报事人去哪里": "12315", "说明": "价格和质量争议由他们处理。"}
    operator.take("不予受理", why).saved("不予受理", "不予受理")

    own.again().stands("不予受理")
    own.sees("这是消费纠纷。请拨打 12315（消费者投诉）", "价格和质量争议由他们处理。")
    own.appeal("不是价格，是他把蒸笼堆在路上。").stands("已收到")
    own.sees("已收到您的申诉，值班长会重新看。").fits()
    assert not own.may("不同意，申诉")

    assert "立案" not in operator.again().sees("报事人对不予受理提出申诉，由值班长重新决定。").offers()
    lead = at_the_case(stand, visitors, SCREEN.plain, "duty_lead", told.number)
    lead.take("不予受理", why).saved("不予受理", "不予受理")
    own.again().stands("不予受理")
    assert not own.may("不同意，申诉")


def test_a_second_return_is_decided_by_the_supervisor_alone(stand: Stand, visitors: Visitors) -> None:
    own, told = reported(stand, visitors, PHONE, "树枝压在电线上。")
    stand.walk(told.number, State.DISPATCHED)
    handler = at_the_case(stand, visitors, PHONE, "handler-zf", told.number)
    lead = at_the_case(stand, visitors, SCREEN, "duty_lead", told.number)

    not_ours = {"应由哪个单位承办": "绿化", "退单理由": "树归绿化管。"}
    handler.take("退单", not_ours).saved("退单", "退单申请").fits()
    lead.again().sees("申请退单，建议改派绿化", "由值班长决定")
    lead.take("驳回退单", {"说明": "先清理再说。"}).saved("驳回退单", "待签收")

    handler.again().sees("先清理再说。").take("退单", not_ours).saved("退单", "退单申请")
    assert not {"同意退单", "驳回退单"} & set(lead.again().sees("由督办领导决定").offers())
    supervisor = at_the_case(stand, visitors, SCREEN, "supervisor", told.number)
    supervisor.take("同意退单").saved("同意退单", "待派遣")

    operator = at_the_case(stand, visitors, SCREEN, "operator", told.number)
    operator.sees("退单 2 次", "退单时建议：绿化").take("派遣").saved("派遣", "待签收")
    own.again().stands("已派单").sees("已派给绿化").misses("树归绿化管。", "先清理再说。")


def test_after_three_failed_checks_the_supervisor_must_look_first(stand: Stand, visitors: Visitors) -> None:
    own, told = reported(stand, visitors, PHONE.plain, "纸箱堆到盲道上了。")
    stand.walk(told.number, State.RESOLVED)
    handler = at_the_case(stand, visitors, PHONE.plain, "handler-zf", told.number)
    verifier = at_the_case(stand, visitors, PHONE.plain, "verifier-jw", told.number)

    for times in (1, 2):
        fail(verifier)
        handler.again().sees(f"返工 {times} 次")
        resolve(handler, seed=times)
    fail(verifier)
    handler.again().sees("多次没有办好：督办领导先过问，承办单位才能办结。").fits()
    assert "办结" not in handler.offers()
    own.again().stands("处理中").sees("正在重新处理。").misses("还有两个纸箱。")

    supervisor = at_the_case(stand, visitors, SCREEN.plain, "supervisor", told.number)
    supervisor.take("过问", {"过问情况": "已约谈承办单位，今天清完。"}).saved("过问", "处置中")
    resolve(handler, seed=3)


def fail(verifier: CasePage) -> None:
    verifier.again().take("核查不通过", {"哪里没办好": "还有两个纸箱。"}).saved("核查不通过", "处置中").fits()


def resolve(handler: CasePage, *, seed: int) -> None:
    cleared = {"处置结果": "已解决", "怎样处置的": "纸箱全部清走。"}
    handler.again().take("办结", cleared, [small_photo(seed)]).saved("办结", "待核查")


def test_after_a_second_dispute_the_duty_lead_must_look_first(stand: Stand, visitors: Visitors) -> None:
    own, told = reported(stand, visitors, PHONE, "店门口的纸箱又堆起来了。")
    stand.walk(told.number, State.VERIFIED)
    own.again().dispute("只搬走了一半。", small_photo(7)).stands("处理中")
    own.sees("您说：没解决。已退回重新处理", "只搬走了一半。").shows_every_picture().fits()

    stand.take(told.number, Action.RESOLVE, by=Role.HANDLER, outcome="fixed", note="搬完了。", photos=1)
    stand.take(told.number, Action.PASS, by=Role.VERIFIER)
    own.again().dispute("还是一半。").stands("处理中")

    handler = at_the_case(stand, visitors, PHONE, "handler-zf", told.number)
    handler.sees("多次没有办好：值班长先过问，承办单位才能办结。", "重开 2 次", "还是一半。")
    assert "办结" not in handler.offers()
    lead = at_the_case(stand, visitors, SCREEN, "duty_lead", told.number)
    lead.take("过问", {"过问情况": "到现场看过，当面交代。"}).saved("过问", "处置中")
    resolve(handler, seed=8)


def test_the_page_of_a_merged_report_follows_the_main_case_and_then_its_own_again(
    stand: Stand, visitors: Visitors
) -> None:
    first, main = reported(stand, visitors, PHONE.plain, "地铁口全是纸箱。")
    own, told = reported(stand, visitors, PHONE.plain, "纸箱挡了轮椅坡道。")
    operator = at_the_case(stand, visitors, SCREEN.plain, "operator", told.number)
    operator.take("并案", {"主案件编号": main.number}).saved("并案", "已并案").sees(main.number)
    stand.walk(main.number, State.VERIFIED)

    own.again().stands("等您确认")
    own.sees(f"您报的 {told.number} 与同一件事的 {main.number} 合并办理", "有人先报了这件事").fits()
    own.misses("地铁口全是纸箱。")
    assert own.may("没解决")
    assert not own.is_asked()
    first.again().confirm("一般").stands("已结案")
    own.again().stands("已结案")

    lead = at_the_case(stand, visitors, SCREEN.plain, "duty_lead", told.number)
    lead.take("拆分").saved("拆分", "待受理")
    own.again().stands("已收到").sees("纸箱挡了轮椅坡道。").misses(main.number)
    own.add("坡道在 2 号口。").sees("您补充了情况", "坡道在 2 号口。")
    operator.again().sees("坡道在 2 号口。")


def test_a_report_can_be_withdrawn_until_somebody_works_on_it(stand: Stand, visitors: Visitors) -> None:
    own, told = reported(stand, visitors, SCREEN, "三轮车停在门口。")
    own.withdraw("车自己开走了。").stands("已撤回").sees("这份上报已撤回。", "车自己开走了。").fits()
    assert not own.may("补充情况")
    operator = at_the_case(stand, visitors, SCREEN, "operator", told.number)
    assert "立案" not in operator.stands("已撤回").sees("车自己开走了。").offers()

    busy, at_work = reported(stand, visitors, SCREEN, "三轮车停在盲道上。")
    stand.walk(at_work.number, State.IN_PROGRESS)
    assert not busy.again().stands("处理中").may("撤回上报")
