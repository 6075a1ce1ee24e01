"""Every operation has a method, and every parameter of the pages can be given to one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re

import pytest

from smsc_async import SmscClient
from smsc_async._resources._resource import Resource
from smsc_async._resources.subjects import Subjects
from smsc_async._wire import codes
from tests import calls
from tests.calls import Example
from tests.parameters import PARAMETERS, UNOFFERED
from tests.samples import asked, sample
from tests.test_codec import EVERY_OPERATION

EXAMPLES: list[Example] = [
    example
    for found in pkgutil.iter_modules(calls.__path__)
    for example in importlib.import_module(f"{calls.__name__}.{found.name}").EXAMPLES
]
OPERATIONS = {operation.name: operation for operation in EVERY_OPERATION}
MOST_METHODS = 11


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example.operation))
def test_a_call_posts_what_it_says_and_nothing_else(example: Example) -> None:
    operation = OPERATIONS[example.operation]

    _, path, posted = asked(example.call, sample(example.answer))

    assert path == (example.path or codes.FOLDER + operation.path)
    assert posted == {
        "login": "alex",
        "psw": "123",
        **codes.ANSWER_FORM,
        **example.posted,
    }
    assert operation.fixed.items() <= posted.items()


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_a_method_of_the_client(name: str) -> None:
    subject, _, method = name.rpartition(".")
    owner = SmscClient(api_key="key")

    assert callable(getattr(getattr(owner, subject) if subject else owner, method))


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_parameter_of_an_operation_is_posted_by_an_example(name: str) -> None:
    posted = {
        re.sub(r"\[\d+\]", "[*]", key)
        for example in EXAMPLES
        if example.operation == name
        for key in example.posted
    }

    assert posted == set(PARAMETERS[name])


def test_no_operation_is_left_out() -> None:
    assert OPERATIONS.keys() == PARAMETERS.keys()


def test_what_is_not_offered_has_a_reason_and_is_no_parameter() -> None:
    for (path, name), reason in UNOFFERED.items():
        assert reason
        for operation in EVERY_OPERATION:
            if path in {"*", operation.path}:
                assert name not in PARAMETERS[operation.name]


@pytest.mark.parametrize(
    "kind", [*Resource.__subclasses__(), Subjects], ids=lambda kind: str(kind.__name__)
)
def test_a_resource_is_small(kind: type) -> None:
    public = [name for name, _ in inspect.getmembers(kind) if not name.startswith("_")]

    assert len(public) <= MOST_METHODS
