"""Tables and their constraints; no decisions. Import every table from here, so that migrations see them all."""

from tracker.extensions import Base
from tracker.models.action import ActionItem
from tracker.models.case import Case, CaseDepartment, Counter
from tracker.models.category import Category, RoutingRule
from tracker.models.history import HistoryHead, HistoryRow
from tracker.models.issue import GroupingRuling, Issue, IssueCase, IssueEvent, IssueMessage, IssueVoice
from tracker.models.jobs import JobProcess, JobRun, JobSlot
from tracker.models.meeting import AgendaItem, Meeting
from tracker.models.organisation import Area, Department, Grant, SignInFailure, StaffSession, User
from tracker.models.outbox import Channel, Delivery, Notice
from tracker.models.place import Label, Place
from tracker.models.report import Photo, Report, ReportDevice
from tracker.models.time import Calendar, Clock, Escalation

__all__ = [
    "ActionItem",
    "AgendaItem",
    "Area",
    "Base",
    "Calendar",
    "Case",
    "CaseDepartment",
    "Category",
    "Channel",
    "Clock",
    "Counter",
    "Delivery",
    "Department",
    "Escalation",
    "Grant",
    "GroupingRuling",
    "HistoryHead",
    "HistoryRow",
    "Issue",
    "IssueCase",
    "IssueEvent",
    "IssueMessage",
    "IssueVoice",
    "JobProcess",
    "JobRun",
    "JobSlot",
    "Label",
    "Meeting",
    "Notice",
    "Photo",
    "Place",
    "Report",
    "ReportDevice",
    "RoutingRule",
    "SignInFailure",
    "StaffSession",
    "User",
]
