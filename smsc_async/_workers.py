"""Whether this process is one of several workers that a server of web applications runs."""

from __future__ import annotations

import contextlib
import logging
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

import msgspec

_log = logging.getLogger("smsc_async")
# The processes that were warned, by their ids: a fork begins with those of its parent.
_warned: set[int] = set()

_ANY = "WEB_CONCURRENCY"  # what platforms and images set, and most servers read
_SPAWNED = "--multiprocessing-fork"  # how a process of multiprocessing's is started


class _Server(msgspec.Struct, frozen=True):
    """How a server is told how many workers to run; the command line goes first."""

    options: tuple[str, ...]
    variables: tuple[str, ...]
    arguments: str = ""  # the variable that holds more of the command line
    command: str = ""  # without it, it runs one
    reloads_one: bool = False  # with --reload it runs one, whatever else it was told


# From the sources of uvicorn 0.54, gunicorn 27.0, hypercorn 0.18, granian 2.8, fastapi-cli 0.0.34;
# hypercorn's variable is that of its images.
_SERVERS: Mapping[str, _Server] = {
    "uvicorn": _Server(("--workers",), ("UVICORN_WORKERS", _ANY), reloads_one=True),
    "gunicorn": _Server(("--workers", "-w"), (_ANY,), arguments="GUNICORN_CMD_ARGS"),
    "hypercorn": _Server(("--workers", "-w"), (_ANY,)),
    "granian": _Server(("--workers",), ("GRANIAN_WORKERS",)),
    "fastapi": _Server(("--workers",), (_ANY,), command="run", reloads_one=True),
}


def workers(argv: Sequence[str], environ: Mapping[str, str], started: Sequence[str] = ()) -> int:
    """Return how many worker processes this program runs, as far as can be seen; 1 if it cannot.

    *argv* is the command line as the program sees it, which a server's workers have in common with
    the server; *started* is that of the process itself, which tells one that another one started.
    The configuration file of a server is not read.
    """
    server = _SERVERS.get(program(argv))
    if server is None:
        # A program that runs uvicorn itself: its workers, but not it, are started in this way.
        return _number(environ.get(_ANY)) if _SPAWNED in started else 1
    given = argv[1:]
    if server.command not in ("", *given) or (server.reloads_one and "--reload" in given):
        return 1
    with contextlib.suppress(ValueError):  # quotes that do not end: the server itself refuses them
        given = [*shlex.split(environ.get(server.arguments, "")), *given]
    told = [*map(environ.get, reversed(server.variables)), *_given(given, server.options)]
    return _number(next(filter(None, reversed(told)), None))


def program(argv: Sequence[str]) -> str:
    """Return the name of a program: of a module that is run, the name of its package."""
    path = PurePath(argv[0] if argv else "")
    return path.parent.name if path.stem == "__main__" else path.stem


def warn(
    argv: Sequence[str], environ: Mapping[str, str], started: Sequence[str], process: int
) -> None:
    """Warn, once in each *process*, if this program runs workers that share no throttle."""
    if process in _warned or (count := workers(argv, environ, started)) <= 1:
        return
    _warned.add(process)
    _log.warning(
        "%s was told to run %s workers: each keeps to the limits of the service by itself, and "
        "together they can trip them. To share the limits, give the client of each worker the "
        'same file: SmscClient(..., throttle=FileThrottle("smsc.db"))',
        program(argv),
        count,
    )


def _given(argv: Sequence[str], options: Sequence[str]) -> Iterator[str]:
    """List the values of one option, which may have several names; the last one counts."""
    for at, text in enumerate(argv):
        for option in options:
            if text == option:
                yield from argv[at + 1 : at + 2]
            elif text.startswith(f"{option}="):
                yield text.removeprefix(f"{option}=")
            elif len(option) == len("-w") and text.startswith(option):
                yield text.removeprefix(option)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 1
