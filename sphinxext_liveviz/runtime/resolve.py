"""The closure of all needs: every distribution, the file that serves it, and who depends on whom."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..errors import Subtype, Unavailable
from ..model import Need
from .choose import Chooses, Chosen, Tried, Wanted
from .outcome import Problem
from .target import Target


@dataclass(slots=True)
class Closure:
    """What a set of needs comes to."""

    chosen: dict[str, Chosen] = field(default_factory=dict)
    """Normalised name to the file that serves it."""
    depends: dict[str, list[str]] = field(default_factory=dict)
    """Name to the names it depends on, in the order of its metadata; some may not be in ``chosen``."""
    wanted: dict[str, Wanted] = field(default_factory=dict)
    """What was asked of each distribution, had or not."""
    roots: dict[Need, str] = field(default_factory=dict)
    """Need to the name of its distribution; without those that are excluded or do not apply."""
    problems: list[Problem] = field(default_factory=list)

    def names(self, needs: Iterable[Need]) -> list[str]:
        """Give the distributions that needs ask for themselves."""
        return [self.roots[need] for need in needs if need in self.roots]


def resolve(needs: Iterable[Need], chooser: Chooses, target: Target, exclude: Iterable[str]) -> Closure:
    """Follow needs to all that they depend on.

    Each round chooses for every distribution that is known to be wanted, then looks at what the chosen files require.
    A choice is never taken back: what the build environment has installed together agrees, and where the browser's
    versions differ there is mostly only one to choose. What does not agree is a problem of its own.
    """
    return _Resolution(chooser, target, frozenset(map(canonicalize_name, exclude))).run(needs)


class _Resolution:
    def __init__(self, chooser: Chooses, target: Target, exclude: frozenset[str]) -> None:
        self._chooser = chooser
        self._target = target
        self._exclude = exclude
        self._closure = Closure()
        self._missing: dict[str, Tried] = {}
        self._to_follow: deque[str] = deque()

    def run(self, needs: Iterable[Need]) -> Closure:
        closure = self._closure
        for need in needs:
            self._start(need)
        while True:
            open_ = [item for name, item in closure.wanted.items() if not self._settled(name)]
            if not open_:
                break
            for name, answer in self._chooser.choose(open_).items():
                if isinstance(answer, Chosen):
                    closure.chosen[name] = answer
                    self._to_follow.append(name)
                else:
                    self._missing[name] = answer
            while self._to_follow:
                self._follow(self._to_follow.popleft())
        closure.problems += self._unavailable()
        closure.problems += self._disagreements()
        return closure

    def _settled(self, name: str) -> bool:
        return name in self._closure.chosen or name in self._missing

    def _start(self, need: Need) -> None:
        location = _location(need.origin)
        requirement = self._parse(need.requirement, need.origin, location)
        if requirement is not None and self._target.holds(requirement.marker):
            name = self._want(requirement, (need.origin,), location)
            if name is not None:
                self._closure.roots[need] = name

    def _parse(self, text: str, origin: str, location: str | None) -> Requirement | None:
        try:
            return Requirement(text)
        except InvalidRequirement as error:
            message = f'{origin}: {text!r} is not a requirement such as "numpy>=2" and is left out ({error})'
            self._closure.problems.append(Problem(Subtype.LOCK, message, location))
            return None

    def _want(self, requirement: Requirement, chain: tuple[str, ...], location: str | None) -> str | None:
        name = canonicalize_name(requirement.name)
        if name in self._exclude:
            return None
        wanted = self._closure.wanted.get(name)
        if wanted is None:
            wanted = self._closure.wanted[name] = Wanted(name, (*chain, name), location)
        wanted.specifier &= requirement.specifier
        wanted.url = wanted.url or requirement.url
        if requirement.specifier:
            wanted.demands.append((chain[-1], requirement.specifier))
        extras = set(map(canonicalize_name, requirement.extras)) - wanted.extras
        if extras:
            wanted.extras |= extras
            if name in self._closure.chosen:
                self._to_follow.append(name)
        return name

    def _follow(self, name: str) -> None:
        wanted = self._closure.wanted[name]
        depends: dict[str, None] = {}
        for text in self._closure.chosen[name].requires:
            requirement = self._parse(text, f"{name} {self._closure.chosen[name].version}", wanted.location)
            if requirement is not None and self._target.holds(requirement.marker, wanted.extras):
                found = self._want(requirement, wanted.chain, wanted.location)
                if found is not None and found != name:
                    depends[found] = None
        self._closure.depends[name] = list(depends)

    def _unavailable(self) -> Iterator[Problem]:
        for name, wanted in self._closure.wanted.items():
            if name in self._missing:
                what = f"{name}{wanted.specifier} ({' -> '.join(wanted.chain)})"
                message = f"{Unavailable(what, self._missing[name])}{self._chooser.way_out}"
                yield Problem(Subtype.LOCK, message, wanted.location)

    def _disagreements(self) -> Iterator[Problem]:
        for name, chosen in self._closure.chosen.items():
            wanted = self._closure.wanted[name]
            by: Mapping[str, None] = dict.fromkeys(
                f"{who} ({specifier})"
                for who, specifier in wanted.demands
                if not specifier.contains(chosen.version, prereleases=True)
            )
            if by:
                message = (
                    f"{name} {chosen.version} is what live cells get, but another version is required by "
                    f"{', '.join(by)}. They may fail; {self._chooser.remedy}."
                )
                yield Problem(Subtype.LOCK, message, wanted.location)


def _location(origin: str) -> str | None:
    path, _, line = origin.rpartition(":")
    return origin if path and line.isdigit() else None
