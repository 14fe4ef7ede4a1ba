"""Terminal output as the text that a terminal would show."""

from __future__ import annotations

import re

_ESCAPES = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"  # colours, cursor movements
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles, links
    r"|[@-Z\\-_])"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def shown(text: str) -> str:
    """Return text without escape sequences, overwritten progress bars and characters that XML forbids."""
    # Line by line, and no pattern that starts anew at each character: a cell may print millions without a newline.
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in _ESCAPES.sub("", text).split("\n"))
    return _CONTROLS.sub("", "\n".join(lines))


def shortened(text: str, longest: int) -> str:
    """Return at most about ``longest`` characters of a text: its first lines, a note, and its last lines."""
    if len(text) <= longest:
        return text
    # What a program says first and what it says last tell most; of the two, how it began.
    head, tail = text[: longest * 3 // 4], text[len(text) - longest // 4 :]
    head = head[: head.rfind("\n") + 1 or len(head)].removesuffix("\n")
    tail = tail[tail.find("\n") + 1 :]
    left_out = len(text) - len(head) - len(tail)
    return f"{head}\n[... {left_out:,} of {len(text):,} characters are not shown here ...]\n{tail}"
