"""The benches measure what they say: the same cells for every tool, and figures that follow from the samples."""

from __future__ import annotations

import json
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
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
from bench.live.host import FOREVER, REVALIDATE, SIMPLE, Answer, Host, cache_control, hosting
from bench.live.memory import peak
from bench.live.pages import LIVE_PAGES, LivePage
from bench.live.shelf import Wheel, choose, is_original, metadata, project, restricted
from bench.live.stage import parse_variant
from bench.live.tools import FAST, VARIANTS, LiveTool, make_live_tools
from bench.startup.outcome import HEAVIEST
from bench.startup.outcome import Outcome as StartupOutcome
from bench.startup.report import report as startup_report
from bench.startup.rounds import SCENARIOS as VISITS
from bench.startup.rounds import Sample as Visit
from bench.sync.outcome import Outcome as SyncOutcome
from bench.sync.outcome import percentile
from bench.sync.report import report as sync_report
from bench.sync.rounds import MOVED, Drag, Moves
from bench.timing import BenchError, timed
from bench.weight.outcome import Outcome as WeightOutcome
from bench.weight.report import report as weight_report
from bench.weight.rounds import PAGES, Reading, Weight, own

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


@pytest.mark.parametrize("page", LIVE_PAGES, ids=lambda page: page.name)
class TestLivePages:
    def test_static_output_is_not_taken_for_live(self, page: LivePage) -> None:
        assert page.mark not in page.code
        assert f"{page.first}" in page.code
        home = Home()
        said = json.dumps(home.cell(page.code))
        home.close()
        assert page.says.replace("emscripten", sys.platform) in said
        assert page.says not in said

    @pytest.mark.parametrize("tool", make_live_tools(), ids=lambda tool: tool.name)
    def test_every_tool_has_the_same_cell(self, page: LivePage, tool: LiveTool) -> None:
        assert list(_cells_in(tool.write(page.page), tool.suffix)) == [page.code]


def test_variants_differ_by_settings_only() -> None:
    tools = {
        tool.name: tool for tool in make_live_tools({**VARIANTS, "new": {"liveviz_offline": True}}) if tool.is_ours
    }
    assert set(tools) == {*VARIANTS, "new"}
    assert tools["new"].configure("")["liveviz_offline"] is True
    assert tools[FAST].configure("")["liveviz_snapshot"] == "off"
    assert "liveviz_snapshot" not in tools[LIVEVIZ].configure("")


def test_variants_of_the_command_line() -> None:
    words = ["mine", "liveviz_offline=True", "liveviz_mirrors=['cdn']", "project=A b"]
    assert parse_variant(words) == (
        "mine", {"liveviz_offline": True, "liveviz_mirrors": ["cdn"], "project": "A b"}
    )  # fmt: skip


class TestHost:
    @pytest.fixture
    def host(self, tmp_path: Path) -> Iterator[Host]:
        (tmp_path / "simple" / "one").mkdir(parents=True)
        (tmp_path / "simple" / "one" / "index.json").write_text("{}")
        (tmp_path / "page.html").write_text("<p>")
        (tmp_path / "core.wasm").write_bytes(b"1234")
        with hosting(tmp_path) as host:
            yield host

    def get(self, host: Host, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        with closing(HTTPConnection("127.0.0.1", host.server_port)) as connection:
            connection.request("GET", path, headers=headers)
            with connection.getresponse() as response:
                return response.status, dict(response.getheaders()), response.read()

    def test_answers_again_only_when_something_has_changed(self, host: Host, tmp_path: Path) -> None:
        status, headers, body = self.get(host, "/core.wasm")
        assert (status, headers["Content-Type"], body) == (200, "application/wasm", b"1234")
        assert self.get(host, "/core.wasm", **{"If-None-Match": headers["ETag"]})[::2] == (304, b"")
        (tmp_path / "core.wasm").write_bytes(b"12345")
        assert self.get(host, "/core.wasm", **{"If-None-Match": headers["ETag"]})[::2] == (200, b"12345")

    def test_counts_what_it_sends(self, host: Host) -> None:
        self.get(host, "/page.html")
        self.get(host, "/none?v=1")
        assert host.take() == [Answer("/page.html", 200, 3), Answer("/none?v=1", 404, 0)]
        assert host.take() == []

    def test_serves_an_index_of_packages_but_nothing_outside(self, host: Host) -> None:
        assert self.get(host, "/simple/one/")[1]["Content-Type"] == SIMPLE
        assert self.get(host, "/../test_bench.py")[0] == 404

    def test_is_not_there_when_silent(self, host: Host) -> None:
        host.silent = True
        with pytest.raises(ConnectionError):
            self.get(host, "/page.html")

    def test_what_has_a_hash_keeps_for_ever(self) -> None:
        for target in ("/_static/live-ca8b868ccba6/boot.js", "/a.css?v=5ecbeea2", "/k-9225bacd6f70.zip"):
            assert cache_control(target) == FOREVER
        for target in ("/page.html", "/pyodide/0.27.7/certifi-2026.10.19.post1-py3-none-any.whl", "/facade.js"):
            assert cache_control(target) == REVALIDATE


class TestShelf:
    def wheel(self, directory: Path, name: str, filler: int = 0) -> Wheel:
        directory.mkdir(exist_ok=True)
        path = directory / name
        project, version, *_ = name.split("-")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{project}-{version}.dist-info/METADATA", f"Name: {project}\n")
            archive.writestr("filler", "x" * filler)
        return Wheel.of(path)

    def test_takes_the_wanted_version_and_the_original(self, tmp_path: Path) -> None:
        lean = self.wheel(tmp_path / "a", "one-1.0-py3-none-any.whl")
        original = self.wheel(tmp_path / "b", "one-1.0-py3-none-any.whl", 100)
        newer = self.wheel(tmp_path / "a", "one-2.0-py3-none-any.whl", 500)
        wheels = [lean, original, newer, self.wheel(tmp_path / "a", "two-10.0-py3-none-any.whl"),
                  self.wheel(tmp_path / "a", "two-9.0-py3-none-any.whl")]  # fmt: skip
        chosen = choose(wheels, {"one": "1.0"})
        assert chosen["one"] == original
        assert chosen["two"].version == "10.0"

    def test_repacks_with_bytecode_are_no_originals(self, tmp_path: Path) -> None:
        wheel = self.wheel(tmp_path, "one-1.0-py3-none-any.whl")
        assert is_original(wheel)
        with zipfile.ZipFile(wheel.path, "a") as archive:
            archive.writestr("one.pyc", b"")
        assert not is_original(wheel)

    def test_the_index_speaks_of_wheels_and_their_metadata(self, tmp_path: Path) -> None:
        wheel = self.wheel(tmp_path, "one-1.0-py3-none-any.whl")
        page = project("one", [wheel], "http://127.0.0.1:1/files")
        (file,) = page["files"]
        assert file["url"] == "http://127.0.0.1:1/files/one-1.0-py3-none-any.whl"
        assert (page["versions"], file["size"]) == (["1.0"], wheel.path.stat().st_size)
        assert metadata(wheel.path) == b"Name: one\n"

    def test_the_lock_keeps_what_is_compiled_and_what_that_needs(self) -> None:
        def entry(file: str, *depends: str) -> dict[str, object]:
            return {"file_name": file, "sha256": file, "depends": list(depends)}

        packages = {
            "numpy": entry("numpy-wasm32.whl"),
            "pandas": entry("pandas-wasm32.whl", "numpy", "six", "absent"),
            "six": entry("six.whl"),
            "jinja2": entry("jinja2.whl"),
            "absent": entry("absent-wasm32.whl"),
        }
        held = {f"{name}.whl": f"{name}.whl" for name in ("numpy-wasm32", "pandas-wasm32", "six", "jinja2")}
        lock = restricted({"info": {}, "packages": packages}, held)
        assert set(lock["packages"]) == {"numpy", "pandas", "six"}
        assert lock["packages"]["pandas"]["depends"] == ["numpy", "six"]


def test_peak_memory_of_a_process_counts_shared_pages_once() -> None:
    assert peak({"VmHWM": 900, "VmRSS": 500}, {"Pss": 200}) == 600
    assert peak({}, {}) == 0


FIRST = {LIVEVIZ: 1.5, FAST: 4.0, "nbsite.pyodide": 12.0}
VISITED = [
    Visit(number, tool, HEAVIEST, scenario, seconds * (number + 1), seconds, int(seconds * 1e6), 3, None)
    for number in range(3)
    for tool, seconds in FIRST.items()
    for scenario in VISITS[:-1]
] + [
    Visit(number, tool, HEAVIEST, "offline", None, None, 0, 0, None, "the page does not open")
    for number in range(3)
    for tool in FIRST
]


class TestStartup:
    def test_ratios_are_to_nbsite_in_the_same_round(self) -> None:
        row = next(row for row in StartupOutcome(VISITED).rows() if (row.tool, row.scenario) == (LIVEVIZ, "cold"))
        assert row.values["seconds"] == Figures(1.5, 3.0, 4.5)
        assert row.ratio["seconds"] == Figures(0.125, 0.125, 0.125)
        assert "memory" not in row.values

    def test_goals_are_those_of_each_variant(self) -> None:
        goals = {goal.text: (goal.bound, goal.met) for goal in StartupOutcome(VISITED).goals()}
        assert goals[f"{LIVEVIZ}, cold: time, ratio to nbsite.pyodide"] == ("<= 0.167", True)
        assert goals[f"{FAST}, cold: time, ratio to nbsite.pyodide"] == ("<= 0.4", True)
        assert goals[f"{LIVEVIZ}, warm: time, ratio to nbsite.pyodide"] == ("<= 0.111", False)
        assert goals[f"{FAST}, next page: seconds"] == ("<= 0.5", False)

    def test_what_never_becomes_live_has_no_time(self) -> None:
        outcome = StartupOutcome(VISITED)
        assert {row.why for row in outcome.rows() if row.scenario == "offline"} == {"the page does not open"}
        assert "n/a: the page does not open" in startup_report(outcome, ["Conditions."])

    def test_without_nbsite_nothing_is_said_of_it(self) -> None:
        outcome = StartupOutcome([visit for visit in VISITED if visit.tool == LIVEVIZ])
        assert [goal.text for goal in outcome.goals()] == [f"{LIVEVIZ}, next page: seconds"]
        assert "nbsite" not in startup_report(outcome, ["Conditions."])


ANSWERED = {"Bokeh": 10.0, "Panel": 20.0, "column": 25.0, "no column": 15.0}


MOVES = [
    Moves(number, tool, page, [factor * ms] * 20)
    for number in range(3)
    for tool, factor in ((LIVEVIZ, 1.0), ("nbsite.pyodide", 2.0))
    for page, ms in ANSWERED.items()
]
DRAG = Drag(0, LIVEVIZ, moves=120, messages=40, calls=40, longest=1, settled=True, milliseconds=60.0)


class TestSync:
    def test_percentiles(self) -> None:
        assert percentile([float(value) for value in range(101)], 95) == 95
        assert percentile([3.0], 50) == 3

    def test_every_page_and_what_the_column_adds(self) -> None:
        outcome = SyncOutcome(MOVES, [DRAG])
        rows = {(row.page, row.tool): row for row in outcome.rows()}
        assert {page for page, _ in rows} == {*MOVED, "column alone"}
        assert rows["column alone", LIVEVIZ].p50.median == 10
        assert rows["Panel", LIVEVIZ].ratio == Figures(0.5, 0.5, 0.5)

    def test_goals(self) -> None:
        assert [goal.met for goal in SyncOutcome(MOVES, [DRAG]).goals()] == [True, True]
        lost = replace(DRAG, settled=False)
        assert [goal.met for goal in SyncOutcome(MOVES, [DRAG, lost]).goals()] == [True, False]
        long = replace(DRAG, longest=2)
        outcome = SyncOutcome(MOVES, [DRAG, long])
        assert [goal.met for goal in outcome.goals()] == [True, False]
        assert "NOT MET" in sync_report(outcome, ["Conditions."])


WEIGHTS = [Weight("plain Sphinx", "without cells", 0, 0, 0), Weight(LIVEVIZ, "without cells", 7, 0, 1)]
READINGS = [
    Reading(number, tool, page, *(factor * second for second in (1.0, 2.0, 4.0)))
    for number in range(3)
    for tool, factor in (("plain Sphinx", 1.0), (LIVEVIZ, 1.05))
    for page in PAGES
]


class TestWeight:
    def test_what_plain_sphinx_loads_too_is_not_the_tools(self) -> None:
        answers = [Answer("/p.html", 200, 9), Answer("/a.css?v=2", 200, 8), Answer("/live.js", 200, 7)]
        assert own(answers, {"/a.css"}) == [answers[2]]

    def test_a_page_without_cells_weighs_nothing(self) -> None:
        outcome = WeightOutcome(WEIGHTS, READINGS)
        met = {goal.text: goal.met for goal in outcome.goals()}
        assert met.pop(f"{LIVEVIZ}, without cells: bytes of its files") is False
        assert set(met.values()) == {True}
        assert "1.05 (1.05 - 1.05)" in weight_report(outcome, ["Conditions."])
