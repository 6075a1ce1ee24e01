from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import typer

from smsc_async._cli._ending import ending
from smsc_async.simulator import Simulator

from .conftest import run

PHONE = "+79990000000"


def test_a_text_reaches_each_number(simulator: Simulator) -> None:
    ended = run("send", PHONE, "+49151000000", "--text", "Привет", "--sender", "Shop")

    assert ended.exit_code == 0
    assert ended.stdout.startswith("accepted: id ")
    assert ended.stdout.endswith("2 parts, cost 2.4, left 997.6\n")
    sent = [(m.phone, m.text, m.sender) for m in simulator.accepted]
    assert sent == [("79990000000", "Привет", "Shop"), ("49151000000", "Привет", "Shop")]


def test_json_is_the_whole_answer(simulator: Simulator) -> None:
    ended = run("send", PHONE, "--text", "a", "--id", "order-7", "--flash", "--json")

    assert json.loads(ended.stdout) == {
        "id": "order-7",
        "phones": [PHONE],
        "count": 1,
        "cost": "1.2",
        "balance": "998.8",
        "report": [],
        "code": None,
        "settled": False,
    }
    assert simulator.accepted[0].kind == "flash"


def test_a_message_can_be_sent_later(simulator: Simulator) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="minutes")

    ended = run("send", PHONE, "--text", "a", "--at", tomorrow)

    assert ended.exit_code == 0
    assert simulator.accepted[0].due > simulator.accepted[0].at


def test_a_moment_of_another_century_is_refused(simulator: Simulator) -> None:
    ended = run("send", PHONE, "--text", "a", "--at", "2999-01-31T09:00+03:00")

    assert ended.exit_code == 2
    assert simulator.accepted == []


def test_a_price_is_asked_and_nothing_is_sent(simulator: Simulator) -> None:
    ended = run("price", PHONE, "--text", "я" * 80)

    assert (ended.exit_code, ended.stdout) == (0, "2.4 for 2 parts\n")
    assert simulator.accepted == []
    assert json.loads(run("price", PHONE, "--text", "b", "--json").stdout)["cost"] == "1.2"


def test_the_balance_is_shown(simulator: Simulator) -> None:
    assert run("balance").stdout == "1000 RUR\n"
    assert json.loads(run("balance", "--json").stdout)["balance"] == "1000"


def test_a_twin_within_the_minute_ends_with_4_and_says_how_to_repeat(simulator: Simulator) -> None:
    run("send", PHONE, "--text", "twice")
    ended = run("send", PHONE, "--text", "twice")

    assert ended.exit_code == 4
    assert "--repeat" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["send", "123", "--text", "a"], 2, "no phone number"),
        (["send", PHONE, "--text", " "], 2, "text: is empty"),
        (["send", PHONE, "--text", "a", "--at", "2999-01-31"], 2, "with its zone"),
        (["send", PHONE, "--text", "a", "--at", "soon"], 2, "2030-01-31T09:00+03:00"),
        (["send", PHONE], 2, "--text"),
        (["send", "+79990000006", "--text", "a"], 1, "change the text"),
        (["send", "+79990000008", "--text", "a"], 1, "no way to this number"),
    ],
)
def test_an_error_says_what_to_do(
    simulator: Simulator, words: list[str], code: int, said: str
) -> None:
    ended = run(*words)

    assert (ended.exit_code, ended.stdout) == (code, "")
    assert said in ended.stderr


def test_a_login_asks_for_its_password(bare: None) -> None:
    ended = run("balance", "--login", "demo", typed="")

    assert ended.exit_code == 1
    assert "Password of demo" in ended.stderr


def test_a_login_takes_the_password_of_the_environment_only_if_it_is_its_own(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("balance", "--login", "demo").exit_code == 0
    monkeypatch.setenv("SMSC_LOGIN", "another")
    asked = run("balance", "--login", "demo", typed="demo\n")

    assert asked.stdout.strip() == "1000 RUR"
    assert "Password of demo" in asked.stderr


def test_without_credentials_it_says_where_to_put_them(bare: None) -> None:
    ended = run("balance")

    assert ended.exit_code == 2
    assert "SMSC_API_KEY" in ended.stderr


def test_an_address_without_tls_is_refused(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSC_URL", "http://service.example")

    assert run("balance").exit_code == 2
    assert "SMSC_URL begins with https://" in run("balance").stderr


def test_the_version_and_the_help() -> None:
    assert run("--version").stdout.count(".") == 2
    assert run().exit_code == 2
    for command in ("demo", "send", "price", "balance", "simulator"):
        assert run(command, "--help").exit_code == 0


def test_an_interrupted_send_says_that_it_may_have_been_sent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as ended, ending(sends=True):
        raise KeyboardInterrupt

    assert ended.value.exit_code == 3
    assert "may have been sent" in capsys.readouterr().err


def test_an_interrupted_question_is_just_interrupted() -> None:
    with pytest.raises(KeyboardInterrupt), ending():
        raise KeyboardInterrupt


def test_what_a_campaign_or_a_simulator_needs_is_not_imported_for_the_others() -> None:
    """It would take longer than most commands."""
    program = (
        "import sys; from smsc_async._cli._app import app; app(['--help'], standalone_mode=False); "
        "print([*sys.modules])"
    )

    ended = subprocess.run(  # noqa: S603 - this program
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )

    assert "campaign" in ended.stdout
    for heavy in ("smsc_async.campaigns", "smsc_async.simulator", "phonenumbers", "starlette"):
        assert f"'{heavy}'" not in ended.stdout, heavy
    assert "'smsc_async._client'" in ended.stdout
