"""Templates that operators have approved for a sender name."""

from __future__ import annotations

from ._resource import Resource


class OperatorTemplates(Resource):
    """Templates that operators have approved for a sender name."""
