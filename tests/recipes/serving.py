"""The examples as a user runs them, and callbacks as the service posts them."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

EXAMPLES = Path(__file__).parents[2] / "examples"
SECRET = "the-secret-of-these-tests"


@contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """Give a socket on a free port for :func:`served`, and its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what it accepts inherits
        yield listener, "http://{}:{}".format(*listener.getsockname())


@contextmanager
def served(
    app: str, folder: Path, listener: socket.socket, *, at: Path = EXAMPLES, **environment: str
) -> Iterator[None]:
    """Serve *app*, a module *at* a folder, by a uvicorn of its own, which works in *folder*.

    At the end it is told to stop, and has to do so without a word of trouble.
    """
    # The socket listens already, so nobody needs to know when the server has begun.
    fd = listener.fileno()
    command = ["-m", "uvicorn", app, "--app-dir", str(at), "--fd", str(fd)]
    log = folder / "log.txt"  # a pipe that nobody reads would stop it
    with log.open("w") as file:
        process = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-X", "dev", "-W", "error", *command],
            cwd=folder,
            env=_environment(environment),
            pass_fds=[fd],
            stdout=file,
            stderr=file,
        )
    try:
        yield
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    finally:
        process.kill()
        process.wait()
        print(log.read_text()[-10_000:])  # noqa: T201 - a test that fails shows it
    assert process.returncode == -signal.SIGTERM
    assert "Application shutdown complete." in log.read_text()
    assert not list(folder.glob("*-wal"))  # the last one to close a file of SQLite's removes this


def ran(script: str, folder: Path, **environment: str) -> None:
    """Run an example to its end."""
    subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-X", "dev", "-W", "error", str(EXAMPLES / script)],
        cwd=folder,
        env=_environment(environment),
        check=True,
        timeout=60,
    )


def _environment(more: dict[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SMSC_")}
    return {**ours, "SMSC_CALLBACK_SECRET": SECRET, **more}


def status(id: str, phone: str, number: int, *, ts: int = 0, secret: str = SECRET) -> bytes:
    """Return the body of a status, signed as the page says."""
    fields = {"id": id, "phone": phone, "status": number, "ts": 1_780_000_000 + ts}
    return _signed(fields, f"{id}:{phone}:{number}", secret)


def message(phone: str, text: str, *, id: int = 1) -> bytes:
    """Return the body of an incoming message, signed as the page says."""
    fields = {"id": id, "phone": phone, "mes": text, "to": "79160000000"}
    return _signed(fields, f"{phone}:{text}:79160000000", SECRET)


def _signed(fields: dict[str, object], text: str, secret: str) -> bytes:
    digest = hashlib.sha1(f"{text}:{secret}".encode()).hexdigest()  # noqa: S324 - the service's
    return json.dumps({**fields, "sha1": digest}, ensure_ascii=False).encode()


def post(url: str, body: bytes) -> int:
    """Post a callback, and return what was answered."""
    headers = {"content-type": "application/json; charset=utf-8"}
    # The service gives no promise to follow a redirect, so this does not either.
    return httpx.post(url, content=body, headers=headers, timeout=60).status_code
