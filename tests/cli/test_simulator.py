from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from .conftest import PROGRAM, run

interrupts = pytest.mark.skipif(
    os.name == "nt", reason="Ctrl-C cannot be sent to one program there"
)


@contextmanager
def served(monkeypatch: pytest.MonkeyPatch, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Serve in a program of its own, and let the environment say what it says."""
    program = [sys.executable, "-u", "-c", PROGRAM, "simulator", "--port", "0", *words]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as served:  # noqa: S603 - this program
        assert served.stdout is not None
        settings = dict[str, str]()
        while len(settings) < 3:
            settings |= re.findall(r"(SMSC_\w+)=(\S+)", served.stdout.readline())
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("SMSC_API_KEY", raising=False)
        yield served


def interrupted(served: subprocess.Popen[str]) -> str:
    """End it as Ctrl-C does, and return its last words."""
    assert served.stdout is not None
    served.send_signal(signal.SIGINT)
    return served.stdout.read()


@interrupts
def test_it_serves_until_ctrl_c_and_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch) as simulator:
        sent = run("send", "+79990000000", "--text", "Hello")
        rest = interrupted(simulator)

    assert sent.exit_code == 0
    assert simulator.returncode == 0
    assert "requests: 1, messages accepted: 1, refusals: 0" in rest
    assert "callbacks" not in rest


def test_a_taken_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("simulator", "--port", str(taken.getsockname()[1]))

    assert ended.exit_code == 1
    assert "in use" in ended.stderr


@interrupts
def test_it_tells_a_handler_what_became_of_a_message_until_that_takes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = list[dict[str, list[str]]]()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.append(parse_qs(body.decode()))
            self.send_response(200 if len(told) == 2 else 503)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Hook) as hook:
        hook.timeout = 60  # seconds, so that nobody waits for ever

        def wait() -> None:
            for _ in range(2):
                hook.handle_request()

        waiting = Thread(target=wait)
        waiting.start()
        address = f"http://127.0.0.1:{hook.server_port}/?charset=utf-8&own=1"
        again = ("--callback-every", "0.01")
        with served(monkeypatch, "--callback", address, *again) as simulator:
            sent = run("send", "+79990000000", "--text", "Hello", "--id", "own")
            waiting.join()
            rest = interrupted(simulator)

    assert sent.exit_code == 0
    assert [one["id"] + one["status"] + one["own"] for one in told] == [["own", "1", "1"]] * 2
    assert "callbacks: 1, done with: " in rest


def test_an_address_that_the_service_would_not_take_is_a_wrong_argument() -> None:
    ended = run("simulator", "--callback", "http://host/?fmt=9")

    assert ended.exit_code == 2
    assert "fmt is 2 for XML or 3 for JSON" in ended.stderr


@interrupts
def test_its_account_has_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch, "--balance", "1.50") as simulator:
        told = run("balance").stdout
        interrupted(simulator)

    assert told.startswith("1.5")


@pytest.mark.parametrize("amount", ["much", "nan", "inf"])
def test_what_is_no_amount_is_a_wrong_argument(amount: str) -> None:
    ended = run("simulator", "--balance", amount)

    assert ended.exit_code == 2
    assert "write an amount, such as 1500.50" in ended.stderr
