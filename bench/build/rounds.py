"""The measurement itself: rounds in which every tool builds everything once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ..figures import rotated
from ..timing import BenchError
from .corpus import RECIPES, Corpus, make_corpus
from .site import Site
from .tools import OURS, Tool

SCENARIOS = ("cold", "no-op", "one edit")
"""Nothing there but the sources; the same command again; again after a number in one cell was changed."""

_ATTEMPTS = 4
"""How often a peer may try: nbsite.pyodide with -j fails at times, when two of its processes write one file."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sample:
    """One build."""

    round: int
    """From 0."""
    tool: str
    """`Tool.name`."""
    corpus: str
    """`Corpus.name`."""
    jobs: int
    """``-j``."""
    scenario: str
    """One of `SCENARIOS`."""
    seconds: float
    """Wall time of ``sphinx-build``."""
    cpu: float
    """Processor time of it and its children, in seconds: less disturbed by what else the machine does."""
    attempt: int = 1
    """Which one it was; those before it failed."""


def warm_up(tools: Sequence[Tool], corpora: Sequence[Corpus], tell: Tell) -> None:
    """Let every tool build each kind of page once, unmeasured.

    Then bytecode is compiled, files are in memory, and what live cells need is in the download cache.
    """
    for corpus in corpora:
        small = make_corpus(corpus.name, min(len(corpus.pages), len(RECIPES[corpus.name])))
        for tool in tools:
            tell(f"unmeasured  {small.name}  {tool.name}")
            site = Site(tool, small)
            site.write_sources()
            site.build(jobs=1)
            site.verify(small)


def measure(
    tools: Sequence[Tool],
    corpora: Sequence[Corpus],
    jobs: Sequence[int],
    rounds: int,
    log: Path,
    tell: Tell,
    *,
    resume: bool = False,
) -> list[Sample]:
    """Run all rounds.

    Parameters
    ----------
    log : Path
        Receives each sample as a line of JSON at once, so that an interrupted run is not lost.
    resume : bool
        Go on with what the log holds.
    """
    samples = _logged(log) if resume else []
    done = {_what(sample) for sample in samples}
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as lines:
        for sample in samples:
            lines.write(json.dumps(asdict(sample)) + "\n")
        for number in range(rounds):
            for corpus in corpora:
                for count in jobs:
                    # Who is first meets another machine than who is last; so the order changes.
                    for tool in rotated(tools, number):
                        if (number, tool.name, corpus.name, count) in done:
                            continue
                        for sample in _attempts(number, tool, corpus, count, tell):
                            tell(
                                f"round {number + 1}/{rounds}  {corpus.name}  -j{count}  {tool.name}  "
                                f"{sample.scenario}  {sample.seconds:.2f} s"
                            )
                            samples.append(sample)
                            lines.write(json.dumps(asdict(sample)) + "\n")
                            lines.flush()
    return samples


def _what(sample: Sample) -> tuple[int, str, str, int]:
    return sample.round, sample.tool, sample.corpus, sample.jobs


def _logged(log: Path) -> list[Sample]:
    """Return the samples of a log, of each series of scenarios all or none."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
    samples = [Sample(**json.loads(line)) for line in lines]
    counts = Counter(map(_what, samples))
    return [sample for sample in samples if counts[_what(sample)] == len(SCENARIOS)]


def _attempts(number: int, tool: Tool, corpus: Corpus, jobs: int, tell: Tell) -> list[Sample]:
    """Build all scenarios; a peer that fails begins anew, which is told and noted.

    Raises
    ------
    BenchError
        When a tool of ours fails, or a peer each time.
    """
    most = 1 if tool.name in OURS else _ATTEMPTS
    for attempt in range(1, most + 1):
        try:
            return [replace(sample, attempt=attempt) for sample in _build(number, tool, corpus, jobs)]
        except BenchError as error:
            if attempt == most:
                raise
            tell(f"{tool.name} failed (attempt {attempt}): {str(error).strip().splitlines()[-1]}")
    raise AssertionError("the last attempt returns or raises")


def _build(number: int, tool: Tool, corpus: Corpus, jobs: int) -> Iterator[Sample]:
    site = Site(tool, corpus)
    site.write_sources()
    after = corpus.after_edit()
    for scenario, now in zip(SCENARIOS, (corpus, corpus, after), strict=True):
        if now is after:
            site.write(after.edited)
        took = site.build(jobs)
        site.verify(now)
        yield Sample(number, tool.name, corpus.name, jobs, scenario, took.seconds, took.cpu)
