"""Clients in processes of their own that take turns against one server, which has its own core."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import trustme

from .turns import Figures, cpu_seconds
from .wire_client import SIDES

HERE = Path(__file__).parent
AUTHORITY = "authority.pem"
FIRST = 5  # calls of each at once in the round that only tells how many fit into a turn
# What a plain httpx brings along, in the versions that are measured beside it.
PLAIN = ("httpx", "httpcore", "anyio")


@dataclass(frozen=True, slots=True)
class Measured:
    """What calls took, so many at once: wall seconds each, CPU seconds each, and the server."""

    wall: Figures
    cpu: Figures
    busy: Figures  # the share of its core that the server was busy

    def rate(self, side: str) -> float:
        """Return the calls in a second."""
        return 1 / self.wall.seconds(side)

    def faster(self, side: str, base: str) -> float:
        """Return how many calls *side* makes while *base* makes one."""
        return self.wall.ratio(base, side)

    def spread(self, side: str, base: str) -> tuple[float, float]:
        """Return between which of these numbers the middle half of the rounds is."""
        return self.wall.middle(base, side)

    def own(self, side: str) -> float:
        """Return the share of its own core that *side* was busy."""
        return self.cpu.seconds(side) / self.wall.seconds(side)


def fitting(each: float, seconds: float, at_once: int) -> int:
    """Return how many calls of *each* seconds fit into a turn, all of the places used alike."""
    return max(1, round(seconds / each / at_once)) * at_once


def rotated(names: Sequence[str], number: int) -> list[str]:
    """Return *names* in the order of a round, each round with another one first."""
    begin = number % len(names)
    return [*names[begin:], *names[:begin]]


class Line:
    """A program that is spoken to line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.pid = process.pid
        self._process = process

    def say(self, words: str) -> None:
        """Ask for something."""
        if self._process.stdin is None:
            raise RuntimeError("there is no pipe")
        print(words, file=self._process.stdin, flush=True)

    def hear(self) -> str:
        """Wait for the answer."""
        if self._process.stdout is None:
            raise RuntimeError("there is no pipe")
        if not (line := self._process.stdout.readline()):
            raise RuntimeError(f"{self._process.args!r} ended")
        return line


@contextmanager
def program(*words: str | Path, authority: Path | None = None) -> Generator[Line]:
    """Run a program until the end of the block; proxies of the environment are not for it."""
    environ = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    if authority:
        environ["REQUESTS_CA_BUNDLE"] = str(authority)
    with subprocess.Popen(  # noqa: S603 - our own
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=HERE.parent,
        env=environ,
    ) as process:
        try:
            yield Line(process)
            if process.stdin is not None:
                process.stdin.close()
            process.wait(timeout=30)
        finally:
            process.kill()


@dataclass(frozen=True, slots=True)
class Field:
    """The server, by latency and scheme, and the clients."""

    urls: Mapping[str, str]
    server: Line
    sides: Mapping[str, Line]

    def turns(
        self, scheme: str, latency: int, at_once: int, rounds: int, seconds: float
    ) -> Measured:
        """Let each side have its turn of about *seconds* in each round; the first is forgotten."""
        url, names = self.urls[f"{scheme} {latency}"], list(self.sides)
        counts = dict.fromkeys(names, FIRST * at_once)
        walls, cpus, shares = (
            list[dict[str, float]](),
            list[dict[str, float]](),
            list[dict[str, float]](),
        )
        for number in range(rounds + 1):
            wall, cpu, busy = dict[str, float](), dict[str, float](), dict[str, float]()
            for name in rotated(names, number):
                count, before = counts[name], cpu_seconds(self.server.pid)
                self.sides[name].say(f"{url} {at_once} {count}")
                taken = json.loads(self.sides[name].hear())
                served = (cpu_seconds(self.server.pid) - before) * count / (count + at_once)
                wall[name], cpu[name] = taken[0] / count, taken[1] / count
                busy[name] = served / taken[0]
            if number == 0:
                counts = {name: fitting(each, seconds, at_once) for name, each in wall.items()}
                continue
            walls.append(wall)
            cpus.append(cpu)
            shares.append(busy)
        return Measured(Figures(tuple(walls)), Figures(tuple(cpus)), Figures(tuple(shares)))


def without_sniffio(folder: Path) -> Path:
    """Make an environment with httpx as pip installs it, and return its Python.

    To forbid an import is not the same: what is absent is looked for each time.
    """
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    pinned = [f"{package}=={version(package)}" for package in PLAIN]
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", *pinned], check=True, stdout=sys.stderr)  # noqa: S603 - our own
    look = [str(python), "-c", "import sniffio"]
    found = subprocess.run(look, check=False, capture_output=True)  # noqa: S603 - our own
    if found.returncode == 0:
        raise RuntimeError("httpx brings sniffio along again: leave its row out")
    return python


@contextmanager
def serving(folder: Path, core: int) -> Generator[tuple[Mapping[str, str], Line]]:
    """Start the server, and write into *folder* who vouches for it."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / AUTHORITY)
    shown = ca.issue_cert("127.0.0.1").private_key_and_cert_chain_pem
    shown.write_to_path(folder / "server.pem")
    with program(sys.executable, "-m", f"{HERE.name}.wire_server", folder, str(core)) as server:
        yield json.loads(server.hear()), server


def client(name: str, folder: Path, core: int) -> Sequence[str | Path]:
    """Return the words that start a client, which trusts the server of *folder*."""
    known: Sequence[str | Path] = (folder / AUTHORITY, str(core))
    if name in SIDES:
        return (sys.executable, "-m", f"{HERE.name}.wire_client", *known, name)
    # Not as a module of the package, which is not there where only httpx is.
    python = without_sniffio(folder / "plain") if name == "pip" else sys.executable
    return (python, "-P", HERE / "wire_plain.py", *known)


@contextmanager
def field(names: Iterable[str]) -> Generator[Field]:
    """Start the server and the clients *names*, on the last core and on the first one."""
    first, last = cores()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls, server = stack.enter_context(serving(folder, last))
        sides = {
            name: stack.enter_context(
                program(*client(name, folder, first), authority=folder / AUTHORITY)
            )
            for name in names
        }
        yield Field(urls, server, sides)


def cores() -> tuple[int, int]:
    """Return a core for the clients and one for the server: another, where there are two."""
    known = sorted(os.sched_getaffinity(0))
    return known[0], known[-1]
