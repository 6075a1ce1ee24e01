"""The public face: what can be imported, and that nothing else is promised."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import types
import typing
from pathlib import Path

import pytest

import smsc_async
from smsc_async import campaigns, errors, messages, webhooks
from smsc_async._resources.subjects import Subjects

# Each of these may be there; what is there is public, all else is private.
PUBLIC_MODULES = {"campaigns", "errors", "messages", "simulator", "testing", "webhooks"}

# What the source of a package has beside its names.
OF_THE_LANGUAGE = {"TYPE_CHECKING", "annotations", "lazily"}


def source(module: types.ModuleType) -> ast.Module:
    return ast.parse(Path(module.__file__ or "").read_text("utf-8"))


MODULES = [found.name for found in pkgutil.iter_modules(smsc_async.__path__)]


def test_the_names_are_sorted_and_stand_once() -> None:
    assert smsc_async.__all__ == sorted(set(smsc_async.__all__))


@pytest.mark.parametrize("name", smsc_async.__all__)
def test_a_promised_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(smsc_async, name)

    if typing.get_origin(value) is None:  # an alias of a type says it by its name
        assert value.__doc__


def test_every_public_name_of_the_package_is_promised() -> None:
    public = {name for name in dir(smsc_async) if not name.startswith("_")}

    assert public - set(MODULES) - OF_THE_LANGUAGE == set(smsc_async.__all__)


@pytest.mark.parametrize("module", [errors, messages], ids=lambda module: str(module.__name__))
def test_every_class_that_a_user_meets_can_be_imported_from_the_package(
    module: types.ModuleType,
) -> None:
    own = {
        name
        for name, value in inspect.getmembers(module)
        if isinstance(value, type) and value.__module__.startswith(module.__name__)
    }

    assert {name for name in own if not name.startswith("_")} <= set(smsc_async.__all__)
    assert len(own) > 1


@pytest.mark.parametrize("package", [smsc_async, messages], ids=lambda module: str(module.__name__))
def test_a_name_is_looked_up_where_a_type_checker_finds_it(package: types.ModuleType) -> None:
    (block,) = [node for node in source(package).body if isinstance(node, ast.If)]

    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        module = importlib.import_module("." * node.level + (node.module or ""), package.__name__)
        for alias in node.names:
            assert getattr(package, alias.name) is getattr(module, alias.name)


@pytest.mark.parametrize("package", [smsc_async, messages], ids=lambda module: str(module.__name__))
def test_a_name_that_is_not_there_is_told(package: types.ModuleType) -> None:
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'x'"):
        package.x  # noqa: B018 - it is looked up


def test_all_names_can_be_imported_at_once() -> None:
    found: dict[str, object] = {}

    exec("from smsc_async import *", found)  # noqa: S102 - our own

    assert set(smsc_async.__all__) <= found.keys()


def test_the_client_has_the_resources_that_a_type_checker_finds() -> None:
    smsc = smsc_async.SmscClient(api_key="key")

    assert {name: type(getattr(smsc, name)).__name__ for name in Subjects.__annotations__} == (
        Subjects.__annotations__
    )
    assert Subjects.__annotations__.keys() <= set(dir(smsc))
    assert smsc.account is smsc.account
    misspelt = "acount"
    with pytest.raises(AttributeError, match="'SmscClient' object has no attribute 'acount'"):
        getattr(smsc, misspelt)


def test_a_copy_of_a_client_asks_with_its_own_options() -> None:
    smsc = smsc_async.SmscClient(api_key="key")
    resource = smsc.account

    other = smsc.with_options(max_wait=1.0)

    assert other.account is not resource
    assert smsc.account is resource


def test_the_kinds_of_messages_can_be_imported_from_their_own_module_too() -> None:
    assert messages.__all__ == sorted(messages.__all__)
    assert set(messages.__all__) <= set(smsc_async.__all__)


@pytest.mark.parametrize("name", webhooks.__all__)
def test_a_promised_name_of_the_callbacks_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(webhooks, name)

    if isinstance(value, type) or inspect.isfunction(value):
        assert value.__doc__


@pytest.mark.parametrize("name", campaigns.__all__)
def test_a_promised_name_of_the_campaigns_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(campaigns, name)

    if isinstance(value, type) or inspect.isfunction(value):
        assert value.__doc__


@pytest.mark.parametrize("module", [campaigns, webhooks], ids=lambda module: str(module.__name__))
def test_the_names_of_a_public_module_are_sorted_and_all_there(module: types.ModuleType) -> None:
    public = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }

    assert module.__all__ == sorted(set(module.__all__))
    assert public - {"annotations"} == set(module.__all__)


def test_a_module_is_public_or_has_an_underscore() -> None:
    assert {name for name in MODULES if not name.startswith("_")} <= PUBLIC_MODULES
    assert {"campaigns", "errors", "messages", "webhooks"} <= set(MODULES)


@pytest.mark.parametrize("name", ["campaigns", "errors", "messages", "webhooks"])
def test_a_public_module_can_be_imported(name: str) -> None:
    assert importlib.import_module(f"smsc_async.{name}").__doc__


def test_the_types_of_every_method_resolve() -> None:
    for name, method in vars(smsc_async.SmscClient).items():
        if callable(method) and not name.startswith("_"):
            assert typing.get_type_hints(method)
    assert typing.get_type_hints(smsc_async.SmscClient.send)["return"] is smsc_async.Sent


def test_replies_are_values_that_cannot_be_changed() -> None:
    sent = smsc_async.Sent(id="1", phones=("+79990000000",), count=1)

    with pytest.raises(AttributeError):
        sent.id = "2"  # type: ignore[misc]
    assert {sent: "can be a key"}[sent]
