"""What changed pages import is imported while they are read: it saves time, and nothing else can be noticed of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sphinxext_liveviz.execution.ahead import COMPANIONS, Refusals, Zygote, available, mentioned, modules_for, start
from sphinxext_liveviz.execution.pool import run_pages
from sphinxext_liveviz.execution.preload import Refusal
from sphinxext_liveviz.memory import Memory
from sphinxext_liveviz.runtime.installed import Installed

from .conftest import MakeDocs
from .docs import Docs
from .test_hostile import LIMITS, alive, make_page, shown
from .wheels import install, make_wheel

pytestmark = pytest.mark.skipif(not available(), reason="forking is not safe on this system")

LIBRARY = "import os, pathlib\npathlib.Path(__file__).with_name(f'imported-by-{os.getpid()}').touch()\n"
PAGE = """Page
====

.. live-cell::

   import os, tracked
   print(tracked.__name__, {})
"""


@pytest.fixture
def docs(make_docs: MakeDocs, tmp_path: Path) -> Docs:
    """A page that imports a module which notes each process that imports it."""
    docs = make_docs("blank")
    library = tmp_path / "library"
    library.mkdir()
    (library / "tracked.py").write_text(LIBRARY)
    conf = (docs.source / "conf.py").read_text()
    docs.write("conf.py", f"import sys\nsys.path.insert(0, {str(library)!r})\n{conf}")
    docs.write("index.rst", PAGE.format(1))
    return docs


@pytest.fixture(autouse=True)
def _same_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))  # which conf.py adds to, in this very process


def _importers(docs: Docs) -> set[int]:
    """Return the processes that have imported the module since this was asked last."""
    notes = list((docs.source.parent / "library").glob("imported-by-*"))
    for note in notes:
        note.unlink()
    return {int(note.name.rpartition("-")[2]) for note in notes}


def test_a_changed_page_runs_in_a_fork_of_what_has_imported_for_it(docs: Docs) -> None:
    docs.build()
    _importers(docs)
    docs.edit("index.rst", "1", "os.getppid()")
    built = docs.build()
    (importer,) = _importers(docs)
    assert f"tracked {importer}\n" in built.text("index.html")
    assert built.warnings == ""
    assert not alive(importer)


def test_a_build_without_a_change_imports_nothing(docs: Docs) -> None:
    docs.build()
    _importers(docs)
    docs.build()
    assert _importers(docs) == set()


@pytest.mark.parametrize("mode", ["cache", "off"])
def test_nothing_is_imported_where_nothing_runs(docs: Docs, mode: str) -> None:
    docs.build()
    _importers(docs)
    docs.edit("index.rst", "1", "2")
    docs.build(liveviz_execution=mode)
    assert _importers(docs) == set()


def test_nothing_is_imported_ahead_where_that_is_not_wanted(docs: Docs) -> None:
    docs.build(liveviz_preload=[])
    _importers(docs)
    docs.edit("index.rst", "1", "os.getpid()")
    built = docs.build(liveviz_preload=[])
    (importer,) = _importers(docs)
    assert f"tracked {importer}\n" in built.text("index.html"), "the page's own process is the only one"


def test_what_was_imported_for_prose_ends_unused(docs: Docs) -> None:
    docs.build()
    _importers(docs)
    docs.edit("index.rst", "Page\n====\n", "Page\n====\n\nProse.\n")
    assert docs.build().executed == []
    assert not any(map(alive, _importers(docs)))


def test_it_does_not_outlive_a_build_that_is_killed_while_it_reads(docs: Docs, tmp_path: Path) -> None:
    docs.build()
    _importers(docs)
    conf = (docs.source / "conf.py").read_text()
    waits = "import time\n\ndef setup(app):\n    app.connect('doctree-read', lambda app, tree: time.sleep(60))\n"
    docs.write("conf.py", conf + waits)
    docs.edit("index.rst", "1", "2")
    (tmp_path / "library/tracked.py").write_text(LIBRARY + "import time\ntime.sleep(60)\n")
    out = docs.source / "_build"
    build = subprocess.Popen(
        [sys.executable, "-m", "sphinx", "-q", "-d", str(out / "doctrees"), str(docs.source), str(out / "html")],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    while not (importers := _importers(docs)):
        assert build.poll() is None, "the build has ended too early"
        time.sleep(0.01)
    (importer,) = importers
    assert alive(importer)
    build.send_signal(signal.SIGKILL)
    build.wait(10)
    begin = time.monotonic()
    while alive(importer):
        assert time.monotonic() - begin < 3, "it outlives the build"
        time.sleep(0.01)


def test_it_ends_when_nobody_holds_it_any_more() -> None:
    zygote = Zygote()
    pid = zygote.process.pid
    assert alive(pid)
    del zygote
    assert not alive(pid)


def test_it_is_not_used_in_another_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = make_page("page", tmp_path, "import fractions, os\nprint(os.environ['LIVEVIZ_TEST'])")
    monkeypatch.setenv("LIVEVIZ_TEST", "before")
    zygote = start([page], None, Refusals())
    assert zygote is not None
    monkeypatch.setenv("LIVEVIZ_TEST", "after")
    said: list[str] = []
    (result,) = run_pages([page], limits=LIMITS, jobs=1, started=lambda _: None, zygote=zygote, say=said.append)
    assert shown(result) == ["after\n"]
    assert said[0].endswith("because the environment has changed since")
    assert not alive(zygote.process.pid)


def test_one_that_has_died_costs_nothing_but_time(tmp_path: Path) -> None:
    page = make_page("page", tmp_path, "import fractions\nprint(1)")
    zygote = start([page], None, Refusals())
    assert zygote is not None
    zygote.process.kill()
    zygote.process.wait()
    said: list[str] = []
    (result,) = run_pages([page], limits=LIMITS, jobs=1, started=lambda _: None, zygote=zygote, say=said.append)
    assert result.ok
    assert said[0].startswith("nothing is imported ahead: the process that preloads fractions")


def test_what_libraries_import_on_first_use_is_imported_with_them(tmp_path: Path) -> None:
    pages = [make_page(name, tmp_path, "import panel as pn, json") for name in "ab"]
    assert {"json", "panel", "markdown_it", "bokeh.embed.bundle"} <= set(modules_for(pages))
    assert modules_for([make_page(name, tmp_path, f"import {name}") for name in ("panel", "json")]) == []


def test_sources_that_were_never_read_tell_which_slow_libraries_they_seem_to_import(tmp_path: Path) -> None:
    (tmp_path / "prose.rst").write_text("We import panel, and bokeh.\n\n   import json\n   import panelists\n")
    assert mentioned([tmp_path / "prose.rst", tmp_path / "absent.rst"]) == []
    (tmp_path / "page.rst").write_text(
        ".. live-cell::\n\n   import os, bokeh.models\n   from bokeh.plotting import figure\n"
    )
    assert mentioned([tmp_path / "page.rst"]) == sorted({"bokeh", *COMPANIONS["bokeh"]})
    (tmp_path / "page.ipynb").write_text('{"source": [\n "import panel as pn\\n",\n "pn.Row()"]}')
    assert mentioned([tmp_path / "page.rst", tmp_path / "page.ipynb"]) == sorted(
        {"bokeh", "panel", *COMPANIONS["panel"]}
    )


def test_a_first_build_imports_what_its_sources_mention_while_they_are_read(
    docs: Docs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(COMPANIONS, "tracked", ())
    conf = (docs.source / "conf.py").read_text()
    library = docs.source.parent / "library"
    docs.write(
        "conf.py",
        f"{conf}\nimport pathlib, time\n\n"
        "def wait(app, tree):\n"
        "    deadline = time.monotonic() + 60\n"
        f"    while not list(pathlib.Path({str(library)!r}).glob('imported-by-*')):\n"
        "        assert time.monotonic() < deadline, 'nothing is imported'\n        time.sleep(0.01)\n\n"
        "def setup(app):\n    app.connect('doctree-read', wait)\n",
    )
    docs.write("index.rst", PAGE.format("os.getppid()"))
    built = docs.build()
    (importer,) = _importers(docs)
    assert f"tracked {importer}\n" in built.text("index.html")
    assert not alive(importer)


def test_a_page_finds_the_module_beside_it_though_others_import_one_of_the_same_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for directory in ("library", "own", "pages"):
        (tmp_path / directory).mkdir()
        (tmp_path / directory / "common.py").write_text(f"where = {directory!r}")
    (tmp_path / "pages/common.py").unlink()
    monkeypatch.syspath_prepend(tmp_path / "library")
    pages = [
        make_page(name, tmp_path / directory, "import common\nprint(common.where)")
        for name, directory in (("one", "pages"), ("two", "pages"), ("three", "own"))
    ]
    results = run_pages(pages, limits=LIMITS, jobs=1, started=lambda _: None)
    assert [shown(result) for result in results] == [["library\n"], ["library\n"], ["own\n"]]


# -- what cannot be imported ahead ------------------------------------------------------------------------------------


def test_a_module_that_starts_threads_is_not_tried_by_the_next_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    thread = "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()"
    install(make_wheel(tmp_path, "threaded", files={"threaded.py": thread}), site)
    (tmp_path / "aside").mkdir()
    (tmp_path / "aside/local.py").write_text(thread)
    monkeypatch.syspath_prepend(site)
    monkeypatch.syspath_prepend(tmp_path / "aside")
    (tmp_path / "docs").mkdir()
    pages = [make_page(name, tmp_path / "docs", "import threaded, local, fractions") for name in "ab"]

    def build() -> list[str]:
        memory = Memory(tmp_path / "memory.json")
        installed = Installed(memory)
        refusals = Refusals(memory.open("refusals", installed.stamp), installed)
        said: list[str] = []
        results = run_pages(pages, limits=LIMITS, jobs=2, started=lambda _: None, refusals=refusals, say=said.append)
        memory.save()
        assert all(result.ok for result in results)
        return said

    tried = "local is left to the pages: threads run after its import"  # its source may change, and nobody would notice
    forked = "pages are forked from a process that has imported fractions"
    assert sorted(build()) == [tried, forked, "threaded is left to the pages: threads run after its import"]
    known = "threaded is left to the pages, as in an earlier build: threads run after its import"
    assert sorted(build()) == [tried, forked, known]


def test_what_an_import_says_may_be_said_once() -> None:
    refusals = Refusals(installed=Installed())
    refusals.remember("pytest", Refusal("its import says 'building a cache'", spoils=True))
    assert refusals.among(["pytest"]) == {}
