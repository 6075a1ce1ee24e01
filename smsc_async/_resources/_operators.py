"""Asking whose many numbers are: as many questions at once as the service takes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from typing import Final, NamedTuple

import msgspec

from .._operation import Ask, Operation, Overrides, Params, R
from .._wire import codes, limits
from .._wire.values import digits, joined
from ..errors import NotFound, SmscError
from ._asking import PASSING


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a number is, by the service's table, which knows no ported numbers.

    ``mcc`` and ``mnc`` are the codes of country and operator, ``region`` is where the number is
    registered and ``tz`` the time zone there, as the service writes it. Of a number that it does
    not know ``operator`` is None.
    """

    operator: str | None
    phone: str = ""
    country: str | None = None
    region: str | None = None
    mcc: str | None = None
    mnc: str | None = None
    tz: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether the service knows whose the number is."""
        return bool(self.operator)


PAGE: Final = "Getting data"
# So many numbers of one list: the pages name no figure, so it is the client's own.
TOGETHER: Final = 100
OPERATOR = Operation[Operator](
    name="lookup.operator",
    path=codes.INFO,
    fixed={"get_operator": "1"},
    reply=Operator,
    page=PAGE,
)
OPERATORS = Operation[list[Operator] | Operator](
    name="lookup.operators",
    path=codes.INFO,
    fixed={"get_operator": "1"},
    reply=list[Operator] | Operator,
    page=PAGE,
    bounds=(f"{TOGETHER} numbers in a question",),
)

_AT_ONCE: Final = limits.AT_ONCE.limit
# An open window gives no place, and while that is waited for, another may be quicker to the window:
# so long it takes to open again.
_FOR_A_PLACE: Final = 75.0
# Where nothing but failures comes, two for each place and not an answer between them, the service
# is gone.
_FAILURES: Final = 2 * _AT_ONCE


class _Brought(NamedTuple):
    """What one question brought."""

    found: list[Operator]
    again: list[str]  # phones to be asked about singly
    error: SmscError | None = None  # that met this question, and perhaps no other


def about(*phones: str) -> Params:
    """Return the parameters of a question about phones."""
    return {"phone": joined(phones)}


async def ask(call: Ask, phones: Iterable[str], *, together: int) -> AsyncGenerator[Operator]:
    """Yield the operator of each phone, in any order; *together* of them go in one question.

    One that has no answer in the end has its error raised after all others. Raises what would meet
    every phone, after all answers that had come. Closing it early stops the asking.
    """
    listed = list(phones)
    heap = deque(listed[at : at + together] for at in range(0, len(listed), together))
    running = set[asyncio.Task[_Brought]]()
    lost: SmscError | None = None
    failures = 0  # since the last answer
    try:
        while heap or running:
            while heap and len(running) < _AT_ONCE:
                running.add(asyncio.create_task(_step(call, heap.popleft())))
            ended, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            fatal = next((error for task in ended if (error := task.exception())), None)
            for brought in [task.result() for task in ended if not task.exception()]:
                for operator in brought.found:
                    yield operator
                heap.extend([phone] for phone in brought.again)
                failures = failures + 1 if brought.error else 0
                if brought.error and not brought.again:
                    lost = brought.error
                if failures >= _FAILURES:
                    fatal = fatal or brought.error
            if fatal is not None:
                raise fatal
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    if lost is not None:
        raise lost


async def _step(call: Ask, phones: list[str]) -> _Brought:
    """Ask one question; what meets this one alone is told, what meets every one is raised."""
    try:
        if len(phones) == 1:
            found = await _patiently(call, OPERATOR, about(*phones))
            return _Brought([msgspec.structs.replace(found, phone=phones[0])], [])
        reply = await _patiently(call, OPERATORS, about(*phones))
    except NotFound:
        if len(phones) == 1:
            return _Brought([Operator(phone=phones[0], operator=None)], [])
        return _Brought([], phones)  # it does not say which of them
    except PASSING as error:
        return _Brought([], phones if len(phones) > 1 else [], error)
    rows = reply if isinstance(reply, list) else [reply]
    told = {digits(row.phone): row for row in rows}
    there = [phone for phone in phones if digits(phone) in told]
    return _Brought(
        [msgspec.structs.replace(told[digits(phone)], phone=phone) for phone in there],
        [phone for phone in phones if digits(phone) not in told],
    )


async def _patiently(call: Ask, operation: Operation[R], params: Params) -> R:
    """Ask once the windows are open, so that no deadline has to last until then."""
    while wait := call.opens(operation, params):
        await call.sleep(wait)
    return await call(operation, params, Overrides(max_wait=_FOR_A_PLACE))
