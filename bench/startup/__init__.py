"""Start-up: from the click to the first live output in Chromium, beside nbsite.pyodide.

It works as follows:

1. Tools are installed, build the same pages and are served from this machine (`bench.live`). All run Pyodide 0.27.7
   with the same wheels: this extension from its bundle, nbsite.pyodide from a stand-in for public hosts. What a real
   network adds is not in the figures: each of nbsite's requests costs next to nothing here.
2. ``rounds`` lets a reader visit each kind of page of each tool: for the first time (*cold*: empty profile), then the
   *next* page in the same tab, then, after the browser was closed, the first page again (*warm*), and once more while
   no host answers (*offline*).
3. The page itself measures, from the click (nbsite's second; the first only warns) to the frame in which the output
   that only Python in the browser can make is visible, and drawn where it draws. Then a slider is moved, and Python
   must answer.
4. ``outcome`` makes figures, ratios and goals of it, and ``report`` the tables.

Hosts answer as those of static sites do: what has a hash in its name keeps for ever, all else is asked for with its
ETag; nothing is compressed. Bytes and requests are what the hosts sent, from opening the page on. Run it with the
environment that `make test` makes: ``.venv/bin/python -m bench startup``.

Not measured:

- marimo 0.25: its worker wants Pyodide 314 and a lock from a host of its own. On a network that reaches only package
  registries there is no numpy for Pyodide 314, so of these pages only that of plain Python could run.
- jupyterlite-sphinx: the last jupyterlite-pyodide-kernel for Pyodide 0.27 is 0.6.1. With it a page's REPL builds and
  opens here, with Pyodide from this machine, but had not run plain Python within two minutes when it was tried.
- Firefox: Playwright drives a Firefox of its own only, which no registry has.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict

from ..live.pages import LIVE_PAGES, STARTS
from ..live.results import add_options, complete, load, write
from ..live.stage import add_tools, chosen_tools, staged
from ..machine import machine
from ..places import WORK
from .outcome import Outcome
from .report import report
from .rounds import measure

_NAME = "startup"


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables, write the results."""
    options = _options(arguments)
    tools = chosen_tools(options)
    at_start = machine()
    with staged(tools, [page.page for page in LIVE_PAGES], _tell) as stage:
        samples = measure(stage, options.pages, options.rounds, WORK / "startup.jsonl", _tell)
    outcome = Outcome(samples)
    at_end = machine()
    conditions = [
        f"{options.rounds} rounds; Chromium; Pyodide 0.27.7; all on one machine: no network is in the times.",
        "cold: empty profile. next: another page of the same visit. warm: same profile, new browser. offline: no host "
        "answers. Peak memory is that of all processes of the browser.",
        load(at_start, at_end),
    ]
    sys.stdout.write("\n" + report(outcome, conditions))
    found = {
        "conditions": conditions,
        "goals": [asdict(goal) for goal in outcome.goals()],
        "rows": [asdict(row) for row in outcome.rows()],
        "samples": [asdict(sample) for sample in samples],
    }
    write(_NAME, options, tools, (at_start, at_end), found)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m bench {_NAME}", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pages", nargs="+", choices=sorted(STARTS), default=list(STARTS), help="kinds (default: all)")
    add_tools(parser)
    add_options(parser, _NAME)
    return complete(parser.parse_args(arguments), _NAME)


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
