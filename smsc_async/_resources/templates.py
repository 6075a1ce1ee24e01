"""Texts that the account keeps."""

from __future__ import annotations

from ._resource import Resource


class Templates(Resource):
    """Texts that the account keeps."""
