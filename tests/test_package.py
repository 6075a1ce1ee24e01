"""What the installed distribution promises about itself."""

from __future__ import annotations

import importlib.metadata
import re
from importlib import resources
from pathlib import Path

from smsc_async._version import VERSION

CHANGELOG = Path(__file__).parent.parent / "CHANGELOG.md"


def test_the_newest_version_in_the_changelog_is_the_installed_one() -> None:
    newest = re.search(r"^## \[(\d[^\]]*)\]", CHANGELOG.read_text("utf-8"), re.MULTILINE)

    assert newest is not None
    assert newest[1] == importlib.metadata.version("smsc-async")


def test_the_service_is_told_the_version_that_is_installed() -> None:
    assert importlib.metadata.version("smsc-async") == VERSION


def test_the_package_tells_type_checkers_that_it_is_typed() -> None:
    assert resources.files("smsc_async").joinpath("py.typed").is_file()
