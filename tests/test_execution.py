"""Pages run apart from each other and from the build, and what comes of them is a notebook."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from sphinxext_liveviz.execution.key import Keys
from sphinxext_liveviz.execution.notebook import PageNotebook
from sphinxext_liveviz.execution.pool import run_pages
from sphinxext_liveviz.execution.watch import Limits
from sphinxext_liveviz.model import Cell, Page, PageResult
from sphinxext_liveviz.runtime.installed import Installed

MakePage = Callable[..., Page]


@pytest.fixture
def make_page(tmp_path: Path) -> MakePage:
    """Make a page of cells; each is code, or a tuple of code and options."""

    def make(*cells: str | tuple[str, dict[str, Any]], docname: str = "page") -> Page:
        pairs = [(cell, {}) if isinstance(cell, str) else cell for cell in cells]
        made = [
            Cell(docname, index, f"{docname}-{index + 1}", code, f"{docname}.rst", 1, **options)
            for index, (code, options) in enumerate(pairs)
        ]
        return Page(docname, str(tmp_path), tuple(made))

    return make


def run(*pages: Page, patience: float = 30, jobs: int = 1, started: Callable[[Cell], None] = print) -> list[PageResult]:
    results = run_pages(pages, limits=Limits(patience, output=1_000_000_000), jobs=jobs, started=started)
    for result in results:
        nbformat.validate(result.notebook)
    return results


def outputs(result: PageResult) -> list[list[dict[str, Any]]]:
    return [cell["outputs"] for cell in result.notebook["cells"]]


def texts(result: PageResult) -> list[list[str]]:
    return [
        [output.get("text") or output.get("data", {}).get("text/plain") or output["ename"] for output in cell]
        for cell in outputs(result)
    ]


def kinds(result: PageResult) -> list[tuple[int, str]]:
    return [(error.cell.number, error.kind) for error in result.errors]


# -- the notebook -----------------------------------------------------------------------------------------------------


def test_the_notebook_has_the_pages_cells(make_page: MakePage) -> None:
    (result,) = run(make_page("x = 1\nprint(x)", "x + 1"))
    assert result.ok
    assert [cell["id"] for cell in result.notebook["cells"]] == ["page-1", "page-2"]
    assert [cell["source"] for cell in result.notebook["cells"]] == ["x = 1\nprint(x)", "x + 1"]
    assert [cell["execution_count"] for cell in result.notebook["cells"]] == [1, 2]
    assert texts(result) == [["1\n"], ["2"]]


def test_prints_are_one_output_until_another_comes_between(make_page: MakePage) -> None:
    (result,) = run(make_page("print(1)\nprint(2)\ndisplay(3)\nprint(4)\nimport sys\nprint(5, file=sys.stderr)"))
    assert texts(result) == [["1\n2\n", "3", "4\n", "5\n"]]
    assert outputs(result)[0][3]["name"] == "stderr"


def test_a_display_is_updated_where_it_was_made(make_page: MakePage) -> None:
    (result,) = run(make_page("handle = display('old', display_id='a');", "handle.update('new')"))
    assert texts(result) == [["'new'"], []]


def test_clearing_waits_for_the_next_output(make_page: MakePage) -> None:
    page = make_page(
        "print(1)\nclear_output()\nprint(2)",
        "print(1)\nclear_output(wait=True)\nprint(2)",
        "print(1)\nclear_output(True)",
    )
    assert texts(*run(page)) == [["2\n"], ["2\n"], ["1\n"]]


def test_top_level_await_works(make_page: MakePage) -> None:
    (result,) = run(make_page("import asyncio\nawait asyncio.sleep(0, 'awaited')"))
    assert texts(result) == [["'awaited'"]]


def test_what_a_file_cannot_hold_is_escaped(make_page: MakePage) -> None:
    (result,) = run(make_page("print('\\udc80')", "display({'text/plain': object}, raw=True)"))
    assert texts(result) == [["\\udc80\n"], ["<class 'object'>"]]


def test_numbers_that_json_has_not_are_none(make_page: MakePage) -> None:
    code = "display({'application/json': {'a': [float('nan')]}}, raw=True)"
    assert outputs(run(make_page(code))[0])[0][0]["data"]["application/json"] == {"a": [None]}


def test_what_other_programs_print_does_not_disturb(make_page: MakePage) -> None:
    (result,) = run(make_page("import os\nos.system('echo noise')\nos.write(1, b'noise')\nprint('signal')"))
    assert result.ok
    assert texts(result) == [["signal\n"]]


def test_messages_of_no_cell_are_ignored(make_page: MakePage) -> None:
    made = PageNotebook(make_page("1"))
    made.receive({"header": {"msg_type": "stream"}, "parent_header": {}, "content": {"name": "stdout", "text": "lost"}})
    assert made.notebook["cells"][0]["outputs"] == []


# -- how pages end ----------------------------------------------------------------------------------------------------


def test_an_exception_stops_the_page(make_page: MakePage) -> None:
    (result,) = run(make_page("1 / 0", "print('never')"))
    assert kinds(result) == [(1, "exception")]
    assert result.errors[0].message == "ZeroDivisionError: division by zero"
    assert texts(result) == [["ZeroDivisionError"], []]


@pytest.mark.parametrize("expected", ["", "ZeroDivisionError", "builtins.ZeroDivisionError"])
def test_an_expected_exception_does_not(make_page: MakePage, expected: str) -> None:
    (result,) = run(make_page(("1 / 0", {"raises": expected}), "2"))
    assert result.ok
    assert texts(result) == [["ZeroDivisionError"], ["2"]]


def test_another_exception_than_expected_does(make_page: MakePage) -> None:
    (result,) = run(make_page(("1 / 0", {"raises": "KeyError"}), "2"))
    assert kinds(result) == [(1, "exception")]
    assert result.errors[0].message == "ZeroDivisionError: division by zero (expected: KeyError)"


def test_leaving_is_an_exception(make_page: MakePage) -> None:
    (result,) = run(make_page("import sys\nsys.exit(3)"))
    assert result.errors[0].message == "SystemExit: 3"


def test_asking_for_input_is_an_exception(make_page: MakePage) -> None:
    (result,) = run(make_page("input('name? ')"))
    assert result.errors[0].message == "EOFError: EOF when reading a line"


@pytest.mark.parametrize("options", [{"timeout": 0.5}, {}])
def test_an_endless_cell_is_ended(make_page: MakePage, options: dict[str, float]) -> None:
    (result,) = run(make_page("1", ("while True: print('x' * 1000)", options), "2"), patience=1 if not options else 60)
    assert kinds(result) == [(2, "timeout")]
    assert texts(result)[0] == ["1"]
    assert texts(result)[2] == []


def test_nothing_that_a_cell_started_is_left(make_page: MakePage, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "life")
    life = os.open(tmp_path / "life", os.O_RDONLY | os.O_NONBLOCK)
    program = "life = open('life', 'w'); print('begun', flush=True); input()"
    cell = (
        "import os, sys\nfrom subprocess import PIPE, Popen\n"
        f"child = Popen([sys.executable, '-c', {program!r}], stdin=PIPE, stdout=PIPE)\n"
        "child.stdout.readline()\n"
        "os._exit(0)"
    )
    (result,) = run(make_page(cell))
    assert kinds(result) == [(1, "died")]
    os.set_blocking(life, True)
    assert os.read(life, 1) == b""  # returns when the last process that holds the other end is gone
    os.close(life)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import os; os._exit(3)", "its process ended with exit code 3"),
        ("import ctypes; ctypes.string_at(0)", "its process ended by SIGSEGV"),
        ("import os; os.write(2, b'out of luck\\n'); os.abort()", "its process ended by SIGABRT, saying: out of luck"),
    ],
)
def test_a_dead_process_keeps_what_it_had_shown(make_page: MakePage, code: str, message: str) -> None:
    (result,) = run(make_page("print('before')", f"print('during', flush=True)\n{code}", "print('after')"))
    assert kinds(result) == [(2, "died")]
    assert result.errors[0].message == message
    assert texts(result) == [["before\n"], ["during\n"], []]


def test_what_a_cell_leaves_running_does_not_keep_the_build(
    make_page: MakePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sphinxext_liveviz.execution.watch._END", 0.1)
    (result,) = run(make_page("import threading\nthreading.Thread(target=threading.Event().wait).start()"))
    assert result.ok


def test_what_a_thread_prints_stands_below_the_cell_that_started_it(make_page: MakePage) -> None:
    thread = "import threading\nthread = threading.Thread(target=print, args=['from a thread'])\nthread.start()"
    (result,) = run(make_page(thread, "thread.join()"))
    assert texts(result) == [["from a thread\n"], []]


# -- pages together ---------------------------------------------------------------------------------------------------


def test_results_come_in_the_order_of_the_pages(make_page: MakePage) -> None:
    pages = [make_page(f"print({name!r})", docname=name) for name in ("c", "a", "b")]
    results = run(*pages, jobs=3)
    assert [(result.page.docname, texts(result)) for result in results] == [(name, [[f"{name}\n"]]) for name in "cab"]


def test_pages_run_at_the_same_time(make_page: MakePage) -> None:
    code = (
        "import pathlib\npathlib.Path({0!r}).touch()\n"
        "while not pathlib.Path({1!r}).exists():\n    pass"  # ends only if the other page has begun
    )
    pages = [make_page(code.format("a", "b"), docname="a"), make_page(code.format("b", "a"), docname="b")]
    assert all(result.ok for result in run(*pages, jobs=2))


def test_each_started_cell_is_told(make_page: MakePage) -> None:
    told: list[str] = []
    run(make_page("1", ("2", {"execute": False}), "3 / 0", "4"), started=lambda cell: told.append(cell.id))
    assert told == ["page-1", "page-3"]


def test_a_page_without_anything_to_run_starts_no_process(make_page: MakePage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere")
    (result,) = run(make_page(("1 / 0", {"execute": False})))
    assert result.ok
    assert outputs(result) == [[]]


def test_cells_find_modules_beside_their_page_and_files(make_page: MakePage, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("value = 'found'")
    (result,) = run(make_page("import beside, os\nprint(beside.value, os.getcwd())"))
    assert texts(result) == [[f"found {tmp_path}\n"]]


def test_cells_import_what_conf_py_put_on_the_path(
    make_page: MakePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "documented.py").write_text("value = 'documented'")
    monkeypatch.syspath_prepend(project)
    assert texts(*run(make_page("import documented\nprint(documented.value)"))) == [["documented\n"]]


# -- keys -------------------------------------------------------------------------------------------------------------


class Versions(Installed):
    """An environment of which only versions matter: ``plot`` needs ``array``."""

    def __init__(self, **versions: str) -> None:
        super().__init__()
        self.versions = versions

    def version(self, name: str) -> str | None:
        return self.versions.get(name)

    def requires(self, name: str) -> tuple[str, ...]:
        return ("Array>=1; python_version>'3'", "absent") if name == "plot" else ()

    def providers(self, module: str) -> tuple[str, ...]:
        return (module.partition(".")[0],)


def key(page: Page, **versions: str) -> str:
    return Keys(Versions(**{"plot": "1", "array": "1", "other": "1", **versions})).of(page)


def _with(page: Page, **changes: Any) -> Page:
    first, *rest = page.cells
    return replace(page, cells=(replace(first, **changes), *rest))


@pytest.mark.parametrize(
    "changes",
    [
        {"line": 99, "path": "included.rst"},
        {"static": True},
        {"timeout": 9.0},
        {"requirements": ("scipy",)},
    ],
)
def test_what_does_not_alter_the_result_is_not_in_the_key(make_page: MakePage, changes: dict[str, Any]) -> None:
    page = make_page("1", "2")
    assert key(_with(page, **changes)) == key(page)


@pytest.mark.parametrize("changes", [{"code": "11"}, {"execute": False}, {"raises": ""}, {"id": "elsewhere-1"}])
def test_what_may_alter_the_result_is(make_page: MakePage, changes: dict[str, Any]) -> None:
    page = make_page("1", "2")
    assert key(_with(page, **changes)) != key(page)


@pytest.mark.parametrize(
    ("versions", "same"), [({"plot": "2"}, False), ({"array": "2"}, False), ({"other": "2"}, True)]
)
def test_versions_of_what_is_imported_are_in_it(make_page: MakePage, versions: dict[str, str], same: bool) -> None:
    page = make_page("def later():\n    from plot.lines import line")
    assert (key(page, **versions) == key(page)) is same


def test_a_cell_that_is_not_python_has_a_key(make_page: MakePage) -> None:
    assert key(make_page("1 +")) != key(make_page("1 -"))


def test_keys_are_the_same_in_every_process(make_page: MakePage) -> None:
    pages: Sequence[Page] = [make_page("import plot, other")] * 2
    assert len({key(page) for page in pages}) == 1
