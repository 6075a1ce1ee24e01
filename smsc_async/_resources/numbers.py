"""Dedicated numbers that receive messages."""

from __future__ import annotations

from ._resource import Resource


class Numbers(Resource):
    """Dedicated numbers that receive messages."""
