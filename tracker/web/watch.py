"""The service's own health, for admins: are the jobs running, are messages going out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy
from flask_babel import ngettext

from tracker.domain.permissions import Permission
from tracker.extensions import now
from tracker.services import jobs, sending
from tracker.services.jobs import JobState
from tracker.services.message_watch import WatchedMessage, outbox
from tracker.web import words
from tracker.web.access import requires
from tracker.web.escalations import CHANNELS
from tracker.web.language import ago, moment
from tracker.web.refusals import refusal

bp = Blueprint("watch", __name__, url_prefix="/admin")
_jobs = Blueprint("jobs", __name__, url_prefix="/jobs")
_messages = Blueprint("messages", __name__, url_prefix="/messages")

LATE = timedelta(minutes=1)
"""A job that begins its slot later than this is shown as late."""
SILENT_TURNS = 4
"""A job that has not run for so many of its turns, and not for a minute, is shown as silent."""

JOBS: Mapping[str, words.Words] = {
    "escalate": _lazy("催办：时限到点提醒"),
    "end_times": _lazy("到期自动办理"),
    "unknown_ends": _lazy("补算待定的期限"),
    "tell": _lazy("决定通知谁"),
    "send": _lazy("发送消息"),
    "remind_items": _lazy("行动项到期前提醒"),
    "look_back": _lazy("回头看：数一数有没有好转"),
    "reopen_issues": _lazy("又有上报时重新打开共性问题"),
    "remind": _lazy("会议前提醒"),
    "group": _lazy("把新上报归到同一类事"),
    "regroup": _lazy("夜里重新核对分组"),
    "figures": _lazy("首页的数字"),
    "habits": _lazy("数一数各处常报什么，排表单的按钮"),
    "forget_limits": _lazy("清空过时的限流计数"),
    "label_files": _lazy("标牌：制作印刷文件"),
    "prune": _lazy("清理到期的数据"),
}


@dataclass(frozen=True)
class JobLine:
    """A job in the table; tone says with the words how it is doing."""

    name: str
    code: str
    every: str
    last: str
    lag: str
    done: int
    state: str
    tone: str
    error: str


@dataclass(frozen=True)
class MessageLine:
    """A message in the table."""

    id: int
    to: str
    channel: str
    address: str
    count: int
    tries: int
    error: str
    made: str
    next: str


@_jobs.get("", endpoint="show")
@requires(Permission.SERVICE_WATCH)
def show_jobs() -> ResponseReturnValue:
    processes = jobs.process_states()
    return render_template(
        "watch/jobs.html",
        jobs=[_job_line(state) for state in jobs.job_states()],
        processes=processes,
        alive=sum(process.is_alive for process in processes),
    )


@_messages.get("", endpoint="show")
@requires(Permission.SERVICE_WATCH)
def show_messages() -> ResponseReturnValue:
    box = outbox()
    return render_template(
        "watch/messages.html",
        waiting_count=box.waiting_count,
        oldest=ago(box.oldest_at) if box.oldest_at else "",
        stuck=_message_lines(box.stuck),
        waiting=_message_lines(box.waiting),
    )


@_messages.post("/<int:delivery_id>/retry")
@requires(Permission.SERVICE_WATCH)
def retry(delivery_id: int) -> ResponseReturnValue:
    """Let a stuck message be tried again from the start."""
    sending.retry_stuck(delivery_id, now())
    flash(_("会马上再试一次。"), "good")
    return redirect(url_for("watch.messages.show"), 303)


def _job_line(job: JobState) -> JobLine:
    state, tone = _standing(job)
    return JobLine(
        name=str(JOBS.get(job.name, job.name)),
        code=job.name,
        every=_every(job.every),
        last=ago(job.started_at) if job.started_at else _("从未"),
        lag=_seconds(job.lag) if job.lag is not None else "—",
        done=job.done,
        state=state,
        tone=tone,
        error=job.error,
    )


def _standing(job: JobState) -> tuple[str, str]:
    if job.started_at is None:
        return _("还没有运行过"), "wait"
    if job.error:
        return _("上次出错"), "bad"
    if now() - job.started_at > max(job.every * SILENT_TURNS, LATE):
        return _("没有按时运行"), "bad"
    if job.lag is not None and job.lag > LATE:
        return _("来不及"), "wait"
    return _("正常"), "good"


def _every(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    if seconds < 60:
        return ngettext("每 %(num)s 秒", "每 %(num)s 秒", seconds)
    if seconds < 3600:
        return ngettext("每 %(num)s 分钟", "每 %(num)s 分钟", seconds // 60)
    return ngettext("每 %(num)s 小时", "每 %(num)s 小时", seconds // 3600)


def _seconds(length: timedelta) -> str:
    return _("%(seconds)s 秒", seconds=f"{length.total_seconds():.1f}")


def _message_lines(messages: Sequence[WatchedMessage]) -> list[MessageLine]:
    return [
        MessageLine(
            id=message.id,
            to=message.name or (_("会议来宾") if message.is_guest else _("报事人")),
            channel=str(CHANNELS[message.channel]),
            address=message.address or _("地址已删除"),
            count=message.count,
            tries=message.tries,
            error=refusal(message.last_error),
            made=moment(message.made_at),
            next=moment(message.next_at),
        )
        for message in messages
    ]


bp.register_blueprint(_jobs)
bp.register_blueprint(_messages)
