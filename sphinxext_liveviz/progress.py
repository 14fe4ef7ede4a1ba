"""What the build says while pages run. Standard library only.

On a terminal it is one line that overwrites itself; elsewhere one line for each page that is done.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from .model import Cell, Page, PageResult

_WHAT = "executing cells... "
_ERASE = "\r\x1b[2K"


class Progress:
    """Told of what happens, and says it.

    Parameters
    ----------
    pages : sequence of Page
        Those that are to run.
    durations : mapping of str to float
        docname -> seconds that the page took last time.
    jobs : int
        Number of pages that run at the same time; None where the build cannot know.
    write : callable
        Writes text as it is, line ends included.
    width : int, optional
        Columns of the terminal; None: it is none.
    clock : callable
        Seconds from any beginning.
    """

    def __init__(
        self,
        pages: Sequence[Page],
        durations: Mapping[str, float],
        jobs: int | None,
        write: Callable[[str], None],
        width: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._counts = {page.docname: count for page in pages if (count := sum(cell.execute for cell in page.cells))}
        self._known = {docname: durations[docname] for docname in self._counts if docname in durations}
        self._jobs = jobs
        self._write = write
        self._width = width
        self._clock = clock
        self._begun = clock()
        self._running: dict[str, tuple[float, int]] = {}
        self._done: dict[str, float] = {}

    def started(self, cell: Cell) -> None:
        """Take notice of a cell that starts."""
        begun, number = self._running.get(cell.docname, (self._clock(), 0))
        self._running[cell.docname] = (begun, number + 1)
        self.tick()

    def finished(self, result: PageResult) -> None:
        """Take notice of a page that is done."""
        docname = result.page.docname
        if docname not in self._counts:
            return  # it had nothing to run
        self._running.pop(docname, None)
        self._done[docname] = result.seconds
        if self._width is not None:
            self.tick()
            return
        ran = len(result.cell_seconds.keys() | {error.cell.id for error in result.errors})
        share = len(self._done) / len(self._counts)
        cells = _cells(ran, self._counts[docname])
        self._write(f"{_WHAT}[{share:>4.0%}] {docname} ({cells}, {result.seconds:.1f} s){self._left()}\n")

    def tick(self) -> None:
        """Show on a terminal what is so now."""
        if self._width is not None:
            # The first column after the last would scroll.
            self._write(_ERASE + self._line()[: self._width - 1])

    def close(self) -> None:
        """Say the last word."""
        if self._width is not None:
            pages = _pages(len(self._done), len(self._counts))
            self._write(f"{_ERASE}{_WHAT}{pages}, {duration(self._clock() - self._begun)}\n")

    def remaining(self) -> float | None:
        """Return the seconds until all pages are done; None while nothing is known of any."""
        seconds = [*self._known.values(), *(taken for name, taken in self._done.items() if name not in self._known)]
        if not seconds:
            return None
        usual = sum(seconds) / len(seconds)
        now = self._clock()
        jobs = self._jobs or sum(self._done.values()) / max(now - self._begun, 0.001)
        left = []
        for docname in self._counts.keys() - self._done.keys():
            begun, _ = self._running.get(docname, (now, 0))
            left.append(max(0.0, self._known.get(docname, usual) - (now - begun)))
        if not left:
            return 0.0
        return max(sum(left) / jobs, *left) if jobs else None

    def _line(self) -> str:
        running = ", ".join(
            f"{docname} {number}/{self._counts[docname]}" for docname, (_, number) in self._running.items()
        )
        elapsed = duration(self._clock() - self._begun)
        return f"{_WHAT}{_pages(len(self._done), len(self._counts))}, {elapsed}{self._left()}  {running}"

    def _left(self) -> str:
        left = self.remaining()
        return f", about {duration(left)} left" if left else ""


def slowest(results: Iterable[PageResult], count: int = 10) -> list[str]:
    """Return the lines of a table of the cells that took longest."""
    taken = sorted(
        (
            (seconds, cell)
            for result in results
            for cell in result.page.cells
            if (seconds := result.cell_seconds.get(cell.id))
        ),
        key=lambda pair: pair[0],
        reverse=True,
    )[:count]
    return [f"{seconds:8.2f} s  {cell.docname} cell {cell.number} ({cell.location})" for seconds, cell in taken]


def duration(seconds: float) -> str:
    """Return seconds for people to read: ``8 s``, ``3 min 20 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _pages(done: int, total: int) -> str:
    return f"{done} of {total} pages" if total > 1 else f"{done} of 1 page"


def _cells(ran: int, total: int) -> str:
    return f"{ran} of {total} cells" if total > 1 else f"{ran} of 1 cell"
