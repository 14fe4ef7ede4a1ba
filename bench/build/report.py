"""The outcome as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from ..figures import Figures
from .outcome import Goal, Outcome, PerPage, Row

_MEASURED = ["min s", "median s", "max s", "to liveviz (min - max)", "cpu s", "to liveviz (min - max)"]


def report(outcome: Outcome, conditions: Sequence[str]) -> str:
    """Return all tables as text."""
    tables = [_rows(outcome.rows()), _per_page(outcome.per_page()), _goals(outcome.goals())]
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
    return _table(head, lines)


def _per_page(items: Sequence[PerPage]) -> str:
    head = ["jobs", "tool", *_MEASURED]
    lines = [[f"-j{item.jobs}", item.tool, *_measured(item, 3)] for item in items]
    return "Seconds per Panel page: (cold - cold of plain Sphinx) / pages\n\n" + _table(head, lines) if lines else ""


def _goals(goals: Iterable[Goal]) -> str:
    lines = [[goal.text, goal.bound, _ratio(goal.value), "met" if goal.met else "NOT MET"] for goal in goals]
    return _table(["goal", "bound", "median (min - max)", ""], lines)


def _measured(item: Row | PerPage, digits: int) -> list[str]:
    times = [item.seconds.minimum, item.seconds.median, item.seconds.maximum]
    numbers = [f"{value:.{digits}f}" for value in times]
    return [*numbers, _ratio(item.ratio), f"{item.cpu.median:.{digits}f}", _ratio(item.cpu_ratio)]


def _ratio(figures: Figures) -> str:
    return f"{figures.median:.2f} ({figures.minimum:.2f} - {figures.maximum:.2f})"


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[column]) for line in [head, *lines] if line) for column in range(len(head))]
    numeric = {column for column, title in enumerate(head) if title.endswith(" s")}

    def row(cells: Sequence[str]) -> str:
        return "  ".join(
            cell.rjust(widths[column]) if column in numeric else cell.ljust(widths[column])
            for column, cell in enumerate(cells)
        ).rstrip()

    return "\n".join([row(head), row(["-" * width for width in widths]), *map(row, lines)])
