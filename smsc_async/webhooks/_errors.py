"""What is wrong with a callback, and who may have made it."""

from __future__ import annotations

from collections.abc import Mapping

from .._wire.values import quoted
from ..errors import SmscError


class BadCallback(SmscError, ValueError):
    """A body that is no callback of the service's: the answer to it is 400.

    ``reason`` names the field, and never holds what stood in it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"not a callback of the service: {quoted(self.reason)}"


class NotUnderstood(BadCallback):
    """A callback that is signed, and yet not as the page describes it.

    So it is the service's, and will not be another the next time: keep ``fields``, which may hold
    numbers and texts, and answer 200, or it is repeated fifty times and lost.
    """

    def __init__(self, reason: str, fields: Mapping[str, str]) -> None:
        super().__init__(reason)
        self.fields = fields

    def __reduce__(self) -> tuple[type[NotUnderstood], tuple[str, Mapping[str, str]]]:
        """Keep the fields in a pickle, though they are none of the arguments that a repr shows."""
        return type(self), (self.reason, self.fields)

    def __str__(self) -> str:
        return f"a callback that is signed but not understood: {quoted(self.reason)}"


class SignatureMismatch(SmscError):
    """A callback that was not signed with the secret: the answer to it is 403.

    It is forged, or the secret is not the one in the address that the account has.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"not signed by the service: {quoted(self.reason)}"
