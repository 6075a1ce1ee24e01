"""Mailings that the service keeps and runs."""

from __future__ import annotations

from ._resource import Resource


class Jobs(Resource):
    """Mailings that the service keeps and runs."""
