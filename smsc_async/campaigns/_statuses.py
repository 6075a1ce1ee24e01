"""Asks what became of the messages that were accepted, as far as the limits leave room."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from .. import MessageStatus, SmscError
from .._wire import codes
from ._after import bare
from ._course import Course, log
from ._records import Status

# A minute and some after the last answer one question about many is taken; while requests go out,
# no others are asked.
EVERY: Final = 65.0
EVERY_AT_LAST: Final = 15.0


async def poll(course: Course, is_settled: Callable[[], bool]) -> None:
    """Ask until *is_settled* and nothing is left to be told."""
    if not course.options.statuses:
        return
    store, number = course.store, course.number
    asked_at = course.clock()
    while True:
        every = EVERY_AT_LAST if is_settled() else EVERY
        if (left := asked_at + every - course.clock()) > 0:
            await course.rest(left)
            continue
        asked_at = course.clock()
        if rows := await store.undelivered(number, codes.MAX_STATUSES):
            await _ask(course, rows)
        elif is_settled():
            return


async def _ask(course: Course, rows: list[tuple[int, str, str]]) -> None:
    told: list[Status] = []
    try:
        async with aclosing(
            course.smsc.statuses.get_many([(wire_id, phone) for _, wire_id, phone in rows])
        ) as statuses:
            async for status in statuses:
                if status.is_known:
                    told.append(noted(status))  # noqa: PERF401 - those before an error count
    except SmscError as error:
        log.info("campaign %d: statuses cannot be asked: %s", course.number, error)
    await course.store.note(told)
    await course.store.asked([row for row, _, _ in rows])


def noted(status: MessageStatus) -> Status:
    """Return a status as a store keeps it."""
    phone = status.phone if "@" in status.phone else f"+{bare(status.phone)}"
    return Status(status.id, phone, status.status, status.err, status.last_timestamp)
