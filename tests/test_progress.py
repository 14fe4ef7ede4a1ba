"""The build says how far it is, what runs, and how long it will take."""

from __future__ import annotations

from pathlib import Path

import pytest

from sphinxext_liveviz.execution.durations import Durations
from sphinxext_liveviz.execution.notebook import PageNotebook
from sphinxext_liveviz.execution.order import longest_first
from sphinxext_liveviz.execution.pool import run_pages
from sphinxext_liveviz.model import Page, PageResult
from sphinxext_liveviz.progress import Progress, duration, slowest

from .test_hostile import LIMITS, make_page


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def ended(page: Page, seconds: float) -> PageResult:
    taken = {cell.id: seconds / len(page.cells) for cell in page.cells}
    return PageResult(page, PageNotebook(page).notebook, seconds=seconds, cell_seconds=taken)


@pytest.fixture
def pages(tmp_path: Path) -> list[Page]:
    return [make_page(name, tmp_path, "1", "2") for name in ("short", "long", "new")]


def test_a_terminal_has_one_line_that_names_pages_cells_and_times(pages: list[Page]) -> None:
    written: list[str] = []
    clock = Clock()
    progress = Progress(pages, {"short": 4.0, "long": 90.0}, 2, written.append, width=120, clock=clock)
    progress.started(pages[1].cells[0])
    progress.started(pages[0].cells[0])
    clock.now += 3
    progress.started(pages[0].cells[1])
    assert written[-1] == ("\r\x1b[2Kexecuting cells... 0 of 3 pages, 3 s, about 1 min 27 s left  long 1/2, short 2/2")
    progress.finished(ended(pages[0], 3.5))
    clock.now += 87
    progress.finished(ended(pages[1], 90))
    progress.finished(ended(pages[2], 0.5))
    progress.close()
    assert written[-1] == "\r\x1b[2Kexecuting cells... 3 of 3 pages, 1 min 30 s\n"
    assert "".join(written).count("\n") == 1


def test_the_line_is_never_longer_than_the_terminal(pages: list[Page]) -> None:
    written: list[str] = []
    progress = Progress(pages, {}, 2, written.append, width=30)
    progress.started(pages[0].cells[0])
    assert len(written[-1].removeprefix("\r\x1b[2K")) == 29


def test_elsewhere_there_is_one_line_for_each_page(pages: list[Page]) -> None:
    written: list[str] = []
    progress = Progress(pages, {"short": 4.0, "long": 90.0, "new": 10.0}, 1, written.append, clock=Clock())
    for page in pages:
        for cell in page.cells:
            progress.started(cell)
            progress.tick()
        progress.finished(ended(page, 4))
    progress.close()
    assert written == [
        "executing cells... [ 33%] short (2 of 2 cells, 4.0 s), about 1 min 40 s left\n",
        "executing cells... [ 67%] long (2 of 2 cells, 4.0 s), about 10 s left\n",
        "executing cells... [100%] new (2 of 2 cells, 4.0 s)\n",
    ]


def test_what_remains_is_foreseen_only_when_something_is_known(pages: list[Page]) -> None:
    progress = Progress(pages, {}, 2, lambda _: None, clock=Clock())
    assert progress.remaining() is None
    progress.finished(ended(pages[0], 6))
    assert progress.remaining() == 6.0


def test_the_slowest_cells_are_a_table(pages: list[Page]) -> None:
    results = [ended(pages[0], 4.0), ended(pages[1], 90.0)]
    assert slowest(results, 3) == [
        "   45.00 s  long cell 1 (long.rst:1)",
        "   45.00 s  long cell 2 (long.rst:1)",
        "    2.00 s  short cell 1 (short.rst:1)",
    ]


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s")])
def test_seconds_are_told_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


# -- durations --------------------------------------------------------------------------------------------------------


def test_durations_are_remembered_and_pages_that_are_gone_forgotten(pages: list[Page], tmp_path: Path) -> None:
    path = tmp_path / "store" / "durations.json"
    first = Durations(path, pytest.fail)
    assert first.seconds == {}
    first.remember([ended(pages[0], 1.0), ended(pages[1], 2.0)], ["short", "long"])
    second = Durations(path, pytest.fail)
    assert second.seconds == {"short": 1.0, "long": 2.0}
    second.remember([ended(pages[2], 3.0)], ["long", "new"])
    assert Durations(path, pytest.fail).seconds == {"long": 2.0, "new": 3.0}
    assert [entry.name for entry in path.parent.iterdir()] == ["durations.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"a": "b"}', b'{"a": null}', b"\xff\xfe"])
def test_durations_that_cannot_be_read_are_told_and_done_without(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "durations.json"
    path.write_bytes(content)
    said: list[str] = []
    durations = Durations(path, said.append)
    assert durations.seconds == {}
    (line,) = said
    assert line.startswith(f"how long pages took last time is not known ({path}: ")


def test_pages_that_took_long_go_first_and_new_ones_with_them(pages: list[Page]) -> None:
    assert [page.docname for page in longest_first(pages, {"short": 1.0, "long": 9.0})] == ["long", "new", "short"]


def test_pages_run_in_that_order(pages: list[Page]) -> None:
    begun: list[str] = []
    run_pages(
        pages,
        limits=LIMITS,
        jobs=1,
        started=lambda cell: begun.append(cell.docname),
        durations={"short": 1.0, "long": 9.0, "new": 5.0},
    )
    assert list(dict.fromkeys(begun)) == ["long", "new", "short"]
