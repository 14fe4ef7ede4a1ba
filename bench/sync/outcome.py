"""What the moves say: percentiles, ratios, and the goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from ..figures import Figures, ratios
from ..goals import Goal
from ..live.stage import reference_of
from ..live.tools import NBSITE
from .rounds import MOVED, Drag, Moves


@dataclass(frozen=True, slots=True)
class Row:
    """What a slider's answer took on a page."""

    page: str
    """Key of `MOVED`, or ``"column alone"``: what the column adds."""
    tool: str
    """`LiveTool.name`."""
    p50: Figures
    """Milliseconds, over the rounds."""
    p95: Figures
    """Milliseconds, over the rounds."""
    ratio: Figures | None
    """Of p50, to the reference tool in the same round; None where there is nothing to compare with."""


def percentile(values: Sequence[float], share: int) -> float:
    """Return the value that ``share`` percent of the values do not exceed, interpolated."""
    return values[0] if len(values) == 1 else quantiles(values, n=100, method="inclusive")[share - 1]


class Outcome:
    """The moves and drags of a run, looked at from all sides."""

    def __init__(self, moves: Sequence[Moves], drags: Sequence[Drag]) -> None:
        self.drags = drags
        self.tools = sorted({one.tool for one in moves})
        self.reference = reference_of(self.tools)
        self._times: dict[tuple[str, str, int], list[float]] = {}
        for one in sorted(moves, key=lambda one: one.round):
            for share in (50, 95):
                self._times.setdefault((one.page, one.tool, share), []).append(percentile(one.milliseconds, share))
        for tool in self.tools:
            for share in (50, 95):
                pairs = zip(self._times["column", tool, share], self._times["no column", tool, share], strict=True)
                self._times["column alone", tool, share] = [with_it - without for with_it, without in pairs]

    def rows(self) -> list[Row]:
        """Return one row for each page and tool; the fastest tool first."""
        rows = []
        for page in (*MOVED, "column alone"):
            of_tools = []
            for tool in self.tools:
                p50, p95 = (self._times[page, tool, share] for share in (50, 95))
                reference = self._times[page, self.reference, 50]
                # A difference may be nothing, or less.
                ratio = Figures.of(ratios(p50, reference)) if min(reference) > 0 else None
                of_tools.append(Row(page, tool, Figures.of(p50), Figures.of(p95), ratio))
            rows += sorted(of_tools, key=lambda row: row.p50.median)
        return rows

    def goals(self) -> list[Goal]:
        """Return what is promised of each variant of this extension."""
        goals = []
        for tool in self.tools:
            if tool == NBSITE:
                continue
            p50 = Figures.of(self._times["Bokeh", tool, 50])
            goals.append(Goal.at_most(f"{tool}: slider to DOM, Bokeh, p50 in ms", 16, p50))
            drags = [drag for drag in self.drags if drag.tool == tool]
            if drags:
                longest = Figures.of(drag.longest for drag in drags)
                met = longest.maximum <= 1 and all(drag.settled for drag in drags)
                goals.append(
                    Goal(f"{tool}: messages waiting while dragged, ends on the last value", "<= 1", longest, met)
                )
        return goals
