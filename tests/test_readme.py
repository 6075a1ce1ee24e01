"""The README says what is true: its code runs, its tables are those of the package.

``python -m tests.test_readme`` writes the tables anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from smsc_async import errors
from smsc_async._wire.limits import AT_ONCE, ROWS, Row, Rule
from smsc_async.simulator import Settings, Simulator
from tests.service import serving

README = Path(__file__).parents[1] / "README.md"
TEXT = README.read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
SHELL = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Simulator]:
    """Serve from a thread, for the blocks start event loops of their own."""
    monkeypatch.chdir(tmp_path)  # they may leave files
    monkeypatch.setenv("SMSC_CALLBACK_SECRET", "a-secret-for-tests-only")
    with serving(monkeypatch, Settings()) as simulator:
        yield simulator


def test_there_is_code_to_run() -> None:
    assert len(BLOCKS) == TEXT.count("```python\n") == 13


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"line {_line(block)}")
def test_each_block_runs_and_trips_no_limit(block: str, service: Simulator) -> None:
    program = compile(block, f"{README.name}:{_line(block)}", "exec", dont_inherit=True)

    exec(program, {"__name__": "__main__"})  # noqa: S102 - our own README

    assert [refusal for refusal in service.refusals if refusal.code == 9] == []


def test_a_second_click_on_a_code_is_told_when_to_try_again(
    service: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = (block for block in BLOCKS if "send_code" in block)

    exec(compile(block, README.name, "exec", dont_inherit=True), {"__name__": "__main__"})  # noqa: S102

    first, second = capsys.readouterr().out.splitlines()
    assert first == "(202, {})"
    assert re.fullmatch(r"\(503, \{'Retry-After': '6[01]'\}\)", second)
    assert len(service.accepted) == 1


def test_a_bad_number_among_many_stops_nobody(
    service: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = (block for block in BLOCKS if "TaskGroup" in block)

    exec(compile(block, README.name, "exec", dont_inherit=True), {"__name__": "__main__"})  # noqa: S102

    assert "Olga has a bad number" in capsys.readouterr().out
    assert {m.phone for m in service.accepted} == {"79990000000", "79990000001"}


def test_the_commands_each_make_their_own_environment() -> None:
    assert [block.splitlines() for block in SHELL] == [
        ["python3 -m venv .venv", ".venv/bin/pip install -q '.[cli]'", ".venv/bin/smsc demo"],
        ["python3 -m venv .venv", ".venv/bin/pip install -q nox", ".venv/bin/nox -s tests"],
    ]


def test_the_limits_and_the_errors_are_those_of_the_package() -> None:
    assert rewritten(TEXT) == TEXT


def test_every_documented_row_is_in_the_table() -> None:
    assert limits_table().count("\n") == len(ROWS) + 1


def rewritten(text: str) -> str:
    """Return the README with its tables as they have to be."""
    return written(written(text, "limits", limits_table()), "errors", error_tree())


def written(text: str, name: str, content: str) -> str:
    """Return *text* with *content* between the marks of that name."""
    before, opening, rest = text.partition(f"<!-- {name}: begin")
    note, _, rest = rest.partition("\n")
    _, closing, after = rest.partition(f"<!-- {name}: end -->")
    assert closing
    return f"{before}{opening}{note}\n\n{content}\n\n{closing}{after}"


def limits_table() -> str:
    """Return the rules of each operation; the one that all share is told in words."""
    lines = ["| operation | script | parameters | at most |", "|---|---|---|---|"]
    for row in ROWS:
        assert row.rules[-1] is AT_ONCE
        rules = "<br>".join(map(rule_of, row.rules[:-1]))
        lines.append(f"| `{row.name}` | `{row.path}` | {_where(row)} | {rules} |")
    return "\n".join(lines)


def error_tree() -> str:
    """Return the tree that the errors' module draws."""
    assert errors.__doc__ is not None
    _, tree, _ = errors.__doc__.split("\n\n", 2)
    return f"```text\n{tree}\n```"


def _where(row: Row) -> str:
    flags = [f"`{name}={value}`" for name, value in row.flags]
    return ", ".join([*flags, *(["many ids or phones"] if row.mass else [])])


def rule_of(rule: Rule) -> str:
    """Return a rule as the tables tell it."""
    return f"{rule} ({', '.join(f'`{name}`' for name in rule.by)})" if rule.by else str(rule)


def _line(block: str) -> int:
    return TEXT[: TEXT.index(block)].count("\n") + 1


if __name__ == "__main__":
    README.write_text(rewritten(TEXT), "utf-8")
