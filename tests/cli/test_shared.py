"""The commands keep to one set of limits, whoever runs them and however often."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from smsc_async import FileThrottle
from smsc_async._cli._shared import folder
from smsc_async._throttle.keys import PLACE
from smsc_async.simulator import Simulator

from .conftest import PROGRAM, hold, run

PHONE = "+79990000000"


def used(*words: str) -> dict[str, int]:
    """Return what `smsc limits` tells, by the name of what it counts."""
    ended = run("limits", "--json", *words)
    assert ended.exit_code == 0, ended.output
    return {meter["name"]: meter["used"] for meter in json.loads(ended.stdout)["meters"]}


@pytest.mark.parametrize(
    ("environ", "system", "found"),
    [
        ({}, "posix", "~/.local/state/smsc_async"),
        ({"XDG_STATE_HOME": os.sep + "state"}, "posix", f"{os.sep}state/smsc_async"),
        ({"XDG_STATE_HOME": "here"}, "posix", "~/.local/state/smsc_async"),  # it has to be absolute
        ({"XDG_STATE_HOME": os.sep + "state"}, "nt", "~/AppData/Local/smsc_async"),
        ({"LOCALAPPDATA": os.sep + "state"}, "posix", "~/.local/state/smsc_async"),
    ],
)
def test_the_state_is_kept_where_the_system_wants_it(
    environ: dict[str, str], system: str, found: str
) -> None:
    assert folder(environ, system) == Path(found)


@pytest.mark.skipif(os.name == "nt", reason="that system has its own idea of a way's beginning")
def test_on_windows_the_state_is_kept_where_that_system_wants_it() -> None:
    assert folder({"LOCALAPPDATA": "/state"}, "nt") == Path("/state/smsc_async")


def test_what_one_process_used_the_next_one_knows(simulator: Simulator) -> None:
    for _ in range(2):
        subprocess.run([sys.executable, "-c", PROGRAM, "balance"], check=True, capture_output=True)  # noqa: S603 - this program

    assert used() == {"account.balance": 2}
    assert simulator.requests == 2


def test_the_same_text_does_not_leave_a_second_process(simulator: Simulator) -> None:
    assert run("send", PHONE, "--text", "once").exit_code == 0

    assert run("send", PHONE, "--text", "once").exit_code == 4
    assert simulator.requests == 1  # the service was not even asked


async def test_a_call_that_waits_for_other_programs_says_so_and_goes_on_after_them(
    simulator: Simulator, tmp_path: Path
) -> None:
    throttle = FileThrottle(tmp_path / "smsc.db")
    await hold(throttle, 14)
    command = [sys.executable, "-c", PROGRAM, "balance", "--throttle", str(throttle.path)]

    async with await anyio.open_process(command) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        said = (await process.stderr.receive()).decode()
        throttle.leave((PLACE,), "done")
        answer = (await process.stdout.receive()).decode()

    assert said.startswith(
        "smsc: account.balance waits for its turn: the service allows 14 at once"
    )
    assert answer.split() == ["1000", "RUR"]
    assert process.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="there are no modes there")
def test_nobody_else_may_look_into_the_state(simulator: Simulator, state: Path) -> None:
    run("balance")

    (kept,) = (state / "smsc_async").glob("*.db")
    assert (state / "smsc_async").stat().st_mode & 0o777 == 0o700
    assert kept.stat().st_mode & 0o777 == 0o600


def test_each_account_has_a_file_of_its_own(
    simulator: Simulator, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("balance")
    monkeypatch.setenv("SMSC_LOGIN", "another")

    assert used() == {}
    assert len([*(state / "smsc_async").glob("*.db")]) == 1, "to look makes none"
    run("balance")
    assert len([*(state / "smsc_async").glob("*.db")]) == 2


@pytest.mark.parametrize("by", ["option", "environment"])
def test_another_place_can_be_named(
    by: str, simulator: Simulator, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "smsc.db"
    words = ["--throttle", str(file)] if by == "option" else []
    if by == "environment":
        monkeypatch.setenv("SMSC_THROTTLE", str(file))

    run("balance", *words)
    run("price", PHONE, "--text", "a", *words)
    run("send", PHONE, "--text", "a", *words)

    assert file.is_file()
    assert used(*words) == {"account.balance": 1}
    assert not state.exists()


def test_the_demo_leaves_nothing_behind(state: Path) -> None:
    assert run("demo", "--rows", "20", "--latency", "1").exit_code == 0

    assert not state.exists()


@pytest.mark.parametrize("command", ["send", "price", "balance"])
def test_without_the_limits_nothing_is_sent_and_it_says_what_to_do(
    command: str, simulator: Simulator, tmp_path: Path
) -> None:
    words = [] if command == "balance" else [PHONE, "--text", "a"]

    ended = run(command, *words, "--throttle", str(tmp_path / "none" / "smsc.db"))

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "smsc.db" in ended.stderr
    assert ended.stderr.endswith("see to that file, or name another: --throttle, SMSC_THROTTLE\n")
    assert ended.stderr.count("\n") == 1
    assert simulator.requests == 0


def test_where_no_folder_can_be_made_nothing_is_sent(simulator: Simulator, state: Path) -> None:
    state.write_text("a file where the folder should be", "ascii")

    ended = run("balance")

    assert ended.exit_code == 1
    assert "--throttle" in ended.stderr
    assert simulator.requests == 0
