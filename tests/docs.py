"""Roots of documents under test: copied, built as an author would, edited and built again."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from sphinx.testing.util import SphinxTestApp

from sphinxext_liveviz.markup.domain import LiveDomain

ROOTS = Path(__file__).parent / "roots"
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def _plain(log: str) -> str:
    """Return a log as it is without colours, which CI services get too: then progress overwrites its own line."""
    return _COLOURS.sub("", log).replace("\r", "\n")


@dataclass(frozen=True)
class Built:
    """What one build left behind."""

    out: Path
    """Directory of the builder's output."""
    status: str
    """The build log."""
    warnings: str
    """Its warnings."""
    code: int
    """Exit status."""
    domain: LiveDomain
    """What was recorded."""

    def text(self, name: str) -> str:
        """Return the content of a file of the output."""
        return (self.out / name).read_text(encoding="utf-8")

    def manifest(self, name: str) -> Any:
        """Return the manifest of an HTML page, None when it has none."""
        found = re.search(r'<script type="application/json" id="liveviz-manifest">(.*?)</script>', self.text(name))
        return found and json.loads(found[1])

    @property
    def executed(self) -> list[str]:
        """The cells that ran, sorted: ``"page cell 1/2"``."""
        pages = re.findall(r"executing cells\.\.\. \[[^\]]*\] (.*) \((\d+) of (\d+) cells?,", self.status)
        return sorted(f"{page} cell {number + 1}/{total}" for page, ran, total in pages for number in range(int(ran)))

    @property
    def written(self) -> list[str]:
        """The documents that were written, sorted; of a parallel build the chunks."""
        return sorted(re.findall(r"writing output\.\.\. \[[^\]]*\] (.*)", self.status))


class Docs:
    """A copy of a root of documents.

    Parameters
    ----------
    source : Path
        Where the copy is.
    """

    def __init__(self, source: Path) -> None:
        self.source = source

    @classmethod
    def copy(cls, name: str, target: Path) -> Docs:
        """Copy ``tests/roots/<name>``."""
        shutil.copytree(ROOTS / name, target)
        return cls(target)

    def build(self, builder: str = "html", *, jobs: int = 0, strict: bool = False, **config: Any) -> Built:
        """Build as ``sphinx-build -b builder -j jobs -D config`` would, with ``-W`` when strict."""
        app = SphinxTestApp(
            builder,
            srcdir=self.source,
            parallel=jobs,
            warningiserror=strict,
            confoverrides=config,
            status=StringIO(),
            warning=StringIO(),
        )
        try:
            app.build()
            status, warnings = map(_plain, (app.status.getvalue(), app.warning.getvalue()))
            return Built(Path(app.outdir), status, warnings, app.statuscode, LiveDomain.of(app.env))
        finally:
            app.cleanup()

    def write(self, name: str, text: str) -> None:
        """Write a document."""
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text, which must be there, in a document."""
        text = (self.source / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))
