"""A request of a campaign as a call of the client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from .. import Message, Price, Sent, SmscClient
from ._records import Item, Request

# Seconds to stand in line for a place: meanwhile nobody can pause it, or stop one of its phones.
# Who gets none begins anew, which looks for both. It is longer than a place of a program lingers
# that was killed.
LINE: Final = 10.0


async def send(smsc: SmscClient, message: Message, request: Request) -> Sent:
    """Send *request* once: its id and what it says are the same each time.

    Raises as :meth:`~smsc_async.SmscClient.send` does. The client is not to ask what became of it:
    the campaign does, and for longer.
    """
    first = request.items[0]
    if len(request.items) > 1 and first.text is not None:
        return await smsc.send_each(
            [(item.phone, _worded(message, item)) for item in request.items],
            id=request.id,
            report=True,
            max_wait=LINE,
        )
    return await smsc.send(
        [item.phone for item in request.items],
        _worded(message, first),
        id=request.id,
        report=True,
        max_wait=LINE,
    )


def sent_as(smsc: SmscClient, message: Message) -> str:
    """Tell by whom, and from which sender, requests of *message* are sent through *smsc*.

    Only the same can look up what is in doubt, and send it again as it was.
    """
    sender = getattr(message, "sender", None) or smsc.sender
    return f"{smsc.account_key} {sender}" if sender else smsc.account_key


async def price(smsc: SmscClient, message: Message, items: Sequence[Item]) -> Price:
    """Ask what rows would cost in one request; raises as the client's prices do."""
    if len(items) > 1 and items[0].text is not None:
        return await smsc.price_each([(item.phone, _worded(message, item)) for item in items])
    return await smsc.price([item.phone for item in items], _worded(message, items[0]))


def _worded(message: Message, item: Item) -> Message:
    return message if item.text is None else msgspec.structs.replace(message, text=item.text)
