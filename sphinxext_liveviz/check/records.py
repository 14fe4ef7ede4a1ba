"""What is checked, what was seen, and what came of it. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from ..model import Cell


class Status(StrEnum):
    """What came of a cell."""

    RAN = "ran"
    """It ran, and shows what the page shows without it."""
    DIFFERS = "differs"
    """It ran, and shows something else."""
    COMPLAINS = "complains"
    """It ran and shows the right thing, but the browser reports errors, or something asked another origin."""
    FAILED = "failed"
    """It raised, or there was no Python to run it."""
    TIMEOUT = "timeout"
    """It did not end, or Python did not start, within ``liveviz_check_timeout``."""
    OUTDATED = "outdated"
    """Its author says why it cannot be live, and that is no longer so."""
    NOT_RUN = "not run"
    """A cell above it failed."""
    LIMITED = "limited"
    """It cannot be live, as its author says."""
    STATIC = "static"
    """It is not live by its author's choice."""
    SKIPPED = "skipped"
    """Its page needs what is not to be had where the check runs."""
    IGNORED = "ignored"
    """``liveviz_check_ignore`` names it."""


BAD = frozenset({Status.DIFFERS, Status.COMPLAINS, Status.FAILED, Status.TIMEOUT, Status.OUTDATED})
"""With one of them the check fails."""


@dataclass(frozen=True)
class Subject:
    """A page to check."""

    docname: str
    address: str
    """From the site's root."""
    cells: tuple[Cell, ...]
    notebook: dict[str, Any] | None
    """What the build stored of it; None when there is nothing to compare with."""
    requires: tuple[str, ...] = ()
    """What the document says that it needs."""
    fingerprint: str = ""
    """Digest of all that the result depends on."""
    manifest: dict[str, Any] = field(default_factory=dict)
    """The page's own."""


@dataclass
class Seen:
    """What was seen of a live cell."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    """Of the kernel, in order; each has the cell's id as its parent."""
    reply: dict[str, Any] | None = None
    """Content of the ``execute_reply``."""
    begun: bool = False
    seconds: float | None = None
    failure: str = ""
    """Why there was no Python, or no longer."""
    is_late: bool = False
    """It did not end in time."""
    complaints: list[str] = field(default_factory=list)
    """Errors in the browser's console."""
    left: list[str] = field(default_factory=list)
    """Addresses of other origins that were asked."""


@dataclass
class Observed:
    """What was seen of a page."""

    cells: dict[str, Seen]
    startup: float | None = None
    """Seconds until Python was ready for the first cell."""
    memory: int | None = None
    """Bytes of Python's memory at the end; it never shrinks, so that is its peak."""
    unreachable: list[str] = field(default_factory=list)
    """Addresses of other origins that did not answer."""


class Difference(NamedTuple):
    """Between a static output and a live one."""

    what: str
    """``stdout``, ``stderr``, a MIME type..."""
    message: str
    """One line."""
    static: str = ""
    """What the page shows, as text."""
    live: str = ""
    """What the live cell shows."""


@dataclass
class Record:
    """What came of a cell: a line of ``output.json``."""

    docname: str
    cell: int
    """Its number on the page."""
    id: str
    path: str
    line: int
    status: Status
    reason: str = ""
    """Why, in a line or more."""
    differences: list[Difference] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """What the live cell alone wrote to stderr."""
    seconds: float | None = None
    startup: float | None = None
    """Of the page; with its first cell that ran."""
    memory: int | None = None
    """Of the page, in bytes; with its last cell that ran."""
    engine: str = ""
    pictures: list[str] = field(default_factory=list)
    """Paths of the static and the live picture, beside the report."""
    unchanged: bool = False
    """It was good the last time, and nothing has changed since."""
