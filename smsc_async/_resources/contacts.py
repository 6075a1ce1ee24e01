"""The contacts of the account."""

from __future__ import annotations

from ._resource import Resource


class Contacts(Resource):
    """The contacts of the account."""
