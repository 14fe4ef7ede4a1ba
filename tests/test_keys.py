"""A page runs again whenever its output may be another one, and never because of anything else."""

from __future__ import annotations

import hashlib
import json
import os
import site
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

import pytest

from sphinxext_liveviz.execution import files
from sphinxext_liveviz.execution.files import Files
from sphinxext_liveviz.execution.key import Inputs, Keys
from sphinxext_liveviz.memory import Memory
from sphinxext_liveviz.model import Cell, Page
from sphinxext_liveviz.runtime.installed import Installed

from .wheels import install, make_wheel


class World:
    """A page in ``docs``, a ``checkout`` of a project, and a place where distributions are installed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.docs, self.checkout, self.site = (root / name for name in ("docs", "checkout", "site"))
        for directory in (self.docs, self.checkout, self.site):
            directory.mkdir()

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def page(self, *code: str, **options: Any) -> Page:
        cells = [Cell("page", n, f"page-{n}", text, "page.rst", 10 * n + 5, **options) for n, text in enumerate(code)]
        return Page("page", str(self.docs), tuple(cells))

    def keys(self, memory: Memory | None = None, **inputs: Any) -> Keys:
        known = Files(memory, documents=str(self.docs), suffixes=(".rst", ".md"), made={str(self.docs / "_build")})
        return Keys(Installed(memory), known, Inputs(base=str(self.docs), **inputs))

    def key(self, *code: str, **options: Any) -> str:
        return self.keys().of(self.page(*code, **options))

    def install(self, name: str, origin: dict[str, Any] | None = None, **options: Any) -> None:
        install(make_wheel(self.root, name, **options), self.site)
        if origin is not None:
            url = {"url": self.checkout.as_uri(), **origin}
            self.write(f"site/{name}-1.0.dist-info/direct_url.json", json.dumps(url))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(world.site)])
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    return world


Change = Callable[[World], object]


def _alters(world: World, change: Change, *code: str, **options: Any) -> bool:
    before = world.key(*code, **options)
    change(world)
    return world.key(*code, **options) != before


# -- modules of nobody ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "alters"),
    [
        ("docs/helper.py", True),
        ("docs/deeper.py", True),  # helper imports it
        ("docs/tools/inner/part.py", True),
        ("docs/tools/data.csv", True),
        ("docs/unused.py", False),
        ("docs/other.rst", False),
        ("docs/tools/__pycache__/part.pyc", False),
        ("docs/tools/notes.md", False),  # a document, although it lies in a package
    ],
)
def test_code_beside_the_page_counts_with_all_that_it_imports(world: World, changed: str, alters: bool) -> None:
    world.write("docs/helper.py", "def late():\n    import deeper")
    for name in ("docs/deeper.py", "docs/tools/__init__.py", "docs/tools/inner/part.py", "docs/tools/data.csv"):
        world.write(name, "")
    code = "import helper\nfrom tools.inner import part"
    assert _alters(world, lambda world: world.write(changed, "x = 2"), code) is alters


def test_neither_time_nor_place_of_a_file_counts(world: World, tmp_path: Path) -> None:
    helper = world.write("docs/helper.py", "x = 1")
    assert not _alters(world, lambda _: os.utime(helper, (1, 1)), "import helper")
    (tmp_path / "elsewhere").mkdir()
    other = World(tmp_path / "elsewhere")
    other.write("docs/helper.py", "x = 1")
    assert other.key("import helper") == world.key("import helper")


def test_settings_count_whatever_draws_with_them(world: World) -> None:
    page = world.page("from drawing import draw_with_matplotlib")
    assert world.keys().of(page) != world.keys().of(replace(page, settings={"matplotlib_format": ["svg"]}))


def test_cells_that_do_not_run_import_nothing(world: World) -> None:
    world.write("docs/helper.py", "")
    assert not _alters(world, lambda world: world.write("docs/helper.py", "x = 2"), "import helper", execute=False)


@pytest.mark.parametrize("name", ["helper", "json"])
def test_what_lies_beside_the_page_comes_before_all_else(world: World, name: str) -> None:
    world.install("helper")
    assert _alters(world, lambda world: world.write(f"docs/{name}.py", ""), f"import {name}")
    assert _alters(world, lambda world: world.write(f"docs/{name}.py", "x = 2"), f"import {name}")


@pytest.mark.parametrize("code", ["import documented", "from documented.part import thing"])
def test_what_conf_py_puts_on_the_path_counts(world: World, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    world.write("checkout/documented/__init__.py", "")
    world.write("checkout/documented/part.py", "thing = 1")
    monkeypatch.syspath_prepend(world.checkout)
    assert _alters(world, lambda world: world.write("checkout/documented/part.py", "thing = 2"), code)
    assert not _alters(world, lambda world: world.write("checkout/README.md", "prose"), code)


def test_a_directory_without_init_is_no_module_where_there_is_a_real_one(world: World) -> None:
    world.install("plots")
    world.write("docs/plots/figure.rst", "prose")
    assert not _alters(world, lambda world: world.write("docs/plots/figure.py", "x = 2"), "import plots")


def test_each_part_of_a_shared_package_counts_for_itself(world: World) -> None:
    for name in ("earth", "moon"):
        world.write(f"docs/sky/{name}.py", "")
    assert _alters(world, lambda world: world.write("docs/sky/moon.py", "x = 2"), "from sky import moon")
    assert not _alters(world, lambda world: world.write("docs/sky/earth.py", "x = 2"), "import sky.moon")


def test_a_package_that_holds_the_documentation_does_not_count_its_prose_and_output(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write("docs/__init__.py", "")
    world.write("docs/code.py", "")
    monkeypatch.syspath_prepend(world.root)
    code = "import docs.code"
    for name in ("docs/index.rst", "docs/_build/html/index.html", "docs/site/.buildinfo"):
        assert not _alters(world, lambda world, name=name: world.write(name, "new"), code)  # type: ignore[misc]
    assert _alters(world, lambda world: world.write("docs/code.py", "x = 2"), code)


def test_links_in_a_package_may_go_round_in_circles(world: World) -> None:
    world.write("docs/tools/__init__.py", "")
    (world.docs / "tools/again").symlink_to(world.docs / "tools", target_is_directory=True)
    assert world.key("import tools")


def test_a_module_that_was_copied_to_where_distributions_are_counts(world: World) -> None:
    world.install("plots")
    world.write("site/copied.py", "")
    assert _alters(world, lambda world: world.write("site/copied.py", "x = 2"), "import copied")


# -- distributions ----------------------------------------------------------------------------------------------------


def test_files_of_an_installed_release_are_not_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.install("plots")
    world.key("import plots")
    monkeypatch.setattr(hashlib, "file_digest", None)
    assert world.key("import plots")


def test_versions_of_what_is_installed_here_are_known(world: World) -> None:
    """Where distributions are installed lies below the standard library, whose modules have no version."""
    page = world.page("import json, sphinx.application, pytest")
    assert {"sphinx", "docutils", "pytest", "pluggy"} <= world.keys().versions(page).keys()
    assert world.keys().versions(world.page("import json")) == {}


def test_two_installations_of_a_local_project_differ_although_the_version_stays(world: World) -> None:
    world.install("plots", {"dir_info": {}}, files={"plots/__init__.py": "x = 1"})
    reinstall = {"files": {"plots/__init__.py": "x = 2"}}
    assert _alters(world, lambda world: world.install("plots", {"dir_info": {}}, **reinstall), "import plots")
    assert not _alters(world, lambda world: world.install("plots", {"dir_info": {}}, **reinstall), "import plots")


def _editable_by_path(world: World) -> None:
    world.install("plots", {"dir_info": {"editable": True}}, files={"_plots.pth": f"{world.checkout}\n"})
    site.addsitedir(str(world.site))


def _editable_by_finder(world: World) -> None:
    class Finder:
        """As setuptools leaves one where the project's layout needs it."""

        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
            return PathFinder.find_spec(name, [str(world.checkout)]) if name == "plots" else None

    content = {"__editable___plots_finder.py": "", "plots-1.0.dist-info/top_level.txt": "plots\n"}
    world.install("plots", {"dir_info": {"editable": True}}, files=content)
    sys.meta_path.append(Finder)


def _editable_by_link(world: World) -> None:
    world.write("checkout/plots.egg-info/PKG-INFO", "Name: plots\nVersion: 1.0\n")
    world.write("checkout/plots.egg-info/top_level.txt", "plots\n")
    sys.path.append(str(world.checkout))


@pytest.mark.parametrize("code", ["import plots", "from plots.lines import line", "import shows"])
@pytest.mark.parametrize("way", [_editable_by_path, _editable_by_finder, _editable_by_link])
def test_the_source_of_an_editable_installation_counts(world: World, way: Change, code: str) -> None:
    world.write("checkout/plots/__init__.py", "")
    world.write("checkout/plots/lines.py", "line = 1")
    way(world)
    world.install("shows", requires=["plots>=1"])
    for name in ("checkout/docs/conf.py", "checkout/README.rst", "checkout/tests/test_plots.py", "checkout/.git/HEAD"):
        assert not _alters(world, lambda world, name=name: world.write(name, "new"), code)  # type: ignore[misc]
    assert _alters(world, lambda world: world.write("checkout/plots/lines.py", "line = 2"), code)
    assert _alters(world, lambda world: world.write("checkout/plots/new.json", "{}"), code)


def test_requirements_of_an_editable_installation_count_also_for_a_page_at_the_root_of_its_checkout(
    world: World,
) -> None:
    world.write("docs/source/plots/__init__.py", "")
    world.install("arrays")
    world.install(
        "plots",
        {"dir_info": {"editable": True}, "url": world.docs.as_uri()},
        requires=["arrays"],
        files={"_plots.pth": f"{world.docs / 'source'}\n"},
    )
    site.addsitedir(str(world.site))
    assert world.keys().versions(world.page("import plots")) == {"plots": "1.0", "arrays": "1.0"}


def test_of_an_editable_installation_whose_modules_are_not_to_be_found_all_counts(world: World) -> None:
    world.install("plots", {"dir_info": {"editable": True}}, files={"_plots_loader.py": ""})
    world.install("shows", requires=["plots"])
    world.write("checkout/source/other_name.py", "")
    assert _alters(world, lambda world: world.write("checkout/source/other_name.py", "x = 2"), "import shows")


# -- files and variables ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["data/a.csv", "data/*.csv", "**/a.csv", "data", "../docs/data/a.csv"])
def test_files_that_a_cell_depends_on_count(world: World, pattern: str) -> None:
    world.write("docs/data/a.csv", "1")
    world.write("docs/data.txt", "1")
    assert _alters(world, lambda world: world.write("docs/data/a.csv", "2"), "1", depends=(pattern,))
    assert not _alters(world, lambda world: world.write("docs/data.txt", "2"), "1", depends=(pattern,))


@pytest.mark.parametrize("change", [lambda w: w.write("docs/b.csv", ""), lambda w: (w.docs / "a.csv").unlink()])
def test_a_file_more_or_less_counts(world: World, change: Change) -> None:
    world.write("docs/a.csv", "")
    assert _alters(world, change, "1", depends=("*.csv",))


def test_a_pattern_that_finds_nothing_is_told_with_its_place(world: World) -> None:
    keys = world.keys(depends=("*.toml",))
    keys.of(world.page("1", depends=("missing.csv",)))
    assert keys.absent == [("*.toml", None), ("missing.csv", "page.rst:5")]


def test_files_and_variables_that_the_configuration_names_count_for_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOWN", raising=False)
    found = []
    for value in (None, "", "1"):
        if value is not None:
            monkeypatch.setenv("SHOWN", value)
        found.append(world.keys(environment=("SHOWN",)).of(world.page("1")))
    for text in ("a", "b"):
        world.write("docs/setup.toml", text)
        found.append(world.keys(depends=("*.toml",)).of(world.page("1")))
    assert len(set(found)) == 5


# -- what the last build knew -----------------------------------------------------------------------------------------


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "doctrees/liveviz.json"


def _key_of_build(world: World, memory: Path) -> str:
    known = Memory(memory)
    key = world.keys(known, depends=("*.csv",)).of(world.page("import helper, plots"))
    known.save()
    return key


@pytest.fixture
def busy(world: World) -> World:
    world.write("docs/helper.py", "")
    world.write("docs/a.csv", "")
    world.install("plots", requires=["pytest"])
    return world


def test_what_has_not_changed_is_not_read_again(busy: World, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_YOUNG", 0)
    key = _key_of_build(busy, memory)
    state = memory.stat().st_mtime_ns
    monkeypatch.setattr(hashlib, "file_digest", None)
    monkeypatch.setattr("importlib.metadata.distribution", None)
    assert _key_of_build(busy, memory) == key
    assert memory.stat().st_mtime_ns == state


def test_a_file_that_is_as_young_as_its_digest_is_read_again(
    busy: World, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within the grain of the clock it may have changed once more."""
    key = _key_of_build(busy, memory)
    stamp = (busy.docs / "helper.py").stat()
    monkeypatch.setattr(files, "_stamp", lambda _: (stamp.st_size, stamp.st_mtime_ns, stamp.st_ctime_ns))
    busy.write("docs/helper.py", "x = 2")
    assert _key_of_build(busy, memory) != key


@pytest.mark.parametrize("content", ["", "{", "[]", '{"head": 0}'])
def test_a_damaged_memory_costs_time_only(busy: World, memory: Path, content: str) -> None:
    key = _key_of_build(busy, memory)
    memory.write_text(content, encoding="utf-8")
    assert _key_of_build(busy, memory) == key


def test_a_new_installation_is_noticed(busy: World, memory: Path) -> None:
    key = _key_of_build(busy, memory)
    install(make_wheel(busy.root, "plots", "2.0"), busy.site)
    for path in (busy.site / "plots-1.0.dist-info").iterdir():
        path.unlink()
    (busy.site / "plots-1.0.dist-info").rmdir()
    assert _key_of_build(busy, memory) != key
