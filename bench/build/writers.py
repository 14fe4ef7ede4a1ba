"""A page in the syntax of each tool: the same title, the same prose, the same cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from textwrap import indent

from .corpus import Page

Writer = Callable[[Page], str]


def rst(directive: str) -> Writer:
    """Return a writer of reStructuredText whose cells are in a directive, for instance ``code-block:: python``."""

    def write(page: Page) -> str:
        blocks = [f"{page.title}\n{'=' * len(page.title)}"]
        for part in page.parts:
            blocks.append(part if isinstance(part, str) else f".. {directive}\n\n{indent(part.code, '   ')}")
        return "\n\n".join(blocks) + "\n"

    return write


def markdown(directive: str, front_matter: str = "") -> Writer:
    """Return a writer of MyST Markdown whose cells are in a fenced directive, for instance ``{code-cell}``."""

    def write(page: Page) -> str:
        blocks = [f"{front_matter}# {page.title}"]
        for part in page.parts:
            blocks.append(part if isinstance(part, str) else f"```{directive}\n{part.code}\n```")
        return "\n\n".join(blocks) + "\n"

    return write


def index(pages: Iterable[Page]) -> str:
    """Return ``index.rst``, which every tool reads alike."""
    return "Contents\n========\n\n.. toctree::\n\n" + "".join(f"   {page.name}\n" for page in pages)


def configuration(values: dict[str, object]) -> str:
    """Return ``conf.py``."""
    return "".join(f"{name} = {value!r}\n" for name, value in values.items())
