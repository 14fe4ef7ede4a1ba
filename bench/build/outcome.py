"""What the samples say: figures, seconds per page, and the goals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

from ..figures import Figures, ratios
from ..goals import Goal
from .rounds import SCENARIOS, Sample
from .tools import BASELINE, LIVEVIZ, WARM

MEASURES = ("seconds", "cpu")
"""Fields of `Sample`: what people wait for, and what says more when others use the machine too."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a tool took for a scenario."""

    corpus: str
    """`Corpus.name`."""
    jobs: int
    """``-j``."""
    scenario: str
    """One of `SCENARIOS`."""
    tool: str
    """`Tool.name`."""
    seconds: Figures
    """Of all rounds."""
    ratio: Figures
    """To liveviz in the same round."""
    cpu: Figures
    """Processor time, in seconds."""
    cpu_ratio: Figures
    """To liveviz in the same round."""


@dataclass(frozen=True, slots=True)
class PerPage:
    """What the cells of a page with Panel cost in a cold build, Sphinx's own work not counted."""

    jobs: int
    """``-j``."""
    tool: str
    """`Tool.name`."""
    seconds: Figures
    """(cold - cold of plain Sphinx in the same round) / pages."""
    ratio: Figures
    """To liveviz in the same round."""
    cpu: Figures
    """The same of processor time."""
    cpu_ratio: Figures
    """To liveviz in the same round."""


class Outcome:
    """The samples of a run, looked at from all sides.

    Parameters
    ----------
    samples : sequence of Sample
        Of at least liveviz and plain Sphinx, with every scenario in every round.
    pages : int
        Pages of the heavy corpus.
    """

    def __init__(self, samples: Sequence[Sample], pages: int) -> None:
        self._pages = pages
        self._samples: dict[tuple[str, int, str, str], list[Sample]] = {}
        for sample in sorted(samples, key=lambda sample: sample.round):
            key = (sample.corpus, sample.jobs, sample.scenario, sample.tool)
            self._samples.setdefault(key, []).append(sample)
        self.tools = sorted({sample.tool for sample in samples})
        self.corpora = sorted({sample.corpus for sample in samples})
        self.jobs = sorted({sample.jobs for sample in samples})

    def rows(self) -> list[Row]:
        """Return one row for each corpus, ``-j``, scenario and tool; the fastest tool first."""
        rows = []
        for corpus, jobs, scenario in product(self.corpora, self.jobs, SCENARIOS):
            times = partial(self._of, corpus, jobs, scenario)
            of_tools = [Row(corpus, jobs, scenario, tool, *_figures(times, tool)) for tool in self.tools]
            rows += sorted(of_tools, key=lambda row: row.seconds.median)
        return rows

    def per_page(self) -> list[PerPage]:
        """Return seconds per page with Panel, for each ``-j`` and each tool that runs cells."""
        found = []
        for jobs in self.jobs if "heavy" in self.corpora else ():
            times = partial(self._page_seconds, jobs)
            of_tools = [PerPage(jobs, tool, *_figures(times, tool)) for tool in self.tools if tool != BASELINE]
            found += sorted(of_tools, key=lambda item: item.seconds.median)
        return found

    def goals(self) -> list[Goal]:
        """Return the goals, for each ``-j`` and corpus that they speak of."""
        return [*self._cold_goals(), *self._warm_goals()]

    def _cold_goals(self) -> Iterator[Goal]:
        for page in self.per_page():
            for peer, times in (("nbsite.pyodide", 10), ("MyST-NB", 5)):
                if page.tool == peer:
                    text = f"cold, per Panel page, -j{page.jobs}: times as fast as {peer}"
                    yield Goal(text, f">= {times}", page.ratio, page.ratio.median >= times)

    def _warm_goals(self) -> Iterator[Goal]:
        for corpus in self.corpora:
            for jobs in self.jobs:
                idle = self._of(corpus, jobs, "no-op", LIVEVIZ)
                value = Figures.of(ratios(idle, self._of(corpus, jobs, "no-op", BASELINE)))
                text = f"no-op, {corpus}, -j{jobs}: ratio to plain Sphinx without cells"
                yield Goal(text, "<= 1.1", value, value.median <= 1.1)
                for tool, how in ((LIVEVIZ, ""), (WARM, ", kept warm")):
                    if tool in self.tools:
                        idle, edit = (self._of(corpus, jobs, scenario, tool) for scenario in ("no-op", "one edit"))
                        value = Figures.of(after - before for after, before in zip(edit, idle, strict=True))
                        text = f"one cell edited{how}, {corpus}, -j{jobs}: seconds more than the no-op"
                        yield Goal(text, "<= 1", value, value.median <= 1)

    def _page_seconds(self, jobs: int, tool: str, measure: str) -> list[float]:
        colds = self._of("heavy", jobs, "cold", tool, measure)
        plain = self._of("heavy", jobs, "cold", BASELINE, measure)
        return [(cold - base) / self._pages for cold, base in zip(colds, plain, strict=True)]

    def _of(self, corpus: str, jobs: int, scenario: str, tool: str, measure: str = MEASURES[0]) -> list[float]:
        """Return what was measured, round by round."""
        return [getattr(sample, measure) for sample in self._samples[corpus, jobs, scenario, tool]]


def _figures(times: Callable[[str, str], list[float]], tool: str) -> Iterator[Figures]:
    """Yield what a tool took and its ratio to liveviz, for each measure; ``times`` takes a tool and a measure."""
    for measure in MEASURES:
        yield Figures.of(times(tool, measure))
        yield Figures.of(ratios(times(tool, measure), times(LIVEVIZ, measure)))
