"""Promises, and whether they are kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .figures import Figures
from .tables import spread, table


@dataclass(frozen=True, slots=True)
class Goal:
    """A promise, and whether it is kept."""

    text: str
    """What is promised."""
    bound: str
    """The bound of the median, as people read it."""
    value: Figures
    """What was measured, in each round."""
    met: bool
    """Whether the median keeps the bound."""

    @classmethod
    def at_most(cls, text: str, bound: float, value: Figures) -> Goal:
        """Promise that a median is not above a bound."""
        return cls(text, f"<= {bound:.3g}", value, value.median <= bound)


def goals_table(goals: Iterable[Goal]) -> str:
    """Return the goals as a table for people."""
    lines = [[goal.text, goal.bound, spread(goal.value), "met" if goal.met else "NOT MET"] for goal in goals]
    return table(["goal", "bound", "median (min - max)", ""], lines)
