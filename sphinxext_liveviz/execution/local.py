"""What stands behind the modules that cells import: versions of distributions, and the state of all other code.

A version stands for the code of a distribution that an index has. A checkout, a module beside the page and whatever
else lies on the path change without a new version, so there the files themselves count. Nothing is imported for this:
the finders of the import system say where a module is, for editable installations too.
"""

from __future__ import annotations

import importlib
import os
import re
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..runtime.installed import Distribution, Installed
from .files import Files

_STANDARD = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")})
_SITES = (*site.getsitepackages(), site.getusersitepackages())
_NO_MODULES = r"(bench(marks?)?|build|conftest|dist|docs?|examples?|noxfile|setup|tasks|tests?)$"
"""What lies beside a project's modules in a checkout whose root is on the path."""


@dataclass(slots=True)
class Behind:
    """What stands behind some modules."""

    versions: dict[str, str] = field(default_factory=dict)
    """Normalised name of a distribution -> its version."""
    sources: dict[str, str] = field(default_factory=dict)
    """Module or distribution -> digest of its code, for what may change without a version."""


class Modules:
    """Looks behind modules.

    Parameters
    ----------
    installed : Installed
    files : Files
    """

    def __init__(self, installed: Installed, files: Files) -> None:
        # Found in this process, perhaps a moment after they were written: Python remembers directories for longer.
        importlib.invalidate_caches()
        self._installed = installed
        self._files = files
        self._places: dict[tuple[str, str], str | None] = {}
        self._closures: dict[str, Behind] = {}
        self._told: dict[str, dict[str, str]] = {}

    def behind(self, modules: Iterable[str], directory: str) -> Behind:
        """Find what stands behind modules, and behind all that those import or require in turn.

        Parameters
        ----------
        modules : iterable of str
            Dotted, as imported.
        directory : str
            Where the importing page is, and with it modules that it finds before all others.
        """
        found = Behind()
        owners: set[str] = set()
        seen = set()
        waiting = sorted(modules, reverse=True)
        while waiting:
            module = waiting.pop()
            if module in seen:
                continue
            seen.add(module)
            place = self._place(module, directory)
            if self._is_standard(place) if place else _top(module) in sys.stdlib_module_names:
                continue  # sys.version stands for it
            beside = place is not None and _is_beside(place, module, directory)
            providers = () if beside else self._installed.providers(module)
            owners.update(providers)
            if place is not None and not (providers and self._is_installed(place)):
                code = self._files.code(place)
                found.sources[module] = code.digest
                if not providers:
                    waiting += code.imports  # of all others the metadata tells what they require
        for owner in owners:
            closure = self._required_by(owner)
            found.versions |= closure.versions
            found.sources |= closure.sources
        return found

    def _required_by(self, owner: str) -> Behind:
        """Return a distribution and all that it requires.

        Requirements of extras count when they are installed: what is there can be used.
        """
        if owner not in self._closures:
            found = self._closures[owner] = Behind()
            names = [owner]
            while names:
                name = names.pop()
                version = self._installed.version(name)
                if name not in found.versions and version is not None:
                    found.versions[name] = version
                    found.sources |= self._sources(name)
                    names += self._installed.required(name)
        return self._closures[owner]

    def _sources(self, name: str) -> dict[str, str]:
        """Return what tells a distribution from another of its version."""
        if name not in self._told:
            distribution = self._installed.find(name)
            if distribution is None:
                self._told[name] = {}
            elif distribution.editable:
                self._told[name] = dict(self._checkout(name, distribution))
            else:
                self._told[name] = {f"{name}, as installed": distribution.state} if distribution.state else {}
        return self._told[name]

    def _checkout(self, name: str, distribution: Distribution) -> Iterator[tuple[str, str]]:
        """Yield the modules of an editable installation, and the digests of their code."""
        modules = {*distribution.top_level, *_beside(distribution.paths), name.replace("-", "_")}
        places = {module: self._place(module, "") for module in modules}
        outside = {module: place for module, place in places.items() if place and not self._is_installed(place)}
        if not outside and distribution.url is not None:  # its modules are called otherwise: then all that is there
            outside = {name: url2pathname(urlsplit(distribution.url).path)}
        for module, place in outside.items():
            if os.path.exists(place):
                yield module, self._files.digest(place)

    # -- places ------------------------------------------------------------------

    def _place(self, module: str, directory: str) -> str | None:
        """Return the file of a module or the directory of a package; None when it is built in or cannot be found."""
        question = (module, directory)
        if question not in self._places:
            before = [directory, *self._own] if directory else self._own
            if _top(module) in sys.stdlib_module_names:
                self._places[question] = _find(module, before, ())
            else:
                self._places[question] = _find(module, [*before, *self._path], _other_finders())
        return self._places[question]

    @cached_property
    def _path(self) -> list[str]:
        return [os.path.abspath(entry) for entry in sys.path]

    @cached_property
    def _own(self) -> list[str]:
        """What is on the path of this very build: there pages look before they look into the standard library."""
        sites = {*self._installed.sites, *_SITES}
        return [path for path in self._path if path not in sites and not _is_in(path, (*_STANDARD, *_SITES))]

    def _is_installed(self, place: str) -> bool:
        return _is_in(place, (*self._installed.sites, *_SITES))

    def _is_standard(self, place: str) -> bool:
        return _is_in(place, _STANDARD) and not self._is_installed(place)  # site-packages lies in it


def _find(module: str, path: list[str], others: Iterable[Any]) -> str | None:
    """Find a module on a path, or else by other finders."""
    parts = module.split(".")
    spec = PathFinder.find_spec(parts[0], path)
    if spec is None:
        spec = next(filter(None, (finder.find_spec(parts[0], None) for finder in others)), None)
    for depth in range(2, len(parts) + 1):
        if spec is None or not _is_namespace(spec):
            break
        # Of a package of several directories each part counts for itself.
        spec = PathFinder.find_spec(".".join(parts[:depth]), list(spec.submodule_search_locations or ()))
    if spec is None or spec.origin is None:
        return None
    # Finders of editable installations may name directories that there are none of.
    roots = [*(spec.submodule_search_locations or ()), os.path.dirname(spec.origin)]
    place = spec.origin if spec.submodule_search_locations is None else next(filter(os.path.isdir, roots), spec.origin)
    return os.path.abspath(place) if os.path.exists(place) else None


def _other_finders() -> list[Any]:
    """Return what is asked when nothing is found on the path: above all the finders of editable installations."""
    known = (BuiltinImporter, FrozenImporter, PathFinder)
    return [finder for finder in sys.meta_path if finder not in known and hasattr(finder, "find_spec")]


def _is_namespace(spec: ModuleSpec) -> bool:
    return spec.origin is None and spec.submodule_search_locations is not None


def _beside(directories: Iterable[str]) -> Iterator[str]:
    """Yield the modules that lie in directories."""
    for directory in map(Path, directories):
        for path in directory.iterdir() if directory.is_dir() else ():
            is_module = path.suffix == ".py" or (path / "__init__.py").exists()
            if is_module and path.stem.isidentifier() and not re.match(_NO_MODULES, path.stem):
                yield path.stem


def _is_in(place: str, directories: Iterable[str]) -> bool:
    return any(place.startswith(directory + os.sep) for directory in directories)


def _is_beside(place: str, module: str, directory: str) -> bool:
    """Whether a module was found in the directory itself, not on a path that leads below it."""
    start = os.path.join(directory, _top(module))
    return place.startswith((start + os.sep, start + ".")) or place == start


def _top(module: str) -> str:
    return module.partition(".")[0]
