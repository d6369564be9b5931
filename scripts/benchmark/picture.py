"""The ladder and the growth as one picture, for those who do not read tables."""

import sys
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from .growth import SIZES, Milliseconds
from .ladder import KINDS, Rung

MISSING = "no matplotlib, so no picture: `.venv/bin/python -m pip install -e '.[bench]'`."
COLOURS = {
    "PostgreSQL, bare SQL": "#c9c9c9",
    "PostgreSQL, API's SQL": "#9a9a9a",
    "bare floor": "#a8c8e4",
    "fair floor": "#5b9bd0",
    "crm-api": "#d9622b",
}
PROMISED = 50


def draw(rungs: list[Rung], taken: Milliseconds, file: Path) -> bool:
    """False where there is no matplotlib."""
    try:
        import_module("matplotlib").use("Agg")
    except ImportError:
        sys.stderr.write(f"scripts/bench: {MISSING}\n")
        return False
    pyplot: Any = import_module("matplotlib.pyplot")
    pyplot.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
    _ladder(left, rungs)
    _growth(right, taken)
    figure.savefig(file, dpi=150)
    return True


def _ladder(axes: Any, rungs: list[Rung]) -> None:
    rates = {(rung.kind, rung.stack): rung.rate for rung in rungs}
    for place, (stack, colour) in enumerate(COLOURS.items()):
        there = [n for n, kind in enumerate(KINDS) if (kind, stack) in rates]
        heights = [rates[KINDS[n], stack] for n in there]
        left = [n + (place - 2) * 0.17 for n in there]
        axes.bar(left, heights, 0.16, color=colour, label=stack)
    axes.set_xticks(range(len(KINDS)), KINDS)
    axes.set_yscale("log")
    axes.set_title("Requests a second (logarithmic)", loc="left", fontweight="bold")
    axes.legend(frameon=False, fontsize=8, loc="upper right", ncols=2)
    axes.set_ylim(100, 8 * max(rates.values()))
    axes.set_yticks([100, 1_000, 10_000], ["100", "1,000", "10,000"])


def _growth(axes: Any, taken: Milliseconds) -> None:
    for what, costs in taken.items():
        style = "-" if what.startswith("search") else "--"
        axes.plot(SIZES, [median(costs[n]) for n in SIZES], style, marker="o", ms=3, label=what)
    axes.axhline(PROMISED, color="#888888", linewidth=0.8, linestyle=":")
    axes.text(SIZES[0], PROMISED * 1.05, "promised for a search", color="#666666", fontsize=8)
    axes.set_xscale("log")
    axes.set_xticks(SIZES, [f"{n:,}" for n in SIZES], fontsize=8)
    axes.minorticks_off()
    axes.set_xlim(8_000, 1_400_000)
    axes.set_ylim(0, 2 * PROMISED)
    axes.set_title("Milliseconds, by customers of the tenant", loc="left", fontweight="bold")
    axes.legend(frameon=False, fontsize=8, loc="upper left")
