"""What the documents say of campaigns is true: their code runs, their tables are the package's."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import msgspec
import pytest
import typer

from smsc_async._cli._campaign import app
from smsc_async.campaigns import Options
from smsc_async.campaigns._plan import MOVES
from smsc_async.simulator import Settings
from tests.service import serving

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "campaigns.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
README = (DOCS.parent / "README.md").read_text("utf-8")


def test_there_is_code_to_run() -> None:
    assert len(BLOCKS) == TEXT.count("```python\n") == 2


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"line {_line(block)}")
def test_each_block_runs_and_trips_no_limit(
    block: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    program = compile(block, f"campaigns.md:{_line(block)}", "exec", dont_inherit=True)

    with serving(monkeypatch, Settings()) as simulator:
        exec(program, {"__name__": "__main__"})  # noqa: S102 - our own document

    assert [refusal for refusal in simulator.refusals if refusal.code == 9] == []


def test_the_first_block_can_be_run_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        with serving(monkeypatch, Settings()) as simulator:
            exec(compile(BLOCKS[0], "campaigns.md", "exec", dont_inherit=True), {})  # noqa: S102

        assert len(simulator.accepted) == 2


def test_a_bad_row_stands_in_the_file_that_the_block_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with serving(monkeypatch, Settings()) as simulator:
        exec(compile(BLOCKS[0], "campaigns.md", "exec", dont_inherit=True), {})  # noqa: S102

    assert [m.phone for m in simulator.accepted] == ["79160001122", "79160001123"]
    assert "Olga" in (tmp_path / "bad.csv").read_text("utf-8")
    assert "in doubt: 0" in capsys.readouterr().out


def test_the_table_of_the_plan_is_the_plan() -> None:
    _, _, plan = TEXT.partition("| from | what happens | to |\n")
    row = re.compile(r"^\| ([a-z ]+) \| ([a-z ]+) \| ([a-z ]+) \|$", re.MULTILINE)
    rows = row.findall(plan.split("\n\n")[0])

    told = {(state, event): to for state, event, to in rows}
    assert told == {(str(state), str(event)): str(to) for (state, event), to in MOVES.items()}


def test_every_setting_stands_in_the_table_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(.*?)` \|", TEXT, re.MULTILINE)

    told = {name: default.strip('"') for name, default in rows}
    assert told == {field.name: str(field.default) for field in msgspec.structs.fields(Options)}


def test_every_command_that_is_told_of_is_there_and_each_is_told_of() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined] # a group
    told = set(re.findall(r"smsc campaign (\w+)", TEXT + README)) | set(
        re.findall(r"`(\w+)`", README[README.index("`smsc campaign` sends") :].split("\n", 1)[0])
    )

    assert told - {"campaign"} == set(commands)
    options = set(re.findall(r"(?<![-\w])--[a-z][a-z-]+", TEXT))
    options_of = (p.opts + p.secondary_opts for each in commands.values() for p in each.params)
    known = set(chain.from_iterable(options_of))
    assert options <= known


def test_links_lead_to_files_and_sections() -> None:
    titles = re.findall(r"^## (.*)$", TEXT, re.MULTILINE)
    sections = {title.lower().replace(",", "").replace(" ", "-") for title in titles}

    for target in re.findall(r"\]\(([^)]*)\)", TEXT):
        name, _, section = target.partition("#")
        assert (DOCS / name).exists()
        assert name or section in sections


def _line(block: str) -> int:
    return TEXT[: TEXT.index(block)].count("\n") + 1
