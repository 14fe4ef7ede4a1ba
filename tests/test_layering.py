"""Who may import whom, as DESIGN has it: read from the sources, whatever a test run happens to import."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sphinxext_liveviz

NAME = "sphinxext_liveviz"
PACKAGE = Path(sphinxext_liveviz.__file__).parent
ROOMS = {"markup", "execution", "render", "html", "runtime", "kernel", "check"}
CONFIG = ("config", "config_checks")
SPHINX = {"sphinx", "docutils", "myst_parser"}


def _modules(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((PACKAGE / room).rglob("*.py")) or [PACKAGE / f"{room}.py"]]


def _imports(path: Path, *, lazy: bool) -> Iterator[str]:
    """Yield the absolute names of the modules that a file imports; those in functions only when ``lazy``."""
    package = [NAME, *path.relative_to(PACKAGE).parts[:-1]]
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = [*base, *(node.module.split(".") if node.module else [])]
            # `from . import x` may name a module as well as an attribute.
            yield from (".".join([*module, alias.name]) for alias in node.names)
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        elif lazy or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting.extend(ast.iter_child_nodes(node))


def _tops(path: Path, *, lazy: bool) -> set[str]:
    return {name.partition(".")[0] for name in _imports(path, lazy=lazy)}


def _ours(path: Path) -> set[str]:
    """Return what a file imports of the package: rooms and single modules."""
    return {name.split(".")[1] for name in _imports(path, lazy=True) if name.startswith(f"{NAME}.")}


@pytest.mark.parametrize("path", _modules("model", "errors", "limits", "kernel", "progress"), ids=str)
def test_the_foundation_needs_the_standard_library_only(path: Path) -> None:
    """A file ``adapters/<library>_*.py`` is imported when its library is, and may import that."""
    library = {path.stem.partition("_")[0]} if path.parent.name == "adapters" else set()
    assert _tops(path, lazy=False) <= sys.stdlib_module_names | {NAME} | library
    assert _tops(path, lazy=True).isdisjoint(SPHINX)


@pytest.mark.parametrize("path", _modules("kernel"), ids=str)
def test_the_kernel_is_alone_in_the_browser(path: Path) -> None:
    assert _ours(path) <= {"kernel"}


@pytest.mark.parametrize(
    "path", _modules("execution", "runtime", "store", "memory", "config", "config_checks", "limits"), ids=str
)
def test_running_and_locking_know_nothing_of_sphinx(path: Path) -> None:
    assert _tops(path, lazy=True).isdisjoint(SPHINX)
    assert _ours(path).isdisjoint({"markup", "render", "html", "build"})


@pytest.mark.parametrize(
    "path",
    _modules(*sorted(ROOMS), "store", *CONFIG, "model", "errors", "limits", "progress"),
    ids=str,
)
def test_no_room_imports_the_orchestrator(path: Path) -> None:
    assert _ours(path).isdisjoint({"build", "preparing", "running", "locking", "checking"})


@pytest.mark.parametrize("path", _modules("markup", "render"), ids=str)
def test_rooms_are_entered_from_one_side(path: Path) -> None:
    """Markup knows neither what runs it nor what shows it; rendering does not know of the site around it."""
    further = {"markup": {"execution", "render", "html", "runtime"}, "render": {"execution", "html", "runtime"}}
    assert _ours(path).isdisjoint(further[path.relative_to(PACKAGE).parts[0]])


@pytest.mark.parametrize("path", _modules("check"), ids=str)
def test_a_check_knows_sphinx_as_its_builder_alone(path: Path) -> None:
    """And playwright is imported when pages are opened: who never checks need not have it."""
    allowed = {"sphinx"} if path.name == "builder.py" else set()
    assert _tops(path, lazy=False) <= sys.stdlib_module_names | {NAME} | allowed
    assert _tops(path, lazy=True) <= sys.stdlib_module_names | {NAME, "playwright"} | allowed


@pytest.mark.parametrize("path", [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent != PACKAGE], ids=str)
def test_rooms_register_nothing(path: Path) -> None:
    calls = (node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    registrations = {"connect", "add_node", "add_directive", "add_domain", "add_post_transform", "add_config_value"}
    found = {f"{ast.unparse(call.value)}.{call.attr}" for call in calls if isinstance(call, ast.Attribute)}
    assert found.isdisjoint(f"app.{name}" for name in registrations)


def _loaded(module: str, *unwanted: str) -> str:
    """Return which of some modules a fresh interpreter has loaded once it has imported ``module``."""
    program = f"import sys, {NAME}.{module}\nprint(*sorted({set(unwanted)!r} & sys.modules.keys()))"
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=PACKAGE.parent).stdout.strip()


def test_the_kernel_is_imported_without_sphinx() -> None:
    assert _loaded("kernel", "sphinx", "docutils", "nbformat", "bokeh") == ""


def test_what_only_running_and_resolving_need_is_not_imported_by_a_build_that_does_neither() -> None:
    assert _loaded("build", "asyncio", "nbformat", "packaging.requirements", f"{NAME}.runtime.make") == ""


def test_the_build_imports_neither_bokeh_nor_panel() -> None:
    assert _loaded("build", "bokeh", "panel", "numpy", "matplotlib", "IPython") == ""
