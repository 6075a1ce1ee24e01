from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys

import pytest

from .conftest import PROGRAM, run


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one program there")
def test_it_serves_until_ctrl_c_and_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    program = [sys.executable, "-u", "-c", PROGRAM, "simulator", "--port", "0"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as served:  # noqa: S603 - this program
        assert served.stdout is not None
        settings = dict[str, str]()
        while len(settings) < 3:
            settings |= re.findall(r"(SMSC_\w+)=(\S+)", served.stdout.readline())
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("SMSC_API_KEY", raising=False)

        sent = run("send", "+79990000000", "--text", "Hello")
        served.send_signal(signal.SIGINT)
        rest = served.stdout.read()

    assert sent.exit_code == 0
    assert served.returncode == 0
    assert "requests: 1, messages accepted: 1, refusals: 0" in rest


def test_a_taken_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("simulator", "--port", str(taken.getsockname()[1]))

    assert ended.exit_code == 1
    assert "in use" in ended.stderr
