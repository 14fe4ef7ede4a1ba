"""What can go wrong, by whose fault, and the subtype that each warning carries. Standard library only."""

from __future__ import annotations

from enum import StrEnum


class Subtype(StrEnum):
    """Warning subtypes: ``suppress_warnings = ["liveviz.lock"]`` silences one of them."""

    CONFIG = "config"
    """A configuration value that cannot be used."""
    CELL = "cell"
    """A cell raised, or did not raise what it declared."""
    TIMEOUT = "timeout"
    """A cell ran longer than it may."""
    LIMIT = "limit"
    """A cell printed or displayed more than it may, and was ended."""
    DIED = "died"
    """The process that ran a page ended before its cells did."""
    EXECUTOR = "executor"
    """``liveviz_executor`` cannot be used, or lost a page."""
    MISS = "miss"
    """A page has no stored result, and ``liveviz_execution = "cache"`` runs nothing."""
    DEPENDS = "depends"
    """Nothing is there that ``:depends:`` or ``liveviz_depends`` names."""
    OUTPUT = "output"
    """An output that the builder cannot show."""
    PICTURE = "picture"
    """A picture that ``liveviz_snapshots`` asks for could not be taken."""
    STORE = "store"
    """A stored result that could not be read; the page was run again."""
    IMPORT = "import"
    """An import that no distribution is known to provide."""
    LOCK = "lock"
    """A package that live cells need and that could not be had for Pyodide, or is not in ``liveviz_lock``."""
    LOCAL = "local"
    """A project that ``liveviz_local`` names could not be built."""
    DRIFT = "drift"
    """Live cells get another version of what they import than the build; with ``liveviz_drift = "warn"``."""
    CHECK = "check"
    """The builder ``livecheck`` found a live cell that is not as it should be."""
    CAPABILITY = "capability"
    """A live cell asks for threads, processes or sockets, which browsers do not give to Python."""
    FILE = "file"
    """A live cell names a file that is there when the site is built, and is not declared."""
    DISTRIBUTION = "distribution"
    """Pyodide itself could not be had; the pages are static."""
    ASSETS = "assets"
    """Front-end files of an installed library that could not be found."""


class LivevizError(Exception):
    """Base of the errors that this extension raises on purpose."""


class UserError(LivevizError):
    """The author can mend it: the message names the value, what is allowed, and the way out."""


class ProcessError(LivevizError):
    """A program that we started (pip, npm, a worker) failed; the message holds its last words."""


class Unavailable(LivevizError):
    """A file or package could not be had from any place that was tried.

    Attributes
    ----------
    tried : tuple of (str, str)
        Each place and what it answered, in order.
    """

    def __init__(self, what: str, tried: tuple[tuple[str, str], ...]) -> None:
        places = "".join(f"\n    {place}: {answer}" for place, answer in tried)
        super().__init__(f"{what} could not be had. Tried:{places or ' nothing'}")
        self.what = what
        self.tried = tried
