"""Weight: bytes of a tool's files before and after Run, and when a page can be read on a slow line.

It works as follows. Pages are built and served as for ``bench startup``; plain Sphinx builds them too, with the same
cells as code blocks. What plain Sphinx's page loads as well is not the tool's.

- *weight*: a page without cells; a page with a cell, opened and left alone; the same until its cell is live.
- *readable*: the same two pages on the line that the developer tools call "Fast 3G", with an empty profile: first
  contentful paint, DOMContentLoaded, and the last shift of the layout. Readers can read what has been painted and does
  not move any more.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict

from ..live.pages import LIVE_PAGES, WITHOUT_CELLS
from ..live.results import add_options, complete, load, write
from ..live.stage import add_tools, chosen_tools, staged
from ..live.tools import PLAIN
from ..machine import machine
from .outcome import Outcome
from .report import report
from .rounds import readable, weights

_NAME = "weight"


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
        "The page with a cell has Panel and HoloViews: its static output needs BokehJS and Panel's scripts.",
        load(at_start, at_end),
    ]
    sys.stdout.write("\n" + report(outcome, conditions))
    found = {
        "conditions": conditions,
        "goals": [asdict(goal) for goal in outcome.goals()],
        "rows": [asdict(row) for row in outcome.rows()],
        "weights": [asdict(one) for one in weighed],
        "readings": [asdict(one) for one in read],
    }
    write(_NAME, options, tools, (at_start, at_end), found)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m bench {_NAME}", description=(__doc__ or "").partition("\n")[0])
    add_tools(parser)
    add_options(parser, _NAME)
    return complete(parser.parse_args(arguments), _NAME)


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
