"""What a simulation plays: a short program, whose text is Python that makes it again."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final, Literal, NamedTuple

from smsc_async import SmscClient
from smsc_async._wire.limits import Lane

from .optimum import Request
from .reading import Params

Way = Literal["task", "timeout", "wait_for", "scope", "close"]
WAYS: Final[tuple[Way, ...]] = ("task", "timeout", "wait_for", "scope", "close")

PHONE: Final = "79990000000"


class Kind(NamedTuple):
    """A call of one operation: what the client is asked, and what leaves it."""

    call: Callable[[SmscClient, int], Awaitable[object]]
    path: str
    params: Callable[[int], Params]


def _raw(path: str, params: Callable[[int], Params]) -> Kind:
    return Kind(lambda smsc, at: smsc.raw(path, dict(params(at)), repeat=True), path, params)


def _sent(at: int) -> Params:
    return {"phones": f"7998{at:07}", "mes": f"text {at}"}


def _flood(at: int) -> Params:
    return {"phones": PHONE, "mes": f"text {at}"}


def _price(at: int) -> Params:
    return {"cost": "1", "phones": PHONE, "mes": f"text {at}"}


def _status(at: int) -> Params:
    return {"id": str(at), "phone": PHONE}


# Calls with the same number are identical; of `balance` and `statistics` all are.
KINDS: Final[dict[str, Kind]] = {
    "send": Kind(
        lambda smsc, at: smsc.send(**_of(_sent(at)), repeat=True),
        "send.php",
        _sent,
    ),
    "send once": Kind(lambda smsc, at: smsc.send(**_of(_sent(at))), "send.php", _sent),
    "send to one": Kind(
        lambda smsc, at: smsc.send(**_of(_flood(at)), repeat=True), "send.php", _flood
    ),
    "price": Kind(lambda smsc, at: smsc.price(**_of(_price(at))), "send.php", _price),
    "balance": Kind(lambda smsc, _: smsc.account.balance(), "balance.php", lambda _: {"cur": "1"}),
    "status": _raw("status.php", _status),
    "statuses": _raw("status.php", lambda at: {"id": f"1,{at}", "phone": f"{PHONE},{PHONE}"}),
    "history": _raw("get.php", lambda at: {"get_messages": "1", "cnt": str(at + 1)}),
    "statistics": _raw("get.php", lambda _: {"get_stat": "1"}),
    "operator": _raw("info.php", lambda at: {"get_operator": "1", "phone": f"7999{at:07}"}),
    "contacts": _raw("phones.php", lambda at: {"get": "1", "pg": str(at)}),
    "add": _raw("users.php", lambda at: {"add": "1", "user": f"user{at}"}),
    "undocumented": _raw("new.php", lambda at: {"n": str(at)}),
}


def _of(params: Params) -> dict[str, Any]:
    return {"to": params["phones"], "message": params["mes"]}


class _Short:
    """Shows only what differs from the defaults, as Python."""

    def __repr__(self) -> str:
        shown: list[str] = []
        for field in fields(self):  # type: ignore[arg-type]  # its subclasses are dataclasses
            value = getattr(self, field.name)
            if field.default is MISSING:
                shown.append(repr(value))
            elif value != field.default:
                shown.append(f"{field.name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


@dataclass(frozen=True, repr=False)
class Step(_Short):
    """*times* calls of one kind, *at* so many seconds after the beginning, all at once.

    They are identical, or *distinct*: then each has a number of its own, from *number* on. Each is
    *cancelled* in one of the ways after so many seconds, or *cut* in one of them at that pass of
    the event loop, if that is said; to close is to close its client.
    """

    call: str
    number: int = 0
    times: int = 1
    distinct: bool = False
    at: float = 0.0
    client: int = 0
    lane: Lane = "interactive"
    max_wait: float = math.inf
    deadline: float | None = None
    timeout: float = 100.0
    cancelled: tuple[Way, float] | None = None
    cut: tuple[Way, int] | None = None


@dataclass(frozen=True, repr=False)
class Program(_Short):
    """The steps that several clients of one login take over a network of that *seed*.

    A share of the requests meets *troubles*. The clock on the wall is set forward by *wall* (back,
    if negative) after so many seconds.
    """

    steps: tuple[Step, ...]
    seed: int = 0
    troubles: float = 0.0
    wall: tuple[tuple[float, float], ...] = ()

    @property
    def calls(self) -> list[Call]:
        """List the single calls, in the order in which they begin."""
        found = [
            Call(f"{at}.{copy}", step, step.number + copy * step.distinct)
            for at, step in enumerate(self.steps)
            for copy in range(step.times)
        ]
        return sorted(found, key=lambda call: call.step.at)

    @property
    def is_calm(self) -> bool:
        """Tell whether every call ends with its first answer, in its turn."""
        return not self.troubles and all(
            step.cancelled is None
            and step.cut is None
            and step.deadline is None
            and math.isinf(step.max_wait)
            and step.timeout >= 100.0
            and step.lane == "interactive"
            and step.call != "send once"
            for step in self.steps
        )


class Call(NamedTuple):
    """One call of a program."""

    name: str
    step: Step
    number: int

    @property
    def request(self) -> Request:
        """What leaves if all goes well."""
        kind = KINDS[self.step.call]
        return Request(kind.path, kind.params(self.number), self.step.at)
