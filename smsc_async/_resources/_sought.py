"""A send as the service can be asked about it, should its answer be lost."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from .._operation import Ask, Settle
from ..errors import ApiError, OutcomeUnknown
from ._sent import SendReply


class Sought(msgspec.Struct, frozen=True):
    """A send as it would stand at the service: who was to get which text.

    *altered* says that the service may have changed the texts; *own_id* that the id is the
    client's own, which only the same message has.
    """

    texts: Mapping[str, str]
    altered: bool
    own_id: bool


def settling(sought: Sought) -> Settle[SendReply]:
    """Return what settles a send.

    What that needs is imported before the send leaves: later there may be no file left to read.
    """
    from ._settling import settle as ask  # noqa: PLC0415 - programs that only ask need none of it

    async def settle(call: Ask, unknown: OutcomeUnknown) -> SendReply | OutcomeUnknown | ApiError:
        return await ask(call, unknown, sought)

    return settle
