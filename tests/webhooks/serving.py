"""A program that serves the app over a socket, to be attacked: ``pace http log``.

``pace`` is how fast its time passes, ``http`` what reads the requests, ``log`` the file of its log.
"""

from __future__ import annotations

import asyncio
import logging
import selectors
import socket
import sys

import uvicorn

from smsc_async.webhooks import CallbackApp, StatusReport
from tests.webhooks.calling import SECRET


class _Selector(selectors.DefaultSelector):
    pace = 1.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout and timeout / self.pace)


class HurriedLoop(asyncio.SelectorEventLoop):
    """A loop on which time passes faster than it does."""

    def __init__(self, pace: float) -> None:
        self._pace = pace
        selector = _Selector()
        selector.pace = pace
        super().__init__(selector)

    def time(self) -> float:
        return super().time() * self._pace


async def heard(report: StatusReport) -> None:
    """Do nothing with it."""


def main(pace: str, http: str, log: str) -> None:
    logging.basicConfig(filename=log, format="%(name)s %(message)s", level=logging.WARNING)
    app = CallbackApp(secret=SECRET, on_status=heard)
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=http, log_config=None, access_log=False)
    with asyncio.Runner(loop_factory=lambda: HurriedLoop(float(pace))) as runner:
        print(listening.getsockname()[1], flush=True)  # noqa: T201 - to the test
        runner.run(uvicorn.Server(config).serve([listening]))


if __name__ == "__main__":
    main(*sys.argv[1:])
