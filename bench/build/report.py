"""The outcome as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from ..goals import goals_table
from ..tables import spread, table
from .outcome import Outcome, PerPage, Row

_MEASURED = ["min s", "median s", "max s", "to liveviz (min - max)", "cpu s", "to liveviz (min - max)"]


def report(outcome: Outcome, conditions: Sequence[str]) -> str:
    """Return all tables as text."""
    tables = [_rows(outcome.rows()), _per_page(outcome.per_page()), goals_table(outcome.goals())]
    return "\n\n".join(["\n".join(conditions), *filter(None, tables)]) + "\n"


def _rows(rows: Iterable[Row]) -> str:
    head = ["corpus", "jobs", "scenario", "tool", *_MEASURED]
    lines: list[list[str]] = []
    for _, group in groupby(rows, key=lambda row: (row.corpus, row.jobs, row.scenario)):
        if lines:
            lines.append([])
        for row in group:
            what = [row.corpus, f"-j{row.jobs}", row.scenario, row.tool]
            lines.append([*what, *_measured(row, 2)])
    return table(head, lines)


def _per_page(items: Sequence[PerPage]) -> str:
    head = ["jobs", "tool", *_MEASURED]
    lines = [[f"-j{item.jobs}", item.tool, *_measured(item, 3)] for item in items]
    return "Seconds per Panel page: (cold - cold of plain Sphinx) / pages\n\n" + table(head, lines) if lines else ""


def _measured(item: Row | PerPage, digits: int) -> list[str]:
    times = [item.seconds.minimum, item.seconds.median, item.seconds.maximum]
    numbers = [f"{value:.{digits}f}" for value in times]
    return [*numbers, spread(item.ratio), f"{item.cpu.median:.{digits}f}", spread(item.cpu_ratio)]
