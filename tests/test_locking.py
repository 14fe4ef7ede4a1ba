"""Lock, drift and projects of one's own as an author meets them: in logs, in pages and on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sphinxext_liveviz.__main__ import main

from .docs import Docs
from .wheels import VERSION, install, make_wheel, write_project
from .world import World

PAGE = """\
Page
====

.. live-cell::

   import arrays

.. live-cell::

   arrays.version
"""


@pytest.fixture
def docs(world: World) -> Docs:
    """Make a site whose cells import a package that live cells get in another version."""
    world.compile("arrays", "2.0")
    install(make_wheel(world.root, "arrays", "2.4"), world.site)
    world.pyodide()
    docs = Docs(world.root / "docs")
    docs.write("index.rst", PAGE)
    docs.write(
        "conf.py",
        'extensions = ["sphinxext_liveviz"]\nliveviz_mirrors = ["../mirror"]\nliveviz_distribution = "bundle"\n'
        f'liveviz_pyodide_version = "{VERSION}"\nliveviz_execution = "off"\n'
        "liveviz_lean = False\n",  # this Pyodide has no Python to compile with
    )
    return docs


def test_drift_is_a_note_in_the_log_and_in_the_page(docs: Docs) -> None:
    built = docs.build(strict=True)
    assert "other versions than in this build, of what cells import: arrays 2.0 (2.4 here)" in built.status
    assert built.warnings == ""
    importing, using = built.manifest("index.html")["cells"]
    assert importing["drift"] == [["arrays", "2.4", "2.0"]]
    assert "drift" not in using


def test_drift_is_a_warning_where_that_is_asked_for(docs: Docs) -> None:
    built = docs.build(liveviz_drift="warn")
    assert "index.rst:6: WARNING: arrays 2.4 is what this build runs, and live cells get 2.0" in built.warnings
    assert "[liveviz.drift]" in built.warnings
    assert docs.build(liveviz_drift="warn", suppress_warnings=["liveviz.drift"]).warnings == ""


def test_a_page_is_written_again_when_the_drift_is_gone(docs: Docs, world: World) -> None:
    docs.build()
    (world.site / "arrays-2.4.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: arrays\nVersion: 2.0\n")
    built = docs.build()
    assert "drift" not in built.manifest("index.html")["cells"][0]


def test_a_project_that_cannot_be_built_is_a_warning(docs: Docs, world: World) -> None:
    built = docs.build(liveviz_local=["../nothing"])
    assert "WARNING: liveviz_local: '../nothing' could not be built" in built.warnings
    assert "[liveviz.local]" in built.warnings
    assert built.manifest("index.html")["packages"] == ["arrays"]


def test_the_site_serves_the_project_as_its_source_is(docs: Docs, world: World) -> None:
    project = write_project(world.root / "project", "mine", "1.0", {"mine.py": "1\n"})
    docs.write("index.rst", PAGE.replace("import arrays", "import mine"))
    built = docs.build(strict=True, liveviz_local=["../project"])
    assert built.manifest("index.html")["packages"] == ["mine"]
    (wheel,) = built.out.rglob("mine-*.whl")
    assert not docs.build(strict=True, liveviz_local=["../project"]).status.count("building the project")
    (project / "src/mine.py").write_text("2\n")
    docs.build(strict=True, liveviz_local=["../project"])
    (other,) = built.out.rglob("mine-*.whl")
    assert other.name != wheel.name


def test_a_lock_is_made_looked_at_and_made_anew(docs: Docs, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def lock(*options: str) -> tuple[int, str, str]:
        status = main(["lock", *options, str(docs.source), "-D", "liveviz_lock=lock.json"])
        return (status, *capsys.readouterr())

    def locked() -> set[str]:
        return set(json.loads((docs.source / "lock.json").read_text())["packages"])

    world.publish("plots", installed=True)
    status, said, _ = lock()
    assert (status, locked()) == (0, {"arrays"})
    assert "lock.json written" in said
    assert "arrays 2.0 (2.4 in this environment)" in said

    status, said, _ = lock()
    assert (status, "lock.json has all that live cells need" in said) == (0, True)

    docs.edit("index.rst", "arrays.version", "import plots")
    status, _, errors = lock()
    assert (status, locked()) == (1, {"arrays"})
    assert "index.rst:10: plots (index.rst:10 -> plots) could not be had" in errors
    built = docs.build(liveviz_lock="lock.json")
    assert "index.rst:10: WARNING: plots (index.rst:10 -> plots) could not be had" in built.warnings
    assert "[liveviz.lock]" in built.warnings

    status, _, errors = lock("--update")
    assert (status, errors, locked()) == (0, "", {"arrays", "plots"})
    assert docs.build(strict=True, liveviz_lock="lock.json").manifest("index.html")["packages"] == ["arrays", "plots"]


def test_reading_the_documents_for_a_lock_leaves_nothing_else_behind(docs: Docs) -> None:
    before = set(docs.source.rglob("*"))
    main(["lock", str(docs.source), "-D", "liveviz_lock=locks/lock.json"])
    made = {path.relative_to(docs.source) for path in set(docs.source.rglob("*")) - before}
    assert made - {Path("__pycache__")} == {Path("locks"), Path("locks/lock.json")}


def test_without_a_place_for_the_lock_the_author_is_told_how_to_name_one(
    docs: Docs, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lock", str(docs.source)]) == 1
    assert 'liveviz_lock = "liveviz-lock.json"' in capsys.readouterr().err
