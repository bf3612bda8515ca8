"""The words that staff read for codes: states, actions, outcomes, reasons, channels, roles, kinds of place.

All are lazy, so that they are collected for translation here and translated on the page that shows them. States
and actions have a context: 挂账 is one word in Chinese and two in English, "On hold" and "Put on hold".
What reporters read is in web/reporter_words.py: plainer, and without office terms.
"""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as pgettext

from tracker.domain.lifecycle import Action, Outcome, State
from tracker.domain.permissions import Role

Words = Any
"""A lazy string: becomes words when a page places it."""

STATES: dict[State, Words] = {
    State.REPORTED: pgettext("state", "待受理"),
    State.NEEDS_INFO: pgettext("state", "待补充"),
    State.CHECKING: pgettext("state", "待核实"),
    State.FILED: pgettext("state", "待派遣"),
    State.DISPATCHED: pgettext("state", "待签收"),
    State.RETURN_REQUESTED: pgettext("state", "退单申请"),
    State.IN_PROGRESS: pgettext("state", "处置中"),
    State.ON_HOLD: pgettext("state", "挂账"),
    State.RESOLVED: pgettext("state", "待核查"),
    State.VERIFIED: pgettext("state", "待回访"),
    State.CLOSED: pgettext("state", "已结案"),
    State.DECLINED: pgettext("state", "不予受理"),
    State.MERGED: pgettext("state", "已并案"),
    State.WITHDRAWN: pgettext("state", "已撤回"),
    State.VOIDED: pgettext("state", "已作废"),
}

ACTIONS: dict[Action, Words] = {
    Action.REPORT: pgettext("action", "上报"),
    Action.FILE: pgettext("action", "立案"),
    Action.ASK_INFO: pgettext("action", "请补充"),
    Action.ADD_INFO: pgettext("action", "补充内容"),
    Action.CHECK: pgettext("action", "派核实"),
    Action.FOUND: pgettext("action", "属实"),
    Action.NOT_FOUND: pgettext("action", "未发现"),
    Action.FIX_ON_SPOT: pgettext("action", "自行处置"),
    Action.DECLINE: pgettext("action", "不予受理"),
    Action.APPEAL: pgettext("action", "申诉"),
    Action.MERGE: pgettext("action", "并案"),
    Action.SPLIT: pgettext("action", "拆分"),
    Action.WITHDRAW: pgettext("action", "撤回"),
    Action.VOID: pgettext("action", "作废"),
    Action.DISPATCH: pgettext("action", "派遣"),
    Action.SIGN: pgettext("action", "签收"),
    Action.REQUEST_RETURN: pgettext("action", "退单"),
    Action.GRANT_RETURN: pgettext("action", "同意退单"),
    Action.REFUSE_RETURN: pgettext("action", "驳回退单"),
    Action.CONTACT: pgettext("action", "先行联系"),
    Action.FINISH_STAGE: pgettext("action", "完成阶段"),
    Action.REQUEST_EXTENSION: pgettext("action", "申请延期"),
    Action.GRANT_EXTENSION: pgettext("action", "批准延期"),
    Action.REFUSE_EXTENSION: pgettext("action", "不批延期"),
    Action.HOLD: pgettext("action", "挂账"),
    Action.RESUME: pgettext("action", "恢复处置"),
    Action.RESOLVE: pgettext("action", "办结"),
    Action.PASS: pgettext("action", "核查通过"),
    Action.FAIL: pgettext("action", "核查不通过"),
    Action.CONFIRM: pgettext("action", "确认"),
    Action.LAPSE: pgettext("action", "到期结案"),
    Action.DISPUTE: pgettext("action", "未解决"),
    Action.REOPEN: pgettext("action", "重开"),
    Action.RATE: pgettext("action", "评价"),
    Action.NOTE: pgettext("action", "备注"),
    Action.JOIN: pgettext("action", "我也遇到了"),
    Action.WORSE: pgettext("action", "更严重了"),
    Action.GONE: pgettext("action", "说已经没了"),
    Action.STILL_THERE: pgettext("action", "还在"),
    Action.SEEN_GONE: pgettext("action", "确实没了"),
    Action.LOOK: pgettext("action", "过问"),
    Action.REVEAL_PHONE: pgettext("action", "查看电话"),
    Action.PUBLISH_PHOTOS: pgettext("action", "公开照片"),
    Action.WITHDRAW_PHOTOS: pgettext("action", "撤下公开的照片"),
    Action.RELEASE: pgettext("action", "转为正式案件"),
}

ABOUT_ACTIONS: dict[Action, Words] = {
    Action.FILE: _("属于街道办理，定类别"),
    Action.ASK_INFO: _("向报事人提一个问题"),
    Action.CHECK: _("请核查员先到现场看"),
    Action.FOUND: _("现场有这个问题，立案"),
    Action.NOT_FOUND: _("现场没有这个问题，附照片"),
    Action.FIX_ON_SPOT: _("当场已解决，附照片"),
    Action.DECLINE: _("说明原因和应去的渠道"),
    Action.MERGE: _("与另一个案件是同一件事"),
    Action.SPLIT: _("不是同一件事，重新受理"),
    Action.VOID: _("测试或误报；记录保留"),
    Action.DISPATCH: _("交给主办单位"),
    Action.SIGN: _("确认由本单位办理"),
    Action.REQUEST_RETURN: _("不归本单位，建议改派"),
    Action.GRANT_RETURN: _("退回待派遣，重新派单"),
    Action.REFUSE_RETURN: _("仍由原单位办理"),
    Action.CONTACT: _("记下已与现场联系"),
    Action.FINISH_STAGE: _("分段办理的，先完成一步"),
    Action.REQUEST_EXTENSION: _("说明原因和新的期限"),
    Action.GRANT_EXTENSION: _("新的期限告诉报事人"),
    Action.REFUSE_EXTENSION: _("期限不变"),
    Action.HOLD: _("暂时办不了，定复核日"),
    Action.RESUME: _("回到处置中"),
    Action.RESOLVE: _("写明结果，附处置后照片"),
    Action.PASS: _("现场已办好，请报事人确认"),
    Action.FAIL: _("没办好，退回承办单位"),
    Action.REOPEN: _("同一编号，回到处置中"),
    Action.STILL_THERE: _("到现场看过，问题还在，接着办"),
    Action.SEEN_GONE: _("到现场看过，没有了，附照片"),
    Action.NOTE: _("写给同事，不改变状态"),
    Action.LOOK: _("了解情况后放行办结"),
    Action.REVEAL_PHONE: _("写明原因；每次查看都有记录"),
    Action.RELEASE: _("不再单独存放，照常受理"),
}

OUTCOMES: dict[Outcome, Words] = {
    Outcome.FIXED: _("已解决"),
    Outcome.PARTLY_FIXED: _("部分解决"),
    Outcome.PLANNED: _("列入计划"),
    Outcome.EXPLAINED: _("解释说明"),
    Outcome.REFERRED: _("转他方办理"),
    Outcome.NOT_FOUND: _("现场未发现"),
    Outcome.FIXED_ON_SPOT: _("当场处置"),
}

DECLINE_REASONS: dict[str, Words] = {
    "not_street_matter": _("不属于街道职责"),
    "emergency": _("紧急情况，应拨打紧急电话"),
    "dispute_at_law": _("法律纠纷，应走诉讼或仲裁"),
    "petition": _("信访事项"),
    "consumer": _("消费纠纷"),
    "unclear": _("内容不清，也没有补充"),
    "repeated": _("已有案件在办，重复上报"),
}

CHANNELS: dict[str, Words] = {
    "110": _("110 报警"),
    "119": _("119 火警"),
    "120": _("120 急救"),
    "122": _("122 交通事故报警"),
    "12315": _("12315 消费者投诉举报"),
    "12345": _("12345 市民服务热线"),
    "court": _("人民法院或仲裁机构"),
    "petition": _("信访窗口"),
    "property": _("物业服务企业"),
    "none": _("不需要另找渠道"),
}

HOLD_REASONS: dict[str, Words] = {
    "works": _("等待工程施工"),
    "season": _("等待季节条件"),
    "ownership": _("权属待定"),
    "policy": _("等待政策"),
}

ROLES: dict[Role, Words] = {
    Role.OPERATOR: _("受理派遣员"),
    Role.HANDLER: _("承办人"),
    Role.VERIFIER: _("核查员"),
    Role.DUTY_LEAD: _("值班长"),
    Role.SUPERVISOR: _("督办领导"),
    Role.SECRETARY: _("街区书记"),
    Role.ADMIN: _("管理员"),
    Role.REPORTER: _("报事人"),
    Role.PASSER_BY: _("路过的人"),
    Role.RULE: _("规则"),
    Role.SYSTEM: _("系统"),
}

CLOSINGS: dict[str, Words] = {
    "confirmed": _("报事人确认"),
    "lapsed": _("到期未反馈，不计入满意"),
}

PHOTO_KINDS: dict[str, Words] = {
    "before": _("处置前的现场照片"),
    "after": _("处置后的现场照片"),
    "staff": _("工作照片，报事人看不到"),
}

PLACE_KINDS: dict[str, Words] = {
    "shop": _("商铺"),
    "restaurant": _("餐饮店"),
    "market": _("菜市场"),
    "metro": _("地铁站口"),
    "bus_stop": _("公交站"),
    "school_gate": _("学校门口"),
    "residential_gate": _("小区门口"),
    "building_door": _("楼栋门"),
    "office": _("办公楼宇"),
    "park": _("公园绿地"),
    "riverside": _("河岸步道"),
    "bin_room": _("垃圾箱房"),
    "works_site": _("施工点"),
    "street_furniture": _("街道设施"),
    "canteen": _("社区食堂"),
    "charging_point": _("充电换电点"),
    "courier_station": _("驿站"),
    "service_centre": _("党群服务站"),
}

FIELDS: dict[str, Words] = {
    "category": _("类别"),
    "lead": _("主办"),
    "co": _("协办"),
    "return_to": _("建议改派"),
    "outcome": _("结果"),
    "decline_reason": _("原因"),
    "decline_channel": _("应去的渠道"),
    "hold_reason": _("挂账原因"),
    "hold_until_on": _("复核日"),
    "extension_on": _("申请延期至"),
    "due_on": _("新的期限"),
    "look_by": _("须先过问"),
    "main_case": _("主案件"),
    "rating": _("评价"),
}

NOTES: dict[Action, Words] = {
    Action.ASK_INFO: _("要问的问题"),
    Action.NOTE: _("备注"),
    Action.LOOK: _("过问情况"),
    Action.REVEAL_PHONE: _("为什么要看电话"),
    Action.VOID: _("作废原因"),
    Action.FAIL: _("哪里没办好"),
    Action.REQUEST_RETURN: _("退单理由"),
    Action.REQUEST_EXTENSION: _("延期理由"),
    Action.REOPEN: _("重开原因"),
    Action.FINISH_STAGE: _("做了什么"),
    Action.RESOLVE: _("怎样处置的"),
    Action.STILL_THERE: _("现场看到什么"),
    Action.SEEN_GONE: _("现场看到什么"),
}
"""What the words that go with an action are asked for; the others say 说明."""
