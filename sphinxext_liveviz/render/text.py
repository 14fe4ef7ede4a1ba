"""Terminal output as the text that a terminal would show."""

from __future__ import annotations

from collections.abc import Sequence

from .ansi import PLAIN, Run, cut, runs


def shown(text: str) -> str:
    """Return text without escape sequences, overwritten progress bars and characters that XML forbids."""
    return plain(runs(text))


def plain(pieces: Sequence[Run]) -> str:
    """Return the text of runs."""
    return "".join(text for text, _ in pieces)


def shortened(pieces: Sequence[Run], longest: int) -> Sequence[Run]:
    """Return at most about ``longest`` characters of a text: its first lines, a note, and its last lines."""
    text = plain(pieces)
    if len(text) <= longest:
        return pieces
    # What a program says first and what it says last tell most; of the two, how it began.
    head, tail = text[: longest * 3 // 4], text[len(text) - longest // 4 :]
    head = head[: head.rfind("\n") + 1 or len(head)].removesuffix("\n")
    tail = tail[tail.find("\n") + 1 :]
    left_out = len(text) - len(head) - len(tail)
    note = f"\n[... {left_out:,} of {len(text):,} characters are not shown here ...]\n"
    return [*cut(pieces, 0, len(head)), (note, PLAIN), *cut(pieces, len(text) - len(tail), len(text))]
