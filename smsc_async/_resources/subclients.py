"""Accounts below this one."""

from __future__ import annotations

from ._resource import Resource


class Subclients(Resource):
    """Accounts below this one."""
