"""Messages already sent and received."""

from __future__ import annotations

from ._resource import Resource


class History(Resource):
    """Messages already sent and received."""
