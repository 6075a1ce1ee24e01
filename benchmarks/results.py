"""RESULTS.md: one section for each case, which stays until its case is run again."""

from __future__ import annotations

import os
import platform
import textwrap
from collections.abc import Iterable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

BROKEN = "NOT HELD"
INTRODUCTION = """\
# Results

Written by `python -m benchmarks [name ...]` (or `nox -s bench -- [name ...]`), which runs each case
in a process of its own and puts its section here; the sections of the other cases stay.

Machines differ and are shared, so only ratios of what took turns in one process mean anything;
each is the median of several rounds. A bare time says no more than its order of magnitude.
"""


def put(document: str, name: str, section: str, order: Sequence[str]) -> str:
    """Return *document* with the section of the case *name* written anew.

    Sections stand in *order*; those that are not in it are gone.
    """
    sections = {**_sections(document), name: section.strip()}
    written = [f"## {known}\n\n{sections[known]}\n" for known in order if known in sections]
    return "\n".join([INTRODUCTION, *written])


def paragraph(*sentences: str) -> str:
    """Return the sentences as a paragraph, with an empty line after it."""
    return textwrap.fill(" ".join(sentences), 100) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; all columns but the first hold figures."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def verdict(promise: str, *, held: bool) -> str:
    """Return a line that says whether what must hold was seen to hold."""
    return f"- {'held' if held else BROKEN}: {promise}"


def measured(packages: Sequence[str] = ()) -> str:
    """Return what says when and on what it was measured; names nobody and no host."""
    peers = "".join(f", {package} {version(package)}" for package in packages)
    return paragraph(
        f"Measured {date.today().isoformat()} on {_processor()}, {os.cpu_count()} cores, "  # noqa: DTZ011 - the day where it was measured
        f"{platform.python_implementation()} {platform.python_version()}{peers}."
    )


def _sections(document: str) -> dict[str, str]:
    _, *parts = f"\n{document}".split("\n## ")
    found = (part.partition("\n") for part in parts)
    return {name.strip(): text.strip() for name, _, text in found}


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text("utf-8").splitlines() if listed.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())
