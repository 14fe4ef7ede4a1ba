"""What a change costs: the page that it concerns runs, is written, and nothing is read because of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sphinx.errors import ConfigError

from .conftest import MakeDocs
from .docs import Built, Docs

READER = """\
Reader
======

.. live-cell::
   :depends: {depends}
   :static:

   from pathlib import Path
   print(*(path.read_text() for path in sorted(Path().glob("data/*.txt"))))
"""


@pytest.fixture
def docs(make_docs: MakeDocs) -> Docs:
    """Pages of which one, ``guide/reader``, reads ``guide/data/a.txt``, and says so."""
    docs = make_docs("cells")
    docs.write("guide/reader.rst", READER.format(depends="data/*.txt"))
    docs.write("guide/data/a.txt", "alpha")
    docs.edit("index.rst", "   one\n", "   one\n   guide/reader\n")
    return docs


def _read(built: Built) -> list[str]:
    return re.findall(r"reading sources\.\.\. \[[^\]]*\] (.*)", built.status)


def _times(built: Built) -> dict[str, int]:
    """When each page was written. Sphinx writes the root document and what it makes itself in every build."""
    own = {"index.html", "genindex.html", "search.html"}
    pages = {path.relative_to(built.out).as_posix(): path.stat().st_mtime_ns for path in built.out.rglob("*.html")}
    return {name: written for name, written in pages.items() if name not in own}


def _rewritten(docs: Docs, **config: Any) -> tuple[list[str], list[str], list[str]]:
    """Build; return the pages whose cells ran, the HTML files that were written, and the documents that were read."""
    out = docs.source / "_build/html"
    before = {path.relative_to(out).as_posix(): path.stat().st_mtime_ns for path in out.rglob("*.html")}
    built = docs.build(**config)
    assert built.warnings == ""
    written = sorted(name for name, when in _times(built).items() if before.get(name) != when)
    return sorted({cell.partition(" ")[0] for cell in built.executed}), written, _read(built)


def test_a_file_that_a_cell_depends_on_runs_and_writes_its_page_alone(docs: Docs) -> None:
    assert docs.build().warnings == ""
    docs.write("guide/data/a.txt", "beta")
    assert _rewritten(docs) == (["guide/reader"], ["guide/reader.html"], [])
    docs.write("guide/data/b.txt", "gamma")
    assert _rewritten(docs) == (["guide/reader"], ["guide/reader.html"], [])
    assert "beta gamma\n" in (docs.source / "_build/html/guide/reader.html").read_text()
    assert _rewritten(docs) == ([], [], [])


def test_a_file_may_be_named_from_the_source_directory(docs: Docs) -> None:
    docs.write("guide/reader.rst", READER.format(depends="'/guide/data/a.txt'"))
    docs.build()
    docs.write("guide/data/a.txt", "beta")
    assert _rewritten(docs) == (["guide/reader"], ["guide/reader.html"], [])


def test_a_page_whose_output_is_the_same_after_all_is_not_written(docs: Docs) -> None:
    docs.write("guide/helper.py", "value = 1")
    docs.edit("guide/reader.rst", "   from pathlib", "   import helper\n   from pathlib")
    docs.build()
    docs.write("guide/helper.py", "value = 1  # as before")
    assert _rewritten(docs) == (["guide/reader"], [], [])


def test_a_module_beside_the_page_runs_it_again(docs: Docs) -> None:
    docs.write("guide/helper.py", "value = 'old'")
    docs.edit("guide/reader.rst", "   from pathlib", "   import helper\n   print(helper.value)\n   from pathlib")
    docs.build()
    docs.write("guide/helper.py", "value = 'new'")
    assert _rewritten(docs) == (["guide/reader"], ["guide/reader.html"], [])
    assert "new\nalpha\n" in (docs.source / "_build/html/guide/reader.html").read_text()


def test_configured_files_and_variables_concern_all_pages(docs: Docs, monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"liveviz_depends": ["setup.*"], "liveviz_environment": ["SHOWN"]}
    docs.write("setup.toml", "")
    docs.edit("guide/reader.rst", "   from pathlib", "   import os\n   print(os.environ.get('SHOWN'))\n   from pathlib")
    docs.build(**options)
    assert _rewritten(docs, **options) == ([], [], [])
    monkeypatch.setenv("SHOWN", "here")
    ran, written, read = _rewritten(docs, **options)
    assert (len(ran), written, read) == (7, ["guide/reader.html"], [])
    docs.write("setup.toml", "new")
    ran, written, read = _rewritten(docs, **options)
    assert (len(ran), written, read) == (7, [], [])


def test_a_file_that_is_not_there_is_a_warning_at_the_cell(docs: Docs) -> None:
    docs.write("guide/reader.rst", READER.format(depends="data/*.txt missing/*.csv"))
    for _ in range(2):
        (first, second) = docs.build(liveviz_depends=["gone.toml"]).warnings.splitlines()
        assert "no file matches 'gone.toml' of liveviz_depends or liveviz_files; correct it" in first
        assert re.search(
            r"guide/reader\.rst:8: WARNING: no file matches 'missing/\*\.csv' of :depends: or :files:; ", second
        )
        assert first.endswith("[liveviz.depends]")


def test_prose_captions_and_classes_run_nothing(docs: Docs) -> None:
    docs.build()
    docs.edit("guide/reader.rst", "======\n", "======\n\nProse.\n")
    docs.edit("guide/reader.rst", "   :static:\n", "   :static:\n   :caption: Reads\n   :class: wide\n   :timeout: 9\n")
    assert _rewritten(docs) == ([], ["guide/reader.html"], ["guide/reader"])


def test_moving_a_page_in_the_toctree_runs_nothing(docs: Docs) -> None:
    docs.build()
    docs.edit("index.rst", "   one\n   guide/reader\n   two\n", "   two\n   guide/reader\n   one\n")
    assert _rewritten(docs)[0] == []


# -- the store --------------------------------------------------------------------------------------------------------


def _sphinx(docs: Docs, name: str, *options: str) -> subprocess.Popen[str]:
    places = ["-d", f"_build/{name}/doctrees", ".", f"_build/{name}/html"]
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-D", "liveviz_cache_dir=shared", *options, *places]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "NO_COLOR": "1"}
    return subprocess.Popen(
        command, cwd=docs.source, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _finished(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (0, "")
    return output


def test_builds_that_run_at_the_same_time_share_a_store_and_lose_nothing(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    for number in range(8):
        code = f"print('printed by', {number} + 1000)"
        docs.write(f"page{number}.rst", f":orphan:\n\nPage\n====\n\n.. live-cell::\n   :static:\n\n   {code}\n")
    builds = [_sphinx(docs, name, "-j", "2") for name in ("first", "second", "third")]
    for build in builds:
        _finished(build)
    for name in ("first", "second", "third"):
        for number in range(8):
            page = docs.source / f"_build/{name}/html/page{number}.html"
            assert f"printed by {number + 1000}\n" in page.read_text(encoding="utf-8")
    assert len(list((docs.source / "shared/keys").iterdir())) == 8
    assert not list((docs.source / "shared").rglob(".new-*"))
    assert "executing cells" not in _finished(_sphinx(docs, "fourth"))


def test_clean_removes_results_but_not_those_in_a_shared_place(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.edit("index.rst", "=====", "=====\n\n.. live-cell::\n   :static:\n\n   print('only here')\n")
    docs.build()
    docs.build(liveviz_cache_dir="shared")
    assert (docs.source / "_build/doctrees/liveviz").is_dir()
    subprocess.run([sys.executable, "-m", "sphinx", "-M", "clean", ".", "_build"], cwd=docs.source, check=True)
    assert not list((docs.source / "_build").iterdir())
    assert docs.build(liveviz_cache_dir="shared").executed == []


def test_the_size_of_the_store_is_bounded(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.write("one.rst", "One\n===\n\n.. live-cell::\n\n   print('old' * 300_000)\n")
    docs.build(liveviz_cache_size=1)
    for path in (docs.source / "_build/doctrees/liveviz").rglob("*"):
        os.utime(path, (time.time() - 7200,) * 2)
    docs.edit("one.rst", "old", "new")
    docs.build(liveviz_cache_size=1)
    docs.edit("one.rst", "new", "old")
    assert docs.build(liveviz_cache_size=1).executed == ["one cell 1/1"]
    assert docs.build(liveviz_cache_size=1).executed == []


def test_a_store_that_cannot_be_written_ends_the_build_before_anything_runs(make_docs: MakeDocs) -> None:
    docs = make_docs("cells")
    docs.write("file", "")
    with pytest.raises(ConfigError, match="set liveviz_cache_dir to a directory that can be written"):
        docs.build(liveviz_cache_dir="file")
    assert not (docs.source / "one.log").exists()


def test_a_page_that_failed_is_never_taken_for_good(make_docs: MakeDocs) -> None:
    docs = make_docs("failing")
    docs.build(liveviz_cache_dir="shared")
    kept = len(list((docs.source / "shared/keys").iterdir()))
    (docs.source / "_build/doctrees/environment.pickle").unlink()
    built = docs.build(liveviz_cache_dir="shared")
    assert {"exception", "endless", "exits", "missing"} <= {cell.partition(" ")[0] for cell in built.executed}
    assert len(list((docs.source / "shared/keys").iterdir())) == kept == 2  # good and expected
