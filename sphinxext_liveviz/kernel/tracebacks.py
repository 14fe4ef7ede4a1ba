"""Tracebacks that begin in the cell, and the way from a cell's line to the document's."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Mapping
from types import TracebackType

from . import dropped

_OWN = os.path.dirname(os.path.abspath(__file__))
_FRAME = re.compile(r'File "<cell (\d+)>", line (\d+)')
_WARNING = re.compile(r"^<cell (\d+)>:(\d+): ", re.MULTILINE)


def describe(error: BaseException) -> dict[str, object]:
    """Return the content of an ``error`` message: ``ename``, ``evalue`` and ``traceback`` (list of lines, no ANSI)."""
    trace = _from_cell(error.__traceback__)
    if trace is None and not isinstance(error, SyntaxError):  # of which only the place in the cell says something
        trace = error.__traceback__
    report = traceback.TracebackException(type(error), error, trace, compact=True)
    _hide_kernel(report)
    lines = [*"".join(report.format()).rstrip("\n").split("\n"), *dropped.explain(error)]
    return {"ename": type(error).__name__, "evalue": str(error), "traceback": lines}


def _hide_kernel(report: traceback.TracebackException) -> None:
    """Drop the kernel's own frames from the report and from those of its causes."""
    seen: list[traceback.TracebackException | None] = [report]
    for one in seen:
        if one is not None:
            kept = [frame for frame in one.stack if not frame.filename.startswith(_OWN + os.sep)]
            one.stack = traceback.StackSummary.from_list(kept)
            seen += [one.__cause__, one.__context__]


def cell_line(lines: list[str], number: int) -> int | None:
    """Return the line of cell ``number`` that a traceback's last frame in it names, from 1; None when there is none."""
    found = [int(match[2]) for match in map(_FRAME.search, lines) if match and int(match[1]) == number]
    return found[-1] if found else None


def relocate(text: str, origins: Mapping[int, tuple[str, int]]) -> str:
    """Replace lines of cells by lines of the document that holds them.

    Stored results speak of ``<cell 3>`` so that they stay true when prose above the cell grows; this is applied
    when they are shown.

    Parameters
    ----------
    text : str
        Part of a traceback or of a stream.
    origins : mapping of int to (str, int)
        Cell number to the document's path and the line, from 1, of the cell's first line of code.
    """

    def frame(match: re.Match[str]) -> str:
        path, line = origins.get(int(match[1]), (None, 0))
        return match[0] if path is None else f'File "{path}", line {line + int(match[2]) - 1}'

    def warning(match: re.Match[str]) -> str:
        path, line = origins.get(int(match[1]), (None, 0))
        return match[0] if path is None else f"{path}:{line + int(match[2]) - 1}: "

    return _WARNING.sub(warning, _FRAME.sub(frame, text))


def _from_cell(trace: TracebackType | None) -> TracebackType | None:
    """Drop what leads to the reader's own lines, such as libraries that call back; None when there are none."""
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith("<cell "):
        trace = trace.tb_next
    return trace
