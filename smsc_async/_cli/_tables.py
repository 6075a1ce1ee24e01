"""How figures are set out at the end of a command."""

from __future__ import annotations

from rich.table import Table


def figures(title: str) -> Table:
    """Return a table of three columns: what is counted, how many, and what that means."""
    found = table(title)
    found.add_column(min_width=13)
    found.add_column(justify="right", min_width=7, style="bold")
    found.add_column(style="dim")
    return found


def table(title: str) -> Table:
    """Return a table without lines, below its title."""
    return Table(
        title=title,
        title_justify="left",
        title_style="bold cyan",
        box=None,
        show_header=False,
        padding=(0, 2, 0, 0),
    )
