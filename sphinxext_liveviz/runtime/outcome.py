"""What the room hands back. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..errors import Subtype
from ..model import Runtime


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that live cells will miss, although the rest of the lock is good."""

    subtype: Subtype
    """The warning's subtype."""
    message: str
    """What is missing, who needs it, what was tried, and the way out."""
    location: str | None
    """``path:line`` of who needs it; None where the configuration does."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A distribution whose version in the browser is not the one that the build ran."""

    name: str
    """Normalised name of the distribution."""
    built: str
    """Version installed in the build environment."""
    live: str
    """Version in the lock."""


class Outcome(NamedTuple):
    """The result of :func:`~sphinxext_liveviz.runtime.make_runtime`."""

    runtime: Runtime
    problems: tuple[Problem, ...]
    """What could not be had, in the order in which it was needed."""
    drift: tuple[Drift, ...]
    """By name."""


def size(count: int) -> str:
    """Give a count of bytes as people read it."""
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"
