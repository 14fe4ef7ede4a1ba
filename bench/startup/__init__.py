"""Start-up: from the click to the first live output in Chromium, beside nbsite.pyodide.

It works as follows:

1. Tools are installed, build the same pages and are served from this machine (`bench.live`). All run Pyodide 0.27.7
   with the same wheels: this extension from its bundle, nbsite.pyodide from a stand-in for public hosts. No public host
   is reached, so what a real network adds is not in the figures: each of nbsite's requests costs next to nothing here.
2. ``rounds`` lets a reader visit each kind of page of each tool: for the first time (*cold*: empty profile), then the
   *next* page in the same tab, then, after the browser was closed, the first page again (*warm*), and once more while no
   host answers (*offline*).
3. The page itself measures, from the click (nbsite's second one; the first only warns) to the frame in which the output
   that only Python in the browser can make is visible, and drawn where it draws. Then a slider is moved, and Python
   must answer.
4. ``outcome`` makes figures, ratios and goals of it, and ``report`` the tables.

Hosts answer as those of static sites do: what has a hash in its name keeps for ever, all else is asked for with its
ETag; nothing is compressed. Bytes and requests are what the hosts sent, from opening the page on. Run it with the
environment that `make test` makes: ``.venv/bin/python -m bench startup``.

Not measured: jupyterlite-sphinx and marimo. Their live output is no live Bokeh or Panel document without a front end of
Jupyter's or their own, and each brings a Pyodide and packages of its own; no claim is made about their speed. Firefox:
Playwright drives a build of its own only, which is not to be had from package registries.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ..live.pages import LIVE_PAGES, STARTS
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
        samples = measure(stage, options.pages, options.rounds, WORK / "startup.jsonl", _tell)
    outcome = Outcome(samples)
    at_end = machine()
    conditions = [
        f"{options.rounds} rounds; Chromium; Pyodide 0.27.7; all on one machine, so no time of a real network is in it.",
        "cold: empty profile. next: another page of the same visit. warm: same profile, new browser. offline: no host "
        "answers. Peak memory is that of all processes of the browser.",
        f"{at_start['cpus']} processors; load {at_start['load']} at the start, {at_end['load']} at the end.",
    ]
    sys.stdout.write("\n" + report(outcome, conditions))
    results = {
        "bench": "startup",
        "quick": options.quick,
        "rounds": options.rounds,
        "machine": at_start,
        "load_at_end": at_end["load"],
        "commit": commit(),
        "conditions": conditions,
        "variants": {tool.name: dict(tool.settings) for tool in tools if tool.is_ours},
        "versions": {tool.name: tool.venv.everything() for tool in tools},
        "goals": [asdict(goal) for goal in outcome.goals()],
        "rows": [asdict(row) for row in outcome.rows()],
        "samples": [asdict(sample) for sample in samples],
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench startup", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, help="how often each tool is visited (default: 5)")
    parser.add_argument("--pages", nargs="+", choices=sorted(STARTS), default=list(STARTS), help="kinds (default: all)")
    add_options(parser)
    parser.add_argument("--quick", action="store_true", help="for trying: 1 round")
    parser.add_argument("--output", type=Path, help="file of results (default: bench/results/startup.json; with "
                        "--quick bench/.work/startup.json)")  # fmt: skip
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.output = options.output or (WORK if options.quick else RESULTS) / "startup.json"
    return options


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
