"""What a store of campaigns does, said once more, plainly and without a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from smsc_async.campaigns._plan import MOVES, OPEN, Event, State
from smsc_async.campaigns._records import NewRow, RowState, Status, Verdict

FINAL = {3, 4, 20, 22, 23, 24, 25}
REFUSALS = {20, 22, 23, 24, 25}
HOW_FAR = {1: 1, 2: 2, 4: 3, **dict.fromkeys(FINAL - {4}, 1)}
OPEN_ROWS = {RowState.TAKEN, RowState.HELD}


@dataclass
class Row:
    new: NewRow
    state: RowState = RowState.WAITING
    request: int | None = None
    status: int | None = None
    told: float = 0.0

    @property
    def kind(self) -> str:
        return "alone" if self.new.alone else "own" if self.new.text is not None else "common"


@dataclass
class Request:
    campaign: int
    rows: list[Row]
    state: State = State.READY
    attempts: int = 0
    resends: int = 0
    misses: int = 0
    doubted: bool = False
    aside: Decimal = Decimal(0)

    def move(self, event: Event, cost: Decimal | None = None) -> Decimal:
        """Move by the plan; return what is spent then."""
        self.state = MOVES[self.state, event]
        if event is Event.SAID_RESEND:
            self.doubted = False
        if self.state is State.DOUBT:
            self.doubted = True
        if cost is None and self.state in {State.INTENT, State.DOUBT, State.HELD}:
            return Decimal(0)  # it may yet cost what was set aside
        aside, self.aside = self.aside, Decimal(0)
        if self.state is State.PARTIAL:  # nobody may have told the cost of all
            return max(cost or Decimal(0), aside)
        if cost is None and self.state is State.ACCEPTED:
            return aside
        return cost or Decimal(0)

    @property
    def was_sent(self) -> bool:
        return self.doubted or self.resends > 0


@dataclass
class Campaign:
    standing: str = "loading"
    rows: list[Row] = field(default_factory=list)
    spent: Decimal = Decimal(0)
    account: str = ""


class Model:
    def __init__(self) -> None:
        self.campaigns: dict[int, Campaign] = {}
        self.requests: dict[int, Request] = {}
        self.stops: set[str] = set()
        self.made = 0

    def begin(self) -> int:
        self.made += 1
        self.campaigns[self.made] = Campaign()
        return self.made

    def finish(self, campaign: int, *, duplicates: bool) -> None:
        seen: set[str] = set()
        for row in self.campaigns[campaign].rows:
            if row.new.phone in self.stops:
                row.state = RowState.STOPPED
            elif row.new.phone in seen and not duplicates:
                row.state = RowState.DUPLICATE
            seen.add(row.new.phone)
        self.campaigns[campaign].standing = "ready"

    def of(self, request: int) -> list[Row]:
        return [row for row in self.requests[request].rows if row.request == request]

    def claim(self, campaign: int, most: int, zones: set[str | None] | None) -> int | None:
        found = self.campaigns[campaign]
        if found.standing != "ready":
            return None
        while waiting := [
            row
            for row in found.rows
            if row.state is RowState.WAITING and (zones is None or row.new.zone in zones)
        ]:
            picked: list[Row] = []
            for row in waiting:
                if row.kind != waiting[0].kind:
                    continue
                if row.new.phone in self.stops:
                    row.state = RowState.STOPPED
                elif row.new.phone not in {other.new.phone for other in picked}:
                    picked.append(row)
                if len(picked) == most or (picked and row.kind == "alone"):
                    break
            if picked:
                return self.intend(self.pack(campaign, picked))
        return None

    def move(self, number: int, event: Event, cost: Decimal | None = None) -> None:
        request = self.requests[number]
        self.campaigns[request.campaign].spent += request.move(event, cost)

    def set_aside(self, number: int, cost: Decimal) -> None:
        self.requests[number].aside = cost

    def pack(self, campaign: int, rows: list[Row]) -> int:
        number = len(self.requests) + 1
        self.requests[number] = Request(campaign, list(rows))
        for row in rows:
            row.state, row.request, row.status = RowState.TAKEN, number, None
        return number

    def intend(self, number: int) -> int:
        request = self.requests[number]
        self.move(number, Event.START)
        request.attempts += 1
        request.misses = 0
        return number

    def start(self, number: int) -> int | None:
        request = self.requests[number]
        if self.campaigns[request.campaign].standing != "ready":
            return None
        stopped = [row for row in request.rows if row.new.phone in self.stops]
        if stopped and request.was_sent:
            self.withdraw(number)
            return None
        for row in stopped:
            row.state = RowState.STOPPED
            request.rows.remove(row)
        if not request.rows:
            request.rows = stopped
            self.move(number, Event.CANCEL)
            return None
        return self.intend(number)

    def withdraw(self, number: int) -> None:
        request = self.requests[number]
        self.move(number, Event.HOLD if request.was_sent else Event.CANCEL)
        self.become(self.of(number), RowState.HELD if request.was_sent else RowState.CANCELLED)

    @staticmethod
    def become(rows: Iterable[Row], state: RowState) -> None:
        for row in rows:
            if row.state in OPEN_ROWS:
                row.state = state
                if state is RowState.WAITING:
                    row.request = None

    def record(self, number: int, verdict: Verdict) -> None:
        request, rows = self.requests[number], self.of(number)
        campaign = self.campaigns[request.campaign]
        known = {row.state for row in rows} - OPEN_ROWS
        contradicted = (verdict.event is Event.NOT_TAKEN and known) or (
            verdict.event is Event.REFUSED and RowState.ACCEPTED in known
        )
        if request.state is State.INTENT and contradicted:
            verdict = Verdict(event=Event.LOST, cost=verdict.cost)
        self.move(number, verdict.event, verdict.cost)
        split = [row for row in rows if row.state is not RowState.ACCEPTED] if verdict.split else []
        if verdict.rows is not None:
            ended = campaign.standing == "cancelled" and verdict.rows is RowState.WAITING
            self.become(rows, RowState.CANCELLED if ended else verdict.rows)
        request.misses = request.misses if verdict.misses is None else verdict.misses
        request.resends = request.resends if verdict.resends is None else verdict.resends
        middle = (len(split) + 1) // 2
        made = [
            self.pack(request.campaign, half) for half in (split[:middle], split[middle:]) if half
        ]
        if verdict.event is Event.LOST:
            self.settle(number)
        if verdict.event is Event.SAID_RESEND and campaign.standing == "done":
            campaign.standing = "ready"
        if campaign.standing == "cancelled":
            for ready in (number, *made):
                if self.requests[ready].state is State.READY:
                    self.withdraw(ready)

    def settle(self, number: int) -> None:
        request, rows = self.requests[number], self.of(number)
        if request.state not in {State.READY, State.DOUBT, State.PARTIAL, State.HELD}:
            return
        known = {row.state for row in rows} - OPEN_ROWS
        if not known:
            return
        if any(row.state in OPEN_ROWS for row in rows):
            self.become(rows, RowState.HELD)
            self.move(number, Event.FOUND_SOME)
        elif known == {RowState.REFUSED} and request.state is not State.PARTIAL:
            self.move(number, Event.FOUND_REFUSED)
        else:
            self.move(number, Event.FOUND)

    def note(self, status: Status) -> int:
        number = int(status.id.split(".")[1]) if status.id else 0
        request = self.requests.get(number)
        rows = self.of(number) if request else []
        row = next((row for row in rows if row.new.phone == "+" + status.phone), None)
        if request is None or row is None or status.status == -3:
            return 0
        before, after = HOW_FAR.get(row.status or 0, 0), HOW_FAR.get(status.status, 0)
        at = status.at or 0.0
        if (
            row.status is None
            or after > before
            or (after == before and row.status not in FINAL and at >= row.told)
        ):
            row.status, row.told = status.status, at
        if request.state in {State.READY, State.INTENT, State.DOUBT, State.PARTIAL, State.HELD}:
            refused = status.status in REFUSALS
            self.become([row], RowState.REFUSED if refused else RowState.ACCEPTED)
        self.settle(number)
        return 1

    def bind(self, campaign: int, account: str) -> None:
        maybe_there = {State.INTENT, State.DOUBT, State.PARTIAL, State.HELD}
        in_doubt = any(
            one.state in maybe_there or (one.state is State.READY and one.doubted)
            for one in self.requests.values()
            if one.campaign == campaign
        )
        found = self.campaigns[campaign]
        if not found.account or not in_doubt:
            found.account = account

    def recover(self, campaign: int) -> None:
        for number, request in self.requests.items():
            if request.campaign == campaign and request.state is State.INTENT:
                self.move(number, Event.LOST)
                self.settle(number)

    def stand(self, campaign: int, standing: str) -> None:
        found = self.campaigns[campaign]
        left = any(row.state is RowState.WAITING for row in found.rows) or any(
            one.campaign == campaign and one.state in OPEN for one in self.requests.values()
        )
        if found.standing == "cancelled" or (standing == "done" and left):
            return
        found.standing = standing
        if standing == "cancelled":
            for row in found.rows:
                if row.state is RowState.WAITING:
                    row.state = RowState.CANCELLED
            for number, request in self.requests.items():
                if request.campaign == campaign and request.state is State.READY:
                    self.withdraw(number)
