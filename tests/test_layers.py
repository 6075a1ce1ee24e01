"""Each module imports from the layers below its own, and only what its layer is for."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import smsc_async

ROOT = Path(smsc_async.__file__).parent


@dataclass(frozen=True)
class Layer:
    """What lives in a layer, and what it may import beside its own modules and the stdlib."""

    holds: tuple[str, ...]
    inside: tuple[str, ...]
    outside: tuple[str, ...] = ()


# Names are modules below the package, "" is the package itself: what a user sees. What is planned
# stands here already; a module that is not there yet needs no row to be dropped.
WIRE = Layer(holds=("_wire",), inside=(), outside=("msgspec",))
ERRORS = Layer(holds=("errors", "_refusals"), inside=("_wire",))
LAZY = Layer(holds=("_lazy", "_version"), inside=())
FILES_OF_SQLITE = Layer(holds=("_sqlite",), inside=())
SLICES = Layer(holds=("_slices",), inside=(), outside=("anyio",))
EVENTS = Layer(holds=("_events",), inside=("errors",))
MESSAGES = Layer(
    holds=("_file_url", "_upload", "messages"),
    inside=("_lazy", "_wire", "errors"),
    outside=("msgspec",),
)
OPERATION = Layer(
    holds=("_operation",), inside=("_wire", "errors", "_upload"), outside=("msgspec",)
)
CODEC = Layer(
    holds=("_amounts", "_bodies", "_codec"),
    inside=("_wire", "errors", "_refusals", "_upload", "messages", "_operation", "_slices"),
    outside=("msgspec",),
)
CONFIG = Layer(
    holds=("_config", "_workers"), inside=("_wire", "_codec", "_slices"), outside=("msgspec",)
)
THROTTLE = Layer(holds=("_throttle",), inside=("_wire",), outside=("msgspec",))
TRANSPORT = Layer(
    holds=("_transport",),
    inside=(
        *("_wire", "errors", "_events", "_upload", "messages", "_operation", "_bodies", "_codec"),
        *("_slices", "_sqlite", "_throttle", "_version"),
    ),
    outside=(
        *("aiohappyeyeballs", "aiohttp", "anyio", "certifi", "h11", "httpcore", "httpx"),
        *("msgspec", "redis", "tenacity"),
    ),
)
RESOURCES = Layer(
    holds=("_resources",),
    inside=(
        *("_wire", "errors", "_refusals", "_file_url", "_upload", "messages", "_operation"),
        "_slices",
    ),
    outside=("msgspec",),
)
CLIENT = Layer(
    holds=("_client",),
    inside=(
        *("_wire", "errors", "_events", "_file_url", "_upload", "messages", "_operation"),
        "_codec",
        *("_config", "_workers", "_throttle", "_transport", "_resources"),
    ),
    outside=("anyio",),
)
FACE = Layer(
    holds=("",),
    inside=(
        *("_client", "_events", "_resources", "_throttle", "_transport", "_upload", "_wire"),
        *("_lazy", "errors", "messages"),
    ),
)
PUBLIC = ("", "errors", "messages")
WEBHOOKS = Layer(
    holds=("webhooks",),
    inside=("_wire", "errors", "_sqlite", "_transport.clock"),
    outside=("anyio", "msgspec"),
)
CAMPAIGNS = Layer(
    holds=("campaigns",),
    inside=(*PUBLIC, "_wire", "_sqlite", "_transport.clock", "webhooks"),
    outside=("anyio", "msgspec", "phonenumbers", "procrastinate", "psycopg"),
)
SIMULATOR = Layer(
    holds=("simulator",),
    inside=("_wire.codes", "_wire.limits"),
    outside=("anyio", "httpx", "starlette", "uvicorn"),
)
TESTING = Layer(holds=("testing",), inside=(*PUBLIC, "simulator"), outside=("pytest",))
COMMANDS = Layer(
    holds=("_cli",),
    inside=(*PUBLIC, "_wire.values", "webhooks", "campaigns", "simulator"),
    outside=("anyio", "msgspec", "rich", "typer", "uvicorn"),
)
LAYERS = [
    *(
        WIRE,
        ERRORS,
        LAZY,
        FILES_OF_SQLITE,
        SLICES,
        EVENTS,
        MESSAGES,
        OPERATION,
        CODEC,
        CONFIG,
        THROTTLE,
        TRANSPORT,
        RESOURCES,
    ),
    *(CLIENT, FACE, WEBHOOKS, CAMPAIGNS, SIMULATOR, TESTING, COMMANDS),
]

LONGEST = 300


@dataclass(frozen=True)
class Import:
    """One import: by whom, of what (from the package's root if it is relative), and how."""

    where: str
    name: str
    relative: bool


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[Import]:
    """List what a file imports; ``from ..x import y`` names ``x.y`` if that is a module."""
    where = module_of(path)
    package = [".".join(path.parent.relative_to(ROOT).parts)]
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from (Import(where, alias.name, relative=False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield Import(where, node.module or "", relative=False)
        elif isinstance(node, ast.ImportFrom):
            parts = package[0].split(".") if package[0] else []
            assert node.level - 1 <= len(parts), f"{where} imports from above the package"
            base = [*parts[: len(parts) - node.level + 1], *(node.module or "").split(".")]
            base = [part for part in base if part]
            for alias in node.names:
                full = [*base, alias.name]
                there = ROOT.joinpath(*full)
                known = there.is_dir() or there.with_suffix(".py").is_file()
                yield Import(where, ".".join(full if known else base), relative=True)


FILES = sorted(ROOT.rglob("*.py"))
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: module_of(path) or "package")


def within(name: str, folders: tuple[str, ...]) -> bool:
    return any(name == folder or (folder and name.startswith(f"{folder}.")) for folder in folders)


def layer_of(path: Path) -> Layer:
    (layer,) = [layer for layer in LAYERS if within(module_of(path), layer.holds)]
    return layer


def test_the_files_are_found() -> None:
    assert len(FILES) > 20


@every_file
def test_a_module_belongs_to_one_layer(path: Path) -> None:
    assert layer_of(path) in LAYERS


@every_file
def test_a_module_imports_from_the_layers_above_it_in_the_table_only(path: Path) -> None:
    layer = layer_of(path)

    for found in imports(path):
        if found.relative:
            assert within(found.name, layer.inside) or within(found.name, layer.holds), found


@every_file
def test_a_module_imports_only_the_libraries_of_its_layer(path: Path) -> None:
    allowed = {*layer_of(path).outside, *sys.stdlib_module_names}

    for found in imports(path):
        if not found.relative:
            assert found.name.split(".")[0] in allowed, found


@every_file
def test_inside_the_package_imports_are_relative(path: Path) -> None:
    for found in imports(path):
        assert found.relative or found.name.split(".")[0] != "smsc_async", found


@every_file
def test_a_module_is_short_enough_to_be_read_at_once(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())

    assert lines < LONGEST


@pytest.mark.parametrize("library", ["h11", "tenacity"])
def test_what_waits_and_repeats_is_known_to_the_transport_alone(library: str) -> None:
    users = {
        found.where.split(".")[0]
        for path in FILES
        for found in imports(path)
        if not found.relative and found.name.split(".")[0] == library
    }

    assert users == {"_transport"}


@pytest.mark.parametrize(("library", "module"), [("aiohttp", "aio"), ("httpcore", "proxied")])
def test_what_few_need_is_known_to_one_module_alone(library: str, module: str) -> None:
    users = {
        found.where
        for path in FILES
        for found in imports(path)
        if not found.relative and found.name.split(".")[0] == library
    }

    assert users == {f"_transport.{module}"}


def test_the_layers_form_no_circle() -> None:
    places = {name: at for at, layer in enumerate(LAYERS) for name in layer.holds}

    for at, layer in enumerate(LAYERS):
        for name in layer.inside:
            assert places[name.split(".")[0]] < at, f"{layer.holds} may import {name}"


def test_imports_are_read_as_they_stand() -> None:
    names = {found.name for found in imports(ROOT / "_throttle" / "keys.py") if found.relative}

    assert names == {"_wire.limits", "_wire.values"}
    assert not within("_wirex", ("_wire",))
    assert not within("_wire.codes", ("",))
