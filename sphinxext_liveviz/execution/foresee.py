"""What live cells will fail with, seen from their code and their files alone."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence

from ..errors import Subtype
from ..limits import ABSENT, texts_of, uses_of, written_by
from ..memory import Answers
from ..model import Cell, Mounted, Page
from ..runtime.outcome import Problem

FORMAT = 1
"""Raised when something else is looked for in the code."""


def foresee(page: Page, mounts: Sequence[Mounted], known: Answers) -> Iterator[Problem]:
    """Yield what the live cells of a page ask for and browsers have not, each with its line.

    Parameters
    ----------
    page : Page
    mounts : sequence of Mounted
        Files that its live cells find.
    known : Answers
        What was found in the code of cells before.
    """
    there = {os.path.realpath(file.source) for file in mounts}
    written: set[str] = set()
    for cell in page.cells:
        if cell.static or cell.raises is not None:
            continue
        uses, texts, paths = _look(cell, known)
        written.update(paths)
        for line, call, needs in uses:
            message = (
                f"{call}() cannot work live: {ABSENT[needs]}; mark the cell :static: needs {needs}, or do without it"
            )
            yield Problem(Subtype.CAPABILITY, message, _location(cell, line))
        for line, text in texts:
            path = os.path.join(page.directory, text)
            if text not in written and os.path.isfile(path) and os.path.realpath(path) not in there:
                message = (
                    f"live cells do not find the file {text!r}, which is here when the site is built; name it in the "
                    "cell's :files: or in liveviz_files"
                )
                yield Problem(Subtype.FILE, message, _location(cell, line))


def _look(cell: Cell, known: Answers) -> tuple[list[tuple[int, str, str]], list[tuple[int, str]], list[str]]:
    question = hashlib.sha256(f"{FORMAT} {cell.code}".encode("utf-8", "surrogatepass")).hexdigest()
    answer = known.get(question)
    if answer is None:
        answer = [uses_of(cell.code), texts_of(cell.code), written_by(cell.code)]
        known.put(question, answer)
    uses, texts, paths = answer
    return uses, texts, paths


def _location(cell: Cell, line: int) -> str:
    return f"{cell.path}:{cell.line + line - 1}"
