"""ping.php: telling of an event. Whom a task group would tell is not simulated."""

from __future__ import annotations

from . import _answers as answers
from ._answers import Answer
from ._ask import Ask
from ._records import Refused


def ping(ask: Ask) -> Answer:
    """Take note of an event of any task group; the log of requests remembers it."""
    if not ask.params.get("id", "").isdecimal() or ask.params.get("ok", "0") not in {"0", "1"}:
        raise Refused(1, "parameters error")
    return answers.done()
