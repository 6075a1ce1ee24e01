"""``smsc campaign`` as a person uses it, and as it is stopped, killed and gone on with."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from threading import Event

import anyio
import msgspec
import pytest

from smsc_async import Sms
from smsc_async.campaigns import Campaign, Options, open_store
from smsc_async.campaigns._options import Plan
from smsc_async.campaigns._templates import kept
from smsc_async.simulator import Fault, Settings, Simulator
from tests.service import serving

from .conftest import PROGRAM, run

HELLO = "Hello {name}"
LONG = 60  # seconds; nobody waits for ever

interrupts = pytest.mark.skipif(
    os.name == "nt", reason="Ctrl-C cannot be sent to one program there"
)


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Work in a folder of the test's own, where the store is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SMSC_STORE", raising=False)
    return tmp_path


def listed(rows: int, name: str = "people.csv") -> str:
    """Write a list of so many people."""
    lines = (f"+7916{number:07},Anna {number}\n" for number in range(rows))
    Path(name).write_text("phone,name\n" + "".join(lines), "utf-8")
    return name


def created(*words: str, rows: int = 20) -> None:
    ended = run("campaign", "create", listed(rows), "--text", HELLO, *words)
    assert ended.exit_code == 0, ended.output


def reported(*words: str) -> dict[str, int]:
    """Return how many rows stand where, as ``report`` tells a program."""
    ended = run("campaign", "report", "--json", *words)
    assert ended.exit_code == 0, ended.output
    counts: dict[str, int] = json.loads(ended.stdout)["rows"]
    return counts


@contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[str]]:
    """Run the campaign in a program of its own."""
    command = [sys.executable, "-u", "-c", PROGRAM, "campaign", "run", *words]
    with subprocess.Popen(  # noqa: S603 - this program
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        try:
            yield program
        finally:
            program.kill()


def sending(simulator: Simulator, after: int = 1) -> Event:
    """Return what is set when the service has got so many sends."""
    came, sends = Event(), list[int]()

    def look(path: str, params: Mapping[str, str], number: int) -> Fault | None:
        if path == "send.php":
            sends.append(number)
        if len(sends) >= after:
            came.set()
        return None

    simulator.faults = look
    return came


@contextmanager
def holding(simulator: Simulator, after: int = 1) -> Iterator[tuple[Event, Event]]:
    """Hold all answers once so many sends have come.

    Yields what is set then, and what lets the answers go.
    """
    came, go, sends = Event(), Event(), count(1)

    def hold(path: str, params: Mapping[str, str], number: int) -> Fault | None:
        if path == "send.php" and next(sends) == after:
            came.set()
            go.wait(2 * LONG)  # in the thread of the service, which does nothing meanwhile
        return None

    simulator.faults = hold
    try:
        yield came, go
    finally:
        go.set()


def each_once(simulator: Simulator, rows: int) -> bool:
    return sorted(m.phone for m in simulator.accepted) == [
        f"7916{number:07}" for number in range(rows)
    ]


def test_a_list_is_taken_in_and_nothing_is_sent(simulator: Simulator) -> None:
    Path("people.csv").write_text(
        "phone;name\n8 (916) 000-00-01;Анна\nnone;Olga\n+79160000001;Anna again\n"
        "+79160000002;Ivan\n+79160000003;Lev\n",
        "windows-1251",
    )
    Path("stops.txt").write_text("8 916 000-00-03\n")

    ended = run(
        *("campaign", "create", "people.csv", "--text", HELLO, "--stop-list", "stops.txt", "--json")
    )

    assert json.loads(ended.stdout) == {
        "number": 1,
        "name": "people",
        "waiting": 2,
        "bad": 1,
        "duplicates": 1,
        "stopped": 1,
        "rejects": "people.rejects.csv",
    }
    with Path("people.rejects.csv").open(encoding="utf-8-sig", newline="") as rejects:
        (bad,) = csv.DictReader(rejects)
    assert (bad["line"], bad["name"]) == ("3", "Olga")
    assert simulator.requests == 0


def test_a_campaign_is_sent_and_told(simulator: Simulator) -> None:
    created()

    ended = run("campaign", "run")

    assert ended.exit_code == 0, ended.output
    assert "20 of 20" in ended.stdout
    assert each_once(simulator, 20)
    assert simulator.accepted[0].text.startswith("Hello Anna")
    assert reported() == {"accepted": 20}
    assert run("campaign", "report").exit_code == 0


def test_what_the_service_refuses_is_told_and_costs_the_others_nothing(
    simulator: Simulator,
) -> None:
    Path("people.csv").write_text(
        "phone,name\n+79990000005,Anna\n+79990000006,Ivan\n+79990000008,Olga\n", "utf-8"
    )
    run("campaign", "create", "people.csv", "--text", HELLO)

    assert run("campaign", "run").exit_code == 0
    assert reported() == {"accepted": 1, "refused": 2}
    assert [m.phone for m in simulator.accepted] == ["79990000005"]


def test_it_may_go_on_for_a_while_to_hear_of_deliveries(simulator: Simulator) -> None:
    created()

    assert run("campaign", "run", "--statuses-for", "a while").exit_code == 2
    assert run("campaign", "run", "--statuses-for", "0.01s").exit_code == 0


def test_the_answer_of_a_program_is_json_alone(simulator: Simulator) -> None:
    created()

    ended = run("campaign", "run", "--json")

    told = json.loads(ended.stdout)
    assert (told["standing"], told["rows"]) == ("done", {"accepted": 20})
    assert told == json.loads(run("campaign", "report", "--json").stdout)


def test_the_rows_of_the_report_are_a_file_of_csv_or_json(simulator: Simulator) -> None:
    created()
    run("campaign", "run")

    said = run("campaign", "report", "--to", "whole.csv").stdout
    assert "20 rows in whole.csv\n" in said
    run("campaign", "report", "--to", "whole.json")

    with Path("whole.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [*csv.DictReader(file)]
    assert [row["phone"] for row in rows][:2] == ["+79160000000", "+79160000001"]
    assert {row["state"] for row in rows} == {"accepted"}
    told = json.loads(Path("whole.json").read_text("utf-8"))
    assert len(rows) == len(told["rows"]) == told["campaign"]["rows"]["accepted"] == 20


def test_a_masked_report_shows_no_whole_number(simulator: Simulator) -> None:
    created()

    run("campaign", "report", "--to", "masked.csv", "--masked")
    run("campaign", "report", "--to", "masked.json", "--masked")

    for name in ("masked.csv", "masked.json"):
        told = Path(name).read_text("utf-8")
        assert told.count("+7916***01") == 1
        assert "9160000" not in told


@pytest.mark.skipif(os.name == "nt", reason="there are no modes there")
def test_files_with_numbers_are_for_their_owner_alone(simulator: Simulator, here: Path) -> None:
    Path("people.csv").write_text("phone,name\n+79160000000,Anna\nnone,Ivan\n", "utf-8")
    run("campaign", "create", "people.csv", "--text", HELLO)
    run("campaign", "run")
    run("campaign", "report", "--to", "rows.csv")

    files = {*here.iterdir()} - {here / "people.csv", here / "state"}
    assert {"campaigns.db", "people.rejects.csv", "rows.csv"} <= {path.name for path in files}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_the_store_holds_no_credentials(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    with serving(monkeypatch, Settings(login="our-login", password="our-password")):
        created()
        assert run("campaign", "run").exit_code == 0

    kept = b"".join(path.read_bytes() for path in here.glob("campaigns.db*"))
    assert b"9160000" in kept
    assert b"our-login" not in kept
    assert b"our-password" not in kept


def test_a_price_is_asked_and_nothing_is_sent(simulator: Simulator) -> None:
    created()

    ended = run("campaign", "price")

    assert ended.stdout == "24 for 20 parts to 20 rows; left 1000\n"
    assert simulator.accepted == []


def test_a_canary_goes_first_and_the_rest_when_a_person_says_so(simulator: Simulator) -> None:
    created("--canary", "5", "--rows-per-request", "5")

    first = run("campaign", "run")

    assert first.exit_code == 1
    assert "smsc campaign resume 1, then smsc campaign run 1, let it go on" in first.stdout
    assert reported() == {"accepted": 5, "waiting": 15}
    assert run("campaign", "resume").exit_code == 0
    assert "resumed" not in run("campaign", "status").stdout
    assert json.loads(run("campaign", "status", "1", "--json").stdout)["reason"] == ""
    assert run("campaign", "run").exit_code == 0
    assert each_once(simulator, 20)


def test_an_empty_account_pauses_it_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch, Settings(balance=Decimal(1))) as simulator:
        created()

        ended = run("campaign", "run")

    assert ended.exit_code == 1
    assert "paused" in ended.stdout
    assert "(no money): top it up, then resume" in ended.stdout
    assert simulator.accepted == []
    assert reported() == {"waiting": 20}


def test_a_pause_from_another_shell_stops_a_run_and_it_can_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(monkeypatch, Settings()) as simulator:
        created("--rows-per-request", "1", rows=80)
        with holding(simulator) as (came, go), running() as program:
            assert came.wait(LONG)
            assert run("campaign", "status").exit_code == 0
            paused = run("campaign", "pause", "--reason", "lunch")
            go.set()
            said, _ = program.communicate(timeout=LONG)
        assert paused.stdout == (
            "campaign 1 is paused; smsc campaign resume 1, then smsc campaign run 1, let it go on\n"
        )

        assert program.returncode == 1
        assert "lunch" in said
        assert 0 < len(simulator.accepted) < 80
        again = run("campaign", "run")
        assert again.exit_code == 1
        assert "lunch" in again.stdout
        run("campaign", "resume")
        assert run("campaign", "run").exit_code == 0
    assert each_once(simulator, 80)


@interrupts
def test_ctrl_c_stops_it_cleanly_and_the_next_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch, Settings()) as simulator:
        created("--rows-per-request", "1", rows=100)
        with holding(simulator, after=20) as (came, go), running() as program:
            assert came.wait(LONG)
            program.send_signal(signal.SIGINT)
            assert program.stdout is not None
            assert program.stderr is not None
            while "Stopping" not in program.stdout.readline():
                assert program.poll() is None
            go.set()
            said, errors = program.stdout.read(), program.stderr.read()
            program.wait(LONG)

        assert program.returncode == 1, errors
        assert errors == ""
        assert "smsc campaign run 1 goes on" in said
        rest = reported()
        assert rest["accepted"] == len(simulator.accepted) == 100 - rest["waiting"]
        assert rest["waiting"]
        assert run("campaign", "run").exit_code == 0
    assert each_once(simulator, 100)


@interrupts
def test_a_second_ctrl_c_ends_it_at_once_and_what_was_under_way_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers = count()  # the first requests ask for answers and for the blacklist

    def delays(_: Random) -> tuple[float, float]:
        return (0.0, 2 * LONG if next(numbers) > 1 else 0.0)

    with serving(monkeypatch, Settings(delays=delays)) as simulator:
        created(rows=3)
        came = sending(simulator)
        with running() as program:
            assert came.wait(LONG)
            program.send_signal(signal.SIGINT)
            assert program.stdout is not None
            while "Stopping" not in program.stdout.readline():
                assert program.poll() is None
            program.send_signal(signal.SIGINT)
            program.communicate(timeout=LONG)

        assert program.returncode == 3
        assert reported() == {"taken": 3}


def test_a_program_that_is_killed_loses_nothing_and_sends_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = Options(rows_per_request=1, lookups=2, lookup_every=0.4, quiet=2.0)
    with serving(monkeypatch, Settings(latency=0.3)) as simulator:
        anyio.run(_make, 40, quick)
        came = sending(simulator, after=20)
        with running() as program:
            assert came.wait(LONG)
            program.kill()
        assert run("campaign", "run").exit_code == 0
    assert each_once(simulator, 40)


def test_rows_in_doubt_end_it_with_3_until_a_person_says_what_became_of_them(
    simulator: Simulator,
) -> None:
    doubtful(simulator)

    ended = run("campaign", "run")

    assert ended.exit_code == 3, ended.output
    assert "1 row in doubt" in ended.stdout
    report = run("campaign", "report", "--json")
    assert report.exit_code == 3
    (unsettled,) = json.loads(report.stdout)["unsettled"]
    assert unsettled["phones"] == ["+79160000000"]
    assert run("campaign", "resolve", "no.1", "sent").exit_code == 2
    assert run("campaign", "resolve", unsettled["id"], "perhaps").exit_code == 2
    said = run("campaign", "resolve", unsettled["id"], "drop", "--by", "Anna")
    assert (said.exit_code, said.stdout) == (0, f"{unsettled['id']}: its rows are given up\n")
    again = run("campaign", "resolve", unsettled["id"], "drop")
    assert (again.exit_code, again.stderr) == (
        2,
        f"smsc: request {unsettled['id']} is not in doubt: it was settled, or there is none\n",
    )
    assert run("campaign", "report").exit_code == 0
    assert reported() == {"abandoned": 1}


def test_a_masked_report_masks_what_is_in_doubt_in_all_its_forms(simulator: Simulator) -> None:
    doubtful(simulator)
    run("campaign", "run")

    table = run("campaign", "report", "--masked")
    told = run("campaign", "report", "--masked", "--json", "--to", "rows.json")

    for said in (table.stdout, told.stdout, Path("rows.json").read_text("utf-8")):
        assert "+7916***00" in said
        assert "9160000" not in said


def test_what_waits_is_never_sent_once_it_is_cancelled(simulator: Simulator) -> None:
    created()

    assert run("campaign", "cancel", "1").exit_code == 0

    assert run("campaign", "run").exit_code == 1
    assert reported() == {"cancelled": 20}
    assert simulator.accepted == []


def test_a_purge_forgets_numbers_and_texts_and_keeps_the_figures(
    simulator: Simulator, here: Path
) -> None:
    created()
    assert run("campaign", "purge", "1").exit_code == 1, "it is not done yet"
    run("campaign", "run")

    assert run("campaign", "purge", "1").exit_code == 0

    kept = b"".join(path.read_bytes() for path in here.glob("campaigns.db*"))
    assert b"7916000" not in kept
    assert b"Anna" not in kept
    assert reported() == {"accepted": 20}


def test_the_newest_is_meant_unless_a_number_is_given(simulator: Simulator) -> None:
    created()
    created("--name", "second", rows=2)

    assert reported() == {"waiting": 2}
    assert reported("1") == {"waiting": 20}
    assert "Campaign 2, second" in run("campaign", "report").stdout


def test_of_several_each_is_listed_and_of_one_all_is_told(simulator: Simulator) -> None:
    created()
    assert "waiting" in run("campaign", "status").stdout
    created("--name", "second", rows=2)

    listed = run("campaign", "status").stdout
    assert [" ".join(line.split()[:3]) for line in listed.splitlines()[2:4]] == [
        "1 people ready",
        "2 second ready",
    ]
    assert "waiting" not in listed
    told = json.loads(run("campaign", "status", "--json").stdout)
    assert [(one["number"], one["name"], one["running"]) for one in told] == [
        (1, "people", False),
        (2, "second", False),
    ]
    assert "Campaign 2, second: ready" in run("campaign", "status", "2").stdout


def test_one_that_another_program_sends_is_said_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch, Settings()) as simulator:
        created("--rows-per-request", "1")
        created("--rows-per-request", "1")
        with holding(simulator) as (came, go), running("1") as program:
            assert came.wait(LONG)
            one, other = (run("campaign", "status", number).stdout for number in "12")
            listed = json.loads(run("campaign", "status", "--json").stdout)
            told = json.loads(run("campaign", "status", "1", "--json").stdout)
            go.set()
            program.communicate(timeout=LONG)

    assert "Campaign 1, people: running (another program)" in one
    assert "smsc campaign pause 1 stops it" in one
    assert "Campaign 2, people: ready" in other
    assert "Another program runs campaigns of this store, perhaps this one;" in other
    assert [campaign["running"] for campaign in listed] == [True, False]
    assert told["running"]
    assert "Campaign 1, people: done" in run("campaign", "status", "1").stdout


def answered(simulator: Simulator, first: Fault | int | None = None) -> None:
    """Let one answer STOP right before it is asked who did; the *first* such question ends so."""
    questions = count()

    def look(path: str, params: Mapping[str, str], number: int) -> Fault | int | None:
        if path != "get.php" or next(questions):
            return None
        simulator.receive("79160000003", "стоп")
        return first

    simulator.faults = look


def test_who_has_answered_stop_is_not_sent_to_though_it_takes_two_questions(
    simulator: Simulator,
) -> None:
    created()
    answered(simulator, first="drop_before")

    assert run("campaign", "run").exit_code == 0

    assert reported() == {"accepted": 19, "stopped": 1}
    assert run("campaign", "stop").stdout == "the stop list has 1 number\n"


def test_it_need_not_be_asked_who_has_answered_stop(simulator: Simulator) -> None:
    created()
    answered(simulator)

    assert run("campaign", "run", "--no-listen").exit_code == 0

    assert reported() == {"accepted": 20}


def test_where_the_answers_are_not_told_it_is_said_and_sent_all_the_same(
    simulator: Simulator,
) -> None:
    created()
    answered(simulator, first=1)

    ended = run("campaign", "run")

    assert ended.exit_code == 0
    assert "Who answers STOP is not heard: history.received: " in ended.stdout
    assert reported() == {"accepted": 20}


def test_a_stop_list_is_kept_by_hand(bare: None) -> None:
    created()
    Path("stops.txt").write_text("8 916 000-00-01\n+79160000002 # Ivan\n", "utf-8")

    assert run("campaign", "stop").stdout == "the stop list has 0 numbers\n"
    put = run("campaign", "stop", "89160000000", "--from", "stops.txt")
    assert put.stdout == "3 put on the stop list; it has 3 numbers\n"
    off = run("campaign", "stop", "--off", "+7 916 000 00 01", "--json")
    assert json.loads(off.stdout) == {"on": 0, "off": 1, "listed": 2}
    again = run("campaign", "stop", "--off", "--from", "stops.txt")
    assert again.stdout == "1 taken off the stop list; it has 1 number\n"
    bad = run("campaign", "stop", "Anna")
    assert (bad.exit_code, bad.stderr) == (
        2,
        "smsc: stop list, line 1: is no phone number; mend it or put # before it\n",
    )
    Path("stops.txt").write_text("Anna\n", "utf-8")
    assert run("campaign", "stop", "+79160000003", "--from", "stops.txt").exit_code == 2
    assert run("campaign", "stop").stdout == "the stop list has 1 number\n"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("quite=5m", "quite=5m: write NAME=VALUE, with one of lookups, lookup_every, quiet,"),
        ("quiet", "quiet: write NAME=VALUE"),
        ("quiet=5", "quiet=5: write it as 90s, 30m, 2h or 1d"),
        ("lookups=many", "lookups=many: write a whole number"),
        ("statuses=maybe", "statuses=maybe: write yes or no"),
        ("lookups=0", "smsc: lookups: 1 or more"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(bare: None, word: str, said: str) -> None:
    ended = run("campaign", "create", listed(1), "--text", HELLO, "--set", word)

    assert ended.exit_code == 2
    assert said in " ".join(ended.stderr.replace("│", "").split())


def test_settings_go_into_the_plan(bare: None) -> None:
    created("--set", "quiet=5m", "--set", "recheck=1h,2d", "--set", "statuses=no")

    async def options() -> Options:
        async with open_store("campaigns.db") as store:
            return (await Campaign.open(store)).options

    assert anyio.run(options) == Options(quiet=300.0, recheck=(3600.0, 172800.0), statuses=False)


def test_the_environment_may_name_the_store(
    simulator: Simulator, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSC_STORE", "other.db")
    created()

    assert (here / "other.db").exists()
    assert not (here / "campaigns.db").exists()
    assert reported("--store", "other.db") == {"waiting": 20}


def test_lines_of_json_are_a_list_too(simulator: Simulator) -> None:
    Path("people.jsonl").write_text(
        '{"mobile": "+79160000000", "name": "Anna"}\n{"mobile": "+79160000001", "name": "Lev"}\n',
        "utf-8",
    )

    ended = run(
        *("campaign", "create", "people.jsonl", "--text", HELLO, "--phone", "mobile", "--flash")
    )

    assert ended.stdout == "campaign 1: 2 rows to send; smsc campaign run 1 does\n"
    assert run("campaign", "run").exit_code == 0
    assert [(m.text, m.kind) for m in simulator.accepted] == [
        ("Hello Anna", "flash"),
        ("Hello Lev", "flash"),
    ]


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        ("", (), "empty"),
        ("tel,name\n+79160000000,Anna\n", (), "tel"),
        ("phone,name\n+79160000000,Anna\n", ("--text", "Hello {surname}"), "surname"),
        (
            "phone,name\n+79160000000,Anna\n",
            ("--text", "Hello {"),
            "a brace stands alone; write {{ or }} where one is meant",
        ),
        ("Anna,+79160000000\n", (), "; the first line names the columns, and phone (--phone)"),
        ("phone,name\n", ("--encoding", "foo"), "nobody knows one that is called 'foo'"),
        ("phone,name\n", ("--delimiter", "ab"), 'write one sign, such as ";", or tab'),
        ("phone,name\n", ("--spread", "0s"), "spread: 1 or more"),
        ("phone,name\n", ("--rejects", "nowhere/bad.csv"), "No such file or directory: nowhere"),
        ("phone,name\n", ("--rejects", "people.csv"), "people.csv is there already; move it, or"),
        ("phone,name\n+79160000000,Anna\n", ("--text", "Hello", "--window", "21-9"), "is before"),
    ],
)
def test_a_bad_list_or_text_is_told_in_one_line(
    bare: None, content: str, words: tuple[str, ...], said: str
) -> None:
    Path("people.csv").write_text(content, "utf-8")

    ended = run(
        "campaign",
        "create",
        "people.csv",
        *words,
        *(() if "--text" in words else ("--text", HELLO)),
    )

    assert ended.exit_code == 2
    assert said in " ".join(ended.stderr.split())
    assert run("campaign", "status").exit_code == 2, "no campaign was made of it"


def test_a_command_may_be_given_again_but_bad_rows_are_not_written_over(bare: None) -> None:
    Path("people.csv").write_text("phone,name\n+79160000000,Anna\nnone,Lev\n", "utf-8")
    words = ("campaign", "create", "people.csv", "--text", HELLO)
    assert run(*words).exit_code == 0

    again = run(*words)

    said = "people.rejects.csv is there already; move it, or name another with --rejects"
    assert (again.exit_code, again.stderr) == (2, f"smsc: {said}\n")
    assert run(*words, "--rejects", "more.csv").exit_code == 0


@pytest.mark.parametrize("delimiter", ["tab", "\\t", "\t"])
def test_a_tab_is_spelled_as_people_do(bare: None, delimiter: str) -> None:
    Path("people.csv").write_text("phone\tname;x\n+79160000000\tAnna\n", "utf-8")

    ended = run(
        *("campaign", "create", "people.csv", "--text", "Hello {name;x}", "--delimiter", delimiter)
    )

    assert ended.exit_code == 0, ended.stderr


def test_an_array_of_json_is_no_list(bare: None) -> None:
    Path("people.json").write_text('[{"phone": "+79160000000"}]', "utf-8")

    ended = run("campaign", "create", "people.json", "--text", "Hello")

    assert ended.exit_code == 2
    assert "name it .jsonl, an object to a line" in ended.stderr


def test_a_stop_list_with_a_bad_line_changes_nothing(bare: None) -> None:
    Path("stops.txt").write_text("89160000000\nAnna\n", "utf-8")
    words = ("campaign", "create", listed(1), "--text", HELLO)

    ended = run(*words, "--stop-list", "stops.txt")

    said = "stop list, line 2: is no phone number; mend it or put # before it"
    assert (ended.exit_code, ended.stderr) == (2, f"smsc: {said}\n")
    assert run("campaign", "status").exit_code == 2
    assert run(*words).stdout == "campaign 1: 1 row to send; smsc campaign run 1 does\n"


def test_a_list_without_a_row_that_can_be_sent_is_a_wrong_one(bare: None) -> None:
    Path("people.csv").write_text("phone,name\nnone,Anna\n", "utf-8")

    ended = run("campaign", "create", "people.csv", "--text", HELLO)

    assert ended.exit_code == 2
    assert ended.stdout == "campaign 1: no row can be sent\n  1 bad: see people.rejects.csv\n"


def test_a_list_that_was_not_read_to_its_end_is_told_and_forgotten(bare: None) -> None:
    anyio.run(_begin)

    told = run("campaign", "status", "1")
    assert "Its list was not read to the end: create it anew" in told.stdout
    assert run("campaign", "purge", "1").stdout == "campaign 1 is forgotten\n"
    assert run("campaign", "status", "1").exit_code == 2


@pytest.mark.parametrize(
    ("to", "said"),
    [("rows.xlsx", "name it .csv or .json"), ("nowhere/rows.csv", "No such file or directory")],
)
def test_a_file_that_cannot_be_written_is_told_in_one_line(bare: None, to: str, said: str) -> None:
    created()

    ended = run("campaign", "report", "--to", to)

    assert ended.exit_code == 2
    assert said in ended.stderr


@pytest.mark.parametrize("command", ["run", "price", "status", "report", "pause", "resume", "stop"])
def test_to_look_for_a_campaign_makes_no_file(
    simulator: Simulator, here: Path, command: str
) -> None:
    ended = run("campaign", command)

    assert ended.exit_code == 2
    assert [*here.glob("campaigns.db*")] == []


def test_a_number_that_no_campaign_has_is_a_wrong_argument(simulator: Simulator) -> None:
    created()

    ended = run("campaign", "status", "7")

    assert ended.exit_code == 2
    assert "there is no campaign 7 in this store" in ended.stderr


def test_a_second_run_of_the_same_store_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch, Settings()) as simulator:
        created("--rows-per-request", "1", rows=100)
        with holding(simulator) as (came, go), running() as program:
            assert came.wait(LONG)
            ended = run("campaign", "run")
            assert ended.exit_code == 1
            assert ended.stderr == (
                "smsc: another program runs campaigns of this store: wait until it ends; "
                "smsc campaign status shows how far it is, pause stops it\n"
            )
            assert program.poll() is None
            run("campaign", "pause")
            go.set()
            program.communicate(timeout=LONG)
    assert len(simulator.accepted) == reported()["accepted"]


def doubtful(simulator: Simulator) -> None:
    """Make a campaign of one row that will be in doubt for good."""
    anyio.run(_make, 1, Options(policy="hold", lookups=1, lookup_every=0.1, quiet=0.0))
    simulator.faults = lambda path, params, number: "drop_before" if path == "send.php" else None


async def _begin() -> None:
    """Leave a campaign as a program does that is killed while it reads the list."""
    plan = msgspec.json.encode(Plan(options=Options(), message=kept(Sms(text=HELLO))))
    async with open_store("campaigns.db") as store:
        await store.begin("people", plan)


async def _make(rows: int, options: Options) -> None:
    """Make a campaign with settings that are no options of the command."""
    people = [{"phone": f"+7916{number:07}", "name": "Anna"} for number in range(rows)]
    async with open_store("campaigns.db") as store:
        await Campaign.create(store, people, HELLO, options=options)
