"""Files that live cells read: the same paths lead to them as when the site is built."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from ..model import Mounted, Page


class Digests(Protocol):
    """Finds files; see :class:`sphinxext_liveviz.execution.files.Files`."""

    def matching(self, pattern: str, directory: str) -> dict[str, str]:
        """Return path to digest."""
        ...

    def digest(self, path: str) -> str:
        """Return the digest of a file's content."""
        ...


def mounted(page: Page, root: str, everywhere: tuple[Sequence[str], str], files: Digests) -> tuple[Mounted, ...]:
    """Return the files that live cells of a page find.

    Parameters
    ----------
    page : Page
    root : str
        The source directory.
    everywhere : (sequence of str, str)
        Patterns that hold for all pages, and the directory that they start from.
    files : Digests
    """
    own = [pattern for cell in page.cells if not cell.static for pattern in cell.files]
    if all(cell.static for cell in page.cells):
        return ()
    found: dict[str, Mounted] = {}
    for patterns, directory in (everywhere, (own, page.directory)):
        for pattern in patterns:
            for name in files.matching(pattern, directory):
                for source in _files(os.path.normpath(os.path.join(directory, name))):
                    path = Path(os.path.relpath(source, root)).as_posix()
                    found[path] = Mounted(path, source, files.digest(source))
    return tuple(found.values())


def _files(path: str) -> Iterator[str]:
    if not os.path.isdir(path):
        yield path
    for place, _, names in os.walk(path):
        yield from (os.path.join(place, name) for name in sorted(names))
