"""The lock that a project commits (``liveviz_lock``), and choosing by it alone.

It is a ``pyodide-lock.json`` of the whole site, for people and tools to read. Two things are its own, because a build
reads it and not Pyodide: file names are bare, since where a file lies is a matter of who builds (their mirrors, their
package index); and cycles in ``depends`` stay, so that each page can load all that it needs.

What is built from a directory or a repository is not in it: its hash changes with its source.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ..errors import Unavailable, UserError
from ..model import RuntimeFile
from ..store import write
from .choose import Chosen, Tried, Wanted, kind_of, own
from .core import Core
from .installed import Installed
from .places import Mirrors
from .registry import Pin, Registry, Wheel
from .resolve import Closure
from .source import Sources

COMMAND = "python -m sphinxext_liveviz lock --update"
_FIELDS = (
    *("name", "version", "file_name", "install_dir", "sha256"),
    *("package_type", "imports", "depends", "unvendored_tests"),
)
"""All of the format; a release's own lock may have more."""


class Lock:
    """A lock that was committed.

    Parameters
    ----------
    path : Path
    version : str
        Pyodide's, as the configuration has it.
    directory : Path, optional
        That the author sees the path from.

    Raises
    ------
    UserError
        When it cannot be read, or is of another Pyodide.
    """

    def __init__(self, path: Path, version: str, directory: Path | None = None) -> None:
        self.label = os.path.relpath(path, directory) if directory is not None else path.name
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found = str(content["info"]["version"])
            self.packages: dict[str, dict[str, Any]] = {
                canonicalize_name(name): {field: entry[field] for field in _FIELDS}
                for name, entry in content["packages"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(
                f"liveviz_lock: {self.label} cannot be read as a lock ({type(error).__name__}: {error}); "
                f"take it from version control again, or make it anew with `{COMMAND}`"
            ) from None
        if found != version:
            raise UserError(
                f"liveviz_lock: {self.label} is of Pyodide {found}, and liveviz_pyodide_version is {version!r}; "
                f"make them agree, or make the lock anew with `{COMMAND}`"
            )


def write_lock(path: Path, core: Core, closure: Closure, entries: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a lock.

    Parameters
    ----------
    path : Path
    core : Core
    closure : Closure
        What the site's pages need.
    entries : mapping of str to mapping
        Of the site's own lock, by name.
    """
    packages = {}
    for name, entry in entries.items():
        chosen = closure.chosen[name]
        if not chosen.moving:
            file = (
                chosen.wheel.file_name if chosen.wheel is not None else chosen.official and chosen.official["file_name"]
            )
            kept = {field: entry[field] for field in _FIELDS}
            depends = sorted(other for other in closure.depends[name] if other in entries)
            packages[name] = kept | {"file_name": file, "depends": depends}
    info = {**core.lock["info"], "version": core.version}
    try:
        write(path, (json.dumps({"info": info, "packages": packages}, indent=1, sort_keys=True) + "\n").encode())
    except OSError as error:
        raise UserError(f"liveviz_lock: the lock cannot be written ({error})") from None


class Pinned:
    """Chooses what a lock says, and nothing else.

    Parameters
    ----------
    lock : Lock
    official : mapping
        ``packages`` of the official lock.
    mirrors : Mirrors or None
        Gets official files; None when readers fetch them from the CDN.
    local : mapping of str to Wheel
        The site's own projects, by name: they come before the lock.
    """

    way_out = (
        f"\nLive cells run without it. Bring the lock up to date with `{COMMAND}`; or, if they can do without it, "
        "name it in liveviz_exclude."
    )
    remedy = f"`{COMMAND}` takes one that fits, where there is one"

    def __init__(
        self,
        lock: Lock,
        official: Mapping[str, Any],
        installed: Installed,
        mirrors: Mirrors | None,
        registry: Registry,
        sources: Sources,
        local: Mapping[str, Wheel],
    ) -> None:
        self._lock = lock
        self._official = official
        self._installed = installed
        self._mirrors = mirrors
        self._registry = registry
        self._sources = sources
        self._local = local

    def choose(self, wanted: Iterable[Wanted]) -> dict[str, Chosen | Tried]:
        """Choose for several distributions; where the lock has none, or its file is not to be had, say so."""
        chosen: dict[str, Chosen | Tried] = {}
        pins: dict[Pin, str] = {}
        for item in wanted:
            entry = self._lock.packages.get(item.name)
            if item.name in self._local:
                chosen[item.name] = own(self._local[item.name])
            elif entry is None:
                chosen[item.name] = self._moving(item)
            elif self._official.get(item.name, {}).get("sha256") == entry["sha256"]:
                chosen[item.name] = self._of_pyodide(entry)
            else:
                url = item.url if item.url is not None and kind_of(item.url) == "wheel" else None
                pins[Pin(item.name, entry["version"], entry["file_name"], entry["sha256"], url)] = item.name
        for pin, found in self._registry.locate(list(pins), for_browsers=self._mirrors is None).items():
            name = pins[pin]
            answer = self._built_again(pin, found) if isinstance(found, str) else found
            if isinstance(answer, Wheel):
                depends = tuple(self._lock.packages[name]["depends"])
                chosen[name] = Chosen(answer.version, depends, wheel=answer)
            else:
                chosen[name] = answer
        return chosen

    def _moving(self, wanted: Wanted) -> Chosen | Tried:
        """Build what no lock can hold: a project that is installed from its checkout, or asked for by its URL."""
        found = self._installed.find(wanted.name)
        url = wanted.url or (found and found.url)
        if not url or kind_of(url) == "wheel":
            return ((self._lock.label, "has no such package"),)
        requirement = f"{wanted.name} @ {url}"
        wheel = self._sources.build(requirement)
        if isinstance(wheel, str):
            return (f"the source of {requirement}", wheel), (self._lock.label, "has no such package")
        return own(wheel)

    def _of_pyodide(self, entry: Mapping[str, Any]) -> Chosen | Tried:
        file = None
        if self._mirrors is not None:
            try:
                path = self._mirrors.get(entry["file_name"], entry["sha256"])
            except Unavailable as error:
                return error.tried
            file = RuntimeFile(entry["file_name"], str(path))
        return Chosen(entry["version"], tuple(entry["depends"]), official=entry, file=file)

    def _built_again(self, pin: Pin, why: str) -> Wheel | Tried:
        """Build a package whose wheel was built here when the lock was made; it must come out the same."""
        tried = ((f"the wheel {pin.file_name} of the lock", why),)
        if not pin.file_name.endswith("-py3-none-any.whl") or pin.url is not None:
            return tried
        requirement = f"{pin.name}=={pin.version}"
        wheel = self._sources.build(requirement)
        if isinstance(wheel, Wheel) and wheel.sha256 == pin.sha256:
            return wheel
        why = wheel if isinstance(wheel, str) else "built here it is another file than that in the lock"
        return (*tried, (f"the source of {requirement}", why))
