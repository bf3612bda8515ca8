"""Which reports are about the same trouble: groups that grow as reports come in. Standard library and numpy alone.

report      what is known of a report; cells of the map
grams       a text as a set of numbers         matters     everyday words, kept as data
group       the bounded state of a group       group_bytes the same as bytes
store       what keeps groups (a protocol)     memory      in memory, for replay and tests
model       what the installation has taught   model_bytes the same as bytes     lessons     how it is learned
vectors     what runs of characters mean       topics      what reports are about
reading     a report and a group made ready    likeness    how alike texts are
evidence    what speaks for a group            weights     how much each says      fitted    its numbers
placing     a report's group, suggestions      nights      merging and moving
why         reasons for a page                 replay      all of it over a file of reports
"""

import os

# The matrices here are small: threads of the linear algebra would wait for each other, and sum in another order.
# Heard only by whoever loads numpy for the first time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tracker.domain.grouping.group import Group
from tracker.domain.grouping.group_bytes import GroupUnreadable, group_from_bytes, group_to_bytes
from tracker.domain.grouping.lessons import is_due, learn
from tracker.domain.grouping.memory import MemoryStore
from tracker.domain.grouping.model import NOTHING_LEARNED, Model
from tracker.domain.grouping.model_bytes import ModelUnreadable, model_from_bytes, model_to_bytes
from tracker.domain.grouping.nights import nightly
from tracker.domain.grouping.placing import Placement, place, suggest
from tracker.domain.grouping.reading import Packer
from tracker.domain.grouping.reasons import SharedWord, Why, why
from tracker.domain.grouping.replay import Grouper, replayed
from tracker.domain.grouping.report import Report
from tracker.domain.grouping.store import NO_RULINGS, GroupStore, Rulings

__all__ = [
    "NOTHING_LEARNED",
    "NO_RULINGS",
    "Group",
    "GroupStore",
    "GroupUnreadable",
    "Grouper",
    "MemoryStore",
    "Model",
    "ModelUnreadable",
    "Packer",
    "Placement",
    "Report",
    "Rulings",
    "SharedWord",
    "Why",
    "group_from_bytes",
    "group_to_bytes",
    "is_due",
    "learn",
    "model_from_bytes",
    "model_to_bytes",
    "nightly",
    "place",
    "replayed",
    "suggest",
    "why",
]
