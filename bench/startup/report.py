"""The outcome as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from ..figures import Figures
from ..goals import goals_table
from ..tables import spread, table
from .outcome import Outcome, Row


def report(outcome: Outcome, conditions: Sequence[str]) -> str:
    """Return all tables as text."""
    tables = [_rows(outcome.rows(), outcome.reference)]
    if goals := outcome.goals():
        tables.append("Goals, of the page with Panel and HoloViews\n\n" + goals_table(goals))
    return "\n\n".join(["\n".join(conditions), *tables]) + "\n"


def _rows(rows: Iterable[Row], reference: str) -> str:
    to = f"to {reference} (min - max)"
    times = ["min s", "median s", "max s", to, "answered s"]
    head = ["page", "scenario", "tool", *times, "MB", to, "requests", "peak MB", to]
    lines: list[list[str]] = []
    for _, group in groupby(rows, key=lambda row: (row.page, row.scenario)):
        if lines:
            lines.append([])
        lines += [_line(row) for row in group]
    return table(head, lines)


def _line(row: Row) -> list[str]:
    what = [row.page, row.scenario, row.tool]
    seconds = row.values.get("seconds")
    if seconds is None:
        return [*what, "-", "-", "-", f"n/a: {row.why}"[:60], *[""] * 6]
    times = [f"{value:.2f}" for value in (seconds.minimum, seconds.median, seconds.maximum)]
    return [
        *what, *times, _ratio(row, "seconds"), _median(row.values.get("answered"), 1, 2),
        _median(row.values["size"], 1e6, 1), _ratio(row, "size"), _median(row.values["requests"], 1, 0),
        _median(row.values.get("memory"), 1e6, 0), _ratio(row, "memory"),
    ]  # fmt: skip


def _median(figures: Figures | None, unit: float, digits: int) -> str:
    return "-" if figures is None else f"{figures.median / unit:.{digits}f}"


def _ratio(row: Row, measure: str) -> str:
    return spread(row.ratio[measure]) if measure in row.ratio else "-"
