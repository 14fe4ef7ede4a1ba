"""What the samples say: figures, ratios, and the goals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from ..figures import Figures, ratios
from ..goals import Goal
from ..live.stage import reference_of
from ..live.tools import FAST, LIVEVIZ, NBSITE
from .rounds import SCENARIOS, Sample

MEASURES = ("seconds", "answered", "size", "requests", "memory")
"""Fields of `Sample`."""

HEAVIEST = "Panel + HoloViews"


@dataclass(frozen=True, slots=True)
class Row:
    """What a tool took for a page in a scenario."""

    page: str
    """Key of `STARTS`."""
    scenario: str
    """One of `SCENARIOS`."""
    tool: str
    """`LiveTool.name`."""
    values: dict[str, Figures]
    """By measure, where it has one in every round."""
    ratio: dict[str, Figures]
    """To the reference tool in the same round, where both have the measure."""
    why: str
    """Why there was no live output; empty when there was."""


class Outcome:
    """The samples of a run, looked at from all sides."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples: dict[tuple[str, str, str], list[Sample]] = {}
        for sample in sorted(samples, key=lambda sample: sample.round):
            self._samples.setdefault((sample.page, sample.scenario, sample.tool), []).append(sample)
        self.pages = list(dict.fromkeys(sample.page for sample in samples))
        self.tools = sorted({sample.tool for sample in samples})
        self.reference = reference_of(self.tools)

    def rows(self) -> list[Row]:
        """Return one row for each page, scenario and tool; the fastest tool first."""
        rows = []
        for page, scenario in product(self.pages, SCENARIOS):
            of_tools = [self._row(page, scenario, tool) for tool in self.tools]
            rows += sorted(of_tools, key=lambda row: row.values["seconds"].median if "seconds" in row.values else 1e9)
        return rows

    def goals(self) -> list[Goal]:
        """Return what is promised of each variant that was measured, of the page that costs most."""
        return [goal for tool in self.tools if tool != NBSITE for goal in self._goals(tool)]

    def _goals(self, tool: str) -> Iterator[Goal]:
        if HEAVIEST not in self.pages:
            return
        to_nbsite = [("cold", "seconds", 0.4 if tool == FAST else 1 / 6), ("cold", "size", 1 / 2)]
        if tool == LIVEVIZ:
            to_nbsite.append(("warm", "seconds", 1 / 9))
        if NBSITE in self.tools:
            for scenario, measure, bound in to_nbsite:
                figures = self._row(HEAVIEST, scenario, tool).ratio.get(measure)
                if figures:
                    what = {"seconds": "time", "size": "bytes"}[measure]
                    yield Goal.at_most(f"{tool}, {scenario}: {what}, ratio to {NBSITE}", bound, figures)
        following = self._row(HEAVIEST, "next", tool).values.get("seconds")
        if following:
            yield Goal.at_most(f"{tool}, next page: seconds", 0.5, following)

    def _row(self, page: str, scenario: str, tool: str) -> Row:
        mine = self._samples[page, scenario, tool]
        theirs = self._samples[page, scenario, self.reference]
        values, ratio = {}, {}
        for measure in MEASURES:
            own = _known(mine, measure)
            if own is not None:
                values[measure] = Figures.of(own)
                other = _known(theirs, measure)
                if other is not None and all(other):
                    ratio[measure] = Figures.of(ratios(own, other))
        return Row(page, scenario, tool, values, ratio, next((sample.why for sample in mine if sample.why), ""))


def _known(samples: Sequence[Sample], measure: str) -> list[float] | None:
    """Return a measure round by round, None when a round has none."""
    if any(sample.seconds is None for sample in samples):
        return None
    values = [getattr(sample, measure) for sample in samples]
    return None if None in values else values
