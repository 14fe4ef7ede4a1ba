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
import sys
from collections.abc import Sequence
from dataclasses import asdict

from ..live.pages import LIVE_PAGES
from ..live.results import add_options, complete, load, write
from ..live.stage import add_tools, chosen_tools, staged
from ..machine import machine
from .outcome import Outcome
from .report import report
from .rounds import measure

_NAME = "sync"


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
        load(at_start, at_end),
    ]
    sys.stdout.write("\n" + report(outcome, conditions))
    found = {
        "conditions": conditions,
        "goals": [asdict(goal) for goal in outcome.goals()],
        "rows": [asdict(row) for row in outcome.rows()],
        "moves": [asdict(one) for one in moves],
        "drags": [asdict(one) for one in drags],
    }
    write(_NAME, options, tools, (at_start, at_end), found)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m bench {_NAME}", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--moves", type=int, help="moves of a slider in each round (default: 100)")
    add_tools(parser)
    add_options(parser, _NAME)
    options = complete(parser.parse_args(arguments), _NAME)
    options.moves = options.moves or (20 if options.quick else 100)
    return options


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
