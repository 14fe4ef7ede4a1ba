"""Adapters that other distributions bring, by entry points of the group ``sphinxext_liveviz.adapters``.

The name of such an entry point is the module whose import is awaited, its value the module that has
``install(kernel)``. Most environments have none, and all pages look for them, also in the browser: so files are only
looked into here, and metadata is parsed where one mentions the group.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache

GROUP = "sphinxext_liveviz.adapters"


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """An adapter of another distribution."""

    awaits: str
    """Module whose import is awaited."""
    module: str
    """Module that has ``install(kernel)``."""
    distribution: str
    """Who brings it."""


def third_party() -> list[ThirdParty]:
    """Return the adapters of all distributions on the path. Of two that have one name, Python sees the first."""
    found: dict[str, ThirdParty] = {}
    for place in sys.path:
        for one in _in(place) if isinstance(place, str) else ():
            found.setdefault(f"{one.distribution} {one.awaits} {one.module}", one)
    return sorted(found.values(), key=lambda one: (one.awaits, one.module))


@cache
def _in(place: str) -> tuple[ThirdParty, ...]:
    """Look into a directory: once, because in the browser it is on no disk, and is in snapshots of memory."""
    try:
        names = sorted(os.listdir(place or "."))
    except OSError:
        return ()  # an archive, or nothing
    directories = (os.path.join(place, name) for name in names if name.endswith((".dist-info", ".egg-info")))
    return tuple(one for directory in directories if _mentions(directory) for one in _read(directory))


def _mentions(directory: str) -> bool:
    try:
        with open(os.path.join(directory, "entry_points.txt"), "rb") as file:
            return GROUP.encode() in file.read()
    except OSError:
        return False


def _read(directory: str) -> list[ThirdParty]:
    from importlib.metadata import Distribution
    from pathlib import Path

    distribution = Distribution.at(Path(directory))
    name = distribution.metadata["Name"]
    return [ThirdParty(point.name, point.module, name) for point in distribution.entry_points.select(group=GROUP)]
