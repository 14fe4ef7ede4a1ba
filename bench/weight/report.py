"""The outcome as tables for people."""

from __future__ import annotations

from collections.abc import Sequence

from ..goals import goals_table
from ..tables import spread, table
from .outcome import MOMENTS, Outcome


def report(outcome: Outcome, conditions: Sequence[str]) -> str:
    """Return all tables as text."""
    tables = [_weights(outcome), _rows(outcome), goals_table(outcome.goals())]
    return "\n\n".join(["\n".join(conditions), *tables]) + "\n"


def _weights(outcome: Outcome) -> str:
    lines = [
        [one.what, one.tool, f"{one.files / 1000:.1f}", f"{one.document / 1000:.1f}", str(one.requests)]
        for one in outcome.weights
    ]
    return table(["weight of a page", "tool", "its files KB", "more HTML KB", "requests"], lines)


def _rows(outcome: Outcome) -> str:
    titles = {"paint": "painted", "parsed": "DOM loaded", "still": "still"}
    head = ["on Fast 3G", "tool"]
    for moment in MOMENTS:
        head += [f"{titles[moment]} s", "to plain Sphinx (min - max)"]
    lines: list[list[str]] = []
    for row in outcome.rows():
        if lines and lines[-1][0] != row.page:
            lines.append([])
        line = [row.page, row.tool]
        for moment in MOMENTS:
            line += [f"{row.seconds[moment].median:.2f}", spread(row.ratio[moment])]
        lines.append(line)
    return table(head, lines)
