"""From code to distributions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sphinxext_liveviz.errors import Subtype
from sphinxext_liveviz.model import Cell, Need
from sphinxext_liveviz.runtime.imports import imports_of, needs_of
from sphinxext_liveviz.runtime.installed import Installed

from .wheels import install, make_wheel


def cell(code: str, **options: Any) -> Cell:
    return Cell("guide/page", 0, "c1", code, "guide/page.rst", 10, **options)


def official(name: str, *imports: str, file_name: str = "x-1-cp312-cp312-pyodide_2024_0_wasm32.whl") -> dict[str, Any]:
    return {name: {"imports": list(imports), "file_name": file_name}}


def modules(code: str) -> list[str]:
    return [found.module for found in imports_of(code)]


def needs(*cells: Cell, packages: dict[str, Any] | None = None) -> list[Need]:
    found, problems = needs_of(cells, Installed(), packages or {})
    assert not problems
    return list(found)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import a.b as c, d", ["a.b", "d"]),
        ("from a.b import c, d", ["a.b.c", "a.b.d"]),
        ("from a import *", ["a"]),
        ("from . import here\nfrom .here import there", []),
        ("def f():\n    import inside\n", ["inside"]),
        ("import pandas\nawait pandas.later()", ["pandas"]),
        ("if TYPE_CHECKING:\n    import seen\nelse:\n    import run", ["run"]),
        ("%matplotlib inline\nimport a\n!ls -l\nb = !ls\nc = %who\nhelp?", ["a"]),
        ("%%time\nimport a", ["a"]),
        ("if x != 1:\n    import a", ["a"]),
        ("match x:\n    case 1:\n        import a", ["a"]),
        ("async def f():\n    async with x:\n        for y in x:\n            import a", ["a"]),
        ("try:\n    pass\nexcept* ValueError:\n    import a\nfinally:\n    import b", ["a", "b"]),
        ("import a\nthis is no Python", []),
        ("", []),
    ],
)
def test_imports_of_a_cell(code: str, expected: list[str]) -> None:
    assert modules(code) == expected


@pytest.mark.parametrize(
    ("handler", "optional"),
    [
        ("except ImportError:", True),
        ("except (ValueError, ModuleNotFoundError):", True),
        ("except Exception:", True),
        ("except:", True),
        ("except ValueError:", False),
    ],
)
def test_an_import_is_optional_when_its_absence_is_handled(handler: str, optional: bool) -> None:
    (first, second) = imports_of(f"try:\n    import first\n{handler}\n    import second")
    assert (first.optional, second.optional) == (optional, False)


def test_the_need_names_the_line_of_the_import() -> None:
    assert needs(cell("x = 1\n\nimport packaging.version")) == [
        Need("packaging", "guide/page.rst:12", "packaging", "c1")
    ]


def test_the_first_cell_that_needs_a_distribution_is_its_origin() -> None:
    assert [need.origin for need in needs(cell("import pytest"), cell("\nimport pytest"))] == ["guide/page.rst:10"]


def test_static_cells_need_nothing() -> None:
    assert needs(cell("import packaging\nimport of_nobody", static=True)) == []


def test_the_standard_library_and_pyodide_need_nothing() -> None:
    assert (
        needs(cell("import sys, asyncio, js\nfrom pyodide.ffi import to_js\nfrom __future__ import annotations")) == []
    )


def test_parts_of_the_standard_library_that_pyodide_keeps_apart_are_needed() -> None:
    packages = official("sqlite3", "sqlite3", "_sqlite3")
    assert [need.requirement for need in needs(cell("import sqlite3, json"), packages=packages)] == ["sqlite3"]


def test_what_is_not_installed_here_is_known_to_the_official_lock() -> None:
    packages = official("opencv-python", "cv2")
    assert needs(cell("import cv2"), packages=packages) == [Need("opencv-python", "guide/page.rst:10", "cv2", "c1")]


def test_a_module_with_several_distributions_is_the_one_that_pyodide_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path / "site")
    install(make_wheel(tmp_path, "cv2_headless", files={"cv2/__init__.py": ""}), tmp_path / "site")
    assert [need.requirement for need in needs(cell("import cv2"))] == ["cv2-headless"]
    packages = official("opencv-python", "cv2")
    assert [need.requirement for need in needs(cell("import cv2"), packages=packages)] == ["opencv-python"]
    pure = official("opencv-python", "cv2", file_name="x-1-py3-none-any.whl")
    assert [need.requirement for need in needs(cell("import cv2"), packages=pure)] == ["cv2-headless"]


def test_namespace_packages_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path / "site")
    for name in ("earth", "moon"):
        install(make_wheel(tmp_path, f"sky_{name}", files={f"sky/{name}/__init__.py": ""}), tmp_path / "site")
    assert [need.requirement for need in needs(cell("from sky import moon"))] == ["sky-moon"]
    assert [need.requirement for need in needs(cell("import sky"))] == ["sky-earth", "sky-moon"]


def test_an_installation_that_does_not_tell_its_modules_is_found_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path / "site")
    install(make_wheel(tmp_path, "my_project", files={"_editable.pth": "/somewhere"}), tmp_path / "site")
    assert [need.requirement for need in needs(cell("import my_project"))] == ["my-project"]


def test_requirements_of_a_cell_are_needs() -> None:
    assert needs(cell("", requirements=("tabulate>=0.9",))) == [Need("tabulate>=0.9", "guide/page.rst:10", cell="c1")]


def test_an_unknown_import_is_a_problem_at_its_line() -> None:
    found, (problem,) = needs_of([cell("import sys\nimport of_nobody.x"), cell("import of_nobody")], Installed(), {})
    assert not found
    assert (problem.subtype, problem.location) == (Subtype.IMPORT, "guide/page.rst:11")
    assert "'of_nobody'" in problem.message
    assert "liveviz_requirements" in problem.message


@pytest.mark.parametrize(
    "page",
    [
        cell("try:\n    import of_nobody\nexcept ImportError:\n    pass"),
        cell("import of_nobody", raises="ModuleNotFoundError"),
    ],
)
def test_an_unknown_import_whose_failure_is_expected_is_no_problem(page: Cell) -> None:
    assert needs(page) == []


def test_ipython_display_alone_takes_no_ipython() -> None:
    code = "import IPython\nfrom IPython.display import HTML, display\nfrom IPython import get_ipython"
    assert needs(cell(code)) == []
    assert [need.requirement for need in needs(cell("from IPython.display import Code"))] == ["pygments"]
    assert [need.requirement for need in needs(cell("from IPython.core.magic import Magics"))] == ["ipython"]


def test_what_pip_is_asked_for_is_needed_live() -> None:
    found = needs(cell("%matplotlib inline\n%pip install -q 'numpy>=2' xarray"))
    assert [(need.requirement, need.origin) for need in found] == [
        ("numpy>=2", "guide/page.rst:11"),
        ("xarray", "guide/page.rst:11"),
    ]
