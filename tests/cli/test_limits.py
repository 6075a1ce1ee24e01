"""What `smsc limits` shows."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from rich.console import Console

from smsc_async import FileThrottle, Meter, Snapshot, Standing
from smsc_async._cli import _limits
from smsc_async._cli._limits import drawn, lasting
from smsc_async._wire.limits import ROWS, STATUS_AT_ONCE, Per
from smsc_async.simulator import Simulator
from tests.virtual import run as run_virtually

from .conftest import PROGRAM, hold, run

PATH = Path("kept") / "smsc.db"
PLACES = "14 at once, counting all requests of one login"
TWINS = "1 in 60 s, counting identical requests"
FLOOD = "50 in a row less than 60 s apart, counting messages to one number"
BALANCE = "10 in 60 s, counting all requests of one operation"
HISTORY = "30 in 1 hour, counting all requests of one operation"
STATUS = "4 at once, counting all requests to one address"
EMPTY = Snapshot(
    in_flight=0,
    lingering=0,
    places=14,
    allowed=14,
    paused=0.0,
    waiting={"interactive": 0, "bulk": 0},
    standing=(),
    meters=(),
)
BUSY = Snapshot(
    in_flight=5,
    lingering=2,
    places=12,
    allowed=14,
    paused=11.2,
    waiting={"interactive": 3, "bulk": 120},
    standing=(Standing(PLACES, 118, None), Standing(TWINS, 4, 12.2), Standing(FLOOD, 1, 55.0)),
    meters=(
        Meter("account.balance", BALANCE, 10, 10, 12.0),
        Meter("status.php at once", STATUS, 2, 4, None),
    ),
)


def shown(seen: Snapshot, path: Path = PATH) -> list[str]:
    """Return the lines of a narrow terminal."""
    console = Console(file=io.StringIO(), width=80)
    console.print(drawn(seen, path))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_of_an_unused_login_one_sentence_is_said() -> None:
    assert shown(EMPTY) == [
        f"Limits kept in {PATH}",
        "",
        "Nothing is under way, nothing waits, and no operation has used its limit.",
    ]


def test_a_busy_login_is_shown_whole() -> None:
    bar = "━" * 20
    assert shown(BUSY)[1:] == [
        "",
        "Paused: nothing starts for 12 s.",
        "",
        f"requests at once    {bar[:11]}╸             7 of 12",
        "                    5 under way, 2 given up that may still run",
        "                    14 in all; the service says that others use some",
        f"account.balance     {bar}    10 of 10  1 back in 12 s",
        f"                    {BALANCE}",
        f"status.php at once  {bar[:10]}                2 of 4  back after an answer",
        f"                    {STATUS}",
        "",
        "In line: 3 interactive, 120 bulk",
        f"   118  until one is free  {PLACES}",
        f"     4  for 13 s           {TWINS}",
        "     1  for 55 s           50 in a row less than 60 s apart, counting messages",
        "                           to one number",
    ]


@pytest.mark.parametrize(
    ("seen", "said", "unsaid"),
    [
        (replace(EMPTY, in_flight=1), "1 under way", "given up"),
        (replace(EMPTY, lingering=1), "0 under way, 1 given up", "in all"),
        (replace(EMPTY, places=13), "0 of 13", "given up"),
        (replace(EMPTY, paused=0.2), "nothing starts for 1 s", "at once"),
        (replace(EMPTY, meters=BUSY.meters[:1]), "10 of 10", "under way"),
        (replace(EMPTY, waiting={"interactive": 0, "bulk": 2}), "In line: 2 bulk", "interactive"),
    ],
)
def test_what_is_used_is_said_and_nothing_else(seen: Snapshot, said: str, unsaid: str) -> None:
    text = "\n".join(shown(seen))

    assert said in text
    assert unsaid not in text
    assert "Nothing is under way" not in text


def test_the_readme_shows_it_as_it_is() -> None:
    seen = replace(
        EMPTY,
        in_flight=14,
        waiting={"interactive": 1, "bulk": 120},
        standing=(Standing(PLACES, 118, None), Standing(HISTORY, 3, 2_040.0)),
        meters=(
            Meter("account.balance", BALANCE, 3, 10, 12.0),
            Meter("history.sent", HISTORY, 30, 30, 2_040.0),
        ),
    )
    readme = Path(__file__).parents[2] / "README.md"

    assert "\n".join(shown(seen, Path("smsc.db"))) in readme.read_text("utf-8")


def test_every_rule_and_name_fits_the_terminal() -> None:
    each = [(row, rule) for row in ROWS for rule in row.rules]
    rules = sorted({str(rule) for _, rule in each})
    names = [row.name for row, rule in each if rule.per is Per.OPERATION]
    names += [row.path for row, rule in each if rule.per is Per.PATH]
    names += [f"{row.path} at once" for row, rule in each if rule is STATUS_AT_ONCE]
    seen = replace(
        EMPTY,
        waiting={"interactive": 0, "bulk": len(rules)},
        standing=tuple(Standing(rule, 10_000, 7_261.0) for rule in rules),
        meters=tuple(Meter(max(names, key=len), rule, 100, 100, 28_740.0) for rule in rules),
    )

    lines = shown(seen)

    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.001, "1 s"),
        (12.0, "12 s"),
        (120.0, "120 s"),
        (120.5, "3 min"),
        (3_541.0, "60 min"),
        (7_200.0, "120 min"),
        (7_201.0, "2 h 1 min"),
        (28_800.0, "8 h"),
    ],
)
def test_a_time_is_said_as_a_person_says_it_and_never_too_short(seconds: float, said: str) -> None:
    assert lasting(seconds) == said


async def test_it_shows_what_another_program_has_under_way(tmp_path: Path) -> None:
    throttle = FileThrottle(tmp_path / "smsc.db")
    await hold(throttle, 5)

    ended = await anyio.to_thread.run_sync(run, "limits", "--throttle", str(throttle.path))

    assert ended.exit_code == 0, ended.output
    assert re.search(r"requests at once +━+╸? +5 of 14", ended.stdout)
    assert "5 under way\n" in "\n".join(map(str.rstrip, ended.stdout.splitlines())) + "\n"


def test_it_asks_for_no_password_and_sends_nothing(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("balance")
    monkeypatch.delenv("SMSC_PASSWORD")

    ended = run("limits")

    assert ended.exit_code == 0, ended.output
    assert "account.balance" in ended.stdout
    assert simulator.requests == 1
    monkeypatch.setenv("SMSC_LOGIN", "another")
    assert "account.balance" in run("limits", "--login", "DEMO").stdout  # as the service reads it


def test_a_key_names_an_account_as_well(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("balance")
    monkeypatch.setenv("SMSC_API_KEY", "key")

    assert "Nothing is under way" in run("limits").stdout


def test_json_is_the_snapshot(simulator: Simulator) -> None:
    run("balance")
    told = json.loads(run("limits", "--json").stdout)

    assert told["allowed"] == told["places"] == 14
    assert told["waiting"] == {"interactive": 0, "bulk": 0}
    (meter,) = told["meters"]
    assert (meter["name"], meter["used"], meter["limit"]) == ("account.balance", 1, 10)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["limits"], 2, "SMSC_API_KEY"),
        (["limits", "--throttle", "nowhere/smsc.db"], 2, "does not exist"),
        (["limits", "--watch"], 2, "draws on a terminal"),
    ],
)
def test_what_cannot_be_shown_is_said(bare: None, words: list[str], code: int, said: str) -> None:
    ended = run(*words)

    assert (ended.exit_code, ended.stdout) == (code, "")
    assert said in ended.stderr


def test_a_file_that_is_none_of_limits_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Anna, ".ljust(2_000), "ascii")

    ended = run("limits", "--throttle", str(file))

    assert ended.exit_code == 1
    assert "name another" in ended.stderr
    assert file.read_text("ascii").startswith("Dear Anna")


def test_watching_draws_in_place_what_has_changed(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    throttle = FileThrottle(tmp_path / "smsc.db")

    async def watched() -> None:
        with anyio.move_on_after(1.2):
            async with anyio.create_task_group() as group:
                group.start_soon(_limits.watch, throttle, console)
                await anyio.sleep(0.7)
                await hold(throttle, 2)

    run_virtually(watched())

    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert text.index("Nothing is under way") < text.index("2 of 14")
    assert text.count("Nothing is under way") == 2
    assert "\x1b[1A" in text  # back to the first line


@pytest.mark.skipif(os.name == "nt", reason="there are no such terminals")
def test_a_person_watches_until_ctrl_c(tmp_path: Path) -> None:
    import pty  # not everywhere

    FileThrottle(tmp_path / "smsc.db").snapshot()
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", PROGRAM, "limits", "--watch"]
    with subprocess.Popen(  # noqa: S603 - this program
        [*command, "--throttle", str(tmp_path / "smsc.db")],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as watching:
        os.close(theirs)
        seen = b""
        while b"Nothing is under way" not in seen:
            seen += os.read(ours, 1_000)
        watching.send_signal(signal.SIGINT)
        while True:
            try:
                seen += os.read(ours, 1_000)
            except OSError:
                break
    os.close(ours)

    assert watching.returncode == 0
    assert b"Traceback" not in seen
    assert b"Aborted" not in seen
