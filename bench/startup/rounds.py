"""The measurement itself: readers who come, come back, and come back without a network."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Error as BrowserError

from ..figures import rotated
from ..live.memory import peak_memory
from ..live.pages import STARTS, LivePage
from ..live.reader import LIMIT, Reader, Tab
from ..live.stage import Stage, Tell
from ..live.tools import LiveTool
from ..timing import BenchError

SCENARIOS = ("cold", "next", "warm", "offline")
"""First visit; the next page of it; the first page again in a new browser; the same while no host answers."""

OFFLINE_LIMIT = 60.0
"""Seconds after which a page that no host serves is taken not to work offline."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A page that was opened, and its cell run."""

    round: int
    """From 0."""
    tool: str
    """`LiveTool.name`."""
    page: str
    """Key of `STARTS`."""
    scenario: str
    """One of `SCENARIOS`."""
    seconds: float | None
    """From the click to the first live output; None when there was none."""
    answered: float | None
    """From the click to Python's answer to a slider that was then moved; None for a page without slider."""
    size: int
    """Bytes that hosts sent, from opening the page to the answer."""
    requests: int
    """Requests that they answered; those with "not modified" too."""
    memory: int | None
    """Peak memory of the browser, in bytes."""
    why: str = ""
    """Why there was no live output."""


def measure(stage: Stage, kinds: Sequence[str], rounds: int, log: Path, tell: Tell) -> list[Sample]:
    """Run all rounds.

    Parameters
    ----------
    log : Path
        Receives each sample as a line of JSON at once, so that an interrupted run is not lost.
    """
    samples = []
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as lines:
        for number in range(rounds):
            for kind in kinds:
                # Who is first meets another machine than who is last; so the order changes.
                for tool in rotated(stage.tools, number):
                    for sample in _visits(stage, number, kind, tool):
                        seconds = "never" if sample.seconds is None else f"{sample.seconds:.2f} s"
                        tell(f"round {number + 1}/{rounds}  {kind}  {tool.name}  {sample.scenario}  {seconds}")
                        samples.append(sample)
                        lines.write(json.dumps(asdict(sample)) + "\n")
                        lines.flush()
    return samples


def _visits(stage: Stage, number: int, kind: str, tool: LiveTool) -> Iterator[Sample]:
    first, second = STARTS[kind]
    reader = stage.reader()

    def visit(tab: Tab, page: LivePage, scenario: str, limit: float = LIMIT) -> Sample:
        return _visit(stage, reader, tab, tool, page, Sample(number, tool.name, kind, scenario, None, None, 0, 0, None),
                      limit)  # fmt: skip

    with reader.browser() as tab:
        yield visit(tab, first, "cold")
        yield visit(tab, second, "next")
        # The reader reads on; work that a tool has put off may be done now.
        time.sleep(tool.dwell)
    with reader.browser() as tab:
        yield visit(tab, first, "warm")
        time.sleep(tool.dwell)
    with reader.browser() as tab, stage.offline(tool):
        try:
            sample = visit(tab, first, "offline", OFFLINE_LIMIT)
        except (BenchError, BrowserError) as error:  # a page without its scripts has no button to press either
            why = str(error).partition("\n")[0]
            sample = Sample(number, tool.name, kind, "offline", None, None, 0, 0, None, why)
        yield sample


def _visit(
    stage: Stage, reader: Reader, tab: Tab, tool: LiveTool, page: LivePage, sample: Sample, limit: float
) -> Sample:
    stage.take(tool)
    tab.open(stage.url(tool, page.name), limit)
    tool.press(tab.page)
    seconds = tab.measure("live", page.mark, page.draws, limit=limit) / 1000
    answered = tab.measure("answered", page.answer, limit=limit) / 1000 if page.slides else None
    memory = peak_memory(reader.profile)
    sent = stage.take(tool)
    size = sum(answer.size for answer in sent)
    return Sample(sample.round, sample.tool, sample.page, sample.scenario, seconds, answered, size, len(sent), memory)
