"""Telling the service of failures and recoveries, of which it then tells others."""

from __future__ import annotations

from ._resource import Resource


class Events(Resource):
    """Telling the service of failures and recoveries, of which it then tells others."""
