"""Names of a package whose modules are imported when one of them is first asked for (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any


def lazily(
    package: str, modules: Mapping[str, Iterable[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and the ``__dir__`` of *package*.

    *modules* says which names are found in which module below it.
    """
    where = {name: module for module, names in modules.items() for name in names}
    known = vars(sys.modules[package])

    def find(name: str) -> Any:  # noqa: ANN401 - whatever the package offers
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = known[name] = getattr(import_module(f".{where[name]}", package), name)
        return found

    return find, lambda: sorted({*known, *where})
