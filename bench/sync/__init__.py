"""Synchronisation: a slider moved in the page until Python has changed the page, beside nbsite.pyodide.

It works as follows. Pages are built and served as for ``bench startup``, and their cells are run. Then, all of it timed
in the page, at the mutation of the DOM that shows Python's answer:

- *Bokeh*, *Panel*: a slider is moved by its arrow key, one step after the other; Python redraws a curve of 500 points
  and writes a text;
- *column*: the same with a callback that sends 100,000 float64 and writes a text; *no column* without sending them. The
  difference is what the column costs;
- *busy*: the slider is moved 60 times a second, for two seconds, and the callback takes 50 ms. Messages that carry a
  change are counted as they are posted to Python, calls of the callback as their text arrives: the difference, less the
  one that Python works on, is the queue. In the end the page and Python must agree on the last value.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ..live.pages import LIVE_PAGES
from ..live.stage import add_options, chosen_tools, staged
from ..machine import commit, machine
from ..places import RESULTS, WORK
from .outcome import Outcome
from .report import report
from .rounds import measure


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables, write the results."""
    options = _options(arguments)
    tools = chosen_tools(options)
    at_start = machine()
    with staged(tools, [page.page for page in LIVE_PAGES], _tell) as stage:
        moves, drags = measure(stage, options.rounds, options.moves, _tell)
    outcome = Outcome(moves, drags)
    at_end = machine()
    conditions = [
        f"{options.rounds} rounds of {options.moves} moves each; Chromium; Pyodide 0.27.7.",
        f"{at_start['cpus']} processors; load {at_start['load']} at the start, {at_end['load']} at the end.",
    ]
    sys.stdout.write("\n" + report(outcome, conditions))
    results = {
        "bench": "sync",
        "quick": options.quick,
        "rounds": options.rounds,
        "machine": at_start,
        "load_at_end": at_end["load"],
        "commit": commit(),
        "conditions": conditions,
        "variants": {tool.name: dict(tool.settings) for tool in tools if tool.is_ours},
        "goals": [asdict(goal) for goal in outcome.goals()],
        "rows": [asdict(row) for row in outcome.rows()],
        "moves": [asdict(one) for one in moves],
        "drags": [asdict(one) for one in drags],
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench sync", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, help="how often each page of each tool is run (default: 5)")
    parser.add_argument("--moves", type=int, help="moves of a slider in each round (default: 100)")
    add_options(parser)
    parser.add_argument("--quick", action="store_true", help="for trying: 1 round of 20 moves")
    parser.add_argument("--output", type=Path, help="file of results (default: bench/results/sync.json; with --quick "
                        "bench/.work/sync.json)")  # fmt: skip
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.moves = options.moves or (20 if options.quick else 100)
    options.output = options.output or (WORK if options.quick else RESULTS) / "sync.json"
    return options


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
