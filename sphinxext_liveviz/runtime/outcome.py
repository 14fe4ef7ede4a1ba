"""What the room hands back. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..errors import Subtype
from ..model import Drift, Runtime


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that live cells will miss, although the rest of the lock is good."""

    subtype: Subtype
    """The warning's subtype."""
    message: str
    """What is missing, who needs it, what was tried, and the way out."""
    location: str | None
    """``path:line`` of who needs it; None where the configuration does."""


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
