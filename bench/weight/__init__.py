"""Weight: bytes of a tool's files before and after Run, and when a page can be read on a slow line, beside nbsite.pyodide.

It works as follows. Pages are built and served as for ``bench startup``; plain Sphinx builds them too, with the same
cells as code blocks. What plain Sphinx's page loads as well is not the tool's.

- *weight*: a page without cells; a page with a cell, opened and left alone; the same until its cell is live.
- *readable*: the same two pages on the line that the developer tools call "Fast 3G", with an empty profile: first
  contentful paint, DOMContentLoaded, and the last shift of the layout. Readers can read what has been painted and does
  not move any more.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ..live.pages import LIVE_PAGES, WITHOUT_CELLS
from ..live.stage import add_options, chosen_tools, staged
from ..live.tools import PLAIN
from ..machine import commit, machine
from ..places import RESULTS, WORK
from .outcome import Outcome
from .report import report
from .rounds import readable, weights


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables, write the results."""
    options = _options(arguments)
    tools = chosen_tools(options, PLAIN)
    at_start = machine()
    with staged(tools, [*(page.page for page in LIVE_PAGES), WITHOUT_CELLS], _tell) as stage:
        weighed = weights(stage, _tell)
        read = readable(stage, options.rounds, _tell)
    outcome = Outcome(weighed, read)
    at_end = machine()
    conditions = [
        f"{options.rounds} rounds on the slow line; Chromium; Pyodide 0.27.7; nothing is compressed.",
        "The page with a cell is the one with Panel and HoloViews: its static output needs BokehJS and Panel's scripts.",
        f"{at_start['cpus']} processors; load {at_start['load']} at the start, {at_end['load']} at the end.",
    ]
    sys.stdout.write("\n" + report(outcome, conditions))
    results = {
        "bench": "weight",
        "quick": options.quick,
        "rounds": options.rounds,
        "machine": at_start,
        "load_at_end": at_end["load"],
        "commit": commit(),
        "conditions": conditions,
        "variants": {tool.name: dict(tool.settings) for tool in tools if tool.is_ours},
        "goals": [asdict(goal) for goal in outcome.goals()],
        "rows": [asdict(row) for row in outcome.rows()],
        "weights": [asdict(one) for one in weighed],
        "readings": [asdict(one) for one in read],
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench weight", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, help="how often each page is opened on the slow line (default: 5)")
    add_options(parser)
    parser.add_argument("--quick", action="store_true", help="for trying: 1 round")
    parser.add_argument("--output", type=Path, help="file of results (default: bench/results/weight.json; with --quick "
                        "bench/.work/weight.json)")  # fmt: skip
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.output = options.output or (WORK if options.quick else RESULTS) / "weight.json"
    return options


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
