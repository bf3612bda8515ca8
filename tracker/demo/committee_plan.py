"""What the street committee of the demo decides: who, what, when, and the words of the minutes.

Of the troubles in `shared`, three wait to be judged (bikes, backflow, unloading), two are accepted (night, lights),
one was solved after a meeting (riders), and one, dealt with at the same meeting, was not (fumes): it is on the
agenda of the next.
"""

from tracker.demo.committee import AgendaPlan, AnswerPlan, IssuePlan, ItemPlan, MeetingPlan, OptionPlan
from tracker.domain.look_back import Answer

WAITING = {"bikes": 3.4, "backflow": 1.2, "unloading": 1.3}
"""Troubles that wait to be judged → how long ago the secretary knew of them, if the grouping had not proposed them."""

ISSUES = (
    IssuePlan(
        trouble="riders",
        title="百卉街南口饭点骑手停车堵门",
        cause="十来家餐饮集中出餐，路边没有等餐停车的地方，骑手只能停在人行道和店门口。",
        accepted_days=68.5,
        messages=(
            (
                68.2,
                "您反映的骑手停车问题，街区已列为共性问题，准备请商户、平台站点和相关部门一起商量，时间定了再告诉您。",
            ),
            (
                25.4,
                "等餐区启用一个多星期了，中午到现场看过两次，车都停在线里。如果又堵了，请直接扫码告诉我们。",
            ),
        ),
        voices=((66.1, "我们店也一样，中午门都推不开。"), (64.9, "")),
        answers=(
            AnswerPlan(0, 25.8, Answer.BETTER),
            AnswerPlan(1, 25.2, Answer.BETTER),
            AnswerPlan(4, 24.7, Answer.SAME),
            AnswerPlan(10, 23.9, Answer.BETTER),
            AnswerPlan(15, 23.1, Answer.BETTER),
        ),
        finished=(3.2, "等餐区启用以后一个月没有新的上报，商户也没有再提，办结；九十天时再看一次。"),
    ),
    IssuePlan(
        trouble="fumes",
        title="长亭路南段餐饮油烟扰民",
        cause="几家餐馆烟道没有到顶，净化设备缺失或者不开，饭点油烟从后窗直排。",
        accepted_days=67.0,
        messages=(
            (66.8, "您反映的油烟问题，街区已列为共性问题，将请执法、环保和餐馆一起商量办法。"),
            (5.5, "净化设备装上了，但是一个月里的上报和会前差不多。办法要换，近日再请大家来商量。"),
        ),
        answers=(
            AnswerPlan(0, 28.4, Answer.SAME),
            AnswerPlan(3, 27.9, Answer.SAME),
            AnswerPlan(7, 27.2, Answer.WORSE),
            AnswerPlan(9, 26.8, Answer.BETTER),
        ),
    ),
    IssuePlan(
        trouble="night",
        title="百卉街夜间外摆扰民",
        cause="天热以后几家店夜里把桌椅摆到人行道，收摊晚，噪声和垃圾一起来。",
        accepted_days=12.3,
        messages=((12.0, "您反映的夜间外摆问题，街区已列为共性问题，正在了解各家情况，有进展会告诉您。"),),
        voices=((10.6, "三楼也听得到。"), (7.9, ""), (4.4, "能不能定个收摊时间？")),
    ),
    IssuePlan(
        trouble="lights",
        title="春禾路西段夜间照明",
        cause="线路老化，单盏报修后反复熄灭。",
        accepted_days=6.2,
        voices=((5.3, ""),),
    ),
)

MEETINGS = (
    MeetingPlan(
        key="first",
        title="街区商户与居民议事会（饭点停车、餐饮油烟）",
        area="PP",
        days=54,
        hour=14,
        minutes=120,
        room="长亭路党群服务站会议室",
        chair="secretary",
        planned_days=65.6,
        invited_days=64.6,
        departments=("ZF", "JJ", "SZ", "DJ", "HB", "SG"),
        absent=("SG",),
        by_hand=3,
        opening="会议由吴书记主持。先看了两个问题的地图、照片和上报曲线，各方确认情况属实。",
        closing="下次会议先看这次的四项落实得怎么样。",
        approved_days=52,
        agenda=(
            AgendaPlan(
                trouble="riders",
                question="饭点骑手的车停在哪里，谁来引导？",
                background="城管中午每周清三次，清完一小时又停满；三家平台站点都在八百米以内。",
                guests=((0, "yes"), (1, "yes"), (3, "no"), (5, "yes"), (10, "yes"), (8, "none")),
                options=(
                    OptionPlan("路口东侧空地划等餐停车区，饭点有人引导", by_link=(0, 1, 5, 10), hands=6),
                    OptionPlan("饭点整段禁停，由交警巡查", by_link=(3,), hands=2),
                    OptionPlan("请各店自己看门前，街道不划区", hands=1),
                ),
                said=(
                    "商户说，中午十一点半到一点最堵，客人进门要从车缝里挤，也怕挡住安全门。",
                    "骑手说，不是不想停好，是没有地方，停远了超时要扣钱；只要离出餐口一百米以内，愿意停到线里。",
                    "市政养护看过现场，东侧空地可以划二十来个车位，不占盲道；平台站点愿意饭点派人。",
                ),
                decision="在百卉街南口东侧划等餐停车区，饭点由站点派人引导，商户提醒骑手。",
                items=(
                    ItemPlan(
                        "在百卉街南口东侧划出二十个等餐车位，立指示牌",
                        "划线完成并拍照，盲道不受影响",
                        "SZ",
                        "秦养护",
                        due_days=38,
                        done_days=39.5,
                        evidence="划线二十二个车位，东西两头各立一块牌，已拍照。",
                    ),
                    ItemPlan(
                        "与三家平台站点约定饭点引导，两周内每天到岗",
                        "连续两周中午到岗记录，店门口不再停车",
                        "DJ",
                        "曹党建",
                        due_days=33,
                        done_days=34.2,
                        evidence="三家站点签了约定，两周到岗记录齐全，引导员换成常驻。",
                    ),
                ),
            ),
            AgendaPlan(
                trouble="fumes",
                question="怎样让几家餐馆的油烟不再直排？",
                guests=((0, "yes"), (3, "yes"), (5, "no"), (7, "yes"), (9, "none")),
                options=(
                    OptionPlan("各店限期装净化设备，装好后抽测", by_link=(0, 3), hands=7),
                    OptionPlan("整排加装集中烟道到楼顶", by_link=(7,), hands=4),
                ),
                said=(
                    "居民说，晚饭时候不敢开窗，老人孩子咳嗽，衣服晾不出去。",
                    "餐馆说，集中烟道要房东同意，一时装不了；净化设备可以先装。",
                    "环保说，装了还要按时清洗、饭点开机，抽测不合格的依法处理。",
                ),
                decision="先装净化设备，一个月内抽测；效果不好，再议集中烟道。",
                items=(
                    ItemPlan(
                        "督促五家餐馆装好油烟净化设备并接到烟道",
                        "五家全部安装，现场核对",
                        "ZF",
                        "陈执法",
                        due_days=35,
                        done_days=36.1,
                        evidence="五家都已安装，逐家核对并拍照。",
                    ),
                    ItemPlan(
                        "饭点抽测油烟浓度，结果告诉居民",
                        "每家至少抽测一次，结果贴在楼门口",
                        "HB",
                        "施环保",
                        due_days=45,
                        done_days=36.0,
                        evidence="五家抽测完毕，四家合格，一家清洗后合格；结果已张贴。比期限晚了，仪器当时在检定。",
                    ),
                ),
            ),
        ),
    ),
    MeetingPlan(
        key="next",
        title="餐饮油烟再议",
        area="PP-2",
        days=-6,
        hour=14,
        minutes=90,
        room="望舒路暖心食堂二楼",
        chair="secretary",
        planned_days=4.8,
        invited_days=4.1,
        departments=("ZF", "HB", "FG", "DL"),
        absent=("FG",),
        silent=("DL",),
        agenda=(
            AgendaPlan(
                trouble="fumes",
                background="上次会议定的两项都已完成，但是一个月里的上报没有减少；房东代表已电话联系，愿意来谈集中烟道。",
                question="净化设备装了不开，是加装集中烟道，还是装用电监测盯住开机？",
                guests=((0, "yes"), (3, "none"), (16, "yes"), (18, "yes"), (22, "none")),
                options=(
                    OptionPlan("整排加装集中烟道，费用由房东和商户分担"),
                    OptionPlan("净化设备装用电监测，不开机就提醒并上门"),
                ),
            ),
        ),
    ),
)
