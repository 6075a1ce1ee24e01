"""Whatever is given to a method: it posts something, or says before that what is wrong."""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from operator import attrgetter
from types import UnionType
from typing import Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc_async import BadParameters, InvalidMessage, SmscClient
from smsc_async._resources.sending import Sending
from smsc_async._resources.subjects import Subjects
from smsc_async._wire import codes
from tests.calls import Example
from tests.parameters import PARAMETERS
from tests.samples import NOW, Answering
from tests.test_calls import EXAMPLES
from tests.virtual import run

SMSC = SmscClient(api_key="key")  # whose methods are looked at, and never called
KINDS: dict[object, Any] = {float: (int, float), None: type(None)}
FAR = timezone(timedelta(hours=14))
STRANGE: list[Any] = [
    *(None, True, False, 0, -1, 1, 7, 2**31, 10**18, 10**30, 10**5000, -(10**5000)),
    *(0.0, 1.5, 1e400, float("nan"), Decimal(1), Decimal("NaN"), Decimal("1e999999")),
    *("", " ", "7", "x", "a,b", "G1", "\ud800", "+7999000000\ud800", "\n", "\0", "9" * 5000),
    *(date(2023, 11, 14), date.min, date.max, date(9999, 12, 1)),
    *(datetime(2023, 11, 15, tzinfo=UTC), datetime(2023, 11, 15)),  # noqa: DTZ001 - without a zone
    *(datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=FAR)),
    *(timedelta(0), timedelta(hours=1), timedelta.max, timedelta.min),
    *((), [], [None], [1], ["x"], ["\ud800"], [()], [(1,)], [(1, 2)], [("7", "\ud800")], [[]]),
    *([(None, None)], [(1.5, b"x")], {}, {"x": 1}, {1: "x"}, {"x": None}, {"\ud800": "x"}, set()),
    *(b"7", bytearray(b"x"), [b"7"], 1 + 2j, object(), [object()], object, print),
]
ANYTHING = st.one_of(
    st.sampled_from(STRANGE),
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals(),
    st.text(st.characters()) | st.binary(),
    st.dates() | st.datetimes() | st.datetimes(timezones=st.just(UTC)) | st.timedeltas(),
    st.lists(st.text(st.characters()) | st.integers() | st.none(), max_size=3),
    st.lists(st.tuples(st.text(st.characters()) | st.integers(), st.text()), max_size=2),
)


class Recorded(Exception):
    """A call that an example makes."""


class Recorder:
    """Stands for the client, and tells how it is called."""

    def __init__(self, name: str = "") -> None:
        self._name = name

    def __getattr__(self, name: str) -> Recorder:
        return Recorder(f"{self._name}.{name}".lstrip("."))

    def __call__(self, *args: object, **kwargs: object) -> NoReturn:
        raise Recorded(self._name, args, kwargs)


@dataclass(frozen=True)
class Case:
    """One call that is right, which operation it posts, and its arguments by name."""

    operation: str
    method: str
    arguments: Mapping[str, Any]


def method_of(smsc: SmscClient, name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = attrgetter(name)(smsc)
    return found


def methods() -> Iterator[str]:
    """Give every method of every subject, and those of sending."""
    for name in Subjects.__annotations__:
        found = inspect.getmembers(getattr(SMSC, name), inspect.ismethod)
        yield from (f"{name}.{method}" for method, _ in found if not method.startswith("_"))
    yield from (name for name in vars(Sending) if not name.startswith("_"))


def case_of(example: Example) -> Case:
    async def call() -> None:
        await example.call(Recorder())  # type: ignore[arg-type]

    try:
        run(call())
    except Recorded as recorded:
        name, args, kwargs = recorded.args
        signature = inspect.signature(method_of(SMSC, name))
        return Case(example.operation, name, signature.bind(*args, **kwargs).arguments)
    raise AssertionError(f"{example.operation}: the example calls nothing")


METHODS = sorted(methods())
CASES = list(map(case_of, EXAMPLES))


def cases() -> Iterator[Any]:
    """Give each parameter of each method with a call that has it, if any has."""
    for method in METHODS:
        own = [case for case in CASES if case.method == method]
        for parameter in inspect.signature(method_of(SMSC, method)).parameters if own else ():
            best = next((case for case in own if parameter in case.arguments), own[0])
            yield pytest.param(best, parameter, id=f"{method}({parameter})")


async def made(case: Case, arguments: Mapping[str, Any]) -> list[dict[str, str]]:
    """Make a call, and return what was posted; raise where it breaks the law."""
    transport = Answering(b'{"error": "no", "error_code": 1}')
    async with SmscClient(
        login="alex", password="123", transport=transport, wall=lambda: NOW
    ) as smsc:
        try:
            await _first(method_of(smsc, case.method)(**arguments))
        except InvalidMessage:
            assert not transport.forms, "what is refused is not posted"
        except BadParameters:
            assert transport.forms
    return transport.forms


async def _first(answer: Awaitable[object] | AsyncGenerator[object]) -> None:
    if isinstance(answer, AsyncGenerator):
        async with aclosing(answer):
            await anext(answer, None)
    else:
        await answer


def fits(hint: object, value: object) -> bool:
    """Tell whether a value is of an annotated kind; a flag is no number, and a moment no day."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return any(fits(one, value) for one in inner)
    if origin is Literal:
        return any(type(one) is type(value) and one == value for one in inner)
    if origin is None:
        return hint is Any or _is_a(hint, value)
    return isinstance(value, Iterable) and _is_a(origin, value) and _holds(origin, inner, value)


def _is_a(kind: object, value: object) -> bool:
    return isinstance(value, KINDS.get(kind, kind)) and not (
        (isinstance(value, bool) and kind is not bool)
        or (isinstance(value, datetime) and kind is date)
    )


def _holds(origin: object, inner: tuple[object, ...], value: Iterable[object]) -> bool:
    """Tell whether what is in a value is of the kinds that are annotated."""
    if isinstance(value, Mapping) and origin is Mapping:
        return all(fits(inner[0], key) and fits(inner[1], one) for key, one in value.items())
    if origin is tuple and inner[-1] is not ...:
        held = tuple(value)
        return len(held) == len(inner) and all(map(fits, inner, held))
    return not isinstance(value, bytes | bytearray) and all(fits(inner[0], one) for one in value)


def check(case: Case, changed: Mapping[str, Any], forms: list[dict[str, str]]) -> None:
    """Raise if what was posted is of another name or kind than the method's."""
    names = {re.sub(r"\[\d+\]", "[*]", name) for form in forms for name in form}
    assert names <= {*PARAMETERS[case.operation], "login", "psw", *codes.ANSWER_FORM}
    if forms:
        hints = get_type_hints(method_of(SMSC, case.method))
        for name, value in changed.items():
            assert fits(hints[name], value), f"{name}={value!r:.50} is posted"


def test_every_method_has_an_example() -> None:
    assert set(METHODS) == {case.method for case in CASES}


@pytest.mark.parametrize(("case", "parameter"), list(cases()))
def test_a_strange_argument_is_refused_before_anything_is_posted(
    case: Case, parameter: str
) -> None:
    signature = inspect.signature(method_of(SMSC, case.method)).parameters
    needed = {
        name: value
        for name, value in case.arguments.items()
        if signature[name].default is inspect.Parameter.empty
    }

    async def main() -> None:
        for strange in STRANGE:
            changed = {parameter: strange}
            for others in (case.arguments, needed):
                check(case, changed, await made(case, {**others, **changed}))

    run(main())


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=30)
@given(data=st.data())
def test_many_strange_arguments_are_refused_together(method: str, data: st.DataObject) -> None:
    case = data.draw(st.sampled_from([case for case in CASES if case.method == method]))
    parameters = inspect.signature(method_of(SMSC, method)).parameters
    changed = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(parameters, ANYTHING)))

    async def main() -> None:
        check(case, changed, await made(case, {**case.arguments, **changed}))

    run(main())
