"""The limits that all commands of a user share, in a file that outlives them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from .. import FileThrottle, ThrottleUnavailable


def folder(environ: Mapping[str, str], system: str) -> Path:
    """Return where this user's programs keep their state; "~" may stand for the home.

    *system* is one of those that :data:`os.name` knows.
    """
    if system == "nt":
        name, usual = "LOCALAPPDATA", "~/AppData/Local"
    else:
        name, usual = "XDG_STATE_HOME", "~/.local/state"
    given = Path(environ.get(name, ""))
    return (given if given.is_absolute() else Path(usual)) / "smsc_async"


def shared(path: Path | None) -> FileThrottle:
    """Return the limits kept at *path*, a file or a folder; without one, in the user's own folder.

    Raises :class:`ThrottleUnavailable` where there can be no such folder.
    """
    if path is None:
        path = folder(os.environ, os.name)
        try:
            path = path.expanduser()
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except (OSError, RuntimeError) as error:  # RuntimeError: nobody knows the home
            raise ThrottleUnavailable("limits", f"no folder for the limits: {error}") from None
    return FileThrottle(path)
