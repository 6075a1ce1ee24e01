"""The client: wires everything, and names the resources."""

from __future__ import annotations

import asyncio
import copy
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Literal, Self

import anyio

from . import _config, _workers
from ._events import Listener
from ._operation import OnUnknown, Operation, Overrides, Params, R, Settle
from ._resources.subjects import Subjects
from ._transport.clock import Seams, chance, loop_time, new_id, sleep, wall_time
from ._transport.http import Http, Own, Transport, opener, proxy_at
from ._transport.patience import Options
from ._transport.pipeline import Pipeline
from ._transport.throttle import Throttle, throttle_of
from ._transport.tls import tls_context
from ._upload import File
from ._wire.limits import Lane
from ._wire.values import digest
from .messages._checks import check_sender


class SmscClient(Subjects):
    """A client of the SMSC service.

    Credentials are ``api_key``, or ``login`` and ``password``; without them ``SMSC_API_KEY``, or
    ``SMSC_LOGIN`` and ``SMSC_PASSWORD``, are read. ``base_url`` (or ``SMSC_URL``) is the service's
    host, https://smscentre.com by default. ``account`` names the account where several credentials
    belong to one, so that they share its limits. ``sender`` is used where a
    message that can have one (SMS, flash, binary, WAP push, ping, MMS) names none.

    All times are seconds: ``max_wait`` bounds the waiting for the service's limits, ``timeout``
    one exchange, ``settle_for`` the asking what became of a send whose answer was lost, and
    ``deadline`` the whole call. ``on_unknown="raise"`` skips the asking. ``attempts`` is how often
    a call goes out that may be repeated, within a tenth of all calls. ``priority`` says who goes
    first where calls wait. ``identity="all"`` takes two sends for the same only if all their
    parameters are. ``json_body`` posts sends and prices as JSON, to the address that the service
    has for that, unless files go along; nothing else changes. ``guard`` is added to each window of
    the service, ``linger`` is how long a request without an answer still counts.

    ``transport="aiohttp"`` sends over aiohttp, an extra. A transport of httpx's replaces the
    connections (and gets a throttle of its own, unless ``throttle`` gives one); ``proxy`` is a
    proxy's address, ``ca_file`` a file of certificates to trust. A ``throttle`` is shared by the
    clients that it is given to, with the guard and linger that it was made with: a
    :class:`FileThrottle` by the processes of a machine.
    ``on_event`` hears of waits, starts, refusals and pauses. ``clock`` (seconds that never go back)
    and the arguments after it are for tests.

    Use it with ``async with``, or make it once and call :meth:`aclose` at the end. It belongs to
    the event loop and the process that it is first used in.
    """

    _url = ""  # a client that could not be made is shown in the traceback that says why

    def __init__(
        self,
        *,
        api_key: str | None = None,
        login: str | None = None,
        password: str | None = None,
        account: str | None = None,
        base_url: str | None = None,
        sender: str | None = None,
        transport: Transport | Own = None,
        proxy: str | None = None,
        ca_file: str | None = None,
        throttle: Throttle | None = None,
        timeout: float = 30.0,
        max_wait: float = 75.0,
        settle_for: float = 15.0,
        deadline: float | None = None,
        attempts: int = 3,
        on_unknown: OnUnknown = "settle",
        priority: Lane = "interactive",
        identity: Literal["message", "all"] = "message",
        json_body: bool = False,
        guard: float = 1.0,
        linger: float = 5.0,
        on_event: Listener | None = None,
        clock: Callable[[], float] = loop_time,
        wall: Callable[[], float] = wall_time,
        chance: Callable[[], float] = chance,
        new_id: Callable[[], str] = new_id,
        sleep: Callable[[float], Awaitable[None]] = sleep,
    ) -> None:
        try:
            url = _config.base_url(base_url, os.environ)
            via = None if proxy is None else proxy_at(proxy)
            who = _config.account(api_key, login, password, account, os.environ)
        except ValueError as error:
            raise error.with_traceback(None) from None  # its frames hold secrets
        finally:
            del base_url, proxy, api_key, login, password  # and so would this one
        check_sender(sender)
        if attempts < 1:
            raise ValueError("attempts is 1 or more")
        opened = opener(transport, lambda: tls_context(ca_file), via)
        ours = transport is None or transport == "aiohttp"
        seams = Seams(clock=clock, wall=wall, chance=chance, new_id=new_id, sleep=sleep)
        family = _config.family(url)
        account_key = digest(family, who.name).hex()

        def made() -> Pipeline:
            own = throttle
            if own is None and not (ours and clock is loop_time):
                own = Throttle(guard=guard, linger=linger, clock=clock)
            if own is None:
                own = throttle_of(family, who.name.hex(), guard=guard, linger=linger)
            if ours and not own.is_shared:
                _workers.warn(sys.argv, os.environ, sys.orig_argv, os.getpid())
            own.settle_in(family, account_key)
            return Pipeline(
                http=Http(opened()),
                throttle=own,
                credentials=who.credentials,
                account=who.name,
                hosts=_config.hosts(url),
                attempts=attempts,
                identity=identity,
                json_body=json_body,
                on_event=on_event,
                seams=seams,
            )

        self._sender = sender
        self._url = url
        self._account_key = account_key
        self._core = _Core(made, seams)
        self._bind(
            Options(
                max_wait=max_wait,
                timeout=timeout,
                deadline=deadline,
                priority=priority,
                on_unknown=on_unknown,
                settle_for=settle_for,
            )
        )

    def _bind(self, options: Options) -> None:
        self._options = options
        self._offer(_Bound(self._core, options))

    @property
    def throttle(self) -> Throttle:
        """The limits of the account; its ``snapshot()`` tells how they stand."""
        return self._core.pipeline().throttle

    @property
    def account_key(self) -> str:
        """Tells the account from all others, in any program; it holds neither login nor key.

        It is made of the service's host and of ``account``, or else the login or the key.
        """
        return self._account_key

    @property
    def sender(self) -> str | None:
        """Who messages are from that name no sender; None leaves that to the account."""
        return self._sender

    def with_options(
        self,
        *,
        max_wait: float | None = None,
        timeout: float | None = None,
        deadline: float | None = None,
        priority: Lane | None = None,
        on_unknown: OnUnknown | None = None,
    ) -> Self:
        """Return a client that shares everything with this one but the options given.

        What is None stays as it is.
        """
        twin = copy.copy(self)
        overrides = Overrides(
            max_wait=max_wait,
            timeout=timeout,
            deadline=deadline,
            priority=priority,
            on_unknown=on_unknown,
        )
        twin._bind(self._options.but(overrides))  # noqa: SLF001 - a copy of this one
        return twin

    async def aclose(self, grace: float = 30.0) -> None:
        """Close the client and every copy of it.

        Calls under way get *grace* seconds to end; what is cut then raises at its caller, a send
        :class:`OutcomeUnknown`.
        """
        await self._core.aclose(grace)

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the client."""
        with anyio.CancelScope(shield=True):
            await self.aclose()

    def __repr__(self) -> str:
        return f"SmscClient({self._url!r})"


class _Core:
    """What a client and its copies share: the pipeline, made in the loop of the first call."""

    def __init__(self, make: Callable[[], Pipeline], seams: Seams) -> None:
        self.seams = seams
        self._make = make
        self._pipeline: Pipeline | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0

    def pipeline(self) -> Pipeline:
        loop, process = asyncio.get_running_loop(), os.getpid()
        if self._pipeline is None:
            # Imports what closing needs, before anything is sent: later no file may be left for it.
            anyio.get_cancelled_exc_class()
            self._pipeline, self._loop, self._process = self._make(), loop, process
        elif self._process != process:
            raise RuntimeError(
                "this client was used before the process was forked, and its connections belong "
                "to the other one; make a client in each process"
            )
        elif self._loop is not loop:
            raise RuntimeError(
                "this client is in use in another event loop; make one client for each loop: "
                "clients of one account share its limits by themselves"
            )
        return self._pipeline

    async def aclose(self, grace: float) -> None:
        await self.pipeline().aclose(grace)


class _Bound:
    """The way in, with the options of one client."""

    def __init__(self, core: _Core, options: Options) -> None:
        self._core = core
        self._options = options

    async def __call__(
        self,
        operation: Operation[R],
        params: Params,
        overrides: Overrides = Overrides(),  # noqa: B008 - frozen
        *,
        files: Sequence[File] = (),
        repeat: bool = False,
        settle: Settle[R] | None = None,
        since: float | None = None,
    ) -> R:
        options = self._options.but(overrides)
        return await self._core.pipeline().call(
            operation, params, options, files=files, repeat=repeat, settle=settle, since=since
        )

    def opens(self, operation: Operation[Any], params: Params) -> float:
        return self._core.pipeline().opens(operation, params, self._options)

    async def sleep(self, seconds: float) -> None:
        await self._core.seams.sleep(seconds)

    def wall(self) -> float:
        return self._core.seams.wall()

    def now(self) -> float:
        return self._core.seams.clock()
