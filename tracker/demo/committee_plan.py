"""What the street committee of the demo decides: who, what, when, and the words of the minutes.

Of the troubles in `shared`, three wait to be judged (bikes, backflow, unloading), two are accepted (night, lights),
one was solved after a meeting (riders), and one, dealt with at the same meeting, was not (fumes): it is on the
agenda of the next.
"""

from tracker.demo.committee import AgendaPlan, IssuePlan, ItemPlan, LookBackPlan, MeetingPlan, OptionPlan

ISSUES = (
    IssuePlan(
        trouble="riders",
        title="百卉街南口饭点骑手停车堵门",
        cause="十来家餐饮集中出餐,路边没有等餐停车的地方,骑手只能停在人行道和店门口。",
        accepted_days=68.5,
        note="一个多月里六个点位反复报,饭点集中,单次清理不管用,要坐下来商量停车的地方。",
        message=(
            68.2,
            "您反映的骑手停车问题,街区已列为共性问题,准备请商户、平台站点和相关部门一起商量,时间定了再告诉您。",
        ),
        look_backs=(
            LookBackPlan(
                7, 26.5, helped=True, note="启用等餐区以后一周没有新的上报,中午到现场看过两次,车都停在线里。"
            ),
            LookBackPlan(
                30, 3.6, helped=True, note="一个月只有一件,是新来的骑手不认得地方,站点当天就讲清楚了。"
            ),
        ),
        finished=(3.2, "上报从每周两三件降到一个月一件,商户没有再提,办结;九十天时再看一次。"),
    ),
    IssuePlan(
        trouble="fumes",
        title="长亭路南段餐饮油烟扰民",
        cause="几家餐馆烟道没有到顶,净化设备缺失或者不开,饭点油烟从后窗直排。",
        accepted_days=67.0,
        note="同一排楼多户反映,涉及几家店,单件处理后又反复。",
        message=(66.8, "您反映的油烟问题,街区已列为共性问题,将请执法、环保和餐馆一起商量办法。"),
        look_backs=(
            LookBackPlan(7, 28.7, helped=False, note="设备装上了,但是一周里仍有居民反映,晚市有不开机的。"),
            LookBackPlan(
                30, 5.8, helped=False, note="一个月里的上报和会前差不多,居民说检查时开、平时关,办法要换。"
            ),
        ),
        reopened=(5.5, "措施落实了,但是上报没有减少,重新列入议题,商量加装集中烟道和用电监测。"),
    ),
    IssuePlan(
        trouble="night",
        title="百卉街夜间外摆扰民",
        cause="天热以后几家店夜里把桌椅摆到人行道,收摊晚,噪声和垃圾一起来。",
        accepted_days=12.3,
        note="三周里六个点位反映,有居民也有商户,白天处理、夜里又摆,需要商量时段和范围。",
        message=(12.0, "您反映的夜间外摆问题,街区已列为共性问题,正在了解各家情况,有进展会告诉您。"),
    ),
    IssuePlan(
        trouble="lights",
        title="春禾路西段夜间照明",
        cause="线路老化,单盏报修后反复熄灭。",
        accepted_days=6.2,
        note="三周里六个点位反映,修好又灭,应当整段检查线路。",
    ),
)

MEETINGS = (
    MeetingPlan(
        key="first",
        title="街区商户与居民议事会(饭点停车、餐饮油烟)",
        area="PP",
        days=54,
        hour=14,
        minutes=120,
        room="长亭路党群服务站会议室",
        chair="secretary",
        planned_days=63.0,
        invited_days=61.5,
        departments=("ZF", "JJ", "SZ", "DJ", "HB", "SG"),
        absent=("SG",),
        opening="会议由吴书记主持。先看了两个问题的地图、照片和上报曲线,各方确认情况属实。",
        closing="下次会议先看这次的四项落实得怎么样。",
        approved_days=52.6,
        agenda=(
            AgendaPlan(
                trouble="riders",
                question="饭点骑手的车停在哪里,谁来引导?",
                guests=((0, "yes"), (1, "yes"), (3, "no"), (5, "yes"), (10, "yes"), (8, "none")),
                options=(
                    OptionPlan("路口东侧空地划等餐停车区,饭点有人引导", by_link=(0, 1, 5, 10), hands=6),
                    OptionPlan("饭点整段禁停,由交警巡查", by_link=(3,), hands=2),
                    OptionPlan("请各店自己看门前,街道不划区", hands=1),
                ),
                said=(
                    "商户说,中午十一点半到一点最堵,客人进门要从车缝里挤,也怕挡住安全门。",
                    "骑手说,不是不想停好,是没有地方,停远了超时要扣钱;只要离出餐口一百米以内,愿意停到线里。",
                    "市政养护看过现场,东侧空地可以划二十来个车位,不占盲道;平台站点愿意饭点派人。",
                ),
                decision="在百卉街南口东侧划等餐停车区,饭点由站点派人引导,商户提醒骑手。",
                items=(
                    ItemPlan(
                        "在百卉街南口东侧划出二十个等餐车位,立指示牌",
                        "划线完成并拍照,盲道不受影响",
                        "SZ",
                        "秦养护",
                        due_days=38.0,
                        done_days=39.5,
                        evidence="划线二十二个车位,东西两头各立一块牌,已拍照。",
                    ),
                    ItemPlan(
                        "与三家平台站点约定饭点引导,两周内每天到岗",
                        "连续两周中午到岗记录,店门口不再停车",
                        "DJ",
                        "曹党建",
                        due_days=33.0,
                        done_days=34.2,
                        evidence="三家站点签了约定,两周到岗记录齐全,引导员换成常驻。",
                    ),
                ),
            ),
            AgendaPlan(
                trouble="fumes",
                question="怎样让几家餐馆的油烟不再直排?",
                guests=((0, "yes"), (3, "yes"), (5, "no"), (7, "yes"), (9, "none")),
                options=(
                    OptionPlan("各店限期装净化设备,装好后抽测", by_link=(0, 3), hands=7),
                    OptionPlan("整排加装集中烟道到楼顶", by_link=(7,), hands=4),
                ),
                said=(
                    "居民说,晚饭时候不敢开窗,老人孩子咳嗽,衣服晾不出去。",
                    "餐馆说,集中烟道要房东同意,一时装不了;净化设备可以先装。",
                    "环保说,装了还要按时清洗、饭点开机,抽测不合格的依法处理。",
                ),
                decision="先装净化设备,一个月内抽测;效果不好,再议集中烟道。",
                items=(
                    ItemPlan(
                        "督促五家餐馆装好油烟净化设备并接到烟道",
                        "五家全部安装,现场核对",
                        "ZF",
                        "陈执法",
                        due_days=35.0,
                        done_days=36.1,
                        evidence="五家都已安装,逐家核对并拍照。",
                    ),
                    ItemPlan(
                        "饭点抽测油烟浓度,结果告诉居民",
                        "每家至少抽测一次,结果贴在楼门口",
                        "HB",
                        "施环保",
                        due_days=40.0,
                        done_days=36.0,
                        evidence="五家抽测完毕,四家合格,一家清洗后合格;结果已张贴。比期限晚了四天,仪器当时在检定。",
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
        absent=(),
        agenda=(
            AgendaPlan(
                trouble="fumes",
                question="净化设备装了不开,是加装集中烟道,还是装用电监测盯住开机?",
                guests=((0, "yes"), (3, "none"), (16, "yes"), (18, "yes"), (22, "none")),
                options=(
                    OptionPlan("整排加装集中烟道,费用由房东和商户分担"),
                    OptionPlan("净化设备装用电监测,不开机就提醒并上门"),
                ),
            ),
        ),
    ),
)
