"""The version, written down once: the distribution is built with it too."""

from __future__ import annotations

VERSION = "0.1.0"
