"""The domain that keeps what was recorded: the only state of this extension in Sphinx's environment."""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING, Any, ClassVar, cast

from sphinx.builders import Builder
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment

from ..model import Cell, Page
from ..store import Store

if TYPE_CHECKING:
    from ..render.pictures import Pictures


class LiveDomain(Domain):
    """Cells per document, and what came of them.

    ``data`` holds, per docname: ``cells`` (in document order), ``requires`` (what the document says that it needs),
    ``digests`` (of the result in the store) and ``assets`` (front-end files that the result asks for); and ``written``:
    per builder and docname a fingerprint of what was written last, since builders share the environment but not their
    output.
    """

    name = "live"
    label = "live cells"
    data_version = 4
    initial_data: ClassVar[dict[str, Any]] = {
        "cells": {},
        "requires": {},
        "digests": {},
        "assets": {},
        "written": {},
    }

    builder: Builder | None = None
    """The builder at work, for the transform, which Sphinx tells of nothing but the environment."""
    store: Store | None = None
    """Where results are; None while there is nothing to show (before they are made, and for ``gettext``)."""
    output_shown: int = 0
    """``liveviz_output_shown``, as it was validated."""
    conversions: frozenset[tuple[str, str]] = frozenset()
    """Image types that extensions convert, and what to."""
    pictures: Pictures | None = None
    """Where pictures of what scripts draw are; None without ``liveviz_snapshots``."""

    @classmethod
    def of(cls, env: BuildEnvironment) -> LiveDomain:
        """Return the domain of an environment."""
        return cast(LiveDomain, env.domains[cls.name])

    @property
    def digests(self) -> dict[str, str]:
        """Digest of each document's notebook in the store."""
        return cast("dict[str, str]", self.data["digests"])

    @property
    def assets(self) -> dict[str, dict[str, list[str]]]:
        """What :func:`sphinxext_liveviz.html.assets.asked_by` found in each document's notebook."""
        return cast("dict[str, dict[str, list[str]]]", self.data["assets"])

    def written(self, builder: str) -> dict[str, str]:
        """Return docname to fingerprint of what ``builder`` wrote last; to be updated in place."""
        return cast("dict[str, str]", self.data["written"].setdefault(builder, {}))

    def record(self, cell: Cell) -> None:
        """Add the next cell of its document."""
        self.data["cells"].setdefault(cell.docname, []).append(cell)

    def cells(self, docname: str) -> tuple[Cell, ...]:
        """Return the cells of a document in order."""
        return tuple(self.data["cells"].get(docname, ()))

    def replace(self, docname: str, cells: list[Cell]) -> None:
        """Record others in the place of a document's cells."""
        if cells:
            self.data["cells"][docname] = cells

    def require(self, docname: str, what: tuple[str, ...]) -> None:
        """Record what a document needs, as it says itself."""
        self.data["requires"][docname] = what

    def required(self, docname: str) -> tuple[str, ...]:
        """Return what a document says that it needs."""
        return tuple(self.data["requires"].get(docname, ()))

    def pages(self) -> list[Page]:
        """Return every document that has cells, sorted by name."""
        return [
            Page(docname, str(self.env.doc2path(docname).parent), self.cells(docname))
            for docname in sorted(self.data["cells"])
        ]

    def clear_doc(self, docname: str) -> None:
        """Forget a document that is read again or gone."""
        kinds = (self.data[kind] for kind in ("cells", "requires", "digests", "assets"))
        for kept in (*kinds, *self.data["written"].values()):
            kept.pop(docname, None)

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Take over what a parallel process has read."""
        for docname in docnames:
            for kind in ("cells", "requires"):
                if docname in otherdata[kind]:
                    self.data[kind][docname] = otherdata[kind][docname]
