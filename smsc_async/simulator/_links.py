"""Short links, and what tinyurls.php tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _answers as answers
from ._answers import Answer
from ._records import Refused
from ._texts import short

if TYPE_CHECKING:
    from ._ask import Ask


class Links:
    """The account's short links; only :meth:`add` changes them. Nobody clicks one."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}  # by the full address

    def add(self, url: str) -> None:
        """Keep a link; one that is there stays as it is."""
        self._ids.setdefault(url, len(self._ids) + 1)

    def find(self, id: str, url: str) -> tuple[int, str] | None:
        """Return the id and the full address of the link that has that id, or that address."""
        return next(
            (
                (number, full)
                for full, number in self._ids.items()
                if id == str(number) or full == url
            ),
            None,
        )


def link(ask: Ask) -> Answer:
    """Tell how often a link was clicked."""
    known, url = ask.params.get("id", ""), ask.params.get("link", "")
    if not ask.flag("get") or not (known or url):
        raise Refused(1, "parameters error")
    if (found := ask.book.links.find(known, url)) is None:
        raise Refused(3, "link not found")
    number, full = found
    counts = dict.fromkeys(("cnt", "cnt_mon", "cnt_day", "cnt_yes", "cnt_pmon"), "0")
    return answers.record({"id": str(number), **counts, "link": short(full)})
