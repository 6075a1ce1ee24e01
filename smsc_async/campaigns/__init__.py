"""Bulk sending that survives anything: every row is accounted for, whatever ends the program."""

from __future__ import annotations
