"""The build engine as an author sees it: its settings, its limits, and what is left of an interrupted build."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sphinx.errors import ConfigError

from sphinxext_liveviz.execution.pool import run_pages
from sphinxext_liveviz.model import PageResult

from .conftest import MakeDocs
from .docs import Built, Docs
from .test_hostile import LIMITS, alive, heed_interrupts, make_page

NOISY = """Noisy
=====

.. live-cell::

   for number in range(1000):
       print(f"line {number}")
"""


def _digests(built: Built) -> dict[str, str]:
    return dict(built.domain.digests)


# -- liveviz_execution ------------------------------------------------------------------------------------------------


def test_force_runs_all_and_writes_only_what_changed(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    first = docs.build()
    built = docs.build(liveviz_execution="force")
    assert built.executed == first.executed
    assert built.written == []


def test_cache_shows_what_is_stored_and_warns_of_what_is_not(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.build()
    docs.edit("two.rst", "printed by", "shown by")
    built = docs.build(liveviz_execution="cache")
    assert built.executed == []
    (warning,) = built.warnings.splitlines()
    assert "two.rst: WARNING: no result of this page is stored" in warning
    assert warning.endswith("build once with -D liveviz_execution=auto [liveviz.miss]")
    assert "printed by one\n" in built.text("one.html")
    assert 'class="live-text' not in built.text("two.html")
    assert "shown by two\n" in docs.build().text("two.html")


def test_a_damaged_result_is_a_miss_when_nothing_runs(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.build()
    for path in (docs.source / "_build/doctrees/liveviz/notebooks").iterdir():
        path.write_text("{}")
    built = docs.build(liveviz_execution="cache")
    assert built.executed == []
    assert [line[-14:] for line in built.warnings.splitlines()] == ["[liveviz.miss]"] * 6


def test_off_runs_nothing_and_shows_code_only(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    built = docs.build(liveviz_execution="off")
    assert (built.warnings, built.executed) == ("", [])
    assert "printed by one\n" not in built.text("one.html")
    assert "live-cell" in built.text("one.html")
    assert built.manifest("one.html")["pyodide"] is not None, "readers can run the cells all the same"
    assert "printed by one\n" in docs.build().text("one.html")
    assert "printed by one\n" not in docs.build(liveviz_execution="off").text("one.html")


# -- the command line -------------------------------------------------------------------------------------------------


def test_values_are_understood_on_the_command_line(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    built = docs.build(
        liveviz_jobs="1",
        liveviz_timeout="7.5",
        liveviz_memory="None",
        liveviz_output_limit="1000",
        liveviz_output_shown="500",
        liveviz_preload="json,email.message",
        liveviz_executor="None",
    )
    assert built.warnings == ""
    assert len(built.executed) == 12


def test_the_shell_is_the_command_line(make_docs: MakeDocs, tmp_path: Path) -> None:
    docs = make_docs("blank")
    docs.write("index.rst", "Title\n=====\n\n.. live-cell::\n   :static:\n\n   while True: pass\n")
    built = _sphinx(docs, tmp_path, "-D", "liveviz_timeout=0.5", "-D", "liveviz_jobs=2", "-D", "liveviz_memory=2000")
    assert built.returncode == 0
    (warning,) = built.stderr.splitlines()
    assert "index.rst:7: WARNING: cell 1 ran longer than 0.5 seconds and was ended" in warning


def _sphinx(docs: Docs, out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", *arguments, str(docs.source), str(out / "site")]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "NO_COLOR": "1", "TERM": "xterm"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jobs", "many"),
        ("jobs", "1.5"),
        ("jobs", True),
        ("timeout", "nan"),
        ("timeout", "soon"),
        ("memory", 0),
        ("memory", "lots"),
        ("output_limit", None),
        ("output_shown", -1),
        ("execution", "sometimes"),
        ("preload", "not a module"),
        ("preload", [1]),
        ("executor", "dask"),
        ("executor", "a:b:c"),
        ("executor", print),
    ],
)
def test_a_wrong_value_is_told_before_anything_is_built(make_docs: MakeDocs, name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"liveviz_{name} = {value!r}: must be ")):
        make_docs("blank").build("html", **{f"liveviz_{name}": value})  # type: ignore[arg-type]


# -- limits -----------------------------------------------------------------------------------------------------------


def test_a_cell_that_prints_too_much_is_ended_and_keeps_what_it_may(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.write("index.rst", NOISY)
    built = docs.build(liveviz_output_limit=100)
    (warning,) = built.warnings.splitlines()
    assert "index.rst:6: WARNING: cell 1 printed more than 100 characters and was ended; let it print less" in warning
    assert warning.endswith("[liveviz.limit]")
    (notebook,) = (docs.source / "_build/doctrees/liveviz/notebooks").iterdir()
    (output,) = json.loads(notebook.read_text())["cells"][0]["outputs"]
    assert output["text"] == "".join(f"line {number}\n" for number in range(1000))[:100]


def test_of_a_long_text_the_page_shows_both_ends_and_the_notebook_all(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.write("index.rst", NOISY)
    text = docs.build(liveviz_output_shown=100).text("index.html")
    assert "line 0\n" in text
    assert "line 999\n" in text
    assert "line 500\n" not in text
    assert "[... 8,803 of 8,889 characters are not shown here ...]\n" in text
    (notebook,) = (docs.source / "_build/doctrees/liveviz/notebooks").iterdir()
    (output,) = json.loads(notebook.read_text())["cells"][0]["outputs"]
    assert output["text"].count("\n") == 1000
    whole = docs.build()
    assert (whole.executed, whole.written) == ([], ["index"])
    assert "line 500\n" in whole.text("index.html")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can limit a process's memory")
def test_a_cell_that_takes_too_much_memory_gets_an_exception(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.write("index.rst", "Title\n=====\n\n.. live-cell::\n\n   len(bytearray(1 << 30))\n")
    assert "index.rst:6: WARNING: cell 1 MemoryError" in docs.build(liveviz_memory=1000).warnings
    assert docs.build(liveviz_memory=None).warnings == ""


def test_what_is_imported_ahead_can_be_chosen_and_is_in_the_verbose_log(make_docs: MakeDocs, tmp_path: Path) -> None:
    docs = make_docs("cells")
    log = _sphinx(docs, tmp_path, "-v", "-D", "liveviz_preload=fractions", "-D", "liveviz_distribution=cdn").stdout
    assert re.search(r"executing cells\.\.\. (pages are forked from a process that has|new processes) .*fractions", log)
    log = _sphinx(docs, tmp_path, "-v", "-E", "-D", "liveviz_execution=force", "-D", "liveviz_preload=").stdout
    assert "executing cells... pages run in new processes, and nothing is imported ahead" in log


# -- progress ---------------------------------------------------------------------------------------------------------


def test_a_quiet_build_says_nothing(make_docs: MakeDocs, tmp_path: Path) -> None:
    built = _sphinx(make_docs("cells"), tmp_path, "-q", "-D", "suppress_warnings=liveviz")
    assert (built.stdout, built.stderr) == ("", "")


def test_a_verbose_build_ends_with_its_slowest_cells(make_docs: MakeDocs, tmp_path: Path) -> None:
    log = _sphinx(make_docs("cells"), tmp_path, "-v").stdout
    table = log.partition("slowest cells:\n")[2].splitlines()[:10]
    assert all(re.fullmatch(r" +\d+\.\d\d s  [\w/]+ cell [12] \([\w/]+\.(rst|md):\d+\)", line) for line in table)


def test_on_a_terminal_progress_is_one_line(make_docs: MakeDocs, tmp_path: Path) -> None:
    docs = make_docs("cells")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "sphinx", str(docs.source), str(tmp_path / "site")]
    build = subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=_environment())
    os.close(theirs)
    seen = b""
    try:
        while block := os.read(ours, 65536):
            seen += block
    except OSError:
        pass  # how Linux says that nobody holds the other end any more
    os.close(ours)
    assert build.wait() == 0
    (line,) = (line for line in seen.decode().split("\n") if "6 of 6 pages" in line)
    states = line.split("\r\x1b[2K")
    assert any(re.search(r"0 of 6 pages, \d+ s  [\w/]+ 1/2", state) for state in states)


def test_durations_are_kept_with_the_results(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.build(liveviz_cache_dir="kept")
    durations = json.loads((docs.source / "kept/durations.json").read_text())
    assert sorted(durations) == ["guide/five", "guide/four", "one", "six", "three", "two"]
    (docs.source / "kept/durations.json").write_text("{")
    assert docs.build(liveviz_cache_dir="kept", liveviz_execution="force").warnings == ""
    assert json.loads((docs.source / "kept/durations.json").read_text()).keys() == durations.keys()


# -- an interrupted build ---------------------------------------------------------------------------------------------


def test_results_are_told_as_soon_as_they_are_there(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    told: list[str] = []

    def finished(result: PageResult) -> None:
        told.append(result.page.docname)
        if result.page.docname == "first":  # the other page waits until this one is done
            threading.Thread(target=(tmp_path / "go").write_text, args=["on"]).start()

    pages = [
        make_page("waits", tmp_path, "open('go').read()"),
        make_page("first", tmp_path, "1"),
    ]
    results = run_pages(pages, limits=LIMITS, jobs=2, started=lambda _: None, finished=finished)
    assert told == ["first", "waits"]
    assert [result.page.docname for result in results] == ["waits", "first"]


def test_what_the_build_cannot_keep_reaches_it_as_it_is(tmp_path: Path) -> None:
    def finished(result: PageResult) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run_pages([make_page("page", tmp_path, "1")], limits=LIMITS, jobs=1, started=lambda _: None, finished=finished)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_build_ends_at_once_and_keeps_what_is_done(
    make_docs: MakeDocs, tmp_path: Path, end: signal.Signals
) -> None:
    docs = make_docs("blank")
    endless = "import os, pathlib\n   pathlib.Path(f'pid{os.getpid()}').touch()\n   while True: pass"
    cell = "\n=====\n\n.. live-cell::\n\n   "
    docs.write("index.rst", f"Title{cell}print('kept')\n\n.. toctree::\n\n   a\n   b\n")
    docs.write("a.rst", f"Endls{cell}{endless}\n")
    docs.write("b.rst", f"Endls{cell}{endless}\n")
    command = [sys.executable, "-m", "sphinx", "-D", "liveviz_jobs=3", str(docs.source), str(tmp_path / "site")]
    build = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_environment(),
        start_new_session=True,
        preexec_fn=heed_interrupts,
    )
    keys = tmp_path / "site/.doctrees/liveviz/keys"
    _wait(lambda: len(list(docs.source.glob("pid*"))) == 2 and keys.is_dir() and any(keys.iterdir()), build)
    pids = [int(path.name.removeprefix("pid")) for path in docs.source.glob("pid*")]
    begin = time.monotonic()
    build.send_signal(end)
    build.communicate(timeout=10)
    assert time.monotonic() - begin < 1
    assert build.returncode != 0
    while any(alive(pid) for pid in pids):
        assert time.monotonic() - begin < 3, "a page outlives the build"
        time.sleep(0.01)
    for name in ("a.rst", "b.rst"):
        docs.write(name, "No cell\n=======\n")
    again = _sphinx(docs, tmp_path)
    assert "executing cells" not in again.stdout
    assert "kept\n" in (tmp_path / "site/index.html").read_text()


def _wait(state: object, build: subprocess.Popen[bytes]) -> None:
    while not state():  # type: ignore[operator]
        assert build.poll() is None, "the build has ended too early"
        time.sleep(0.01)
