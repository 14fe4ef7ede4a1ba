"""Livecheck: seconds per page of the demo, with one page open at a time and with several.

It works as follows. The demo is built once. In each round the builder ``livecheck`` runs on what is built, once with
all pages to be checked and once with none, for each number of workers: the difference is what the pages take, the
start of the browser included.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .figures import Figures
from .live.results import add_options, complete, load
from .machine import commit, machine
from .places import REPOSITORY, WORK
from .tables import spread, table
from .timing import timed

_NAME = "livecheck"
_SOURCE = REPOSITORY / "demo_docs"


@dataclass(frozen=True)
class Row:
    """A number of workers."""

    workers: int
    page: Figures
    """Seconds per page: all that the check takes, by the number of pages."""
    unchanged: Figures
    """Seconds of a check in which no page has to run, Sphinx's own start included."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table, write the results."""
    parser = argparse.ArgumentParser(prog=f"python -m bench {_NAME}", description=(__doc__ or "").partition("\n")[0])
    add_options(parser, _NAME)
    parser.add_argument("--workers", default="1,2", help="numbers of pages at a time (default: %(default)s)")
    options = complete(parser.parse_args(arguments), _NAME)
    counts = [int(count) for count in options.workers.split(",")]
    output = WORK / _NAME
    at_start = machine()
    _tell("building the demo")
    _check(output, 1)
    pages = json.loads((output / "livecheck.json").read_text(encoding="utf-8"))["pages"]
    took: dict[int, tuple[list[float], list[float]]] = {count: ([], []) for count in counts}
    for number in range(options.rounds):
        for count in counts:
            (output / "livecheck.json").unlink()
            everything, nothing = _check(output, count), _check(output, count)
            took[count][0].append((everything - nothing) / len(pages))
            took[count][1].append(nothing)
            _tell(f"round {number + 1}: {count} at a time, {took[count][0][-1]:.2f} s a page")
    records = [json.loads(line) for line in (output / "output.json").read_text(encoding="utf-8").splitlines()]
    startup = Figures.of(record["startup"] for record in records if record["startup"] is not None)
    rows = [Row(count, Figures.of(page), Figures.of(nothing)) for count, (page, nothing) in took.items()]
    at_end = machine()
    conditions = [f"{options.rounds} rounds; {len(pages)} pages of the demo; Chromium.", load(at_start, at_end)]
    lines = [[str(row.workers), spread(row.page), spread(row.unchanged)] for row in rows]
    sys.stdout.write("\n" + "\n".join(conditions) + "\n\n")
    sys.stdout.write(table(["pages at a time", "per page s", "nothing to run s"], lines) + "\n")
    found = {
        "bench": _NAME,
        "quick": options.quick,
        "rounds": options.rounds,
        "machine": at_start,
        "load_at_end": at_end["load"],
        "commit": commit(),
        "conditions": conditions,
        "pages": len(pages),
        "cells": len(records),
        "rows": [asdict(row) for row in rows],
        "startup": asdict(startup),
        "memory": max(record["memory"] or 0 for record in records),
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def _check(output: Path, workers: int) -> float:
    command = [sys.executable, "-m", "sphinxext_liveviz", "check", str(_SOURCE), str(output), "--workers", str(workers)]
    log = output.with_suffix(".log")
    return timed(command, cwd=REPOSITORY, environment=os.environ, log=log).seconds


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
