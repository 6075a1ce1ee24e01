"""A program that runs the campaign of a store, and may end itself by a signal that nobody catches.

``python -m tests.campaigns.crash.worker STORE URL [MOMENT]``; a moment is ``before claim 3`` or
``after record 7``, by the calls of the store, or ``pass 120`` of the event loop. It ends
with the error that ended the campaign.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, cast

from smsc_async import FileThrottle, SmscClient, SmscError
from smsc_async.campaigns import Campaign, open_store
from smsc_async.campaigns._store import Store

from .quick import quick_boot_time, run


def die() -> None:
    """End at once, as when the power goes: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


class Dying:
    """A store that ends the program *when*, before or after, *method* is called that often.

    What does two things as one is both of them.
    """

    def __init__(self, store: Store, when: str, method: str, times: int) -> None:
        self._store = store
        self._when = when
        self._method = method
        self._left = times

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - it stands for every method
        method = getattr(self._store, name)
        if self._method not in (name, *name.split("_and_")):
            return method

        async def call(*words: object, **more: object) -> object:
            self._left -= 1
            mine = not self._left  # others may begin before this one ends
            if mine and self._when == "before":
                die()
            value = await method(*words, **more)
            if mine:
                die()
            return value

        return call


async def main(path: str, url: str, moment: list[str]) -> None:
    """Run the newest campaign of the store at *path*."""
    store: Store = open_store(path)
    if len(moment) == 3:
        when, method, times = moment
        store = cast("Store", Dying(store, when, method, int(times)))
    throttle = FileThrottle(f"{path}.limits", clock=quick_boot_time)
    try:
        async with SmscClient(
            login="demo", password="demo", base_url=url, throttle=throttle, max_wait=600.0
        ) as smsc:
            campaign = await Campaign.open(store)
            await campaign.run(smsc)
    finally:
        await store.aclose()


if __name__ == "__main__":
    path, url, *moment = sys.argv[1:]
    last = int(moment[1]) if moment[:1] == ["pass"] else 0
    try:
        run(main(path, url, moment), lambda number: die() if number == last else None)
    except SmscError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
