"""What was weighed and read: ratios, and the goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from ..figures import Figures, ratios
from ..goals import Goal
from ..live.tools import NBSITE, PLAIN
from .rounds import PAGES, Reading, Weight

MOMENTS = ("paint", "parsed", "still")
"""Fields of `Reading`."""


@dataclass(frozen=True, slots=True)
class Row:
    """When a page can be read."""

    page: str
    """Key of `PAGES`."""
    tool: str
    """`LiveTool.name`."""
    seconds: dict[str, Figures]
    """By moment."""
    ratio: dict[str, Figures]
    """By moment, to plain Sphinx in the same round."""


class Outcome:
    """Weights and readings of a run."""

    def __init__(self, weights: Sequence[Weight], readings: Sequence[Reading]) -> None:
        self.weights = sorted(weights, key=lambda one: ([*PAGES, "live"].index(one.what), one.files))
        self.tools = sorted({one.tool for one in readings})
        self._times: dict[tuple[str, str, str], list[float]] = {}
        for one in sorted(readings, key=lambda one: one.round):
            for moment in MOMENTS:
                self._times.setdefault((one.page, one.tool, moment), []).append(getattr(one, moment))

    def rows(self) -> list[Row]:
        """Return one row for each page and tool; the fastest tool first."""
        rows = []
        for page in PAGES:
            of_tools = [self._row(page, tool) for tool in self.tools]
            rows += sorted(of_tools, key=lambda row: row.seconds["paint"].median)
        return rows

    def goals(self) -> list[Goal]:
        """Return what is promised of each variant of this extension."""
        goals = []
        ours = [tool for tool in self.tools if tool not in (NBSITE, PLAIN)]
        for one in self.weights:
            if one.tool in ours and one.what == "without cells":
                text = f"{one.tool}, without cells: bytes of its files"
                goals.append(Goal(text, "0", Figures.of([one.files]), one.files == 0))
        for tool, page in product(ours, PAGES):
            for moment, name in (("paint", "first contentful paint"), ("parsed", "DOMContentLoaded")):
                ratio = self._row(page, tool).ratio[moment]
                goals.append(Goal.at_most(f"{tool}, {page}: {name}, ratio to {PLAIN}", 1.1, ratio))
        return goals

    def _row(self, page: str, tool: str) -> Row:
        seconds = {moment: self._times[page, tool, moment] for moment in MOMENTS}
        ratio = {moment: Figures.of(ratios(seconds[moment], self._times[page, PLAIN, moment])) for moment in MOMENTS}
        return Row(page, tool, {moment: Figures.of(values) for moment, values in seconds.items()}, ratio)
