"""Immutable records at the seams between rooms. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

BOKEH = "application/vnd.liveviz.bokeh+json"
"""MIME type of a Bokeh document and what it needs in the page."""
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
"""MIME type of a view of a widget's model: ``{"model_id", "version_major", "version_minor"}``."""
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
"""Key of the models' saved state in ``metadata.widgets`` of a notebook."""
WIDGET_REFERENCES = ("IPY_MODEL_", "anywidget:")
"""How a widget's state refers to another model: one of these, and its id."""


def referenced_widgets(value: Any) -> Iterator[str]:
    """Yield the ids of the models that a part of a widget's state refers to, in order."""
    if isinstance(value, str):
        for prefix in WIDGET_REFERENCES:
            if value.startswith(prefix):
                yield value.removeprefix(prefix)
    elif isinstance(value, dict):
        for item in value.values():
            yield from referenced_widgets(item)
    elif isinstance(value, list):
        for item in value:
            yield from referenced_widgets(item)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as its author wrote it, recorded by the directive at read time."""

    docname: str
    """Page that holds the cell, in Sphinx's canonical form (``guide/start``)."""
    index: int
    """Position among the cells of the page, from 0."""
    id: str
    """nbformat 4.5 cell id, unique in the site and stable while index and page are."""
    code: str
    """Source, dedented, without a final newline."""
    path: str
    """Source file relative to the source directory, with forward slashes, for people to read."""
    line: int
    """Line of ``path`` that holds the first line of ``code``, from 1."""
    static: bool = False
    """Never live: the page offers no Run button for it."""
    execute: bool = True
    """Run at build time; False for ``:no-exec:``."""
    raises: str | None = None
    """None: an exception is a failure. ``""``: any exception is expected. Otherwise the expected exception's name."""
    timeout: float | None = None
    """Seconds that the cell may run at build time; None takes ``liveviz_timeout``."""
    requirements: tuple[str, ...] = ()
    """PEP 508 requirements of the cell beyond its imports."""
    depends: tuple[str, ...] = ()
    """Glob patterns, seen from the page's directory, of files whose content can alter the cell's output."""
    reason: str = ""
    """Why the cell is static, as its author says."""
    files: tuple[str, ...] = ()
    """Glob patterns, seen from the page's directory, of files that the cell reads, live too."""
    volatile: bool = False
    """Its output is another one each time, so ``livecheck`` compares none."""
    embed: int = 0
    """States that its outputs may have computed beforehand, for pages without Python."""
    tolerance: float | None = None
    """Relative difference of numbers that ``livecheck`` lets pass; None takes ``liveviz_check_tolerance``."""

    @property
    def number(self) -> int:
        """The cell's number on its page as people count, from 1."""
        return self.index + 1

    @property
    def location(self) -> str:
        """``path:line`` of the first line of code."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Page:
    """All cells of one document, in order: the unit of execution and isolation."""

    docname: str
    """Canonical name of the document."""
    directory: str
    """Absolute directory of the source file: the working directory of its cells at build time."""
    cells: tuple[Cell, ...]
    """In document order; never empty."""
    settings: dict[str, Any] = field(default_factory=dict, hash=False)
    """What the site's configuration says to the kernel, for JSON; what is as by default is not in it."""


@dataclass(frozen=True, slots=True)
class CellError:
    """Why a cell did not end as its author declared."""

    cell: Cell
    """The cell that was running."""
    kind: str
    """``"exception"``, ``"no-exception"`` (``raises`` was not met), ``"timeout"``, ``"output"`` (it printed too much),
    ``"embed"`` (its states were not computed), ``"died"``, or ``"lost"`` (the executor has no result)."""
    message: str
    """One line for the build log."""


@dataclass(frozen=True, slots=True)
class PageResult:
    """What came of running a page once."""

    page: Page
    """The page that ran."""
    notebook: dict[str, Any]
    """nbformat v4.5, one code cell per :class:`Cell`, with the same ids; cells that did not run have no outputs."""
    errors: tuple[CellError, ...] = ()
    """Empty when every cell ended as declared."""
    seconds: float = 0.0
    """Wall time of the page in its process, in seconds."""
    cell_seconds: dict[str, float] = field(default_factory=dict)
    """Cell id -> seconds that the cell ran; cells that did not end are not in it."""

    @property
    def ok(self) -> bool:
        """Whether the result may be stored as good."""
        return not self.errors


@dataclass(frozen=True, slots=True)
class Need:
    """A requirement of a page's live cells, and who asked for it."""

    requirement: str
    """PEP 508 requirement; a bare distribution name when it was derived from an import."""
    origin: str
    """Who needs it: ``path:line`` of a cell, or the name of a configuration value."""
    imported: str | None = None
    """The top-level module whose import asked for it, where one did."""
    cell: str | None = None
    """Id of the cell that asked for it; None when the configuration did."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A distribution whose version in the browser is not the one that the build ran."""

    name: str
    """Normalised name of the distribution."""
    built: str
    """Version installed in the build environment."""
    live: str
    """Version in the lock."""
    cells: tuple[str, ...] = ()
    """Ids of the cells that import or require it, the first of each page; empty when only other packages depend on
    it, or the configuration asks for it."""
    location: str | None = None
    """``path:line`` of the first of them."""
    asked: bool = False
    """A cell or the configuration asks for it itself."""


@dataclass(frozen=True, slots=True)
class Mounted:
    """A file that live cells of a page find where the build found it."""

    path: str
    """Its path from the source directory, with forward slashes; may lead out of it."""
    source: str
    """Absolute path."""
    digest: str
    """Of its content, in hex."""


@dataclass(frozen=True, slots=True)
class RuntimeFile:
    """A file that a site in ``bundle`` mode must serve."""

    name: str
    """Path beside the lock (``pyodide.asm.wasm``, a wheel's name), with forward slashes."""
    path: str
    """Absolute path of the verified copy in the download cache."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """The Pyodide distribution that the site's live cells run on, resolved at build."""

    version: str
    """Pyodide's version, ``"0.27.7"``."""
    python: str
    """Its Python's version, ``"3.12.7"``."""
    index_url: str | None
    """Where the core is served; None in ``bundle`` mode, where it lies beside the lock."""
    lock: dict[str, Any]
    """Content of the site's ``pyodide-lock.json``: only packages that some page needs, acyclic."""
    packages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """docname -> names of packages in the lock to load before the page's first cell, dependencies first."""
    files: tuple[RuntimeFile, ...] = ()
    """What to serve beside the lock: everything in ``bundle`` mode, and for ``cdn`` the wheels that no host has."""
    images: dict[str, str] = field(default_factory=dict)
    """docname -> directory beside the lock, with a final slash, of the image that the page starts from."""
    snapshots: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """docname -> dotted names of the modules that are imported in the snapshot that a reader's browser makes for the
    page; of pages without an image."""
    dropped: dict[str, int] = field(default_factory=dict)
    """Distribution -> how many files were left out of its lean wheel, where there were any."""
