"""Numbers and addresses that get no messages."""

from __future__ import annotations

from ._resource import Resource


class Blacklist(Resource):
    """Numbers and addresses that get no messages."""
