"""What the documents say of callbacks is true: their code runs, and so does their nginx."""

from __future__ import annotations

import getpass
import inspect
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from smsc_async.webhooks import CallbackApp
from tests.recipes.serving import SECRET, listening, message, post, served, status

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "callbacks.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
(LOCATION,) = re.findall(r"^```nginx\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
NGINX = shutil.which("nginx")
PHONE = "79990000000"


def test_there_is_code_to_run() -> None:
    assert len(BLOCKS) == TEXT.count("```python\n") == 4
    assert TEXT.count("\n```") == 2 * 5


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"line {_line(block)}")
def test_each_block_runs(block: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SMSC_CALLBACK_SECRET", SECRET)
    program = compile(block, f"callbacks.md:{_line(block)}", "exec", dont_inherit=True)

    exec(program, {"__name__": "__main__"})  # noqa: S102 - our own document


def test_links_lead_to_files_and_sections() -> None:
    titles = re.findall(r"^## (.*)$", TEXT, re.MULTILINE)
    sections = {title.lower().replace(" ", "-") for title in titles}

    for target in re.findall(r"\]\(([^)]*)\)", TEXT):
        name, _, section = target.partition("#")
        assert (ROOT / "docs" / name).exists()
        assert not section or section in sections


@contextmanager
def proxied(folder: Path, upstream: str) -> Iterator[str]:
    """Serve the location of the document by an nginx of its own; give its URL."""
    assert NGINX is not None
    with listening() as (listener, url):
        listener.setblocking(False)  # as nginx does with those that it makes
        address = url.removeprefix("http://")
        location = LOCATION.replace("http://127.0.0.1:8000", upstream)
        assert location != LOCATION
        kept = " ".join(
            f"{name}_temp_path {folder}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"daemon off; worker_processes 1; user {getpass.getuser()}; pid {folder}/pid;\n"
            f"events {{}}\nhttp {{ access_log off; {kept}\n"
            f"server {{ listen {address};\n{location}}} }}\n"
        )
        log = folder / "nginx.txt"
        with log.open("w") as file:
            process = subprocess.Popen(  # noqa: S603 - our own words
                [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr"],
                # Such sockets it takes over; this one listens already.
                env={**os.environ, "NGINX": f"{listener.fileno()};"},
                pass_fds=[listener.fileno()],
                stderr=file,
            )
        try:
            yield url
        finally:
            process.terminate()
            process.wait(60)
            print(log.read_text())  # noqa: T201 - a test that fails shows it


@pytest.mark.skipif(NGINX is None, reason="there is no nginx here")
def test_callbacks_come_through_nginx_as_they_were_posted(tmp_path: Path) -> None:
    (tmp_path / "handler.py").write_text(BLOCKS[0])
    with socket.socket() as nobody:  # bound, but it does not listen: as when a program is away
        nobody.bind(("127.0.0.1", 0))
        away = "http://{}:{}".format(*nobody.getsockname())
        with proxied(tmp_path, away) as url:
            assert post(f"{url}/smsc", status("nginx", PHONE, 1)) == 502

    paths = ("/smsc", "/smsc/", "/smsc/token", "/smsc?a=1")
    with (
        listening() as (listener, upstream),
        served("handler:app", tmp_path, listener, at=tmp_path),
        proxied(tmp_path, upstream) as url,
    ):
        for number, path in enumerate(paths):
            assert post(url + path, message(PHONE, "Привет 🙂\n: да", id=number)) == 200
            assert post(url + path, status("nginx", PHONE, 1, secret="another one")) == 403
            assert httpx.get(url + path, timeout=60).status_code == 405
            assert post(url + path, b"") == 400  # as the document says of curl
        assert post(f"{url}/smsc", b" " * (64 * 1024 + 1)) == 413
        for address in ("127.0.0.1", "127.0.0.2"):
            with httpx.Client(transport=httpx.HTTPTransport(local_address=address)) as caller:
                caller.post(f"{url}/smsc", headers={"X-Forwarded-For": "203.0.113.7"}, timeout=60)

    said = (tmp_path / "log.txt").read_text()
    assert all(f'"POST {path} HTTP/1.1" 200 OK' in said for path in paths)
    assert "a callback from 127.0.0.2: " in said
    assert "203.0.113.7" not in said


def test_nginx_waits_longer_and_takes_as_much_as_the_app_does() -> None:
    app = inspect.signature(CallbackApp).parameters
    (seconds,) = re.findall(r"proxy_read_timeout (\d+)s;", LOCATION)
    (kibibytes,) = re.findall(r"client_max_body_size (\d+)k;", LOCATION)

    assert int(seconds) > app["timeout"].default == 30
    assert int(kibibytes) * 1024 == app["max_body"].default


def _line(block: str) -> int:
    return TEXT[: TEXT.index(block)].count("\n") + 1
