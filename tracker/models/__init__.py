"""Tables and their constraints; no decisions. Import every table from here, so that migrations see them all."""

from tracker.extensions import Base
from tracker.models.abuse import Bucket, DeviceBan, SolvedPuzzle
from tracker.models.action import ActionEvent, ActionItem, ActionPhoto, LookBack, LookBackAnswer
from tracker.models.case import Case, CaseDepartment, Counter
from tracker.models.category import Category, RoutingRule
from tracker.models.front import CaseFigure, FiguresProgress, PublicCase, PublicFigures, PublicPhoto
from tracker.models.grouping import Cluster, ClusterReport, GroupingLesson, GroupingNight, GroupingState
from tracker.models.habit import CategoryHabit
from tracker.models.history import HistoryHead, HistoryRow
from tracker.models.issue import GroupingRuling, Issue, IssueCase, IssueEvent, IssueMessage, IssueVoice
from tracker.models.jobs import JobProcess, JobRun, JobSlot
from tracker.models.label import (
    LabelBatch,
    LabelBatchFile,
    LabelBatchItem,
    LabelLogo,
    LabelNote,
    LabelScan,
    LabelScanDevice,
    LabelTrouble,
    RegisterEvent,
)
from tracker.models.meeting import (
    AgendaItem,
    Invitation,
    Meeting,
    MeetingEvent,
    Option,
    SignIn,
    Vote,
)
from tracker.models.minutes import MinutesField, MinutesSave, MinutesVersion, Pack, PackNote
from tracker.models.organisation import Area, Department, Grant, SignInFailure, StaffSession, User
from tracker.models.outbox import Channel, Delivery, Notice
from tracker.models.passing import Difference, SaidGone
from tracker.models.place import Label, Place
from tracker.models.private_link import CodeTry, LinkPairing
from tracker.models.report import Photo, Report, ReportDevice
from tracker.models.time import Calendar, Clock, Escalation
from tracker.models.visit import Visit, VisitedPlace, VisitEvent, VisitLine, VisitPhoto, VisitSkip

__all__ = [
    "ActionEvent",
    "ActionItem",
    "ActionPhoto",
    "AgendaItem",
    "Area",
    "Base",
    "Bucket",
    "Calendar",
    "Case",
    "CaseDepartment",
    "CaseFigure",
    "Category",
    "CategoryHabit",
    "Channel",
    "Clock",
    "Cluster",
    "ClusterReport",
    "CodeTry",
    "Counter",
    "Delivery",
    "Department",
    "DeviceBan",
    "Difference",
    "Escalation",
    "FiguresProgress",
    "Grant",
    "GroupingLesson",
    "GroupingNight",
    "GroupingRuling",
    "GroupingState",
    "HistoryHead",
    "HistoryRow",
    "Invitation",
    "Issue",
    "IssueCase",
    "IssueEvent",
    "IssueMessage",
    "IssueVoice",
    "JobProcess",
    "JobRun",
    "JobSlot",
    "Label",
    "LabelBatch",
    "LabelBatchFile",
    "LabelBatchItem",
    "LabelLogo",
    "LabelNote",
    "LabelScan",
    "LabelScanDevice",
    "LabelTrouble",
    "LinkPairing",
    "LookBack",
    "LookBackAnswer",
    "Meeting",
    "MeetingEvent",
    "MinutesField",
    "MinutesSave",
    "MinutesVersion",
    "Notice",
    "Option",
    "Pack",
    "PackNote",
    "Photo",
    "Place",
    "PublicCase",
    "PublicFigures",
    "PublicPhoto",
    "RegisterEvent",
    "Report",
    "ReportDevice",
    "RoutingRule",
    "SaidGone",
    "SignIn",
    "SignInFailure",
    "SolvedPuzzle",
    "StaffSession",
    "User",
    "Visit",
    "VisitEvent",
    "VisitLine",
    "VisitPhoto",
    "VisitSkip",
    "VisitedPlace",
    "Vote",
]
