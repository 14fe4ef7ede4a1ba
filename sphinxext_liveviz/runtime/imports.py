"""From the code of cells to the distributions that it needs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..errors import Subtype
from ..kernel.magics.pip import requirements
from ..kernel.magics.reading import parse
from ..kernel.stand_in import stands_in
from ..kernel.third_party import third_party
from ..limits import reads_urls
from ..model import Cell, Need
from .installed import Installed, normalised
from .outcome import Problem

AT_HAND = frozenset({"js", "pyodide", "pyodide_js", "_pyodide", "sphinxext_liveviz"})
"""Modules that are there in the browser without any package; micropip is not one of them."""

HTTP = "pyodide-http"
"""What lets urllib and requests ask by the browser's own requests; see kernel/adapters/urllib.py."""

_HOLDERS = (ast.stmt, ast.ExceptHandler, ast.match_case)
"""Nodes that can hold imports; most are expressions, which cannot."""
_BACKENDS = {"bokeh": "bokeh", "matplotlib": "mpl", "plotly": "plotly"}
"""Libraries that HoloViews plots with, as ``hv.extension`` calls them -> its own modules for them."""
_PANEL = ("pn", "panel")
"""Whose ``extension`` means scripts of the page by the same names."""
_COMPANIONS = {"FigureWidget": "anywidget"}
"""Classes of libraries -> distribution that they take, and that the library does not require."""
STAND_IN = {"IPython.display.Code": ("pygments",)}
"""What the kernel's stand-in for IPython takes; nothing, for what is not named here."""


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module."""

    module: str
    """Dotted name, as deep as the statement tells."""
    line: int
    """Line within the cell's code, from 1."""
    optional: bool
    """The code around it handles its absence."""


def needs_of(
    cells: Iterable[Cell],
    installed: Installed,
    packages: Mapping[str, Any],
    local: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> tuple[tuple[Need, ...], tuple[Problem, ...]]:
    """Find what the live cells of a page need.

    Parameters
    ----------
    cells : iterable of Cell
        Those that are static need nothing.
    installed : Installed
        The build environment: its metadata tells which distribution a module belongs to.
    packages : mapping
        ``packages`` of the official lock: their ``imports`` tell it for what is not installed here, and which modules
        of the standard library Pyodide keeps apart.
    local : mapping of str to sequence of str
        Name of each of the site's own projects to the modules that it brings; they come before all others.

    Returns
    -------
    needs : tuple of Need
        In the order of the code, each distribution once.
    problems : tuple of Problem
        Imports that nothing is known to provide, each module once.
    """
    kept_apart = {module: name for name, package in packages.items() for module in package["imports"]}
    needs: dict[str, Need] = {}
    problems: dict[str, Problem] = {}
    for cell in cells:
        if cell.static:
            continue
        for requirement in cell.requirements:
            needs.setdefault(requirement, Need(requirement, cell.location, cell=cell.id))
        for requirement, line in requirements(cell.code):
            origin = f"{cell.path}:{cell.line + line - 1}"
            needs.setdefault(requirement, Need(requirement, origin, cell=cell.id))
        for name, companion in _COMPANIONS.items():
            if name in cell.code:
                needs.setdefault(companion, Need(companion, cell.location, cell=cell.id))
        if reads_urls(cell.code):
            needs.setdefault(HTTP, Need(HTTP, cell.location, cell=cell.id))
        for found in imports_of(cell.code):
            top = found.module.partition(".")[0]
            origin = f"{cell.path}:{cell.line + found.line - 1}"
            names = _distributions(found.module, installed, packages, kept_apart, local)
            for name in names or ():
                needs.setdefault(name, Need(name, origin, top, cell.id))
            for name in _adapters_of(top):
                needs.setdefault(name, Need(name, origin, cell=cell.id))
            if names is None and not found.optional and cell.raises not in ("", "ImportError", "ModuleNotFoundError"):
                message = (
                    f"Nothing is known to provide the module {top!r}: it is not installed here, and Pyodide has no "
                    "package for it. If it exists for live cells, name its distribution in the cell's :requirements: "
                    "or in liveviz_requirements; otherwise mark the cell :static:."
                )
                problems.setdefault(top, Problem(Subtype.IMPORT, message, origin))
    return tuple(needs.values()), tuple(problems.values())


def imports_of(code: str) -> Iterator[Import]:
    """List the absolute imports of a cell, in functions and branches too; code that does not parse has none."""
    tree = _parse(code)
    return iter(()) if tree is None else _imports(tree, optional=False)


def _distributions(
    module: str,
    installed: Installed,
    packages: Mapping[str, Any],
    official: Mapping[str, str],
    local: Mapping[str, Sequence[str]],
) -> tuple[str, ...] | None:
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names:
        return (official[top],) if top in official else ()
    if top in AT_HAND:
        return ()
    if stands_in(module):
        return STAND_IN.get(module, ())
    if (own := _owner(module, local)) is not None:
        return (own,)
    from .target import is_binary  # with all of packaging, which those who only list imports do without

    names = installed.providers(module)
    if top in official and (not names or (is_binary(packages[official[top]]) and packages.keys().isdisjoint(names))):
        # The second case is a module that has several distributions: opencv-python-headless here, opencv-python there.
        return (official[top],)
    return names or None


def _adapters_of(top: str) -> Iterator[str]:
    """Yield the distributions that bring an adapter for a module, or for one in it."""
    for one in third_party():
        if one.awaits.partition(".")[0] == top:
            yield normalised(one.distribution)


def _owner(module: str, local: Mapping[str, Sequence[str]]) -> str | None:
    """Give the project that brings a module. An import may name less or more than a project tells."""
    for name, modules in local.items():
        if any(one == module or one.startswith(f"{module}.") or module.startswith(f"{one}.") for one in modules):
            return name
    return None


def _parse(code: str) -> ast.Module | None:
    try:
        return parse(code)
    except (SyntaxError, ValueError):
        return None  # The build says so where the cell runs.


def _imports(node: ast.AST, optional: bool) -> Iterator[Import]:
    child: ast.AST
    match node:
        case ast.Import():
            for alias in node.names:
                yield Import(alias.name, node.lineno, optional)
        case ast.ImportFrom(module=str(module), level=0):
            for alias in node.names:
                yield Import(f"{module}.{alias.name}".removesuffix(".*"), node.lineno, optional)
        case ast.Try():
            handled = optional or any(map(_catches_absence, node.handlers))
            for child in node.body:
                yield from _imports(child, handled)
            for child in (*node.handlers, *node.orelse, *node.finalbody):
                yield from _imports(child, optional)
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
            for child in node.orelse:
                yield from _imports(child, optional)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="extension"), args=arguments)):
            names = [argument.value for argument in arguments if isinstance(argument, ast.Constant)]
            if owner not in _PANEL:
                yield from (Import(name, node.lineno, True) for name in names if name in _BACKENDS)
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, _HOLDERS):
                    yield from _imports(child, optional)


def _catches_absence(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {getattr(name, "id", None) for name in caught}
    return handler.type is None or not names.isdisjoint({"ImportError", "ModuleNotFoundError", "Exception"})


def modules_of(cells: Iterable[Cell]) -> set[str]:
    """Return the dotted names of what the live cells of a page import."""
    live = [cell.code for cell in cells if not cell.static]
    imported = {found.module for code in live for found in imports_of(code)}
    return imported | {module for code in live for module in backends(code)}


def backends(code: str) -> set[str]:
    """Return the modules that HoloViews imports when cells ask for a plotting library by name."""
    if "extension" not in code:
        return set()
    tree = _parse(code)
    found: set[str] = set()
    for call in ast.walk(tree) if tree is not None else ():
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "extension":
            names = {argument.value for argument in call.args if isinstance(argument, ast.Constant)}
            found |= {f"holoviews.plotting.{module}" for name, module in _BACKENDS.items() if name in names}
    return found
