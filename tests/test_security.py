"""SECURITY.md promises nothing that no test shows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "SECURITY.md").read_text("utf-8")
PROMISES = [
    row
    for row in re.findall(r"^\| (.+) \| (.+) \|$", TEXT, re.MULTILINE)
    if row != ("promise", "shown by")
]


def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_the_promises_are_found() -> None:
    assert len(PROMISES) == TEXT.count("\n| ") - TEXT.count("\n| promise") > 15


@pytest.mark.parametrize(("promise", "shown_by"), PROMISES)
def test_each_promise_is_shown_by_tests_that_exist(promise: str, shown_by: str) -> None:
    assert promise.endswith(".")
    for named in shown_by.split("<br>"):
        file, _, test = named.strip("`").partition("::")
        assert test.startswith("test_")
        assert test in functions_of(file)


def test_the_readme_names_it() -> None:
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text("utf-8")
