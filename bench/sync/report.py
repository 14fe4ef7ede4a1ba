"""The outcome as tables for people."""

from __future__ import annotations

from collections.abc import Sequence

from ..goals import goals_table
from ..tables import spread, table
from .outcome import Outcome


def report(outcome: Outcome, conditions: Sequence[str]) -> str:
    """Return all tables as text."""
    tables = [_rows(outcome), _drags(outcome), goals_table(outcome.goals())]
    return "\n\n".join(["\n".join(conditions), *tables]) + "\n"


def _rows(outcome: Outcome) -> str:
    head = [
        "slider moved",
        "tool",
        "p50 min ms",
        "p50 ms",
        "p50 max ms",
        f"to {outcome.reference} (min - max)",
        "p95 ms",
    ]
    lines: list[list[str]] = []
    for row in outcome.rows():
        if lines and lines[-1][0] != row.page:
            lines.append([])
        times = [f"{value:.1f}" for value in (row.p50.minimum, row.p50.median, row.p50.maximum)]
        ratio = "-" if row.ratio is None else spread(row.ratio)
        lines.append([row.page, row.tool, *times, ratio, f"{row.p95.median:.1f}"])
    return table(head, lines)


def _drags(outcome: Outcome) -> str:
    head = ["slider dragged, 50 ms a call", "moves", "messages", "calls", "longest queue", "last value", "after ms"]
    lines = [
        [drag.tool, str(drag.moves), str(drag.messages), str(drag.calls), str(drag.longest),
         "yes" if drag.settled else "NO", f"{drag.milliseconds:.0f}"]
        for drag in outcome.drags
    ]  # fmt: skip
    return table(head, lines)
