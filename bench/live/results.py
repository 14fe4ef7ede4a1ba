"""What every bench of live pages writes, whatever it measures."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..machine import commit
from ..places import RESULTS, WORK
from .tools import LiveTool


def add_options(parser: argparse.ArgumentParser, bench: str) -> None:
    """Add the options that say how much is measured and where it is written."""
    parser.add_argument("--rounds", type=int, help="how often everything is measured (default: 5)")
    parser.add_argument("--quick", action="store_true", help="for trying: 1 round, and less of what else there is")
    parser.add_argument("--output", type=Path, help=f"file of results (default: bench/results/{bench}.json; with "
                        f"--quick bench/.work/{bench}.json)")  # fmt: skip


def complete(options: argparse.Namespace, bench: str) -> argparse.Namespace:
    """Give options their defaults, which depend on each other."""
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.output = options.output or (WORK if options.quick else RESULTS) / f"{bench}.json"
    return options


def load(at_start: Mapping[str, object], at_end: Mapping[str, object]) -> str:
    """Return a line on how busy the machine was."""
    return (
        f"{at_start['cpus']} processors; load {at_start['load']} at the start, {at_end['load']} at the end. Above the "
        "number of processors others were at work, and ratios say more than times."
    )


def write(
    bench: str,
    options: argparse.Namespace,
    tools: Sequence[LiveTool],
    machines: tuple[Mapping[str, object], Mapping[str, object]],
    found: Mapping[str, object],
) -> None:
    """Write the file of results: what was measured, with what, on which machine."""
    at_start, at_end = machines
    results = {
        "bench": bench,
        "quick": options.quick,
        "rounds": options.rounds,
        "machine": at_start,
        "load_at_end": at_end["load"],
        "commit": commit(),
        "variants": {tool.name: dict(tool.settings) for tool in tools if tool.is_ours},
        "versions": {tool.name: tool.venv.everything() for tool in tools},
        **found,
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
