"""The site's ``pyodide-lock.json``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def reachable(roots: Iterable[str], depends: Mapping[str, Sequence[str]]) -> set[str]:
    """Give all names that roots depend on, themselves included."""
    seen: set[str] = set()
    left = [name for name in roots if name in depends]
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            left += (other for other in depends[name] if other in depends)
    return seen


def without_cycles(depends: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Drop the dependencies that close a cycle, and those on names that are not there.

    ``loadPackage`` installs a package once those it depends on are installed, so in a cycle each waits for the other
    for ever. Nothing is lost when pages name all packages that they load.

    Returns
    -------
    dict
        Ordered so that each name comes after those it depends on.
    """
    acyclic: dict[str, list[str]] = {}
    entered: set[str] = set()

    def visit(name: str) -> None:
        entered.add(name)
        kept = []
        for other in depends[name]:
            if other in depends and other not in entered:
                visit(other)
            if other in acyclic:  # Entered but not yet left: `name` is among what it depends on.
                kept.append(other)
        acyclic[name] = kept

    for name in sorted(depends):
        if name not in entered:
            visit(name)
    return acyclic
