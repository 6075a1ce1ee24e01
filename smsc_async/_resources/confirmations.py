"""Confirming a number by a call that its owner makes."""

from __future__ import annotations

from ._resource import Resource


class Confirmations(Resource):
    """Confirming a number by a call that its owner makes."""
