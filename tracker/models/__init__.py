"""Tables and their constraints; no decisions. Import every table from here, so that migrations see them all."""

from tracker.extensions import Base
from tracker.models.case import Case, CaseDepartment, Counter
from tracker.models.category import Category, RoutingRule
from tracker.models.history import HistoryHead, HistoryRow
from tracker.models.organisation import Area, Department, Grant, SignInFailure, StaffSession, User
from tracker.models.place import Label, Place
from tracker.models.report import Photo, Report, ReportDevice

__all__ = [
    "Area",
    "Base",
    "Case",
    "CaseDepartment",
    "Category",
    "Counter",
    "Department",
    "Grant",
    "HistoryHead",
    "HistoryRow",
    "Label",
    "Photo",
    "Place",
    "Report",
    "ReportDevice",
    "RoutingRule",
    "SignInFailure",
    "StaffSession",
    "User",
]
