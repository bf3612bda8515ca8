"""What a reporter reads about a case: in everyday words, with the department and never a person.

The private page and the desk's previews take their sentences from here, so what staff see before they send is
what arrives.
"""

from collections.abc import Mapping
from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _

from tracker.domain.case_record import CaseRecord
from tracker.domain.lifecycle import State
from tracker.domain.words import N_

_STATES: dict[str, str] = {
    State.REPORTED: N_("已收到"),
    State.NEEDS_INFO: N_("等您补充"),
    State.CHECKING: N_("现场核实中"),
    State.FILED: N_("已受理"),
    State.DISPATCHED: N_("已派单"),
    State.RETURN_REQUESTED: N_("正在确定由谁处理"),
    State.IN_PROGRESS: N_("处理中"),
    State.ON_HOLD: N_("暂缓处理"),
    State.RESOLVED: N_("待核查"),
    State.VERIFIED: N_("等您确认"),
    State.CLOSED: N_("已结案"),
    State.DECLINED: N_("不予受理"),
    State.MERGED: N_("已合并办理"),
    State.WITHDRAWN: N_("已撤回"),
    State.VOIDED: N_("已作废"),
}

_OUTCOMES = {
    "fixed": N_("已经处理好"),
    "partly_fixed": N_("处理好了一部分"),
    "planned": N_("已列入计划，还需要时间"),
    "explained": N_("已说明情况"),
    "referred": N_("已转给负责的单位"),
    "not_found": N_("现场没有发现这个问题"),
    "fixed_on_spot": N_("当场就处理好了"),
}

_DECLINE_REASONS = {
    "not_street_matter": N_("这件事不归街道管"),
    "emergency": N_("这是紧急情况，打电话最快"),
    "dispute_at_law": N_("这是需要通过法律解决的纠纷"),
    "petition": N_("这件事要走信访渠道"),
    "consumer": N_("这是消费纠纷"),
    "unclear": N_("情况不清楚，也没有收到补充"),
    "repeated": N_("这件事已经报过，正在办理"),
}

_CHANNELS = {
    "110": N_("请拨打 110（报警）"),
    "119": N_("请拨打 119（火警）"),
    "120": N_("请拨打 120（急救）"),
    "122": N_("请拨打 122（交通事故）"),
    "12315": N_("请拨打 12315（消费者投诉）"),
    "12345": N_("请拨打 12345（市民热线）"),
    "court": N_("可以向人民法院起诉，或找街道人民调解"),
    "petition": N_("可以到街道信访办，或网上信访"),
    "property": N_("请联系小区物业"),
    "none": N_("不需要您再做什么"),
}

_HOLD_REASONS = {
    "works": N_("要等工程施工"),
    "season": N_("要等合适的季节"),
    "ownership": N_("正在弄清楚归谁管"),
    "policy": N_("要等有关规定明确"),
}


def public_state_words(state: str) -> str:
    """The state in two to eight characters, for the badge."""
    return _words(_STATES, state)


def day(on: date) -> str:
    """A day as people say it here: ``11月23日``."""
    return str(format_date(on, _("M月d日")))


def headline(
    action: str,
    *,
    outcome: str = "",
    department: str = "",
    reason: str = "",
    channel: str = "",
    on: date | None = None,
    rating: str = "",
    note: str = "",
) -> str:
    """What the reporter reads for a move; empty when the reporter does not read of it at all.

    Args:
        action: of ``lifecycle.Action``.
        outcome, reason, channel: codes of ``lifecycle``; `reason` of a decline or a hold.
        department: name of the lead, in the reader's language; empty: none is named.
        rating: one of five words, from 很满意 to 很不满意.
        on: review day of a hold, or the new day that was granted.
        note: public words that go with it, appended; a page that shows them apart leaves them out.
    """
    if action == "decline":
        sentence = _joined(_("不予受理"), _words(_DECLINE_REASONS, reason), _words(_CHANNELS, channel))
    elif action == "hold":
        sentence = _joined(_("暂缓处理"), _words(_HOLD_REASONS, reason), _review_day(on))
    elif action == "grant_extension" and on is not None:
        sentence = _("处理期限延到%(day)s", day=day(on))
    else:
        sentence = _words(
            _HEADLINES,
            action,
            department=department or _("承办单位"),
            outcome=_words(_OUTCOMES, outcome),
            rating=_(rating) if rating else "",
        )
    return _("%(sentence)s。%(note)s", sentence=sentence, note=note) if sentence and note else sentence


_HEADLINES = {
    "report": N_("您报了这件事"),
    "file": N_("已受理"),
    "ask_info": N_("需要您补充一点情况"),
    "add_info": N_("您补充了情况"),
    "check": N_("已派人到现场核实"),
    "found": N_("现场核实属实，已受理"),
    "not_found": N_("到现场看过，没有发现这个问题"),
    "fix_on_spot": N_("工作人员当场就处理好了"),
    "appeal": N_("您提出了申诉，值班长会重新看"),
    "merge": N_("与同一件事的另一份上报合并办理"),
    "split": N_("改为单独办理"),
    "withdraw": N_("您撤回了上报"),
    "void": N_("这份上报已作废"),
    "dispatch": N_("已派给%(department)s"),
    "sign": N_("%(department)s已接单，开始处理"),
    "resolve": N_("%(department)s：%(outcome)s"),
    "request_return": N_("正在重新确定由谁处理"),
    "grant_return": N_("将改派其他单位"),
    "refuse_return": N_("仍由原单位处理"),
    "contact": N_("承办单位已先行联系、查看"),
    "finish_stage": N_("承办单位先完成了一步"),
    "grant_extension": N_("处理期限延长了"),
    "resume": N_("恢复处理"),
    "pass": N_("另一位人员到现场核查，通过了"),
    "fail": N_("核查没有通过，退回重新处理"),
    "confirm": N_("您确认：解决了"),
    "lapse": N_("没有收到您的回答，先行结案"),
    "dispute": N_("您说：没解决。已退回重新处理"),
    "reopen": N_("重新打开，继续处理"),
    "rate": N_("您评了：%(rating)s"),
    "note": N_("您补充了情况"),
    "join": N_("您也遇到了，加入了这件事"),
    "worse": N_("您说：更严重了。已经告诉正在办的人"),
    "gone": N_("您说：已经没了。会有人去看"),
    "still_there": N_("派人看过：还在，接着办"),
    "seen_gone": N_("派人看过：已经没了，接下来了结"),
}
"""Staff's own notes, looks and extension requests are missing on purpose: the caller shows only what has words."""


def others_headline(action: str) -> str:
    """What a reporter reads when another reporter of the same matter acted; empty: nothing."""
    return _words(_BY_OTHERS, action)


_BY_OTHERS = {
    "report": N_("有人先报了这件事"),
    "withdraw": N_("先报的人撤回了上报"),
    "appeal": N_("先报的人提出了申诉"),
    "confirm": N_("先报的人确认：解决了"),
    "dispute": N_("有人说：没解决。已退回重新处理"),
    "reopen": N_("有人要求继续处理，已重新打开"),
    "worse": N_("有人说：更严重了"),
    "gone": N_("有人说：已经没了。会有人去看"),
}


def state_sentence(record: CaseRecord, department: str = "") -> str:
    """Where the case stands, in one sentence that needs no knowledge of the office.

    Args:
        department: name of the lead in the reader's language; empty: none yet.
    """
    if record.state == State.ON_HOLD:
        why = _words(_HOLD_REASONS, record.hold_reason)
        return _ended(_joined(_("暂缓处理"), why, _review_day(record.hold_until_on)))
    if record.state == State.DECLINED and record.outcome != "not_found":
        why, channel = (
            _words(_DECLINE_REASONS, record.decline_reason),
            _words(_CHANNELS, record.decline_channel),
        )
        return _ended(_joined(_("不予受理"), why, channel))
    return _words(
        _SENTENCES,
        _which_sentence(record),
        department=department or _("承办单位"),
        outcome=_words(_OUTCOMES, record.outcome),
    )


def _which_sentence(record: CaseRecord) -> str:
    if record.state == State.REPORTED and record.appeal_open:
        return "appealed"
    if record.state == State.IN_PROGRESS and (record.reworks or record.reopens):
        return "again"
    if record.state == State.CLOSED and record.closing == "confirmed":
        return "confirmed"
    return record.state


_SENTENCES: dict[str, str] = {
    State.REPORTED: N_("已收到，正在看该由谁处理。"),
    "appealed": N_("已收到您的申诉，值班长会重新看。"),
    State.NEEDS_INFO: N_("还差一点情况，请您补充。"),
    State.CHECKING: N_("已派人去现场看。"),
    State.FILED: N_("已受理，正在派给负责的单位。"),
    State.DISPATCHED: N_("已派给%(department)s，等他们接单。"),
    State.RETURN_REQUESTED: N_("正在确定由哪个单位处理。"),
    State.IN_PROGRESS: N_("%(department)s正在处理。"),
    "again": N_("%(department)s正在重新处理。"),
    State.RESOLVED: N_("%(department)s答复：%(outcome)s。接下来由另一位人员核查。"),
    State.VERIFIED: N_("处理结果：%(outcome)s。您看解决了吗？"),
    State.CLOSED: N_("已结案：%(outcome)s。没有收到您的回答。"),
    "confirmed": N_("您已确认解决，谢谢！"),
    State.DECLINED: N_("到现场看过，没有发现这个问题。"),
    State.MERGED: N_("已与同一件事的另一份上报合并办理。"),
    State.WITHDRAWN: N_("这份上报已撤回。"),
    State.VOIDED: N_("这份上报已作废。"),
}


def _joined(head: str, why: str, then: str) -> str:
    """``不予受理：这是消费纠纷。请拨打 12315…``, without what is not known."""
    text = _("%(head)s：%(why)s", head=head, why=why) if why else head
    return _("%(sentence)s。%(note)s", sentence=text, note=then) if then else text


def _ended(sentence: str) -> str:
    return _("%(sentence)s。", sentence=sentence)


def _review_day(on: date | None) -> str:
    return _("%(day)s前会再看一次", day=day(on)) if on else ""


def _words(words: Mapping[str, str], code: str, **names: str) -> str:
    """The words of a code, translated; nothing for none and for a code the reporter does not read of."""
    return str(_(words[code], **names)) if code in words else ""
