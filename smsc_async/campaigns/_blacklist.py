"""Whom the account itself does not send to."""

from __future__ import annotations

from .. import AddressBlocked, LoginRefused, SmscError
from ._after import bare, why
from ._course import Course, log

REASON = "the account's blacklist"


async def heed(course: Course) -> None:
    """Stop the phones on the account's blacklist, if the campaign is to and the service tells.

    Where it does not, the campaign goes on: the service itself refuses them, then.
    """
    if not course.options.blacklist:
        return
    try:
        entries = await course.smsc.blacklist.list()
    except (AddressBlocked, LoginRefused) as error:
        await course.pause(why(error))
        return
    except SmscError as error:
        log.warning("campaign %d: the blacklist cannot be read: %s", course.number, error)
        return
    listed = [
        entry.email or f"+{bare(entry.phone)}" for entry in entries if entry.scope != "single"
    ]
    if listed:
        await course.store.stop(listed, REASON)
