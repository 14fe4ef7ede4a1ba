"""The projects that ``liveviz_local`` names, built by the real pip; nothing here needs a network."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

from sphinxext_liveviz.errors import Subtype
from sphinxext_liveviz.memory import Memory
from sphinxext_liveviz.model import Drift, Runtime
from sphinxext_liveviz.runtime.checkout import Documents

from .wheels import install, make_project, make_wheel, write_project
from .world import World


@pytest.fixture
def project(world: World) -> Path:
    return write_project(world.root / "project", "mine", "2.0.dev1", {"mine/__init__.py": "answer = 1\n"})


def source_of(runtime: Runtime, path: str = "mine/__init__.py") -> str:
    """Return a module as live cells get it."""
    (file,) = [file for file in runtime.files if file.name.startswith("mine-")]
    with zipfile.ZipFile(file.path) as wheel:
        return wheel.read(path).decode()


def builds(world: World) -> int:
    return sum(line.startswith("building the project") for line in world.said)


@pytest.mark.parametrize("distribution", ["bundle", "cdn"])
def test_live_cells_import_what_the_source_says_whatever_the_index_has(
    world: World, project: Path, distribution: str
) -> None:
    world.publish("mine", "9.0", installed=True)
    runtime = world.runtime("import mine", local=("project",), distribution=distribution)
    assert source_of(runtime) == "answer = 1\n"
    locked = runtime.lock["packages"]["mine"]
    assert (locked["version"], locked["imports"]) == ("2.0.dev1", ["mine"])
    (project / "src/mine/__init__.py").write_text("answer = 2\n")
    assert source_of(world.runtime("import mine", local=("project",), distribution=distribution)) == "answer = 2\n"


def test_it_need_not_be_installed(world: World, project: Path) -> None:
    assert world.runtime("from mine import answer", local=("project",)).packages == {"page": ("mine",)}


def test_another_content_of_one_version_has_another_file_name(world: World, project: Path) -> None:
    """A browser may have kept the last one, whose hash would not be the lock's."""

    def name() -> str:
        return str(world.runtime("import mine", local=("project",)).lock["packages"]["mine"]["file_name"])

    first = name()
    (project / "src/mine/__init__.py").write_text("answer = 2\n")
    assert name() != first


def test_it_is_built_again_when_its_source_has_changed_and_only_then(world: World, project: Path) -> None:
    (project / "docs").mkdir()
    documents = Documents(project / "docs", (".rst",))

    def build() -> int:
        before = builds(world)
        assert not world.make("import mine", local=("project",), documents=documents).problems
        return builds(world) - before

    assert build() == 1
    (project / "docs/page.rst").write_text("prose")
    (project / "docs/conf.py").write_text("")
    os.utime(project / "src/mine/__init__.py", (1, 1))
    (project / "src/mine/__pycache__").mkdir()
    (project / "src/mine/__pycache__/x.pyc").write_text("")
    assert build() == 0
    (project / "src/mine/new.py").write_text("")
    assert build() == 1


def test_of_documents_beside_the_package_only_the_readme_counts(world: World, project: Path) -> None:
    documents = Documents(project, (".rst",))
    for expected, name in ((1, ""), (0, "page.rst"), (1, "README.rst")):
        if name:
            (project / name).write_text("prose")
        before = builds(world)
        world.make("import mine", local=("project",), documents=documents)
        assert builds(world) - before == expected


def test_a_build_leaves_nothing_behind_and_takes_nothing_that_an_older_one_left(world: World, project: Path) -> None:
    (project / "build/lib/mine").mkdir(parents=True)
    (project / "build/lib/mine/gone.py").write_text("")
    before = sorted(project.rglob("*"))
    runtime = world.runtime("import mine", local=("project",))
    assert sorted(project.rglob("*")) == before
    (file,) = [file for file in runtime.files if file.name.startswith("mine-")]
    assert "mine/gone.py" not in zipfile.ZipFile(file.path).namelist()


def test_what_it_requires_is_in_the_lock_too(world: World) -> None:
    write_project(world.root / "project", "mine", "1.0", {"mine.py": ""}, ["arrays>=1"])
    world.compile("arrays", "1.5")
    assert world.runtime("import mine", local=("project",)).packages["page"] == ("arrays", "mine")


def test_a_part_of_a_namespace_is_not_taken_for_the_whole(world: World) -> None:
    write_project(world.root / "project", "corp_mine", "1.0", {"corp/mine/__init__.py": "", "corp/mine/deep/a.py": ""})
    world.publish("corp_other", installed=True, files={"corp/other/__init__.py": ""})
    pages = world.runtime("from corp.mine.deep import a", local=("project",)).packages
    assert pages["page"] == ("corp-mine",)
    pages = world.runtime("import corp.other", local=("project",)).packages
    assert pages["page"] == ("corp-other",)


def test_a_failing_build_is_told_with_its_cause_and_the_rest_goes_on(world: World, project: Path) -> None:
    with (project / "backend.py").open("a") as file:
        file.write("\ndef build_wheel(*_, **__):\n    raise OSError('no rabbit in the hat')\n")
    world.publish("mine", "9.0")
    world.publish("plots", installed=True)
    made = world.make("import mine.part, plots", local=("project",))
    (problem,) = made.problems
    assert (problem.subtype, problem.location) == (Subtype.LOCAL, None)
    assert "liveviz_local: 'project' could not be built" in problem.message
    assert "no rabbit in the hat" in problem.message
    assert "Live cells that import mine fail" in problem.message
    assert made.runtime.packages == {"page": ("plots",)}  # And no other version of it.


def test_a_directory_without_a_project_is_told(world: World) -> None:
    (problem,) = world.make("1", local=("nowhere",)).problems
    assert problem.subtype is Subtype.LOCAL
    assert "'nowhere' could not be built: no pyproject.toml or setup.py is there" in problem.message


def test_native_code_that_nothing_compiles_here_is_told_with_the_way_out(world: World) -> None:
    project = make_project(world.root / "project", "mine", native=True)
    (project / "fast.c").write_text("int fast;")
    (problem,) = world.make("import mine", local=("project",)).problems
    assert problem.subtype is Subtype.LOCAL
    assert "it has native code (the wheel built from its source holds native code (mine/fast.so))" in problem.message
    if sys.version_info[:2] != (3, 12):
        assert "pyodide-build compiles for Pyodide 0.27.7 on Python 3.12 only" in problem.message
        assert "Build the site with Python 3.12" in problem.message


def test_a_version_that_is_old_only_because_the_checkout_moved_on_is_no_drift(world: World, project: Path) -> None:
    install(make_wheel(world.root, "mine", "1.9", files={"mine-1.9.txt": ""}), world.site)
    assert world.make("import mine", local=("project",)).drift == (
        Drift("mine", "1.9", "2.0.dev1", ("page0",), "page.rst:1", True),
    )
    record = f'{{"url": "{project.as_uri()}", "dir_info": {{"editable": true}}}}'
    (world.site / "mine-1.9.dist-info" / "direct_url.json").write_text(record)
    assert world.make("import mine", local=("project",)).drift == ()


def test_with_what_the_last_build_knew_it_is_looked_at_all_the_same(world: World, project: Path) -> None:
    def build() -> str:
        memory = Memory(world.root / "doctrees/liveviz.json")
        outcome = world.make("import mine", local=("project",), memory=memory)
        memory.save()
        return json.dumps(outcome.runtime.lock)

    first = build()
    assert build() == first
    (project / "src/mine/__init__.py").write_text("answer = 'another'\n")
    assert build() != first
