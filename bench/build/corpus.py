"""Pages with cells, described without any tool's syntax.

They are generated, and always the same. A cell's visible output contains a *mark*, a number that the cell computes:
``check 110866.`` comes of ``14 * 7919`` in its code. So a mark in a built page shows that this very cell ran, and
that its output was placed, whatever the tool.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from . import heavy, light
from .recipe import PLACE, Recipe, Snippet

RECIPES: Mapping[str, Sequence[Recipe]] = {"heavy": heavy.RECIPES, "light": light.RECIPES}
PAGES = 31
"""Pages of a full corpus. With four cells each and one more on the last page they hold 125 cells."""

_PRIME = 7919


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a page."""

    code: str
    """Source, without a final newline."""
    mark: str | None
    """What its output contains and its source does not; None when it shows nothing."""
    rich: bool
    """Whether its output is a Bokeh document; otherwise it is text."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: a title, and prose and cells in turn."""

    name: str
    """Document name, which is also the name of its file."""
    title: str
    """Plain text."""
    parts: tuple[str | Cell, ...]
    """Paragraphs of plain text without markup, and cells."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Its cells, in order."""
        return tuple(part for part in self.parts if isinstance(part, Cell))


@dataclass(frozen=True, slots=True)
class Corpus:
    """A set of pages, and an edit of one of them."""

    name: str
    """``"heavy"``: cells with Panel, Bokeh and NumPy; ``"light"``: cells of plain Python."""
    pages: tuple[Page, ...]
    """All pages, in order."""
    edited: Page
    """One of the pages after its author changed a number in one cell."""

    @property
    def cells(self) -> int:
        """How many cells all pages hold."""
        return sum(len(page.cells) for page in self.pages)

    def after_edit(self) -> Corpus:
        """Return the corpus as it is after the edit."""
        return replace(self, pages=tuple(self.edited if page.name == self.edited.name else page for page in self.pages))


def make_corpus(name: str, pages: int = PAGES) -> Corpus:
    """Make one of the two corpora.

    Parameters
    ----------
    name : str
        ``"heavy"`` or ``"light"``.
    pages : int
        At least 1. The recipes follow each other, so that every one is there from as many pages as there are recipes.
    """
    middle = pages // 2
    return Corpus(
        name,
        tuple(_page(name, number, last=number == pages - 1) for number in range(pages)),
        _page(name, middle, last=middle == pages - 1, edit=1),
    )


def _page(corpus: str, number: int, *, last: bool, edit: int | None = None) -> Page:
    recipes = RECIPES[corpus]
    recipe = recipes[number % len(recipes)]
    snippets: list[str | Snippet] = list(recipe.parts)
    if last:
        snippets.append(recipe.extra)
    parts: list[str | Cell] = []
    count = 0
    for snippet in snippets:
        if isinstance(snippet, str):
            parts.append(snippet)
        else:
            parts.append(_cell(snippet, 10 * (number + 1) + count + (5000 if count == edit else 0)))
            count += 1
    return Page(f"{corpus}-{number + 1:02}", f"{recipe.title}, part {number // len(recipes) + 1}", tuple(parts))


def _cell(snippet: Snippet, factor: int) -> Cell:
    if PLACE not in snippet.code:
        return Cell(snippet.code, None, rich=False)
    # The full stop ends the number: no mark is the beginning of another one.
    code = snippet.code.replace(PLACE, f"check {{{factor} * {_PRIME}}}.")
    return Cell(code, f"check {factor * _PRIME}.", snippet.rich)
