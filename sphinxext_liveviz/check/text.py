"""Whether two texts say the same: apart from ids, addresses, times and the last digits of numbers."""

from __future__ import annotations

import math
import re

_VOLATILE = (
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE), "<uuid>"),
    (re.compile(r"\b0x[0-9a-fA-F]{5,16}\b"), "<address>"),
    (re.compile(r"\b[0-9a-f]{32,64}\b"), "<hash>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?\b"), "<time>"),
    (re.compile(r"\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b"), "<time>"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|sec|seconds|min)\b(?!\w)"), "<duration>"),
    (re.compile(r"\b(id|name)=(['\"])(?:[A-Za-z_]*\d{1,6})\2"), r"\1=<id>"),
    (re.compile(r"(?<![\w'\"])(?:/[\w.+-]+){2,}/(?=[\w.-]+\.py\b)"), "<directory>/"),
)
"""What is another text each time, and what stands for it."""
_NUMBER = re.compile(r"(?<![\w.])[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?(?![\w])")


def normalised(text: str) -> str:
    """Return a text without what is another one each time."""
    for pattern, instead in _VOLATILE:
        text = pattern.sub(instead, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def same_text(one: str, other: str, tolerance: float) -> bool:
    """Whether two texts say the same, numbers within a relative ``tolerance``."""
    if one == other:
        return True
    one, other = normalised(one), normalised(other)
    if one == other:
        return True
    # Columns move when a number gets another digit.
    if _words(_NUMBER.sub("#", one)) != _words(_NUMBER.sub("#", other)):
        return False
    return all(
        same_number(float(a), float(b), tolerance)
        for a, b in zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    )


def same_number(one: float, other: float, tolerance: float) -> bool:
    """Whether two numbers are the same within a relative tolerance; next to zero within that itself."""
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return one == other or math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance * 1e-3)


def _words(text: str) -> list[str]:
    return text.split()
