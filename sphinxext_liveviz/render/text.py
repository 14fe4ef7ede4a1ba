"""Terminal output as the text that a terminal would show."""

from __future__ import annotations

import re

_ESCAPES = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"  # colours, cursor movements
    r"|\].*?(?:\x07|\x1b\\)"  # titles, links
    r"|[@-Z\\-_])",
    re.DOTALL,
)
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n)(?=[^\n])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def shown(text: str) -> str:
    """Return text without escape sequences, overwritten progress bars and characters that XML forbids."""
    return _CONTROLS.sub("", _OVERWRITTEN.sub("", _ESCAPES.sub("", text)))
