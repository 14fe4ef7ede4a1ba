"""Which page goes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..model import Page


def longest_first(pages: Sequence[Page], durations: Mapping[str, float]) -> list[Page]:
    """Return the pages that have something to run, those that took longest last time first.

    The fewer and shorter pages are left at the end, the less a process has to wait for another.
    """
    longest = max(durations.values(), default=0.0)
    active = [page for page in pages if any(cell.execute for cell in page.cells)]
    # A page that has never run may be the longest.
    return sorted(active, key=lambda page: durations.get(page.docname, longest), reverse=True)
