"""The command line: ``smsc``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run a command; the words are those of the command line."""
    try:
        from ._app import app  # noqa: PLC0415 - Typer and Rich come with an extra
    except ModuleNotFoundError as missing:
        sys.exit(
            f"smsc: {missing.name} is not installed; the command line needs "
            "pip install 'smsc-async[cli]'"
        )
    app()
