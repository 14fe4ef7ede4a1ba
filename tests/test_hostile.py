"""Whatever a cell does, the build ends, in bounded time, with everything else intact.

Each hostile cell runs in a process forked from the zygote, between two harmless pages, and in a spawned one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sphinxext_liveviz.execution.ahead import available
from sphinxext_liveviz.execution.pool import run_pages
from sphinxext_liveviz.execution.watch import Limits
from sphinxext_liveviz.model import Cell, Page, PageResult

LIMITS = Limits(patience=5.0, memory=1 << 30, output=1_000_000)
SPAWNED: list[str] = []
FORKED = ["json"]


def make_page(name: str, directory: Path, *codes: str) -> Page:
    cells = [
        Cell(docname=name, index=index, id=f"{name}-{index}", code=code, path=f"{name}.rst", line=1)
        for index, code in enumerate(codes)
    ]
    return Page(name, str(directory), tuple(cells))


def shown(result: PageResult) -> list[str]:
    """Return what each cell printed to stdout."""
    return [
        "".join(output["text"] for output in cell["outputs"] if output.get("name") == "stdout")
        for cell in result.notebook["cells"]
    ]


@pytest.fixture(params=["forked", "spawned"])
def modules(request: pytest.FixtureRequest) -> list[str]:
    if request.param == "forked" and not available():
        pytest.skip("forking is not safe on this system: pages are always spawned")
    return FORKED if request.param == "forked" else SPAWNED


HOSTILE = {
    "loops for ever": ("while True: pass", "timeout", "ran longer than 5 seconds"),
    "sleeps in C": ("import time; time.sleep(1e6)", "timeout", "ran longer than 5 seconds"),
    "ignores signals": (
        "import signal\nfor n in (2, 15): signal.signal(n, signal.SIG_IGN)\nwhile True: pass",
        "timeout",
        "ran longer",
    ),
    "leaves": ("import sys; sys.exit(3)", "exception", "SystemExit: 3"),
    "leaves at once": ("import os; os._exit(3)", "died", "exit code 3"),
    "crashes": ("import ctypes; ctypes.string_at(0)", "died", "SIGSEGV"),
    "kills itself": ("import os; os.kill(os.getpid(), 9)", "died", "SIGKILL"),
    "eats memory": ("chunks = []\nwhile True: chunks.append(bytearray(1 << 24))", "exception", "MemoryError"),
    "prints without end": ("while True: print('x' * 1000)", "output", "printed more than 1,000,000 characters"),
    "displays without end": (
        "while True: display({'text/plain': 'x' * 5_000_000}, raw=True)",
        "output",
        "made outputs of more than 134,217,728 bytes",
    ),
    "closes everything": ("import os; os.closerange(0, 256)", "died", "process"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_it_costs_its_page_the_remaining_cells_and_nothing_else(what: str, modules: list[str], tmp_path: Path) -> None:
    code, kind, said = HOSTILE[what]
    pages = [
        make_page("before", tmp_path, "print('a')", "print('b')"),
        make_page("hostile", tmp_path, "print('first')", code, "print('last')"),
        make_page("after", tmp_path, "print('c')"),
    ]
    begin = time.monotonic()
    before, hostile, after = run_pages(pages, limits=LIMITS, jobs=2, started=lambda _: None, modules=modules)
    assert time.monotonic() - begin < 30
    assert [(error.cell.index, error.kind) for error in hostile.errors] == [(1, kind)]
    assert said in hostile.errors[0].message
    assert shown(hostile)[0] == "first\n"
    assert shown(hostile)[2] == ""
    assert before.ok
    assert after.ok
    assert shown(before) == ["a\n", "b\n"]
    assert shown(after) == ["c\n"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_child_that_a_cell_forks_says_nothing_and_runs_no_further_cell(modules: list[str], tmp_path: Path) -> None:
    page = make_page(
        "forks",
        tmp_path,
        "import os, pathlib\nprint('one')\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nprint('two')",
        "print('three')\npathlib.Path(str(os.getpid())).touch()",
    )
    (result,) = run_pages([page], limits=LIMITS, jobs=1, started=lambda _: None, modules=modules)
    assert result.ok
    assert shown(result) == ["one\ntwo\n", "three\n"]
    assert len(list(tmp_path.iterdir())) == 1


def test_what_a_cell_leaves_running_ends_with_its_page(modules: list[str], tmp_path: Path) -> None:
    page = make_page(
        "leaves",
        tmp_path,
        "import subprocess, sys, threading\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])\n"
        "print(child.pid)",
        "print('done')",
    )
    begin = time.monotonic()
    (result,) = run_pages([page], limits=LIMITS, jobs=1, started=lambda _: None, modules=modules)
    assert time.monotonic() - begin < 20
    assert result.ok
    assert shown(result)[1] == "done\n"
    while alive(int(shown(result)[0])):  # a moment passes between its end and its being gone
        assert time.monotonic() - begin < 20


def heed_interrupts() -> None:
    """For a child that is about to start: shells let what they run in the background ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not available(), reason="forking is not safe on this system")
def test_pages_share_what_was_imported_ahead_but_no_state(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    code = (
        "import os, fractions, random\n"
        "print(getattr(fractions, 'mark', None), os.getppid() == 1)\n"
        "fractions.mark = 1\n"
        "print(random.random())"
    )
    pages = [make_page(f"page{i}", tmp_path, code) for i in range(4)]
    said: list[str] = []
    results = run_pages(pages, limits=LIMITS, jobs=2, started=lambda _: None, say=said.append)
    assert all(result.ok for result in results)
    assert said == ["pages are forked from a process that has imported fractions, os, random"]
    assert [shown(result)[0].splitlines()[0] for result in results] == ["None False"] * 4
    assert len({shown(result)[0].splitlines()[1] for result in results}) == 4, "each page has random numbers of its own"


@pytest.mark.skipif(not available(), reason="forking is not safe on this system")
def test_threads_that_survive_a_fork_keep_no_library_from_being_imported_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numpy")
    library = tmp_path / "library"
    library.mkdir()
    (library / "plots.py").write_text("import numpy.linalg")  # whose threads are no secret to numpy
    monkeypatch.syspath_prepend(library)
    (tmp_path / "docs").mkdir()
    code = "import plots\nprint(plots.numpy.dot(*[plots.numpy.eye(300)] * 2).sum())"
    pages = [make_page(f"page{i}", tmp_path / "docs", code) for i in range(3)]
    said: list[str] = []
    results = run_pages(pages, limits=LIMITS, jobs=2, started=lambda _: None, say=said.append)
    assert said == ["pages are forked from a process that has imported plots"]
    assert [shown(result) for result in results] == [["300.0\n"]] * 3


@pytest.mark.skipif(not available(), reason="forking is not safe on this system")
def test_pages_that_share_no_import_are_forked_too(tmp_path: Path) -> None:
    said: list[str] = []
    pages = [make_page(name, tmp_path, "print(1)") for name in "ab"]
    assert all(result.ok for result in run_pages(pages, limits=LIMITS, jobs=2, started=lambda _: None, say=said.append))
    assert said == ["pages are forked from a process that has imported no library"]


@pytest.mark.parametrize("forks", [True, False])
def test_modules_that_start_threads_speak_or_fail_are_left_to_the_pages(
    forks: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not forks:
        monkeypatch.setattr("sphinxext_liveviz.execution.pool.available", lambda: False)
    library = tmp_path / "library"
    library.mkdir()
    thread = "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()"
    (library / "threaded.py").write_text(thread)
    (library / "talks.py").write_text("print('hello from the import')")
    (library / "fails.py").write_text("raise RuntimeError('no')")
    monkeypatch.syspath_prepend(library)
    code = "import threaded, talks, colorsys\ntry:\n    import fails\nexcept RuntimeError: print('failed')"
    (tmp_path / "docs").mkdir()
    pages = [make_page(f"page{i}", tmp_path / "docs", code) for i in range(2)]
    said: list[str] = []
    results = run_pages(pages, limits=LIMITS, jobs=2, started=lambda _: None, say=said.append)
    assert all(result.ok for result in results)
    assert [shown(result)[0] for result in results] == ["hello from the import\nfailed\n"] * 2
    how = (
        "pages are forked from a process that has imported colorsys, fails"
        if forks
        else "new processes import ahead, because forking is not safe here: colorsys, fails"
    )
    assert set(said) == {
        "fails is left to the pages: its import fails with RuntimeError",
        how,
        "talks is left to the pages: its import says 'hello from the import'",
        "threaded is left to the pages: threads run after its import",
    }


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_when_the_build_ends_nothing_outlives_it(modules: list[str], tmp_path: Path, end: signal.Signals) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from sphinxext_liveviz.execution.pool import run_pages\n"
        "from tests.test_hostile import LIMITS, make_page\n"
        "code = 'import os, pathlib; pathlib.Path(f\"pid{os.getpid()}\").touch()\\nwhile True: pass'\n"
        "pages = [make_page(f'page{i}', Path(sys.argv[1]), code) for i in range(2)]\n"
        f"run_pages(pages, limits=LIMITS, jobs=2, started=lambda _: None, modules={modules!r})\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    build = subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=heed_interrupts)
    while len(found := list(tmp_path.glob("pid*"))) < 2:
        assert build.poll() is None
        time.sleep(0.01)
    begin = time.monotonic()
    build.send_signal(end)
    build.wait(10)
    assert time.monotonic() - begin < 1
    pids = [int(path.name.removeprefix("pid")) for path in found]
    while any(alive(pid) for pid in pids):
        assert time.monotonic() - begin < 3, "a page outlives the build"
        time.sleep(0.01)
