"""What the steps of one call of :func:`~sphinxext_liveviz.runtime.make_runtime` share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .cache import Cache
from .programs import Pip

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """The download cache, pip, and whom to tell."""

    cache: Cache
    progress: Progress
    """Told, one line each, what is asked for and what was fetched."""
    pip: Pip = field(default_factory=Pip)
