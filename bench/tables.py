"""Tables of text."""

from __future__ import annotations

from collections.abc import Sequence

from .figures import Figures


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a table whose columns are as wide as they must be; an empty line separates groups.

    Columns whose title is or ends in a unit (``s``, ``ms``, ``MB``, ``KB``, ``requests``) are flush right.
    """
    widths = [max(len(line[column]) for line in [head, *lines] if line) for column in range(len(head))]
    units = {"s", "ms", "MB", "KB", "requests"}
    numeric = {column for column, title in enumerate(head) if title.rpartition(" ")[2] in units}

    def row(cells: Sequence[str]) -> str:
        return "  ".join(
            cell.rjust(widths[column]) if column in numeric else cell.ljust(widths[column])
            for column, cell in enumerate(cells)
        ).rstrip()

    return "\n".join([row(head), row(["-" * width for width in widths]), *map(row, lines)])


def spread(figures: Figures, digits: int = 2) -> str:
    """Return ``median (minimum - maximum)``."""
    return f"{figures.median:.{digits}f} ({figures.minimum:.{digits}f} - {figures.maximum:.{digits}f})"
