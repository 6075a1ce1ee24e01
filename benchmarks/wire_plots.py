"""A picture for each table of the clients beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

FOLDER = Path(__file__).with_name("plots")
OURS, OTHERS = "#1f6f8b", "#b8b8b8"
CLEAR = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}  # the line does not strike a number

# The same figures make the same file.
mpl.rcParams.update({"svg.hashsalt": "smsc_async", "font.size": 9})


def draw(
    name: str,
    title: str,
    bars: Mapping[str, tuple[float, float]],
    ours: Sequence[str],
    bound: float,
) -> str:
    """Draw requests a second and CPU microseconds of each, and return the link to the picture."""
    figure = Figure(figsize=(9, 0.34 * len(bars) + 0.9), layout="constrained")
    rates, costs = figure.subplots(1, 2, sharey=True)
    colors = [OURS if words in ours else OTHERS for words in bars]
    for axes, at, what in ((rates, 0, "requests a second"), (costs, 1, "CPU µs of a request")):
        drawn = axes.barh(list(bars), [figures[at] for figures in bars.values()], color=colors)
        axes.bar_label(drawn, fmt="{:,.0f}", padding=2, bbox=CLEAR)
        axes.margins(x=0.18)
        axes.set_xlabel(what)
        axes.spines[["top", "right"]].set_visible(False)
    rates.invert_yaxis()
    if bound < float("inf"):
        rates.axvline(bound, color="black", linewidth=0.8, linestyle=":")
        above = rates.get_xaxis_transform()
        rates.text(bound, 1, f"the bound, {bound:,.0f}", transform=above, ha="center", va="bottom")
    figure.suptitle(title)
    FOLDER.mkdir(exist_ok=True)
    figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None})
    return f"![{title}](plots/{name}.svg)\n"
