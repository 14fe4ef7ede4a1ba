"""Minimum, median and maximum of repeated measurements, and ratios of paired ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of measuring the same thing once per round."""

    minimum: float
    median: float
    maximum: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Figures:
        """Summarise at least one value."""
        known = sorted(values)
        return cls(known[0], median(known), known[-1])


def ratios(values: Sequence[float], references: Sequence[float]) -> list[float]:
    """Divide round by round.

    What slows a round down slows both of its runs, so the ratio of a pair says more than the ratio of two medians.
    """
    return [value / reference for value, reference in zip(values, references, strict=True)]


def rotated(items: Sequence[Item], by: int) -> list[Item]:
    """Return the items beginning with another one, so that over the rounds nobody is always first."""
    by %= len(items)
    return [*items[by:], *items[:by]]
