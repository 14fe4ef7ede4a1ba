"""Which file serves a distribution in the browser.

Each distribution has a list of attempts, best first:

- the site's own projects: the wheels that were built of them;
- what Pyodide had to compile (binary wheels, shared libraries, parts of the standard library): the official file if it
  is of the version that is installed here, else a wheel for Pyodide of that version on the package index, else the
  official file after all; else a newer wheel for Pyodide; else a pure wheel built from source;
- what is installed here: the wheel of that very version, so that pages run what they show; else one built from its
  source; else the newest, else the official one: versions then drift;
- what is not installed here: the official version, known to work with this Pyodide; else the newest.

All distributions go through their lists together, because one call of pip for many is faster than many calls.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name, canonicalize_version

from ..errors import Unavailable
from ..model import RuntimeFile
from .cache import DAY, Cache
from .installed import Installed
from .places import Mirrors
from .registry import Registry, Wheel
from .source import Sources
from .target import Target, is_binary

Tried = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Wanted:
    """What is asked of one distribution, as far as it is known by now."""

    name: str
    """Normalised."""
    chain: tuple[str, ...]
    """Who needs it, from the cell or the configuration down to the distribution itself."""
    location: str | None
    """``path:line``, when a cell is at the chain's head."""
    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    """Holds for all who need it."""
    demands: list[tuple[str, SpecifierSet]] = field(default_factory=list)
    """Who asks for which versions."""
    url: str | None = None
    """Of a direct reference (``name @ url``)."""
    extras: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The file that serves a distribution."""

    version: str
    requires: tuple[str, ...]
    """PEP 508 requirements with markers."""
    wheel: Wheel | None = None
    """Set when it is not an official file."""
    official: Mapping[str, Any] | None = None
    """The official lock's entry when it is one."""
    file: RuntimeFile | None = None
    """The official file in the download cache, when the site is to serve it."""
    moving: bool = False
    """It was built from a source that may change at any time, so that no lock can hold it."""


class Chooses(Protocol):
    """Whoever knows the file of a distribution."""

    way_out: str
    """What an author can do where there is none; ends a message."""
    remedy: str
    """What an author can do where the version is not the one asked for."""

    def choose(self, wanted: Iterable[Wanted]) -> dict[str, Chosen | Tried]:
        """Choose for several distributions; where nothing is to be had, give all that was tried."""


class Chooser:
    """Chooses files.

    Parameters
    ----------
    packages : mapping
        ``packages`` of the official lock.
    mirrors : Mirrors or None
        Gets official files; None when readers fetch them from the CDN, which has them all.
    local : mapping of str to Wheel
        The site's own projects, by name.
    """

    way_out = (
        "\nLive cells run without it. Name a place that has it in liveviz_mirrors; or, if they can do without it, "
        "name it in liveviz_exclude."
    )
    remedy = "a version of Pyodide that has a fitting one would mend it"

    def __init__(
        self,
        packages: Mapping[str, Any],
        target: Target,
        installed: Installed,
        mirrors: Mirrors | None,
        registry: Registry,
        sources: Sources,
        cache: Cache,
        local: Mapping[str, Wheel] = MappingProxyType({}),
    ) -> None:
        self._packages = packages
        self._target = target
        self._installed = installed
        self._mirrors = mirrors
        self._registry = registry
        self._sources = sources
        self._cache = cache
        self._local = local

    def choose(self, wanted: Iterable[Wanted]) -> dict[str, Chosen | Tried]:
        """Choose for several distributions; where nothing is to be had, give all that was tried."""
        attempts = {item.name: self._attempts(item) for item in wanted}
        tried: dict[str, list[tuple[str, str]]] = {name: [] for name in attempts}
        chosen: dict[str, Chosen | Tried] = {}
        lacking: set[str] = set()
        while attempts:
            turn = {name: left.pop(0) for name, left in attempts.items() if left}
            wheels = self._registry.find([what for kind, what in turn.values() if kind == "wheel"])
            for name, (kind, what) in turn.items():
                answer: Chosen | Tried
                if kind == "local":
                    answer = own(self._local[name])
                elif kind == "official":
                    answer = self._official(name)
                elif kind == "wheel":
                    answer = self._of_wheel(name, wheels[what], f"a wheel for {what} on the package index")
                else:
                    answer = self._of_wheel(name, self._sources.build(what), f"the source of {what}", "@" in what)
                if isinstance(answer, Chosen):
                    chosen[name] = answer
                else:
                    tried[name] += answer
                    lacking |= {name} if kind == "official" else set()
            for name in [name for name, left in attempts.items() if name in chosen or not left]:
                del attempts[name]
                chosen.setdefault(name, tuple(tried[name]))
        for name in lacking:
            if isinstance(answer := chosen[name], Chosen) and answer.wheel is not None:
                self._cache.remember(*self._substitute(name), answer=answer.wheel.record())
        return chosen

    def _attempts(self, wanted: Wanted) -> list[tuple[str, str]]:
        name, official = wanted.name, self._packages.get(wanted.name)
        if name in self._local:
            return [("local", name)]
        if wanted.url is not None:
            return [(kind_of(wanted.url), f"{name} @ {wanted.url}")]
        if official is not None and official["package_type"] != "package":
            return [("official", name)]  # A package index may have the name, but never the thing.
        here, origin = self._here(wanted)
        exact = [("wheel", f"{name}=={here}"), ("source", f"{name}=={here}")] if here else []
        if origin is not None:
            exact = [(kind_of(origin), f"{name} @ {origin}")]
        newest = f"{name}{wanted.specifier}"
        if official is None:
            return [*exact, ("wheel", newest)] if here else [("wheel", newest), ("source", newest)]
        version = official["version"]
        if is_binary(official):
            # Not older than the official one: the only pure wheels of such packages are ancient placeholders.
            newer = f"{name}{wanted.specifier & SpecifierSet(f'>={version}')}"
            source = [item for item in exact if item[0] == "source"] or [("source", f"{name}=={version}")]
            wheels = [item for item in exact if item[0] == "wheel"]
            is_the_same = here is not None and canonicalize_version(here) == canonicalize_version(version)
            first = [("official", name), *wheels] if is_the_same else [*wheels, ("official", name)]
            return [*first, ("wheel", newer), *source]
        fits = wanted.specifier.contains(version, prereleases=True)
        if here:
            return [*exact, ("wheel", newest), *([("official", name)] if fits else [])]
        theirs = [("official", name), ("wheel", f"{name}=={version}")] if fits else []
        return [*theirs, ("wheel", newest), ("source", newest)]

    def _here(self, wanted: Wanted) -> tuple[str, str | None] | tuple[None, None]:
        """Give the installed version and its origin, if it may run in the browser and is one of those asked for."""
        found = self._installed.find(wanted.name)
        if found is None or not wanted.specifier.contains(found.version, prereleases=True):
            return None, None
        return (found.version, found.url) if self._target.runs(found.requires_python) else (None, None)

    def _official(self, name: str) -> Chosen | Tried:
        entry = self._packages[name]
        file = None
        if self._mirrors is not None:
            if (substitute := self._recall_substitute(name)) is not None:
                return self._of_wheel(name, substitute, "")
            try:
                path = self._mirrors.get(entry["file_name"], entry["sha256"])
            except Unavailable as error:
                return error.tried
            file = RuntimeFile(entry["file_name"], str(path))
        # An official entry says nothing of extras; the installed metadata does.
        extras = (requirement for requirement in self._installed.requires(name) if "extra" in requirement)
        return Chosen(entry["version"], (*map(canonicalize_name, entry["depends"]), *extras), official=entry, file=file)

    def _of_wheel(self, name: str, answer: Wheel | str, label: str, moving: bool = False) -> Chosen | Tried:
        if isinstance(answer, str):
            return ((label, answer),)
        # Parts of the standard library that the package imports are known to the official lock alone.
        official = self._packages.get(name, {"depends": ()})["depends"]
        parts = [part for part in map(canonicalize_name, official) if _is_part(self._packages.get(part))]
        return Chosen(answer.version, (*answer.requires, *parts), wheel=answer, moving=moving)

    def _recall_substitute(self, name: str) -> Wheel | None:
        entry = self._packages[name]
        record = self._cache.recall(*self._substitute(name), within=DAY)
        if record is None or self._cache.find(entry["sha256"], entry["file_name"]) is not None:
            return None
        wheel = Wheel.of_record(record)
        usable = wheel.url is not None or self._cache.find(wheel.sha256, wheel.file_name) is not None
        return wheel if usable else None

    def _substitute(self, name: str) -> tuple[str, ...]:
        """Question: what stood in for an official file that no place had? Saves asking all of them in each build."""
        places = () if self._mirrors is None else self._mirrors.labels
        return ("substitute", name, self._packages[name]["sha256"], *places)


def own(wheel: Wheel) -> Chosen:
    """Choose the wheel of one of the site's own projects."""
    return Chosen(wheel.version, wheel.requires, wheel=wheel, moving=True)


def _is_part(entry: Mapping[str, Any] | None) -> bool:
    return entry is not None and entry["package_type"] != "package"


def kind_of(url: str) -> str:
    """Tell what lies behind a URL: a wheel, or the source of one."""
    return "wheel" if urllib.parse.urlsplit(url).path.endswith(".whl") else "source"
