"""The table of operations is that of the package, and the recipe beside it runs.

``python -m tests.test_operations`` writes the tables anew.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smsc_async._operation import Operation
from smsc_async._wire import limits
from smsc_async._wire.limits import Row
from smsc_async.simulator import Simulator
from tests.parameters import UNOFFERED
from tests.test_codec import EVERY_OPERATION
from tests.test_readme import rule_of, service, written

PAGE = Path(__file__).parents[1] / "docs" / "operations.md"
TEXT = PAGE.read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
REPEATED = {"query": "asked again", "removal": "done again", "change": "never", "send": "never"}

__all__ = ["service"]


def test_the_tables_are_those_of_the_package() -> None:
    assert rewritten(TEXT) == TEXT


@pytest.mark.parametrize("operation", EVERY_OPERATION, ids=lambda operation: str(operation.name))
def test_an_operation_says_where_its_facts_are_from(operation: Operation[object]) -> None:
    assert operation.page
    assert len(operation.page) < 80


def test_there_is_a_recipe() -> None:
    assert len(BLOCKS) == TEXT.count("```python\n") == 1


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_the_recipe_runs_and_trips_no_limit(
    block: str, service: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    exec(compile(block, PAGE.name, "exec", dont_inherit=True), {"__name__": "__main__"})  # noqa: S102 - our own page

    assert [request.path for request in service.log] == [
        "downloads.php",
        "downloads.php",
        "documents.php",
    ]
    assert [refusal for refusal in service.refusals if refusal.code == 9] == []


def rewritten(text: str) -> str:
    """Return the page with its tables as they have to be."""
    return written(written(text, "operations", operations_table()), "unoffered", unoffered_table())


def operations_table() -> str:
    """Return a line for each operation: its method, its limits, its source."""
    lines = [
        "| method | script | at most | one call | repeated | page |",
        "|---|---|---|---|---|---|",
    ]
    for operation in EVERY_OPERATION:
        row = _row(operation)
        fixed = ", ".join(f"`{name}={value}`" for name, value in operation.fixed.items())
        script = f"`{operation.path}` {fixed}".strip()
        rules = "<br>".join(map(rule_of, row.rules[:-1]))
        lines.append(
            f"| `{operation.name}` | {script} | {rules} | {'<br>'.join(operation.bounds)} "
            f"| {REPEATED[row.kind]} | {operation.page} |"
        )
    return "\n".join(lines)


def unoffered_table() -> str:
    """Return a line for each name of the pages that no method takes."""
    lines = ["| script | parameter | why |", "|---|---|---|"]
    lines += [
        f"| {'every script' if path == '*' else f'`{path}`'} "
        f"| {'all' if name == '*' else f'`{name}`'} | {reason} |"
        for (path, name), reason in UNOFFERED.items()
    ]
    return "\n".join(lines)


def _row(operation: Operation[object]) -> Row:
    """Return the limits of an operation; a comma is what makes one of status.php that of many."""
    many = {"id": ","} if operation.name == "statuses.get_many" else {}
    return limits.find(operation.path, {**operation.fixed, **many})


if __name__ == "__main__":
    PAGE.write_text(rewritten(TEXT), "utf-8")
