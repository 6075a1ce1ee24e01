"""Groups of contacts, to which one message can be sent."""

from __future__ import annotations

from ._resource import Resource


class Groups(Resource):
    """Groups of contacts, to which one message can be sent."""
