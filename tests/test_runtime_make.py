"""From pages to a runtime, against a small Pyodide and a package index of our own: no test here needs a network."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sphinxext_liveviz.errors import Subtype
from sphinxext_liveviz.memory import Memory
from sphinxext_liveviz.model import Drift
from sphinxext_liveviz.runtime import Outcome, Problem, make

from .wheels import PLATFORM, VERSION, entry, install, make_project, make_pyodide, make_sdist, make_wheel
from .world import World, cells


def test_a_bundle_has_every_file_of_its_lock_and_the_core(world: World) -> None:
    world.publish("plots", installed=True, requires=["arrays>=1"])
    world.compile("arrays")
    world.compile("unused")
    runtime = world.runtime("import plots")
    assert (runtime.version, runtime.python, runtime.index_url) == (VERSION, "3.12.7", None)
    assert runtime.packages == {"page": ("arrays", "plots")}
    names = [file.name for file in runtime.files]
    assert names == [
        *("pyodide.asm.js", "pyodide.asm.wasm", "pyodide.mjs", "python_stdlib.zip"),
        *(package["file_name"] for package in runtime.lock["packages"].values()),
    ]
    assert all(Path(file.path).is_file() and Path(file.path).is_absolute() for file in runtime.files)
    assert runtime.lock["packages"]["arrays"] == world.official["arrays"]
    assert runtime.lock["packages"]["plots"] == {
        **entry(world.index / "plots-1.0-py3-none-any.whl", depends=["arrays"]),
        "file_name": "plots-1.0-py3-none-any.whl",
    }
    assert runtime.lock["info"]["abi_version"] == "2024_0"


def test_progress_names_what_is_fetched_and_how_much(world: World) -> None:
    world.publish("plots", installed=True)
    world.runtime("import plots")
    assert any(line.startswith("plots-1.0-py3-none-any.whl (") and "kB" in line for line in world.said)


def test_a_second_build_starts_no_program_and_opens_no_url(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.publish("plots", installed=True, requires=["arrays>=1", "markup"])
    world.compile("arrays")
    world.compile("markup", "2.0").unlink()
    make_sdist(world.index, "markup", "2.0")
    world.official["gone"] = {**world.official["markup"], "name": "gone", "sha256": "0" * 64, "imports": ["gone"]}
    first = world.make("import plots, gone")
    assert len(first.problems) == 1
    asked: list[str] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: asked.append(command))
    world.said.clear()
    assert world.make("import plots, gone") == first
    assert (asked, world.said) == ([], [])


def test_the_version_that_is_installed_is_the_one_in_the_browser(world: World) -> None:
    world.publish("plots", "1.0", installed=True)
    world.publish("plots", "2.0")
    made = world.make("import plots")
    assert made.runtime.lock["packages"]["plots"]["version"] == "1.0"
    assert made.drift == ()


def test_versions_that_differ_are_told(world: World) -> None:
    world.compile("arrays", "2.0")
    world.publish("arrays", "2.4", installed=True).unlink()
    world.publish("newest", "3.0", installed=True, requires_python=">=3.13")
    world.publish("newest", "2.0")
    world.publish("private", "1.1", installed=True).unlink()
    world.publish("private", "1.0")
    made = world.make("import arrays, newest, private")
    assert made.drift == (
        Drift("arrays", "2.4", "2.0", ("page0",), "page.rst:1", True),
        Drift("newest", "3.0", "2.0", ("page0",), "page.rst:1", True),
        Drift("private", "1.1", "1.0", ("page0",), "page.rst:1", True),
    )
    assert not made.problems


def test_what_is_not_installed_is_the_official_version_else_the_newest(world: World) -> None:
    world.official["tested"] = entry(make_wheel(world.root / "mirror", "tested", "1.0"))
    world.publish("tested", "9.0")
    world.publish("other", "1.0")
    world.publish("other", "2.0")
    runtime = world.runtime("import tested", requirements=("other<2",))
    assert {name: item["version"] for name, item in runtime.lock["packages"].items()} == {
        "tested": "1.0",
        "other": "1.0",
    }


def test_markers_hold_for_the_browser(world: World) -> None:
    world.publish("browser_only")
    requires = ['browser-only; sys_platform == "emscripten"', 'desktop-only; sys_platform != "emscripten"']
    requires += ['old-only; python_version < "3.12"', 'browser-only; platform_machine == "wasm32"']
    world.publish("plots", installed=True, requires=requires)
    runtime = world.runtime("import plots", requirements=('nothing; sys_platform == "linux"',))
    assert runtime.packages["page"] == ("browser-only", "plots")


def test_extras_are_followed_also_those_that_extras_ask_for(world: World) -> None:
    world.publish("fast")
    world.publish("sheets")
    world.publish(
        "plots",
        installed=True,
        requires=['fast; extra == "speed"', 'plots[speed]; extra == "all"', 'sheets; extra == "files"'],
    )
    world.publish("app", installed=True, requires=["plots[all]"])
    assert world.runtime("import plots, app").packages["page"] == ("fast", "plots", "app")


def test_a_need_of_one_page_is_not_loaded_by_another(world: World) -> None:
    world.publish("plots", installed=True)
    world.publish("tables", installed=True)
    world.publish("shown", installed=True)
    pages = {
        "a": cells("a", "import plots"),
        "b": cells("b", "import tables"),
        "c": cells("c", "1 + 1"),
        "d": cells("d", "import shown", static=True),
    }
    runtime = world.runtime(pages=pages)
    assert runtime.packages == {"a": ("plots",), "b": ("tables",), "c": ()}
    assert sorted(runtime.lock["packages"]) == ["plots", "tables"]


def test_pages_with_the_same_packages_share_a_snapshot_that_readers_make(world: World) -> None:
    world.publish("arrays", installed=True)
    pages = {
        "one": cells("one", "import arrays"),
        "two": cells("two", "import arrays, json", "import csv"),
        "plain": cells("plain", "import csv"),
    }
    assert world.runtime(pages=pages).snapshots == {
        "one": ("arrays", "csv", "json"),
        "two": ("arrays", "csv", "json"),
        "plain": ("csv",),
    }
    assert world.runtime(pages=pages, snapshot="off").snapshots == {}


def test_configured_requirements_are_loaded_by_every_live_page(world: World) -> None:
    world.publish("extra")
    pages = {"a": cells("a", "1"), "d": cells("d", "1", static=True)}
    assert world.runtime(pages=pages, requirements=("extra",)).packages == {"a": ("extra",)}


def test_a_cycle_is_broken_and_each_page_still_loads_all_of_it(world: World) -> None:
    world.publish("panel_like", installed=True, requires=["material"])
    world.publish("material", installed=True, requires=["panel-like"])
    runtime = world.runtime("import panel_like")
    assert set(runtime.packages["page"]) == {"panel-like", "material"}
    order = runtime.packages["page"]
    for name, package in runtime.lock["packages"].items():
        assert all(order.index(other) < order.index(name) for other in package["depends"])


def test_names_in_depends_are_keys_of_the_lock(world: World) -> None:
    world.publish("Some_Thing", installed=True)
    world.compile("arrays", depends=["Some.Thing"])
    packages = world.runtime("import arrays").lock["packages"]
    assert packages["arrays"]["depends"] == ["some-thing"]
    assert packages["some-thing"]["name"] == "some-thing"


def test_what_cannot_be_had_names_who_needs_it_and_what_was_tried_and_the_rest_is_locked(world: World) -> None:
    world.publish("app", installed=True, requires=["plots"])
    world.publish("plots", installed=True, requires=["rusty>=1", "fine"])
    world.publish("fine", installed=True)
    made = world.make("1", "x = 1\nimport app")
    (problem,) = made.problems
    assert (problem.subtype, problem.location) == (Subtype.LOCK, "page.rst:12")
    assert "rusty>=1 (page.rst:12 -> app -> plots -> rusty) could not be had" in problem.message
    assert "a wheel for rusty>=1 on the package index: pip: Could not find a version" in problem.message
    assert "the source of rusty>=1: pip: Could not find a version" in problem.message
    assert "liveviz_mirrors" in problem.message
    assert "liveviz_exclude" in problem.message
    assert made.runtime.packages["page"] == ("fine", "plots", "app")
    assert made.runtime.lock["packages"]["plots"]["depends"] == ["fine"]


def test_an_index_out_of_reach_costs_one_attempt_in_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.publish("plots", installed=True)
    world.publish("tables", installed=True)
    calls = []

    def fail(command: Sequence[str], **_: Any) -> Any:
        calls.append(command)
        return subprocess.CompletedProcess(command, 1, "", "WARNING: Retrying after connection broken by 'X': /simple")

    monkeypatch.setattr(subprocess, "run", fail)
    made = world.make("import plots, tables", mirrors=("mirror", "lab-files==1.0"), requirements=("other",))
    assert len(calls) == 1
    assert [problem.message.partition(" ")[0] for problem in made.problems] == ["plots", "tables", "other"]
    assert all("pip cannot reach its registry: 'X'" in problem.message for problem in made.problems)


def test_what_is_excluded_is_left_out_in_silence(world: World) -> None:
    world.publish("plots", installed=True, requires=["Rusty_Thing", "fine"])
    world.publish("fine", installed=True, requires=["rusty.thing"])
    world.compile("arrays", depends=["rusty-thing"])
    install(make_wheel(world.root, "rusty_thing"), world.site)
    runtime = world.runtime("import plots, arrays\nimport rusty_thing", exclude=("rusty.Thing",))
    assert runtime.packages["page"] == ("arrays", "fine", "plots")


def test_a_binary_package_that_no_place_has_is_built_from_source_when_it_is_pure_at_heart(world: World) -> None:
    world.compile("markup", "2.0").unlink()
    make_sdist(world.index, "markup", "2.1")
    install(make_wheel(world.root, "markup", "2.1"), world.site)
    made = world.make("import markup")
    assert made.runtime.lock["packages"]["markup"]["file_name"] == "markup-2.1-py3-none-any.whl"
    assert (made.problems, made.drift) == ((), ())


def test_an_ancient_pure_wheel_does_not_stand_in_for_a_binary_package(world: World) -> None:
    world.compile("core", "2.0").unlink()
    world.publish("core", "0.0.1")
    ((problem,), runtime) = (made := world.make("import core")).problems, made.runtime
    assert "core" in problem.message
    assert runtime.lock["packages"] == {}


def test_a_wheel_for_pyodide_on_the_package_index_stands_in_for_a_binary_package(world: World) -> None:
    world.compile("core", "2.0").unlink()
    world.compile("other")
    world.publish("core", "2.1", tag=f"cp312-cp312-{PLATFORM}")
    assert world.runtime("import core").lock["packages"]["core"]["version"] == "2.1"


@pytest.mark.parametrize("tag", [f"cp312-cp312-{PLATFORM}", "cp39-abi3-pyemscripten_2024_0_wasm32"])
def test_a_wheel_for_pyodide_of_the_version_that_is_installed_comes_before_the_official_one(
    world: World, tag: str
) -> None:
    world.compile("core", "2.0")
    world.publish("core", "2.1", tag=tag)
    world.publish("core", "2.2", tag=tag)
    install(make_wheel(world.root, "core", "2.1"), world.site)
    made = world.make("import core")
    assert made.runtime.lock["packages"]["core"]["file_name"] == f"core-2.1-{tag}.whl"
    assert (made.problems, made.drift) == ((), ())


def test_of_an_official_file_with_the_version_that_is_installed_no_index_is_asked(world: World) -> None:
    world.compile("core", "2.0")
    world.publish("core", "2.0", tag=f"cp312-cp312-{PLATFORM}")
    install(make_wheel(world.root, "core", "2.0"), world.site)
    assert world.runtime("import core").lock["packages"]["core"] == world.official["core"]
    assert not any("asking the package index" in line for line in world.said)


def test_drift_of_what_cells_do_not_import_themselves_is_known_apart(world: World) -> None:
    world.compile("arrays", "2.0")
    install(make_wheel(world.root, "arrays", "2.4"), world.site)
    world.publish("plots", installed=True, requires=["arrays"])
    (drift,) = world.make("import plots").drift
    assert drift == Drift("arrays", "2.4", "2.0")
    pages = {"a": cells("a", "import plots", "import arrays", "import arrays"), "b": cells("b", "import arrays")}
    (drift,) = world.make(pages=pages).drift
    assert (drift.cells, drift.location, drift.asked) == (("a1", "b0"), "a.rst:11", True)


def test_a_file_of_another_hash_is_refused_and_said_so(world: World) -> None:
    wheel = world.compile("arrays")
    wheel.write_bytes(wheel.read_bytes() + b"more")
    (problem,) = world.make("import arrays").problems
    assert f"{world.root / 'mirror'}: has a file of that name with another sha256" in problem.message


def test_parts_of_the_standard_library_come_from_pyodide_alone(world: World) -> None:
    world.compile("sqlite3", imports=["sqlite3"], kind="cpython_module").unlink()
    world.publish("sqlite3", "99")
    (problem,) = world.make("import sqlite3").problems
    assert "sqlite3" in problem.message
    assert "package index" not in problem.message


def test_parts_of_the_standard_library_that_a_package_needs_are_loaded(world: World) -> None:
    world.compile("sqlite3", imports=["sqlite3"], kind="cpython_module")
    world.official["store"] = entry(make_wheel(world.root, "store", "0.9"), depends=["sqlite3", "forgotten"])
    world.publish("store", "1.0", installed=True)
    assert world.runtime("import store").packages["page"] == ("sqlite3", "store")


def test_a_version_that_someone_requires_and_cannot_get_is_told(world: World) -> None:
    world.compile("arrays", "1.0")
    world.publish("plots", installed=True, requires=["arrays>=2"])
    (problem,) = world.make("import plots").problems
    assert problem.subtype == Subtype.LOCK
    assert "arrays 1.0 is what live cells get" in problem.message
    assert "plots (>=2)" in problem.message


def test_a_project_documents_itself_as_it_is_in_its_checkout(world: World) -> None:
    project = make_project(world.root / "project", "mine", "2.0.dev1")
    install(make_wheel(world.root, "mine", "2.0.dev1"), world.site)
    record = f'{{"url": "{project.as_uri()}", "dir_info": {{"editable": true}}}}'
    (world.site / "mine-2.0.dev1.dist-info" / "direct_url.json").write_text(record)
    world.publish("mine", "1.9")
    assert world.runtime("import mine").lock["packages"]["mine"]["version"] == "2.0.dev1"


def test_a_requirement_may_be_a_direct_reference(world: World) -> None:
    wheel = make_wheel(world.root / "elsewhere", "local", "3.0")
    runtime = world.runtime("1", requirements=(f"local @ {wheel.as_uri()}",))
    assert runtime.lock["packages"]["local"]["version"] == "3.0"


def test_a_requirement_that_is_none_is_a_problem(world: World) -> None:
    made = world.make(pages={"page": cells("page", "1", requirements=("a b",))})
    assert made.problems == (Problem(Subtype.LOCK, made.problems[0].message, "page.rst:1"),)
    assert "'a b' is not a requirement" in made.problems[0].message


def test_a_requirement_of_a_package_that_is_none_does_not_sink_the_rest(world: World) -> None:
    world.publish("plots", installed=True)
    world.official["old"] = entry(make_wheel(world.root / "mirror", "old"))
    here = make_wheel(world.root, "old", "2.0", requires_python=">=4", requires=['pytz (>dev); extra == "time"'])
    install(here, world.site)
    made = world.make("import plots, old")
    assert made.runtime.packages["page"] == ("old", "plots")
    (problem,) = made.problems
    assert "old 1.0: 'pytz (>dev); extra == \"time\"' is not a requirement" in problem.message


def test_unknown_imports_come_first(world: World) -> None:
    assert [problem.subtype for problem in world.make("import of_nobody").problems] == [Subtype.IMPORT]


def test_for_the_public_host_official_files_are_named_and_not_fetched(world: World) -> None:
    world.compile("arrays").unlink()
    runtime = world.runtime("import arrays", distribution="cdn")
    base = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
    assert runtime.index_url == base
    assert runtime.lock["packages"]["arrays"]["file_name"] == base + world.official["arrays"]["file_name"]
    assert runtime.files == ()


def test_what_no_public_host_has_is_served_beside_the_lock(world: World) -> None:
    world.publish("on_disk", installed=True)
    make_sdist(world.index, "source_only")
    runtime = world.runtime("import on_disk", distribution="cdn", requirements=("source-only",))
    names = ["on_disk-1.0-py3-none-any.whl", "source_only-1.0-py3-none-any.whl"]
    assert [package["file_name"] for package in runtime.lock["packages"].values()] == names
    assert [file.name for file in runtime.files] == names


# -- what the last build knew -----------------------------------------------------------------------------------------


class Again:
    """Builds one after the other, as Sphinx runs them: each with what the last one knew."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.made = 0
        self._make = make.make_runtime
        monkeypatch.setattr(make, "make_runtime", self._count)

    def _count(self, *arguments: Any, **options: Any) -> Outcome:
        self.made += 1
        return self._make(*arguments, **options)

    def __call__(self, *code: str, **options: Any) -> Outcome:
        memory = Memory(self.world.root / "doctrees/liveviz.json")
        outcome = self.world.make(*code, memory=memory, **options)
        memory.save()
        return outcome


@pytest.fixture
def again(world: World, monkeypatch: pytest.MonkeyPatch) -> Again:
    world.publish("plots", installed=True, requires=["arrays>=1"])
    world.compile("arrays", "1.5")
    make_pyodide(world.root / "mirror", world.official.values())
    return Again(world, monkeypatch)


@pytest.mark.parametrize("distribution", ["bundle", "cdn"])
def test_while_nothing_has_changed_the_runtime_is_that_of_the_last_build(again: Again, distribution: str) -> None:
    first, second = (again("import plots", distribution=distribution) for _ in range(2))
    assert second == first
    assert again.made == 1


@pytest.mark.parametrize("change", [{"line": 99}, {"code": "import plots\n1"}, {"execute": False}])
def test_an_edit_that_needs_nothing_else_makes_no_new_runtime(again: Again, change: dict[str, Any]) -> None:
    page = cells("page", "import plots")
    again(pages={"page": page})
    again(pages={"page": [replace(page[0], **change)]})
    assert again.made == 1


def test_an_import_whose_absence_is_no_longer_handled_is_told(again: Again) -> None:
    assert not again("try:\n    import of_nobody\nexcept ImportError:\n    pass").problems
    assert again("import of_nobody").problems


@pytest.mark.parametrize("change", ["code", "config", "installed", "removed file", "mirror", "time"])
def test_whatever_a_runtime_is_made_from_makes_a_new_one(
    again: Again, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = again("import plots")
    code, options = "import plots", {}
    if change == "code":
        code = "import plots, arrays"
    elif change == "config":
        options = {"exclude": ("arrays",)}
    elif change == "installed":
        again.world.publish("other", installed=True)
    elif change == "removed file":
        Path(outcome.runtime.files[-1].path).unlink()
    elif change == "mirror":
        again.world.compile("arrays", "1.6")
    else:
        later = time.time() + 4000
        monkeypatch.setattr(time, "time", lambda: later)
    again(code, **options)
    assert again.made == 2


def test_a_problem_is_told_in_every_build(again: Again) -> None:
    assert [len(again("import of_nobody").problems) for _ in range(2)] == [1, 1]


def test_a_project_that_is_installed_from_its_checkout_is_looked_at_in_every_build(again: Again) -> None:
    project = make_project(again.world.root / "project", "mine")
    origin = {"url": project.as_uri(), "dir_info": {}}
    again.world.publish("mine", installed=True)
    (again.world.site / "mine-1.0.dist-info/direct_url.json").write_text(json.dumps(origin))
    outcomes = [again("import mine") for _ in range(2)]
    assert not outcomes[0].problems
    assert again.made == 1
    (project / "new.py").write_text("")
    again("import mine")
    assert again.made == 2
