"""Pages run as tasks of any executor, Dask's among them, and come home."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import pytest

from sphinxext_liveviz.errors import ProcessError, UserError
from sphinxext_liveviz.execution.executor import Task, open_executor, run_page, run_pages_on
from sphinxext_liveviz.execution.watch import Limits
from sphinxext_liveviz.model import PageResult

from .conftest import MakeDocs
from .test_hostile import HOSTILE, LIMITS, make_page, shown

pytestmark = pytest.mark.filterwarnings("default")  # what an executor's own threads and sockets do is not ours

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def dask() -> Iterator[Executor]:
    """Workers that are lost are lost at once: by default Dask gives a task three more."""
    dask = pytest.importorskip("dask")
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), open_executor("executors:dask", HERE) as made:
        yield made


def run(executor: Executor, *args: object, finished: object = lambda _: None, **options: object) -> list[PageResult]:
    return run_pages_on(executor, args, limits=LIMITS, versions=lambda _: {}, finished=finished, **options)  # type: ignore[arg-type]


def test_pages_are_dask_tasks_and_results_come_home_in_order(dask: Executor, tmp_path: Path) -> None:
    pages = [make_page(name, tmp_path, f"print({name!r})", "print(1 + 1)") for name in "cab"]
    told: list[str] = []
    results = run(dask, *pages, finished=lambda result: told.append(result.page.docname))
    assert [result.page for result in results] == pages
    assert [shown(result) for result in results] == [[f"{name}\n", "2\n"] for name in "cab"]
    assert all(result.ok and set(result.cell_seconds) == {cell.id for cell in result.page.cells} for result in results)
    assert sorted(told) == ["a", "b", "c"]


@pytest.mark.parametrize("what", ["loops for ever", "eats memory", "prints without end", "crashes"])
def test_limits_hold_on_the_workers(dask: Executor, tmp_path: Path, what: str) -> None:
    code, kind, said = HOSTILE[what]
    good, hostile = run(dask, make_page("good", tmp_path, "print(1)"), make_page("hostile", tmp_path, code, "print(2)"))
    assert good.ok
    assert [(error.cell, error.kind) for error in hostile.errors] == [(hostile.page.cells[0], kind)]
    assert said in hostile.errors[0].message


def test_a_lost_worker_costs_its_page_one_error(dask: Executor, tmp_path: Path) -> None:
    pages = [
        make_page("good", tmp_path, "print(1)"),
        make_page("fine", tmp_path, "print(2)"),
        # Last, so that no other waits for its worker: Dask would suspect that one as well.
        make_page("unlucky", tmp_path, "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)", "print(3)"),
    ]
    good, fine, unlucky = run(dask, *pages)
    assert (good.ok, fine.ok) == (True, True)
    assert [(error.cell.index, error.kind) for error in unlucky.errors] == [(0, "lost")]
    assert "KilledWorker" in unlucky.errors[0].message


def test_no_disk_is_shared(tmp_path: Path) -> None:
    page = make_page("far", tmp_path / "only" / "there", "import os\nprint(os.path.isdir(os.getcwd()), os.listdir())")
    task = pickle.loads(pickle.dumps(_task(page)))
    result = pickle.loads(pickle.dumps(run_page(task)))
    assert result.page == page
    assert shown(result) == ["True []\n"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"python": "3.1.4"}, "instead of 3.1.4"),
        ({"kernel": "abc"}, "sphinxext-liveviz"),
        ({"versions": {"docutils": "0.1"}}, "docutils"),
        ({"versions": {"not-there": "1.0"}}, "not-there none instead of 1.0"),
    ],
)
def test_a_machine_that_differs_from_the_builds_is_refused(tmp_path: Path, change: dict[str, str], said: str) -> None:
    with pytest.raises(ProcessError, match=said):
        run_page(replace(_task(make_page("page", tmp_path, "1")), **change))  # type: ignore[arg-type]


def _task(page: object) -> Task:
    import platform
    import sys

    from sphinxext_liveviz.kernel import source_digest

    return Task(page, Limits(30), {}, tuple(sys.path), source_digest(), platform.python_version(), "1")  # type: ignore[arg-type]


def test_what_the_standard_library_offers_will_do(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.edit("conf.py", "html_theme", f"import sys\nsys.path.insert(0, {os.fspath(HERE)!r})\nhtml_theme")
    local = docs.build()
    built = docs.build(liveviz_executor="executors:processes", liveviz_execution="force")
    assert built.warnings == ""
    assert built.executed == local.executed
    assert built.written == [], "a page is the same wherever it runs"


def test_a_build_on_dask_is_the_same_as_one_without(make_docs: MakeDocs) -> None:
    pytest.importorskip("distributed")
    docs = make_docs("cells")
    (docs.source / "cluster.py").write_text((HERE / "executors.py").read_text())  # beside conf.py
    local = docs.build()
    built = docs.build(liveviz_executor="cluster:dask", liveviz_execution="force")
    assert built.warnings == ""
    assert built.executed == local.executed
    assert built.written == []


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("nowhere_at_all:make", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("executors:nothing", "AttributeError"),
        ("executors:wrong", "it makes a str, which is no concurrent.futures.Executor"),
        ("executors:failing", "ConnectionError: the cluster is down"),
    ],
)
def test_an_executor_that_cannot_be_had_is_told_and_done_without(make_docs: MakeDocs, reference: str, why: str) -> None:
    with (
        pytest.raises(UserError, match=f"liveviz_executor = '{reference}' cannot be used: "),
        open_executor(reference, HERE),
    ):
        pass
    docs = make_docs("cells")
    (docs.source / "executors.py").write_text((HERE / "executors.py").read_text())
    built = docs.build(liveviz_executor=reference)
    (warning,) = built.warnings.splitlines()
    assert why in warning
    assert warning.endswith("; the pages run on this machine [liveviz.executor]")
    assert len(built.executed) == 12
