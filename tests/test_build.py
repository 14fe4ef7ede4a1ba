"""What runs when, what is said about it, and what is written again."""

from __future__ import annotations

from pathlib import Path

import pytest

from sphinxext_liveviz.errors import Unavailable, UserError

from .conftest import BuildOnce, MakeDocs
from .docs import Built, Docs

PAGES = ["one", "two", "three", "six", "guide/four", "guide/five"]


def _times(docs: Docs) -> dict[str, int]:
    """How often each page that keeps a log has run, and that it has run in its own directory."""
    return {path.stem: path.read_text().count("run") for path in docs.source.rglob("*.log")}


def _pages(built: Built) -> dict[str, str]:
    return {path.relative_to(built.out).as_posix(): path.read_text() for path in built.out.rglob("*.html")}


def _states(out: Path) -> dict[str, int]:
    return {path.relative_to(out).as_posix(): path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}


def test_cells_of_a_page_share_a_namespace_and_show_their_output(build_once: BuildOnce) -> None:
    built = build_once("cells")
    assert built.warnings == ""
    for page in PAGES:
        name = page.rpartition("/")[2]
        assert f"printed by {name}\n" in built.text(f"{page}.html")
        assert f"'{name.upper()}'\n" in built.text(f"{page}.html")


def test_elsewhere_than_on_a_terminal_progress_is_a_line_for_each_page(build_once: BuildOnce) -> None:
    built = build_once("cells")
    lines = [line for line in built.status.splitlines() if "executing cells" in line]
    assert sorted(line.split("] ")[1].split(" (2 of 2 cells, ")[0] for line in lines) == sorted(PAGES)
    assert [line[19:25] for line in lines] == ["[ 17%]", "[ 33%]", "[ 50%]", "[ 67%]", "[ 83%]", "[100%]"]


def test_parallel_and_serial_builds_are_identical(make_docs: MakeDocs, tmp_path: Path, build_once: BuildOnce) -> None:
    serial, parallel = build_once("cells"), make_docs("cells").build(jobs=4)
    assert parallel.warnings == ""
    assert _pages(parallel) == _pages(serial)
    assert parallel.executed == serial.executed


def test_a_second_build_executes_and_writes_nothing(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    first = docs.build()
    files = _states(first.out / "_static" / "liveviz")
    second = docs.build()
    assert (second.executed, second.written) == ([], [])
    assert "0 added, 0 changed, 0 removed" in second.status
    assert "configuration has changed" not in second.status
    assert _times(docs) == {"one": 1, "two": 1, "three": 1, "six": 1}
    assert files
    assert _states(second.out / "_static" / "liveviz") == files


def test_editing_prose_or_a_caption_runs_nothing(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.build()
    docs.edit("one.rst", "Prose of one.", "Much\nmore\n\nprose.")
    docs.edit("two.rst", ":caption: Setup", ":caption: Begin\n   :class: wide")
    built = docs.build()
    assert (built.executed, built.written) == ([], ["index", "one", "two"])  # Sphinx writes the toctree's page too
    assert "printed by one\n" in built.text("one.html")


def test_editing_code_runs_that_page_alone(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.build()
    docs.edit("two.rst", "printed by", "shown by")
    built = docs.build()
    assert built.executed == ["two cell 1/2", "two cell 2/2"]
    assert built.written == ["index", "two"]
    assert "shown by two\n" in built.text("two.html")


def test_an_interrupted_or_fresh_environment_finds_results_again(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.build()
    (docs.source / "_build/doctrees/environment.pickle").unlink()
    built = docs.build()
    assert (built.executed, len(built.written)) == ([], 8)


def test_results_can_live_elsewhere(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.build(liveviz_cache_dir="kept")
    assert len(list((docs.source / "kept/keys").iterdir())) == len(PAGES)
    assert not (docs.source / "_build/doctrees/liveviz").exists()


def test_a_damaged_result_is_made_anew(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.build()
    for path in (docs.source / "_build/doctrees/liveviz/notebooks").iterdir():
        if "printed by one" in path.read_text():
            path.write_text("{}")
    built = docs.build()
    assert built.executed == ["one cell 1/2", "one cell 2/2"]
    assert "one.rst: WARNING: a stored result is damaged, so the page runs again" in built.warnings
    assert "[liveviz.store]" in built.warnings


def test_builders_share_results(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.build("html")
    built = docs.build("text")
    assert built.executed == []
    assert "printed by one" in built.text("one.txt")
    assert docs.build("html").written == []


def test_a_result_that_another_builder_renewed_is_written(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.write(
        "one.rst", "One\n===\n\n.. live-cell::\n\n   import pathlib\n   print(pathlib.Path('data').read_text())\n"
    )
    docs.write("data", "old")
    docs.build("html")
    docs.write("data", "new")
    for path in (docs.source / "_build/doctrees/liveviz/keys").iterdir():
        path.unlink()
    docs.build("text")
    built = docs.build("html")
    assert (built.executed, built.written) == ([], ["index", "one"])
    assert "new\n" in built.text("one.html")


@pytest.mark.parametrize("builder", ["gettext", "linkcheck", "dummy"])
def test_builders_that_show_no_output_run_nothing(make_docs: MakeDocs, builder: str) -> None:
    docs = make_docs("cells")
    built = docs.build(builder)
    assert (built.warnings, built.executed, _times(docs)) == ("", [], {})


def test_a_removed_page_leaves_nothing_behind(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.build()
    (docs.source / "one.rst").unlink()
    docs.edit("index.rst", "   one\n", "")
    domain = docs.build().domain
    assert "one" not in {page.docname for page in domain.pages()}
    assert "one" not in domain.digests
    assert "one" not in domain.written("html")


# -- failures ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def failing(build_once: BuildOnce) -> Built:
    return build_once("failing")


def test_a_failing_cell_is_one_warning_at_its_failing_line(failing: Built) -> None:
    (warning,) = (line for line in failing.warnings.splitlines() if "exception.rst" in line)
    assert "exception.rst:13: WARNING: cell 2 ZeroDivisionError: division by zero; mend it, or give it" in warning
    assert warning.endswith("[liveviz.cell]")


def test_the_line_is_that_of_the_included_file(failing: Built) -> None:
    assert "included.rst:4: WARNING: cell 1 KeyError: 'key of the included cell'" in failing.warnings


def test_a_failing_cell_shows_its_traceback_and_stops_its_page(failing: Built) -> None:
    html = failing.text("exception.html")
    assert "before\n" in html
    assert '<span class="nb">"exception.rst"</span>, line <span class="m">13</span>' in html
    assert '<span class="nb">"exception.rst"</span>, line <span class="m">7</span>' in html
    assert "never printed\n" not in html


def test_the_build_goes_on(failing: Built) -> None:
    assert failing.code == 0
    assert "all is well\n" in failing.text("good.html")
    assert len(failing.warnings.splitlines()) == 5


def test_expected_exceptions_are_shown_and_go_on(failing: Built) -> None:
    assert "expected.md" not in failing.warnings
    html = failing.text("expected.html")
    assert html.count("live-error") == 2
    assert "goes on\n" in html


def test_no_exec_is_shown_and_not_run(failing: Built) -> None:
    html = failing.text("expected.html")
    assert "never run" in html
    assert 'data-number="4"' in html
    assert "expected cell 4/4" not in failing.executed


def test_a_missing_exception_is_a_warning(failing: Built) -> None:
    assert "missing.rst:7: WARNING: cell 1 raised nothing, but KeyError is expected" in failing.warnings
    assert "nothing is raised" in failing.text("missing.html")


def test_an_endless_cell_is_ended(failing: Built) -> None:
    assert "endless.rst:11: WARNING: cell 2 ran longer than 0.5 seconds and was ended" in failing.warnings
    assert "[liveviz.timeout]" in failing.warnings
    assert "spinning\n" in failing.text("endless.html")


def test_a_process_that_dies_costs_its_page_the_rest(failing: Built) -> None:
    assert "exits.rst:10: WARNING: cell 2 its process ended with exit code 7" in failing.warnings
    assert "[liveviz.died]" in failing.warnings
    html = failing.text("exits.html")
    assert "still here\n" in html
    assert "never printed\n" not in html


def test_failed_pages_are_tried_and_told_again(make_docs: MakeDocs) -> None:
    docs = make_docs("failing")
    docs.build()
    built = docs.build(liveviz_jobs=4)
    assert {line.partition(" ")[0] for line in built.executed} == {"index", "exception", "endless", "exits", "missing"}
    assert built.written == []
    assert len(built.warnings.splitlines()) == 5


def test_warnings_are_errors_when_asked_for(make_docs: MakeDocs) -> None:
    built = make_docs("failing").build(strict=True)
    assert built.code == 1
    assert "all is well\n" in built.text("good.html")


def test_subtypes_can_be_silenced(make_docs: MakeDocs) -> None:
    docs = make_docs("failing")
    built = docs.build(suppress_warnings=["liveviz.cell", "liveviz.died"])
    assert [line.split("[")[-1] for line in built.warnings.splitlines()] == ["liveviz.timeout]"]
    assert docs.build(suppress_warnings=["liveviz"], strict=True).code == 0


# -- the live side ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "subtype"),
    [(Unavailable("Pyodide 1.2.3", (("nowhere", "not found"),)), "distribution"), (UserError("bad mirror"), "config")],
)
def test_without_a_runtime_pages_are_static_and_say_why(
    make_docs: MakeDocs, monkeypatch: pytest.MonkeyPatch, error: Exception, subtype: str
) -> None:
    def make_runtime(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("sphinxext_liveviz.preparing.make_runtime", make_runtime)
    built = make_docs("cells").build()
    assert f"live cells could not be prepared, so all pages are static: {error}" in built.warnings
    assert f"[liveviz.{subtype}]" in built.warnings
    manifest = built.manifest("one.html")
    assert manifest["pyodide"] is None
    assert manifest["reason"] == "Pyodide could not be had when this site was built."
    assert "printed by one\n" in built.text("one.html")


def test_a_site_without_live_cells_asks_for_no_runtime(make_docs: MakeDocs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sphinxext_liveviz.preparing.make_runtime", None)
    docs = make_docs("blank")
    docs.edit("index.rst", "=====", "=====\n\n.. live-cell::\n   :static:\n\n   print('only here')\n")
    built = docs.build()
    assert built.warnings == ""
    assert built.manifest("index.html")["reason"] == "No cell of this site is live."
