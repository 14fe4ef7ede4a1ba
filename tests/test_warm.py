"""What pages need stays imported for the next build, where that is wanted: ``liveviz_keep_warm``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sphinx.errors import ExtensionError

from sphinxext_liveviz.execution.ahead import Zygote
from sphinxext_liveviz.execution.environment import environment
from sphinxext_liveviz.execution.warm import Joined, Stay, join, possible

from .conftest import MakeDocs
from .docs import Docs

pytestmark = pytest.mark.skipif(not possible(), reason="no process stays on this system")

PAGE = """Page
====

.. live-cell::

   import os, tracked
   print(f"imported-by {{tracked.imported}} run-by {{os.getppid()}}", {})
"""
LIBRARY = "import os\nimported = os.getpid()\n"


@pytest.fixture
def docs(make_docs: MakeDocs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Docs]:
    """A page that tells which process has imported a module; what waits for a next build at the end is ended."""
    library = tmp_path / "library"
    library.mkdir()
    (library / "tracked.py").write_text(LIBRARY)
    monkeypatch.setattr(sys, "path", [*sys.path, str(library)])
    monkeypatch.setenv("LIVEVIZ_TEST", "1")
    docs = make_docs("blank")
    docs.write("index.rst", PAGE.format(1))
    yield docs
    join(str((docs.source / SOCKET).parent), {})  # and part, as with one that was started in another environment


SOCKET = "_build/doctrees/liveviz/warm.sock"


def _take(docs: Docs) -> Joined:
    """Take the process that waits for the next build, in its place."""
    _wait_for(lambda: (docs.source / SOCKET).exists())
    phases = {name: value.replace("(teardown)", "(call)") for name, value in environment().items()}
    joined = join(str((docs.source / SOCKET).parent), phases)
    assert joined is not None
    joined[1].close()
    return joined[0]


def _wait_for(state: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not state():
        assert time.monotonic() < deadline, "nothing happens"
        time.sleep(0.01)


def _importer(docs: Docs, value: int, **config: Any) -> int:
    """Build the page with another value; return the process that imported for it."""
    if value > 1:
        _wait_for(lambda: (docs.source / SOCKET).exists())
    docs.write("index.rst", PAGE.format(value))
    built = docs.build(**{"liveviz_keep_warm": 60, **config})
    assert built.warnings == ""
    found = re.search(rf"imported-by (\d+) run-by (\d+) {value}", re.sub("<[^>]*>", "", built.text("index.html")))
    assert found
    return int(found[1])


def test_the_next_build_need_not_import_again(docs: Docs) -> None:
    first = _importer(docs, 1)
    assert _importer(docs, 2) == first
    assert _importer(docs, 3) == first


def test_prose_does_not_end_it(docs: Docs) -> None:
    first = _importer(docs, 1)
    _wait_for(lambda: (docs.source / SOCKET).exists())
    docs.edit("index.rst", "Page\n====\n", "Page\n====\n\nProse.\n")
    assert docs.build(liveviz_keep_warm=60).executed == []
    assert _importer(docs, 2) == first


def test_what_was_edited_since_is_imported_again(docs: Docs) -> None:
    first = _importer(docs, 1)
    (docs.source.parent / "library/tracked.py").write_text(LIBRARY + "\n")
    assert _importer(docs, 2) != first


def test_what_was_written_while_it_was_imported_is_imported_again(docs: Docs) -> None:
    (docs.source.parent / "library/tracked.py").write_text(f"{LIBRARY}import pathlib\npathlib.Path(__file__).touch()\n")
    first = _importer(docs, 1)
    assert _importer(docs, 2) != first


def test_what_has_imported_a_talking_module_does_not_stay(docs: Docs) -> None:
    (docs.source.parent / "library/noisy.py").write_text("print('noise')\n")
    docs.write("other.rst", PAGE.format("'other'").replace("os, tracked", "os, tracked, noisy"))
    docs.edit("index.rst", "Page\n====\n", "Page\n====\n\n.. toctree::\n\n   other\n")
    docs.build(liveviz_keep_warm=60)
    _wait_for(lambda: (docs.source / SOCKET).exists())
    docs.edit("other.rst", "Page\n====\n", "Page\n====\n\nProse.\n")
    assert docs.build(liveviz_keep_warm=60).executed == []
    docs.edit("other.rst", "'other'", "'another'")
    assert "noise\n" in docs.build(liveviz_keep_warm=60).text("other.html")


def test_another_environment_imports_again(docs: Docs, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _importer(docs, 1)
    _wait_for(lambda: (docs.source / SOCKET).exists())
    monkeypatch.setenv("LIVEVIZ_TEST", "2")
    assert _importer(docs, 2) != first


def test_nothing_stays_unless_it_is_asked_to(docs: Docs) -> None:
    first = _importer(docs, 1, liveviz_keep_warm=None)
    docs.write("index.rst", PAGE.format("2"))
    found = re.search(r"imported-by (\d+)", re.sub("<[^>]*>", "", docs.build().text("index.html")))
    assert found
    assert int(found[1]) != first
    assert not (docs.source / SOCKET).exists()


def test_one_whose_build_leaves_it_ends(docs: Docs) -> None:
    _importer(docs, 1)
    _take(docs).wait()  # its connection was closed


def test_it_ends_when_nobody_came_in_time(docs: Docs) -> None:
    _importer(docs, 1, liveviz_keep_warm=1)
    _wait_for(lambda: (docs.source / SOCKET).exists())
    _wait_for(lambda: not (docs.source / SOCKET).exists())


def test_it_ends_when_another_takes_its_place(docs: Docs, tmp_path: Path) -> None:
    zygotes = [Zygote(Stay(str(tmp_path), 60)) for _ in range(2)]
    for zygote in zygotes:
        zygote.preload(["fractions"])
        zygote.control.recv(1000)
    zygotes[0].leave()
    _wait_for(lambda: (tmp_path / "warm.sock").exists())
    first = (tmp_path / "warm.sock").stat().st_ino
    zygotes[1].leave()
    _wait_for(lambda: (tmp_path / "warm.sock").stat().st_ino != first)
    joined = join(str(tmp_path), environment())
    assert joined is not None
    joined[1].close()
    joined[0].wait()
    assert list(tmp_path.glob("warm.*")) == []


def test_a_failed_build_leaves_nothing(docs: Docs) -> None:
    first = _importer(docs, 1)
    _wait_for(lambda: (docs.source / SOCKET).exists())
    conf = (docs.source / "conf.py").read_text()
    fails = "def fail(app, env):\n    raise RuntimeError\n\ndef setup(app):\n    app.connect('env-updated', fail, 1)\n"
    docs.write("conf.py", f"{conf}\n{fails}")
    docs.write("index.rst", PAGE.format(2))
    with pytest.raises(ExtensionError):
        docs.build(liveviz_keep_warm=60)
    docs.write("conf.py", conf)
    assert not (docs.source / SOCKET).exists()
    docs.write("index.rst", PAGE.format(3))
    found = re.search(r"imported-by (\d+)", re.sub("<[^>]*>", "", docs.build().text("index.html")))
    assert found
    assert int(found[1]) != first


def test_nobody_who_reads_the_log_of_a_build_waits_for_it(docs: Docs) -> None:
    out = docs.source / "_build"
    command = [sys.executable, "-m", "sphinx", "-D", "liveviz_keep_warm=60", "-D", "liveviz_distribution=cdn"]
    path = os.pathsep.join([str(Path(__file__).parents[1]), str(docs.source.parent / "library")])
    subprocess.run(
        [*command, "-b", "text", "-d", str(out / "doctrees"), str(docs.source), str(out / "text")],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=50,
        check=True,
    )
    _wait_for(lambda: (docs.source / SOCKET).exists())
