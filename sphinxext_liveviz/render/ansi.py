"""Terminal output in its colours: runs of text with the classes that ``liveviz.css`` has colours for.

``live/ansi.js`` does the same to live outputs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from html import escape
from itertools import islice

_SEQUENCE = re.compile(
    r"\x1b(?:"
    r"\[([0-?]*)[ -/]*([@-~])"  # colours, cursor movements
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles, links
    r"|[@-Z\\-_])"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_LEVELS = (0, 95, 135, 175, 215, 255)
_SWITCHES = {1: "bold", 2: "faint", 3: "italic", 4: "underline", 7: "inverse", 9: "strike", 21: "underline"}
_OFF = {22: {"bold", "faint"}, 23: {"italic"}, 24: {"underline"}, 27: {"inverse"}, 29: {"strike"}}


@dataclass(frozen=True, slots=True)
class Style:
    """How a terminal writes."""

    foreground: str = ""
    """Name of a colour, or ``#rrggbb``; empty for the usual one."""
    background: str = ""
    switches: frozenset[str] = field(default_factory=frozenset)
    """``bold``, ``italic`` and so on."""


PLAIN = Style()
Run = tuple[str, Style]


def runs(text: str) -> list[Run]:
    """Return what a terminal would show, in pieces of one style each.

    Without escape sequences, overwritten progress bars, and characters that XML forbids.
    """
    done: list[Run] = []
    line: list[Run] = []
    # Line by line, and no pattern that starts anew at each character: a cell may print millions without a newline.
    for piece, style in _pieces(text):
        for number, part in enumerate(piece.split("\n")):
            if number:
                done += _last_state(line)
                done.append(("\n", style))
                line = []
            line.append((part, style))
    return _joined((_CONTROLS.sub("", text), style) for text, style in [*done, *_last_state(line)])


def cut(pieces: Iterable[Run], begin: int, end: int) -> Iterator[Run]:
    """Yield the runs of the characters from ``begin`` to ``end``."""
    position = 0
    for text, style in pieces:
        yield text[max(begin - position, 0) : max(end - position, 0)], style
        position += len(text)


def _pieces(text: str) -> Iterator[Run]:
    """Yield the text between escape sequences."""
    style, position = PLAIN, 0
    for match in _SEQUENCE.finditer(text):
        if match.start() > position:
            yield text[position : match.start()], style
        position = match.end()
        if match[2] == "m":
            style = _after(style, match[1])
    yield text[position:], style


def _last_state(line: list[Run]) -> Iterator[Run]:
    """Yield what is left of a line: what came after its last carriage return."""
    text = "".join(text for text, _ in line).rstrip("\r")
    return cut(line, text.rfind("\r") + 1, len(text))


def _after(style: Style, parameters: str) -> Style:
    """Return the style that a sequence leads to."""
    parts = iter([[_number(code) for code in part.split(":")] for part in parameters.split(";")])
    for code, *details in parts:
        if code == 4 and details[:1] == [0]:
            code = 24
        if code == 0:
            style = PLAIN
        elif code in _SWITCHES:
            style = replace(style, switches=style.switches | {_SWITCHES[code]})
        elif code in _OFF:
            style = replace(style, switches=style.switches - _OFF[code])
        elif code in (38, 48):
            # In the form with colons, a colour space may stand before the levels.
            told = iter([details[0], *details[1:][-3:]]) if details else (first for first, *_ in parts)
            colour = _extended(told)
            style = replace(style, foreground=colour) if code == 38 else replace(style, background=colour)
        elif 30 <= code <= 37 or code == 39:
            style = replace(style, foreground="" if code == 39 else _NAMES[code - 30])
        elif 40 <= code <= 47 or code == 49:
            style = replace(style, background="" if code == 49 else _NAMES[code - 40])
        elif 90 <= code <= 97:
            style = replace(style, foreground=f"bright-{_NAMES[code - 90]}")
        elif 100 <= code <= 107:
            style = replace(style, background=f"bright-{_NAMES[code - 100]}")
    return style


def _number(code: str) -> int:
    return int(code[:4]) if code.isdecimal() else 0


def _extended(codes: Iterator[int]) -> str:
    """Take one of 256 colours, or of all, from the codes that follow 38 or 48."""
    kind = next(codes, 0)
    levels = [min(code, 255) for code in islice(codes, {2: 3, 5: 1}.get(kind, 0))]
    if kind == 5 and levels:
        number = levels[0]
        if number < 16:
            return f"{'bright-' if number > 7 else ''}{_NAMES[number % 8]}"
        if number > 231:
            return _hexadecimal([8 + 10 * (number - 232)] * 3)
        number -= 16
        return _hexadecimal([_LEVELS[number // 36], _LEVELS[number // 6 % 6], _LEVELS[number % 6]])
    if kind == 2 and len(levels) == 3:
        return _hexadecimal(levels)
    for _ in codes:
        pass  # who can tell what they were to mean
    return ""


def _hexadecimal(levels: list[int]) -> str:
    return "#" + "".join(f"{level:02x}" for level in levels)


def _joined(pieces: Iterable[Run]) -> list[Run]:
    joined: list[tuple[list[str], Style]] = []
    for text, style in pieces:
        if not text:
            continue
        if joined and joined[-1][1] == style:
            joined[-1][0].append(text)
        else:
            joined.append(([text], style))
    return [("".join(texts), style) for texts, style in joined]


def attributes(style: Style) -> tuple[str, str]:
    """Return the ``class`` and ``style`` attributes of a style's element; both are empty for the plain one."""
    foreground, background, switches = style.foreground, style.background, set(style.switches)
    if "inverse" in switches and (foreground or background):
        foreground, background = background, foreground
        switches.remove("inverse")
    classes, properties = [], []
    for kind, colour in (("fg", foreground), ("bg", background)):
        if colour:
            classes.append(f"ansi-{kind}")
            if colour.startswith("#"):
                properties.append(f"--ansi-{kind}: {colour};")
            else:
                classes.append(f"ansi-{colour}-{kind}")
    classes += [f"ansi-{switch}" for switch in sorted(switches)]
    return " ".join(classes), " ".join(properties)


def html_of(pieces: Iterable[Run]) -> str:
    """Return runs as the content of a ``<pre>``."""
    return "".join(map(_span, pieces))


def _span(run: Run) -> str:
    text, (classes, properties) = escape(run[0], quote=False), attributes(run[1])
    if not classes:
        return text
    return f'<span class="{classes}"{f""" style="{properties}" """.rstrip() if properties else ""}>{text}</span>'
