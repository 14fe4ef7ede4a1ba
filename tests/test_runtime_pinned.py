"""The lock that a project commits: made once, and then all that a build goes by. Nothing here needs a network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from pyodide_lock import PyodideLockSpec

from sphinxext_liveviz.errors import Subtype, UserError
from sphinxext_liveviz.memory import Memory
from sphinxext_liveviz.runtime import Outcome

from .wheels import entry, install, make_project, make_sdist, make_wheel, write_project
from .world import World, cells

LOCK = "locks/liveviz.json"
Build = Callable[..., Outcome]


@pytest.fixture
def build(world: World) -> Build:
    """Build a site whose lock is committed."""
    return lambda *code, **options: world.make(*code, lock=LOCK, **options)


def committed(world: World) -> Any:
    return json.loads((world.root / LOCK).read_text())


def versions(made: Outcome) -> dict[str, str]:
    return {name: package["version"] for name, package in made.runtime.lock["packages"].items()}


def test_the_first_build_writes_it_and_says_so(world: World, build: Build) -> None:
    world.publish("plots", installed=True, requires=["arrays"])
    world.compile("arrays")
    made = build("import plots")
    assert not made.problems
    assert any(f"{LOCK} written" in line for line in world.said)
    lock = committed(world)
    assert lock["info"]["version"] == "0.27.7"
    assert lock["packages"] == {
        "arrays": world.official["arrays"],
        "plots": {**entry(world.index / "plots-1.0-py3-none-any.whl"), "depends": ["arrays"]},
    }


def test_it_says_nothing_of_the_machine_and_is_of_the_format_that_pyodide_lock_knows(
    world: World, build: Build
) -> None:
    world.publish("plots", installed=True)
    make_sdist(world.index, "sourced")
    build("import plots", requirements=("sourced",), distribution="cdn")
    assert str(world.root) not in (world.root / LOCK).read_text()
    assert "://" not in (world.root / LOCK).read_text()
    PyodideLockSpec(**committed(world)).check_wheel_filenames()


@pytest.mark.parametrize("distribution", ["bundle", "cdn"])
def test_its_files_are_used_whatever_else_there_is(world: World, build: Build, distribution: str) -> None:
    world.publish("plots", "1.0", installed=True, requires=["free"])
    world.publish("free", "1.0")
    world.compile("arrays")
    first = build("import plots, arrays", distribution=distribution)
    world.publish("free", "2.0")
    world.publish("plots", "2.0")
    shutil.rmtree(world.site)
    install(make_wheel(world.root, "plots", "2.0"), world.site)
    shutil.rmtree(world.root / "cache")  # another machine
    second = build("import plots, arrays", distribution=distribution)
    assert not second.problems
    assert second.runtime.lock == first.runtime.lock
    assert [file.name for file in second.runtime.files] == [file.name for file in first.runtime.files]
    assert [(one.name, one.live) for one in second.drift] == [("plots", "1.0")]


def test_a_page_that_needs_what_is_not_in_it_is_told_and_the_rest_works(world: World, build: Build) -> None:
    world.publish("plots", installed=True)
    world.publish("tables", installed=True)
    build("import plots")
    made = build("import plots", "1\nimport tables")
    (problem,) = made.problems
    assert (problem.subtype, problem.location) == (Subtype.LOCK, "page.rst:12")
    assert (
        f"tables (page.rst:12 -> tables) could not be had. Tried:\n    {LOCK}: has no such package" in problem.message
    )
    assert "python -m sphinxext_liveviz lock --update" in problem.message
    assert made.runtime.packages == {"page": ("plots",)}


def test_a_version_that_a_cell_requires_and_the_lock_has_not_is_told(world: World, build: Build) -> None:
    world.publish("plots", "1.0", installed=True)
    build("import plots")
    made = build(pages={"page": cells("page", "import plots", requirements=("plots>=2",))})
    (problem,) = made.problems
    assert "plots 1.0 is what live cells get" in problem.message
    assert "lock --update" in problem.message


def test_what_it_knows_need_not_be_installed(world: World, build: Build) -> None:
    world.publish("some_plots", installed=True, files={"plots/__init__.py": ""})
    build("import plots")
    shutil.rmtree(world.site)
    assert build("import plots").runtime.packages == {"page": ("some-plots",)}


def test_each_page_loads_all_of_a_cycle(world: World, build: Build) -> None:
    world.publish("panel_like", installed=True, requires=["material"])
    world.publish("material", installed=True, requires=["panel-like"])
    for _ in range(2):
        made = build(pages={"a": cells("a", "import panel_like"), "b": cells("b", "import material")})
        assert {frozenset(names) for names in made.runtime.packages.values()} == {frozenset({"panel-like", "material"})}


def test_what_is_built_from_a_directory_is_not_in_it_but_what_that_requires_is(world: World, build: Build) -> None:
    project = write_project(world.root / "project", "mine", "1.0", {"mine.py": "1\n"}, ["plots"])
    world.publish("plots")
    checkout = make_project(world.root / "checkout", "other")
    world.publish("other", installed=True)
    record = json.dumps({"url": checkout.as_uri(), "dir_info": {"editable": True}})
    (world.site / "other-1.0.dist-info/direct_url.json").write_text(record)
    first = build("import mine, other", local=("project",))
    assert committed(world)["packages"].keys() == {"plots"}
    (project / "src/mine.py").write_text("2\n")
    second = build("import mine, other", local=("project",))
    assert not second.problems
    assert versions(second).keys() == {"mine", "other", "plots"}
    shas = [made.runtime.lock["packages"]["mine"]["sha256"] for made in (first, second)]
    assert shas[0] != shas[1]


def test_a_local_project_that_requires_something_new_names_it(world: World, build: Build) -> None:
    write_project(world.root / "project", "mine", "1.0", {"mine.py": ""})
    build("import mine", local=("project",))
    write_project(world.root / "project", "mine", "1.0", {"mine.py": ""}, ["plots"])
    (problem,) = build("import mine", local=("project",)).problems
    assert "plots (page.rst:1 -> mine -> plots) could not be had" in problem.message


def test_a_wheel_that_was_built_here_comes_out_the_same_elsewhere(world: World, build: Build) -> None:
    world.compile("markup", "2.0").unlink()
    make_sdist(world.index, "markup", "2.0")
    first = build("import markup")
    shutil.rmtree(world.root / "cache")
    second = build("import markup")
    assert not second.problems
    assert second.runtime.lock == first.runtime.lock


def test_a_file_that_is_another_one_now_is_refused(world: World, build: Build) -> None:
    world.publish("plots", installed=True)
    build("import plots")
    world.publish("plots", files={"plots/__init__.py": "evil = True\n"})
    shutil.rmtree(world.root / "cache")
    (problem,) = build("import plots").problems
    assert problem.subtype is Subtype.LOCK
    assert "the wheel plots-1.0-py3-none-any.whl of the lock: pip: THESE PACKAGES DO NOT MATCH THE HASHES" in (
        problem.message
    )


def test_a_wheel_that_is_asked_for_by_its_address_is_in_it_without_that(world: World, build: Build) -> None:
    wheel = make_wheel(world.root / "elsewhere", "direct", "3.0")
    for _ in range(2):
        made = build("1", requirements=(f"direct @ {wheel.as_uri()}",))
        assert (made.problems, versions(made)) == ((), {"direct": "3.0"})
        shutil.rmtree(world.root / "cache")
    assert "elsewhere" not in (world.root / LOCK).read_text()


def test_one_with_a_hole_is_not_written(world: World, build: Build) -> None:
    world.publish("app", installed=True, requires=["nowhere"])
    assert build("import app").problems
    assert not (world.root / LOCK).exists()
    assert any(f"{LOCK} is not written" in line for line in world.said)


@pytest.mark.parametrize("text", ["", "[]", '{"info": {}}', '{"info": {"version": "0.27.7"}, "packages": {"a": {}}}'])
def test_one_that_cannot_be_read_is_the_authors_to_mend(world: World, build: Build, text: str) -> None:
    (world.root / LOCK).parent.mkdir()
    (world.root / LOCK).write_text(text)
    with pytest.raises(UserError, match=r"locks/liveviz\.json cannot be read as a lock"):
        build("1")


def test_one_of_another_pyodide_is_the_authors_to_mend(world: World, build: Build) -> None:
    build("1")
    lock = committed(world)
    lock["info"]["version"] = "314.0.7"
    (world.root / LOCK).write_text(json.dumps(lock))
    with pytest.raises(UserError, match=r"is of Pyodide 314\.0\.7, and liveviz_pyodide_version is '0\.27\.7'"):
        build("1")


def test_with_what_the_last_build_knew_its_changes_count(world: World, build: Build) -> None:
    def again() -> Outcome:
        memory = Memory(world.root / "doctrees/liveviz.json")
        outcome = build("import plots", memory=memory)
        memory.save()
        return outcome

    world.publish("plots", installed=True)
    again()
    (world.root / LOCK).unlink()
    again()
    assert (world.root / LOCK).exists()
    assert not again().problems
    lock = committed(world)
    del lock["packages"]["plots"]
    (world.root / LOCK).write_text(json.dumps(lock))
    assert again().problems
