"""The ``text/plain`` of a value: its repr, long containers over several lines, and ``_repr_pretty_`` where it is."""

from __future__ import annotations

import pprint
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_LINE = 79
"""Longest repr of a container that is kept on one line."""


def plain(value: Any, complain: Callable[[str], None]) -> str:
    """Return a value as text; ``complain`` is told the traceback of a ``_repr_pretty_`` that failed."""
    if callable(getattr(type(value), "_repr_pretty_", None)):
        printer = _Printer()
        try:
            printer.pretty(value)
            return "".join(printer.parts)
        except Exception:
            complain(traceback.format_exc())
    return _repr(value)


def _repr(value: Any) -> str:
    text = repr(value)
    if len(text) > _LINE and type(value) in (dict, list, tuple, set, frozenset):
        return pprint.pformat(value, width=_LINE + 1, compact=True, sort_dicts=False)
    return text


class _Printer:
    """What ``_repr_pretty_`` is given, by IPython's names; lines break only where the value says so."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._indent = 0
        self._inside: set[int] = set()

    def text(self, text: str) -> None:
        self.parts.append(text)

    def breakable(self, sep: str = " ") -> None:
        self.parts.append(sep)

    def break_(self) -> None:
        self.parts.append("\n" + " " * self._indent)

    def begin_group(self, indent: int = 0, open: str = "") -> None:
        self.parts.append(open)
        self._indent += indent

    def end_group(self, dedent: int = 0, close: str = "") -> None:
        self._indent -= dedent
        self.parts.append(close)

    @contextmanager
    def group(self, indent: int = 0, open: str = "", close: str = "") -> Iterator[None]:
        self.begin_group(indent, open)
        yield
        self.end_group(indent, close)

    @contextmanager
    def indent(self, indent: int) -> Iterator[None]:
        self._indent += indent
        yield
        self._indent -= indent

    def pretty(self, value: Any) -> None:
        """Add a value, which may be in itself."""
        if not callable(getattr(type(value), "_repr_pretty_", None)):
            self.parts.append(_repr(value))
            return
        cycle = id(value) in self._inside
        self._inside.add(id(value))
        try:
            value._repr_pretty_(self, cycle)
        finally:
            if not cycle:
                self._inside.discard(id(value))
