"""How a campaign stands, in a person's words: a summary, and the report in tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, Self

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .. import Status
from ..campaigns import Campaign, Estimate, Loaded, Report, RowState, State, Unsettled
from ._ending import REFUSED, UNKNOWN
from ._tables import figures, table

# In the order in which a row may come to be so, and what a person has to know of it. Those that
# are taken are told apart by their requests.
ROWS: Final[Mapping[RowState, tuple[str, str]]] = {
    RowState.ACCEPTED: ("accepted", ""),
    RowState.REFUSED: ("refused", "by the service"),
    RowState.TAKEN: ("under way", "a run sends them, or finds out"),
    RowState.HELD: ("in doubt", "perhaps sent, see the report"),
    RowState.WAITING: ("waiting", "not sent"),
    RowState.STOPPED: ("stopped", "on a stop list, never sent"),
    RowState.DUPLICATE: ("duplicates", "the same number again, never sent"),
    RowState.CANCELLED: ("cancelled", "never sent"),
    RowState.ABANDONED: ("given up", "while in doubt"),
}
_NOTHING = Loaded(rows=0, bad=0, duplicates=0, stopped=0)  # of one that was opened
RUNNING: Final = "running (another program)"
RESOLVED: Final = {
    "sent": "its rows count as accepted",
    "resend": "the next run sends it again, unless it finds it",
    "drop": "its rows are given up",
}


class Created(msgspec.Struct, frozen=True):
    """What became of a list; *rejects* is where bad rows were written, None if there are none."""

    number: int
    name: str
    waiting: int
    bad: int
    duplicates: int
    stopped: int
    rejects: str | None

    @classmethod
    def of(cls, campaign: Campaign, rejects: Path) -> Self:
        """Take it from a campaign that was just made."""
        loaded = campaign.loaded or _NOTHING
        return cls(
            number=campaign.number,
            name=campaign.name,
            waiting=loaded.rows,
            bad=loaded.bad,
            duplicates=loaded.duplicates,
            stopped=loaded.stopped,
            rejects=str(rejects) if loaded.bad else None,
        )

    @property
    def sentence(self) -> str:
        """Say it, and what to do next."""
        beside = {
            f"{self.bad:,} bad: see {self.rejects}": self.bad,
            _counted(self.duplicates, "duplicate"): self.duplicates,
            f"{self.stopped:,} on a stop list": self.stopped,
        }
        never = "".join(f"\n  {what}" for what, count in beside.items() if count)
        go_on = f"{_counted(self.waiting, 'row')} to send; smsc campaign run {self.number} does"
        return f"campaign {self.number}: {go_on if self.waiting else 'no row can be sent'}{never}"


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign of several, by what is known of it without counting its rows."""

    number: int
    name: str
    standing: str
    running: bool
    created: float
    spent: Decimal


def listing(listed: Iterable[Listed]) -> Group:
    """Return a line for each."""
    told = table("Campaigns")
    told.add_column(justify="right", no_wrap=True, style="bold")
    told.add_column(overflow="fold")
    told.add_column(no_wrap=True)
    told.add_column(no_wrap=True, style="dim")
    for one in listed:
        made = f"{datetime.fromtimestamp(one.created).astimezone():%Y-%m-%d %H:%M}"
        told.add_row(
            f"{one.number}", Text(one.name), RUNNING if one.running else one.standing, made
        )
    return _apart(told, Text("smsc campaign status NUMBER tells how far one is.", "dim"))


def priced(estimate: Estimate) -> str:
    """Say what it would cost."""
    about = ""
    if estimate.is_sample:
        about = f", by the prices of {estimate.asked:,} of them"
    parts, rows = _counted(estimate.parts, "part"), _counted(estimate.rows, "row")
    left = f"left {estimate.balance}"
    if estimate.cost > estimate.balance:
        left += ", which is too little"
    return f"{estimate.cost} for {parts} to {rows}{about}; {left}"


def code(report: Report) -> int:
    """Return the exit code of a run that ended so."""
    if report.in_doubt:
        return UNKNOWN
    return 0 if report.standing == "done" else REFUSED


def is_running(report: Report, *, owned: bool) -> bool:
    """Tell whether another program sends it, where the store is *owned* by one."""
    return owned and report.standing == "ready" and bool(report.under_way)


def summary(report: Report, *, owned: bool = False) -> Group:
    """Return how far it is, and what to do; *owned*: another program runs campaigns beside it."""
    if is_running(report, owned=owned):
        sends = f"Another program sends it: smsc campaign pause {report.number} stops it."
        return _apart(_heading(report, RUNNING), _rows(report), Text(sends, "bold cyan"))
    if owned and report.standing == "ready":
        beside = (
            "Another program runs campaigns of this store, perhaps this one; "
            f"when it ends, smsc campaign run {report.number} goes on."
        )
        doubts = _verdict(report) if report.in_doubt else None
        return _apart(_heading(report), _rows(report), Text(beside, "bold cyan"), doubts)
    return _apart(_heading(report), _rows(report), _verdict(report))


def whole(report: Report) -> Group:
    """Return all that is known but for the rows one by one."""
    return _apart(
        _heading(report),
        _rows(report),
        _deliveries(report),
        _unsettled("In doubt", report.unsettled),
        _unsettled("Under way", report.under_way),
        _verdict(report),
    )


def _apart(*parts: RenderableType | None) -> Group:
    return Group(*(Padding(part, (1, 0, 0, 0)) for part in parts if part is not None))


def _heading(report: Report, standing: str = "") -> Text:
    told = Text(f"Campaign {report.number}, {report.name}: {standing or report.standing}", "bold")
    return told.append(f"\n{report.reason}" if report.reason else "", "not bold yellow")


def _rows(report: Report) -> Table:
    told = figures("Rows")
    started, lost = _started(report), _lost(report)
    ready = max(0, report.count(RowState.TAKEN) - started - lost)  # packed, and not sent
    for state, (name, note) in ROWS.items():
        count = report.count(state)
        match state:
            case RowState.ACCEPTED:
                told.add_row(name, f"{count:,}", f"cost {report.spent:,.2f}")
                continue
            case RowState.TAKEN:
                count = started
                if lost:
                    told.add_row("not known", f"{lost:,}", "perhaps sent, a run finds out")
            case RowState.WAITING:
                count += ready
            case _:
                pass
        if count:
            told.add_row(name, f"{count:,}", note)
    return told


def _deliveries(report: Report) -> Table | None:
    if not report.statuses:
        return None
    told = figures("Deliveries")
    for status, count in sorted(report.statuses.items()):
        name = next((one.english for one in Status if one == status), f"status {status}")
        told.add_row(name, f"{count:,}", "")
    return told


def _unsettled(title: str, requests: tuple[Unsettled, ...]) -> Table | None:
    if not requests:
        return None
    told = table(title)
    told.add_column(no_wrap=True, style="yellow")
    told.add_column(overflow="fold")
    for request in requests:
        told.add_row(request.id, Text(", ".join(request.phones)))
        told.add_row("", Text("; ".join(_about(request)), "dim"))
    return told


def _about(request: Unsettled) -> Iterator[str]:
    if request.begun is not None:
        begun = datetime.fromtimestamp(request.begun).astimezone()
        yield f"begun {begun:%Y-%m-%d %H:%M:%S %z}"
    yield f"{request.state}, {_counted(request.lookups, 'look-up')} found nothing"
    if request.resends:
        yield _counted(request.resends, "resend")
    if request.note:
        yield request.note


def _verdict(report: Report) -> Text:
    number = report.number
    unknown, held = _unknown(report), report.count(RowState.HELD)
    told: list[tuple[str, str]] = []
    if unknown:
        are = "row is" if unknown == 1 else "rows are"
        line = f"{unknown:,} {are} not known yet: smsc campaign run {number} finds out."
        told.append((line, "yellow"))
    if held:
        them = "it" if held == 1 else "them"
        line = f"{_counted(held, 'row')} in doubt: smsc campaign report {number} names {them}, "
        told.append((f"{line}smsc campaign resolve ID settles {them}.", "red"))
    if not told or report.standing not in {"done", "ready"}:
        told.append(_outlook(report))
    return Text("\n").join(Text(line, f"bold {colour}") for line, colour in told)


def _outlook(report: Report) -> tuple[str, str]:
    """Say what is to be done about the campaign as such, and the colour to say it in."""
    number = report.number
    match report.standing:
        case "done":
            return "Every row is accounted for.", "green"
        case "loading":
            return (
                "Its list was not read to the end: create it anew; "
                f"smsc campaign purge {number} forgets it."
            ), "yellow"
        case "cancelled":
            return "It is cancelled: what waited is never sent.", "yellow"
        case "paused" if report.reason.startswith("max_cost is "):  # which no resume changes
            return (
                "It is paused: a higher cap needs a new campaign of the rows that wait: "
                f"smsc campaign report {number} --to FILE names them."
            ), "yellow"
        case "paused":
            return f"It is paused: {going_on(number)}, let it go on.", "yellow"
        case _:
            return f"smsc campaign run {number} goes on.", "yellow"


def going_on(number: int) -> str:
    """Say what lets a paused campaign go on."""
    return f"smsc campaign resume {number}, then smsc campaign run {number}"


def _unknown(report: Report) -> int:
    """Count the rows of which a run finds out what became of them."""
    return _lost(report) + _started(report)


def _lost(report: Report) -> int:
    return sum(len(one.phones) for one in report.unsettled if one.state is State.DOUBT)


def _started(report: Report) -> int:
    return sum(len(one.phones) for one in report.under_way)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
