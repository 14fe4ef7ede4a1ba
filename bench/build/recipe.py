"""What a page is made from."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

PLACE = "MARK"
"""Where a mark goes. It stands inside an f-string."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A cell before it has its mark. One without a place for it shows nothing."""

    code: str
    """Source."""
    rich: bool
    """Whether it shows a Bokeh document; otherwise text."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A kind of page: four cells with prose between them, and a cell more for the last page of a corpus."""

    title: str
    """Plain text."""
    parts: tuple[str | Snippet, ...]
    """Paragraphs and snippets."""
    extra: Snippet
    """The cell more."""


def rich(code: str) -> Snippet:
    """Return a snippet that shows a Bokeh document."""
    return Snippet(dedent(code).strip(), rich=True)


def text(code: str) -> Snippet:
    """Return a snippet that shows text, or nothing."""
    return Snippet(dedent(code).strip(), rich=False)
