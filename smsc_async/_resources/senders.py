"""Sender names."""

from __future__ import annotations

from ._resource import Resource


class Senders(Resource):
    """Sender names."""
