"""Docs builds: the same pages built by this extension, nbsite.pyodide, MyST-NB and jupyter-sphinx.

It works as follows:

1. ``corpus`` describes pages with cells, after the recipes in ``heavy`` (Panel and Bokeh) and ``light`` (plain Python);
   every output contains a mark that only a cell which ran can have made.
2. ``writers`` write a page in the syntax of a tool; ``tools`` says what each tool is installed from and reads.
3. ``site`` writes the sources, runs ``sphinx-build``, and verifies that each output is in its page.
4. ``rounds`` lets every tool build everything once per round, in another order each time.
5. ``outcome`` makes figures, ratios and goals of it, and ``report`` the tables.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ..machine import commit, machine
from ..places import RESULTS, WORK
from .corpus import PAGES, RECIPES, Corpus, make_corpus
from .outcome import Outcome
from .report import report
from .rounds import measure, warm_up
from .tools import BASELINE, DISTRIBUTIONS, LIVEVIZ, OURS, WARM, Tool, make_tools

QUICK_PAGES = 6


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables, write the results."""
    options = _options(arguments)
    tools = [tool for tool in make_tools(options.distribution) if tool.name in {*OURS, *options.tools}]
    corpora = [make_corpus(name, options.pages) for name in options.corpora]
    for tool in tools:
        tool.venv.prepare(_tell)
    at_start = machine()
    warm_up(tools, corpora, _tell)
    samples = measure(
        tools, corpora, options.jobs, options.rounds, WORK / "samples.jsonl", _tell, resume=options.resume
    )
    outcome = Outcome(samples, options.pages)
    versions = {tool.name: tool.venv.versions(_measured(tool)) for tool in tools}
    at_end = machine()
    conditions = _conditions(options, corpora, versions, at_start, at_end)
    sys.stdout.write("\n" + report(outcome, conditions))
    results = {
        "bench": "build",
        "quick": options.quick,
        "rounds": options.rounds,
        "machine": at_start,
        "load_at_end": at_end["load"],
        "commit": commit(),
        "conditions": conditions,
        "corpora": {corpus.name: {"pages": len(corpus.pages), "cells": corpus.cells} for corpus in corpora},
        "configuration": {tool.name: tool.configuration for tool in tools},
        "versions": versions,
        "goals": [asdict(goal) for goal in outcome.goals()],
        "per_panel_page": [asdict(item) for item in outcome.per_page()],
        "rows": [asdict(row) for row in outcome.rows()],
        "samples": [asdict(sample) for sample in samples],
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    peers = [tool.name for tool in make_tools("cdn") if tool.name not in OURS]
    parser = argparse.ArgumentParser(prog="python -m bench build", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, help="how often every tool builds everything (default: 5)")
    parser.add_argument("--pages", type=int, help=f"pages of each corpus (default: {PAGES})")
    parser.add_argument("--tools", nargs="*", choices=peers, default=peers, help="peers to measure (default: all)")
    parser.add_argument("--corpora", nargs="+", choices=sorted(RECIPES), default=sorted(RECIPES), help="default: all")
    parser.add_argument("--jobs", nargs="+", type=int, default=[1, 2], help="values of -j (default: 1 2)")
    parser.add_argument(
        "--distribution", choices=sorted(DISTRIBUTIONS), default="bundle",
        help="where this extension's live cells get Pyodide from: 'bundle' copies all of it into the site, as "
        "demo_docs does; 'cdn' is the extension's default, and needs a network that reaches it (default: bundle)",
    )  # fmt: skip
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    parser.add_argument("--quick", action="store_true", help=f"for trying: 1 round, {QUICK_PAGES} pages")
    parser.add_argument("--output", type=Path, help="file of results (default: bench/results/build.json; with --quick "
                        "bench/.work/build.json)")  # fmt: skip
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.pages = options.pages or (QUICK_PAGES if options.quick else PAGES)
    options.output = options.output or (WORK if options.quick else RESULTS) / "build.json"
    return options


def _measured(tool: Tool) -> list[str]:
    return [*tool.pinned, "sphinxext-liveviz"] if tool.name in (LIVEVIZ, WARM) else tool.pinned


def _conditions(
    options: argparse.Namespace,
    corpora: Sequence[Corpus],
    versions: dict[str, dict[str, str]],
    at_start: dict[str, object],
    at_end: dict[str, object],
) -> list[str]:
    sizes = ", ".join(f"{corpus.name}: {len(corpus.pages)} pages with {corpus.cells} cells" for corpus in corpora)
    live = ", ".join(f"{name}={value!r}" for name, value in DISTRIBUTIONS[options.distribution].items())
    return [
        f"{options.rounds} rounds; {sizes}.",
        "All tools: Sphinx {sphinx}, Panel {panel}, Bokeh {bokeh}, theme alabaster.".format_map(versions[LIVEVIZ]),
        f"liveviz with {live or 'its default configuration'}; so its cold builds include what it puts into the site.",
        "cold: neither output nor stored results; download caches are warm. no-op: the same command again. "
        "one edit: a number in one cell of one page was changed.",
        f"{at_start['cpus']} processors; load {at_start['load']} at the start, {at_end['load']} at the end. Above the "
        "number of processors others were at work, and processor time (cpu) says more than time.",
        "A peer that fails begins anew; `attempt` of its samples tells.",
        f"{BASELINE} shows the same cells as code blocks, in the environment of liveviz.",
    ]


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
