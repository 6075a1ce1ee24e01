"""How many rows of a running campaign stand where, kept up without reading the store."""

from __future__ import annotations

from collections import Counter, deque
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from ._plan import MOVES, State
from ._records import Counts, Request, RowState, Standing, Verdict
from ._report import Progress

Place: TypeAlias = Literal["waiting", "under way", "accepted", "refused", "in doubt", "else"]

_PLACES: Final[dict[RowState, Place]] = {
    RowState.WAITING: "waiting",
    RowState.ACCEPTED: "accepted",
    RowState.REFUSED: "refused",
    RowState.HELD: "in doubt",
}
_SPAN: Final = 30.0  # seconds over which the rate is taken


class Tally:
    """Counts rows; only a run writes to it.

    It is a little off where rows were stopped or told of from outside: then *stale* says to count
    anew, from what the store says.
    """

    def __init__(self) -> None:
        self.stale = True
        self.requests = 0
        self._rows = Counter[Place]()
        self._open = dict[int, tuple[Place, int]]()  # rows of a request whose outcome is open
        self._ended = deque[tuple[float, int]]()

    def begin(self, counts: Counts, requests: list[Request]) -> None:
        """Begin anew with what the store says; *requests* are those that are open."""
        self._rows.clear()
        self._open.clear()
        for state, number in counts.rows.items():
            if state is not RowState.TAKEN:
                self._rows[_PLACES.get(state, "else")] += number
        for request in requests:
            self.open(request)
        self.stale = False

    def open(self, request: Request) -> None:
        """Note that all rows of *request* have no outcome yet."""
        self._close(request)
        place: Place = "in doubt" if request.is_in_doubt else "under way"
        self._open[request.number] = place, len(request.items)
        self._rows[place] += len(request.items)

    def claimed(self, request: Request) -> None:
        """Note that rows that waited are packed."""
        self._rows["waiting"] = max(0, self._rows["waiting"] - len(request.items))
        self.open(request)

    def moved(self, before: Request, verdict: Verdict, after: Request, now: float) -> None:
        """Note what was written down of a request."""
        if MOVES.get((before.state, verdict.event)) is not after.state or before.state in {
            State.PARTIAL,
            State.HELD,
        }:
            self.stale = True  # who is where, only the store knows
            return
        self._close(before)
        others = {row: state for row, state, _ in verdict.others}
        left = 0
        ended = 0
        for item in before.items:
            state = others.get(item.row, verdict.rows)
            if state is None:
                left += 1
                continue
            self._rows[_PLACES.get(state, "else")] += 1
            ended += state in {RowState.ACCEPTED, RowState.REFUSED}
        if left and not verdict.split:
            place: Place = "in doubt" if after.is_in_doubt else "under way"
            self._open[after.number] = place, left
            self._rows[place] += left
        if ended:
            self._ended.append((now, ended))
            self._forget(now)

    def count(self, place: Place) -> int:
        """Return how many rows are at *place*."""
        return self._rows[place]

    @property
    def gone(self) -> int:
        """How many rows have gone out, whatever became of them."""
        return sum(self._rows[place] for place in ("under way", "accepted", "refused", "in doubt"))

    @property
    def rows(self) -> int:
        """How many rows are to be sent in all."""
        return self.gone + self._rows["waiting"]

    def progress(
        self,
        now: float,
        *,
        standing: Standing,
        spent: Decimal,
        balance: Decimal | None,
        places: int,
        waiting_for: str,
    ) -> Progress:
        """Tell how the run is getting on."""
        self._forget(now)
        since = self._ended[0][0] if self._ended else now
        span = max(1.0, now - since)
        rate = sum(rows for _, rows in self._ended) / span
        left = self._rows["waiting"] + self._rows["under way"]
        return Progress(
            standing=standing,
            rows=self.rows,
            waiting=self._rows["waiting"],
            under_way=self._rows["under way"],
            accepted=self._rows["accepted"],
            refused=self._rows["refused"],
            in_doubt=self._rows["in doubt"],
            requests=self.requests,
            spent=spent,
            balance=balance,
            rate=rate,
            seconds_left=left / rate if rate else None,
            places=places,
            waiting_for=waiting_for,
        )

    def _forget(self, now: float) -> None:
        """Let go of what is older than the rate looks back."""
        while self._ended and self._ended[0][0] < now - _SPAN:
            self._ended.popleft()

    def _close(self, request: Request) -> None:
        place, rows = self._open.pop(request.number, ("else", 0))
        self._rows[place] -= rows
