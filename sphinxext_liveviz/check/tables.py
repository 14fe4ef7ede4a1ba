"""HTML outputs: tables by cell, all else by its text and its elements."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from .text import same_text

_SILENT = {"script", "style"}
_CELLS = {"td", "th"}


@dataclass
class Content:
    """What HTML shows."""

    tags: list[str] = field(default_factory=list)
    """Names of its elements, in order, without those of tables."""
    texts: list[str] = field(default_factory=list)
    """Outside of tables."""
    tables: list[list[list[str]]] = field(default_factory=list)
    """Tables, rows, cells."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.content = Content()
        self._silent = 0
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._depth += 1
            self.content.tables.append([])
        elif self._depth and tag == "tr":
            self.content.tables[-1].append([])
        elif self._depth and tag in _CELLS and self.content.tables[-1]:
            self.content.tables[-1][-1].append("")
        elif not self._depth:
            self.content.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "table":
            self._depth = max(0, self._depth - 1)

    def handle_data(self, data: str) -> None:
        if self._silent or not data.strip():
            return
        rows = self.content.tables[-1] if self._depth else []
        if rows and rows[-1]:
            rows[-1][-1] += data.strip()
        else:
            self.content.texts.append(data.strip())


def read(html: str) -> Content:
    """Return what HTML shows."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.content


def html_difference(static: str, live: str, tolerance: float) -> str:
    """Say in which respect two pieces of HTML differ; nothing when they show the same."""
    one, other = read(static), read(live)
    if len(one.tables) != len(other.tables):
        return f"{len(one.tables)} tables are {len(other.tables)} live"
    for number, (rows, live_rows) in enumerate(zip(one.tables, other.tables, strict=True), start=1):
        if found := _table_difference(rows, live_rows, tolerance):
            return f"table {number}: {found}"
    if not same_text("\n".join(one.texts), "\n".join(other.texts), tolerance):
        return "another text"
    if one.tags != other.tags:
        return "other elements"
    return ""


def _table_difference(rows: list[list[str]], live_rows: list[list[str]], tolerance: float) -> str:
    if len(rows) != len(live_rows):
        return f"{len(rows)} rows are {len(live_rows)} live"
    found = []
    for row, (cells, live_cells) in enumerate(zip(rows, live_rows, strict=True), start=1):
        if len(cells) != len(live_cells):
            return f"row {row}: {len(cells)} cells are {len(live_cells)} live"
        found += [
            f"row {row}, column {column}: {cell!r} is {live_cell!r} live"
            for column, (cell, live_cell) in enumerate(zip(cells, live_cells, strict=True), start=1)
            if not same_text(cell, live_cell, tolerance)
        ]
    more = f", and {len(found) - 3} more" if len(found) > 3 else ""
    return "; ".join(found[:3]) + more
