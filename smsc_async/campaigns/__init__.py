"""Bulk sending that survives anything: every row is accounted for, whatever ends the program."""

from __future__ import annotations

from ._campaign import Campaign
from ._errors import BadRows, BadTemplate, CampaignError, StoreBusy, StoreError
from ._files import read_csv, read_json_lines
from ._listening import Listening
from ._options import Options, Policy, Window
from ._plan import State
from ._records import RowState, Standing
from ._report import Estimate, Loaded, Progress, Report, Unsettled
from ._said import Resolution
from ._sqlite import SqliteStore, open_store
from ._store import Store

__all__ = [
    "BadRows",
    "BadTemplate",
    "Campaign",
    "CampaignError",
    "Estimate",
    "Listening",
    "Loaded",
    "Options",
    "Policy",
    "Progress",
    "Report",
    "Resolution",
    "RowState",
    "SqliteStore",
    "Standing",
    "State",
    "Store",
    "StoreBusy",
    "StoreError",
    "Unsettled",
    "Window",
    "open_store",
    "read_csv",
    "read_json_lines",
]
