"""From a cell with magics to plain Python of the same lines, and to what these magics were."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

BODY_IS_PYTHON = ("time", "capture")
"""Cell magics whose body is code; of all others it is none."""

_MAYBE = re.compile(r"^\s*[%!?]|\?\s*$|=\s*[%!]", re.MULTILINE)
"""What code without magics rarely has; parsing it twice takes time."""
_CELL = re.compile(r"%%(\w*)[ \t]*(.*)")
_LINE = re.compile(r"(\s*)(%|!!?)\s*([\w.]*)[ \t]*(.*)")
_ASSIGNED = re.compile(r"(\s*[\w.,\s\[\]]+=\s*)(%|!!?)\s*([\w.]*)[ \t]*(.*)")
_INSTEAD = {("load_ext", "holoviews.ipython"): "import holoviews; holoviews.extension('bokeh')"}
"""Name and rest of a line magic -> the code that it stands for."""
_HELP = re.compile(r"(\s*)(\?{1,2}\s*([\w.*%]+)|([\w.*%]+)\s*\?{1,2})\s*;?\s*$")


@dataclass(frozen=True, slots=True)
class Magic:
    """A piece of IPython's syntax."""

    mark: str
    """``%``, ``%%``, ``!``, or ``?``."""
    name: str
    """What it is called; of ``!`` the program, of ``?`` the object."""
    rest: str
    """The line behind the name."""
    line: int
    """Line of the cell, from 1."""
    column: int = 0
    """How far code behind it was moved to the left."""
    assigned: bool = False
    """Its value is bound to a name."""

    def __str__(self) -> str:
        return f"{self.name}?" if self.mark == "?" else f"{self.mark}{self.name}"


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell, taken apart."""

    code: str
    """As its author wrote it."""
    python: str
    """Plain Python, in which each statement stands in its line."""
    cell: tuple[Magic, ...] = ()
    """Cell magics, the outer one first."""
    lines: tuple[Magic, ...] = ()
    """All others, in order."""
    body: str = ""
    """What is left for the last cell magic, where that is no code."""

    @property
    def magics(self) -> tuple[Magic, ...]:
        """All that is in the cell."""
        return (*self.cell, *self.lines)


def read(code: str) -> Reading:
    """Take a cell apart. Nothing is judged: what nobody knows is left out of the Python all the same."""
    if not _MAYBE.search(code) or _is_python(code):
        return Reading(code, code)
    lines = code.split("\n")
    cell = []
    for number, line in enumerate(lines, 1):
        match = _CELL.match(line)
        if match is not None:
            magic = Magic("%%", match[1], match[2].strip(), number)
            cell.append(magic)
            if magic.name not in BODY_IS_PYTHON:
                above = "\n" * len(lines)
                return Reading(code, above, tuple(cell), body="\n".join(lines[number:]))
            lines[number - 1] = ""
        elif line.strip():
            break
    found: list[Magic] = []
    scan = _Scan()
    for number, line in enumerate(lines, 1):
        if scan.begins_statement:
            lines[number - 1] = _replaced(line, number, found)
        scan.feed(lines[number - 1])
    return Reading(code, "\n".join(lines), tuple(cell), tuple(found))


def parse(code: str) -> ast.Module:
    """Parse a cell, without what is not Python in it.

    Raises
    ------
    SyntaxError, ValueError
        What is left is no Python.
    """
    return ast.parse(read(code).python)


def _is_python(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True


def _replaced(line: str, number: int, found: list[Magic]) -> str:
    """Return a line that begins a statement without the magic that it may be."""
    if match := _LINE.fullmatch(line):
        indent, mark, name, rest = match.groups()
        if mark == "%" and name == "time" and rest:
            found.append(Magic(mark, name, rest, number, match.start(4) - len(indent)))
            return indent + rest
        found.append(Magic(mark[0], name, rest.strip(), number))
        return indent + _INSTEAD.get((name, rest.strip()), "pass")
    if match := _ASSIGNED.fullmatch(line):
        target, mark, name, rest = match.groups()
        found.append(Magic(mark[0], name, rest.strip(), number, assigned=True))
        return f"{target}None"
    if match := _HELP.fullmatch(line):
        found.append(Magic("?", match[3] or match[4], "", number))
        return f"{match[1]}pass"
    return line


class _Scan:
    """Knows after each line whether the next one begins a statement.

    The tokenizer of the standard library does not do: what it makes of characters that are no Python is another thing
    in each version.
    """

    def __init__(self) -> None:
        self._quote = ""
        self._depth = 0
        self._goes_on = False

    @property
    def begins_statement(self) -> bool:
        return not (self._quote or self._depth or self._goes_on)

    def feed(self, line: str) -> None:
        """Go on with a line."""
        self._goes_on = False
        place = 0
        while place < len(line):
            place = self._in_text(line, place) if self._quote else self._in_code(line, place)
        if len(self._quote) == 1 and not self._goes_on:
            self._quote = ""  # it was never closed, which is for the compiler to say

    def _in_text(self, line: str, place: int) -> int:
        if line[place] == "\\":
            self._goes_on = place + 1 == len(line)
            return place + 2
        if line.startswith(self._quote, place):
            place += len(self._quote)
            self._quote = ""
            return place
        return place + 1

    def _in_code(self, line: str, place: int) -> int:
        character = line[place]
        if character == "#":
            return len(line)
        if character in "\"'":
            self._quote = character * 3 if line.startswith(character * 3, place) else character
            return place + len(self._quote)
        if character in "([{":
            self._depth += 1
        elif character in ")]}":
            self._depth = max(0, self._depth - 1)
        elif character == "\\" and place + 1 == len(line):
            self._goes_on = True
        return place + 1
