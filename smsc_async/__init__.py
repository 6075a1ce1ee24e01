"""An asyncio client of the SMSC service."""

from __future__ import annotations

__all__: list[str] = []
