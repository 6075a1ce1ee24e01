"""What the service knows of numbers and short links."""

from __future__ import annotations

from ._resource import Resource


class Lookup(Resource):
    """What the service knows of numbers and short links."""
