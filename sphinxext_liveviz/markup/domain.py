"""The domain that keeps what was recorded: the only state of this extension in Sphinx's environment."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, ClassVar, cast

from sphinx.builders import Builder
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment

from ..model import Cell, Page
from ..store import Store


class LiveDomain(Domain):
    """Cells per document, and what came of them.

    ``data`` holds, per docname: ``cells`` (in document order), ``digests`` (of the result in the store) and ``assets``
    (front-end files that the result asks for); and ``written``: per builder and docname a fingerprint of what was
    written last, since builders share the environment but not their output.
    """

    name = "live"
    label = "live cells"
    data_version = 2
    initial_data: ClassVar[dict[str, Any]] = {"cells": {}, "digests": {}, "assets": {}, "written": {}}

    builder: Builder | None = None
    """The builder at work, for the transform, which Sphinx tells of nothing but the environment."""
    store: Store | None = None
    """Where results are; None while there is nothing to show (before they are made, and for ``gettext``)."""
    output_shown: int = 0
    """``liveviz_output_shown``, as it was validated."""

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

    def pages(self) -> list[Page]:
        """Return every document that has cells, sorted by name."""
        return [
            Page(docname, str(self.env.doc2path(docname).parent), self.cells(docname))
            for docname in sorted(self.data["cells"])
        ]

    def clear_doc(self, docname: str) -> None:
        """Forget a document that is read again or gone."""
        for kept in (self.data["cells"], self.data["digests"], self.data["assets"], *self.data["written"].values()):
            kept.pop(docname, None)

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Take over what a parallel process has read."""
        for docname in docnames:
            if docname in otherdata["cells"]:
                self.data["cells"][docname] = otherdata["cells"][docname]
