"""The benches measure what they say: the same cells for every tool, and figures that follow from the samples."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from bench.__main__ import BENCHES, listing
from bench.build.corpus import Cell, Page, make_corpus
from bench.build.outcome import Outcome
from bench.build.report import report
from bench.build.rounds import SCENARIOS, Sample
from bench.build.site import missing
from bench.build.tools import BASELINE, LIVEVIZ, Tool, make_tools
from bench.figures import Figures, ratios, rotated
from bench.timing import BenchError, timed

from .home import Home

TOOLS = {tool.name: tool for tool in make_tools("bundle")}


def test_every_bench_is_listed_with_what_it_measures() -> None:
    for name in BENCHES:
        assert re.search(rf"^  {name} +\w.+\.$", listing(), re.MULTILINE)


@pytest.mark.parametrize("name", ["heavy", "light"])
class TestCorpus:
    def test_has_the_promised_size_and_is_always_the_same(self, name: str) -> None:
        corpus = make_corpus(name)
        assert (len(corpus.pages), corpus.cells) == (31, 125)
        assert corpus == make_corpus(name)
        assert len({page.name for page in corpus.pages}) == len({page.title for page in corpus.pages}) == 31

    @pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
    def test_is_written_with_equal_cells_for_every_tool(self, name: str, tool: Tool) -> None:
        for page in make_corpus(name).pages:
            source = tool.write(page)
            assert list(_cells_in(source, tool.suffix)) == [cell.code for cell in page.cells]
            assert all(part in source for part in page.parts if isinstance(part, str))

    def test_marks_are_unique_and_only_running_cells_make_them(self, name: str) -> None:
        corpus = make_corpus(name)
        cells = [cell for page in (*corpus.pages, corpus.edited) for cell in page.cells]
        marks = {cell.mark for cell in cells if cell.mark is not None}
        shared = sum(cell.mark is not None for cell in corpus.edited.cells) - 1
        assert len(marks) == sum(cell.mark is not None for cell in cells) - shared
        assert not any(mark in cell.code for mark in marks for cell in cells)
        for cell in cells:
            compile(cell.code, "cell", "exec")

    def test_an_edit_changes_a_number_in_one_cell_of_one_page(self, name: str) -> None:
        corpus = make_corpus(name)
        after = corpus.after_edit()
        (changed,) = [(old, new) for old, new in zip(corpus.pages, after.pages, strict=True) if old != new]
        old, new = changed
        (cell,) = [(a, b) for a, b in zip(old.cells, new.cells, strict=True) if a != b]
        assert re.sub(r"\d+", "0", cell[0].code) == re.sub(r"\d+", "0", cell[1].code)
        assert cell[0].mark != cell[1].mark


def _cells_in(source: str, suffix: str) -> Iterator[str]:
    """Read cells back, by the rules of the markup and not by those of the writer."""
    if suffix == ".md":
        yield from re.findall(r"^```\{[^\n]+\n(.*?)\n```$", source, re.DOTALL | re.MULTILINE)
    else:
        for block in re.findall(r"^\.\. [^\n]+\n((?:\n|   [^\n]*\n)+)", source, re.MULTILINE):
            yield dedent(block).strip("\n")


@pytest.mark.parametrize("page", make_corpus("light", 5).pages, ids=lambda page: page.name)
def test_light_cells_show_their_marks(page: Page) -> None:
    home = Home()
    for cell in page.cells:
        assert cell.mark is not None
        assert cell.mark in json.dumps(home.cell(cell.code))
    home.close()


class TestVerification:
    """A tool that did not run a cell, or did not show what came of it, must not win."""

    page = Page("p", "P", (Cell("a", "check 5.", rich=True), "Prose.", Cell("b", "check 7.", rich=False)))

    def test_accepts_outputs_in_scripts_and_in_highlighted_text(self) -> None:
        assert missing(self.page, '<script>{"title":"check 5."}</script><p>check <b>7</b>.</p>', "script>{") == []

    def test_names_each_output_that_is_not_there(self) -> None:
        faults = missing(self.page, "<p>check 15.</p>", "script>{")
        assert faults == [
            "no output with 'check 5.'", "no output with 'check 7.'", "0 Bokeh documents instead of 1"
        ]  # fmt: skip

    def test_accepts_no_output_where_nothing_runs(self) -> None:
        assert missing(self.page, "<pre>a b</pre>", None) == []
        assert missing(self.page, "<pre>check 7.</pre>", None) == ["'check 7.' is there, although cells do not run"]


def test_figures_of_rounds() -> None:
    assert Figures.of([4.0, 1.0, 3.0, 2.0]) == Figures(1.0, 2.5, 4.0)
    assert Figures.of([7.0]) == Figures(7.0, 7.0, 7.0)
    assert ratios([2.0, 9.0], [1.0, 3.0]) == [2.0, 3.0]
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


def test_everybody_is_first_once() -> None:
    orders = [rotated("abc", number) for number in range(4)]
    assert orders == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]]


COLD = {BASELINE: 1.0, LIVEVIZ: 2.0, "nbsite.pyodide": 13.0, "MyST-NB": 5.0}
SAMPLES = [
    Sample(number, tool, "heavy", 2, scenario, seconds * factor * (number + 1), cpu=seconds)
    for number in range(3)
    for tool, seconds in COLD.items()
    for scenario, factor in zip(SCENARIOS, (1.0, 0.5, 0.75), strict=True)
]


class TestOutcome:
    """Ten pages; plain Sphinx takes 1 s, and a page with Panel costs liveviz 0.1, nbsite 1.2 and MyST-NB 0.4 s."""

    def test_ratios_are_of_the_same_round(self) -> None:
        row = next(row for row in Outcome(SAMPLES, 10).rows() if row.tool == "nbsite.pyodide")
        assert (row.scenario, row.seconds) == ("cold", Figures(13.0, 26.0, 39.0))
        assert row.ratio == Figures(6.5, 6.5, 6.5)
        assert (row.cpu, row.cpu_ratio) == (Figures(13.0, 13.0, 13.0), Figures(6.5, 6.5, 6.5))

    def test_a_page_costs_what_plain_sphinx_does_not_take(self) -> None:
        pages = {page.tool: page for page in Outcome(SAMPLES, 10).per_page()}
        assert BASELINE not in pages
        assert pages[LIVEVIZ].seconds == Figures(0.1, 0.2, (6.0 - 3.0) / 10)
        assert pages["nbsite.pyodide"].ratio.median == pytest.approx(12)

    def test_goals_are_judged_by_the_median(self) -> None:
        goals = {goal.text.rpartition(" ")[2]: goal for goal in Outcome(SAMPLES, 10).goals()}
        assert {name: (round(goal.value.median, 6), goal.met) for name, goal in goals.items()} == {
            "nbsite.pyodide": (12.0, True),
            "MyST-NB": (4.0, False),
            "cells": (2.0, False),
            "no-op": (1.0, True),
        }

    def test_nothing_is_said_of_who_was_not_measured(self) -> None:
        few = [replace(sample, corpus="light") for sample in SAMPLES if sample.tool in (BASELINE, LIVEVIZ)]
        outcome = Outcome(few, 10)
        assert (outcome.per_page(), len(outcome.goals())) == ([], 2)
        assert "nbsite" not in report(outcome, ["Conditions."])


def test_a_command_that_fails_is_an_error_with_the_end_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    took = timed([sys.executable, "-c", "sum(range(10**6))"], cwd=tmp_path, environment=os.environ, log=log)
    assert 0 < took.cpu < took.seconds + 1
    with pytest.raises(BenchError, match=r"failed \(3\)(.|\n)+oops"):
        timed([sys.executable, "-c", "print('oops'); exit(3)"], cwd=tmp_path, environment=os.environ, log=log)
    with pytest.raises(BenchError, match=r"no end within"):
        timed(
            [sys.executable, "-c", "import signal; signal.pause()"],
            cwd=tmp_path, environment=os.environ, log=log, limit=0.3,
        )  # fmt: skip
