"""Every check of the project, each in a virtual environment of its own."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
EXTRAS = ",".join(PROJECT["project"]["optional-dependencies"])
# The Python that runs nox always exists, so the checks that need one Python only use it.
DEFAULT = f"{sys.version_info.major}.{sys.version_info.minor}"
if DEFAULT not in PYTHONS:
    raise SystemExit(f"Python {DEFAULT} is not supported; run nox with one of {', '.join(PYTHONS)}")

# What the tests need beside the installed package.
FOLDERS = ("tests", "docs", "examples", "benchmarks")
OUTSIDE = (*FOLDERS, "pyproject.toml", "CHANGELOG.md", "README.md", "SECURITY.md")

# The long random programs run in full on one Python, and in short elsewhere.
SHORT = {"SMSC_SEEDS": "0"}

# A test for each core at a time, and who is done takes over from others. No test needs another, or
# a port or file that another has, so a failure shows itself again to pytest without these.
TOGETHER = ("-n", "auto", "--dist", "worksteal")

nox.needs_version = ">=2025.5.1"
nox.options.sessions = ["tests", "lint", "types", "package", "guard"]
nox.options.error_on_missing_interpreters = False  # named as skipped; DEFAULT is never missing
nox.options.download_python = "never"


def _show_pyenv_to_nox() -> None:
    """Append pyenv's Pythons to PATH: its shims answer only for the versions that are active."""
    roots = [Path(sys.base_prefix).parent]
    if pyenv := os.environ.get("PYENV_ROOT"):
        roots.append(Path(pyenv, "versions"))
    found = [
        str(path) for root in roots for v in PYTHONS for path in sorted(root.glob(f"{v}.*/bin"))
    ]
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), *found])


_show_pyenv_to_nox()


def _group(*names: str) -> tuple[str, ...]:
    return nox.project.dependency_groups(PROJECT, *names)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests; on the default Python under coverage, with its floor."""
    session.install("-e", ".[aiohttp,cli]", *_group("tests"))
    if session.posargs:  # a part of the tests has no floor
        session.run("python", "-m", "pytest", *session.posargs)
        return
    if session.python != DEFAULT:
        session.run("python", "-m", "pytest", *TOGETHER, env=SHORT)
        return
    data = Path(session.create_tmp(), "coverage")
    env = {"COVERAGE_FILE": str(data)}
    session.run("coverage", "erase", env=env)
    session.run("coverage", "run", "-m", "pytest", *TOGETHER, env=env)
    session.run("coverage", "combine", "--quiet", env=env)
    session.run("coverage", "report", env=env)


@nox.session
def lint(session: nox.Session) -> None:
    """Check rules and format."""
    session.install(*_group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types twice: users have either checker."""
    session.install("-e", f".[{EXTRAS}]", *_group("bench", "tests", "types"))
    typed = ("smsc_async", "tests", "examples", "benchmarks", "noxfile.py")
    session.run("mypy", *(path for path in typed if Path(path).exists()))
    session.run("pyright")


@nox.session
def package(session: nox.Session) -> None:
    """Build the distributions, and test the wheel away from the source tree."""
    session.install("build")
    outside = Path(session.create_tmp())
    shutil.rmtree(outside)
    # No target is named, so the wheel is built from the sdist, which shows that both are whole.
    session.run("python", "-m", "build", "--outdir", str(outside / "dist"), silent=True)
    (wheel,) = (outside / "dist").glob("*.whl")
    session.install(f"{wheel}[aiohttp,cli]", *_group("tests"))
    for name in OUTSIDE:
        if (path := Path(name)).is_dir():
            shutil.copytree(path, outside / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.exists():
            shutil.copy(path, outside)
    session.chdir(outside)
    session.run(
        "python",
        "-c",
        "import smsc_async, sysconfig; "
        "assert smsc_async.__file__.startswith(sysconfig.get_path('purelib')), smsc_async.__file__",
    )
    session.run("python", "-m", "pytest", *(session.posargs or TOGETHER), env=SHORT)


@nox.session
def guard(session: nox.Session) -> None:
    """Compare what things cost to what was recorded; `-- --record` writes that down anew."""
    session.install("-e", f".[{EXTRAS}]", *_group("bench"))
    session.run("python", "-m", "benchmarks.guard", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure; not a default session, since figures depend on the machine."""
    session.install("-e", f".[{EXTRAS}]", *_group("bench"))
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """Run the demo as a user would."""
    session.install(".[cli]")
    session.run("smsc", "demo", *session.posargs)
