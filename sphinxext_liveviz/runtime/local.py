"""The projects that ``liveviz_local`` names: live cells import what their source says now, whatever an index has."""

from __future__ import annotations

import configparser
import tomllib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import canonicalize_name

from ..errors import Subtype
from .cache import Cache
from .installed import Installed
from .outcome import Problem
from .registry import Wheel
from .source import Sources, modules_in


@dataclass(slots=True)
class Locals:
    """What came of the directories."""

    wheels: dict[str, Wheel] = field(default_factory=dict)
    """Normalised name of the distribution to its wheel."""
    modules: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Name to the modules that it brings, dotted."""
    failed: set[str] = field(default_factory=set)
    """Names of those that could not be built. Nothing stands in for them: it would be another version."""
    problems: list[Problem] = field(default_factory=list)


def directories_of(local: Sequence[str], base: Path) -> dict[str, Path]:
    """Give the absolute directory of each item of ``liveviz_local``."""
    return {item: (base / Path(item).expanduser()).resolve() for item in local}


def build_locals(local: Sequence[str], base: Path, sources: Sources, cache: Cache, installed: Installed) -> Locals:
    """Build all projects whose source has changed."""
    made = Locals()
    for item, directory in directories_of(local, base).items():
        if not any((directory / name).is_file() for name in ("pyproject.toml", "setup.py")):
            made.problems.append(_problem(item, f"no pyproject.toml or setup.py is there (seen from {base})", None))
            continue
        answer = sources.build_directory(directory)
        if isinstance(answer, Wheel):
            path = cache.find(answer.sha256, answer.file_name)
            assert path is not None
            with zipfile.ZipFile(path) as archive:
                modules = tuple(dict.fromkeys(modules_in(archive.namelist())))
            made.wheels[answer.name], made.modules[answer.name] = answer, modules
        else:
            name = _name_of(directory)
            made.problems.append(_problem(item, answer, name))
            if name is not None:
                made.failed.add(name)
                made.modules[name] = _modules_of(name, installed)
    return made


def _problem(item: str, cause: str, name: str | None) -> Problem:
    message = f"liveviz_local: {item!r} could not be built: {cause}."
    if name is not None:
        message += f" Live cells that import {name} fail."
    message += (
        " Mend it, or take it out of liveviz_local: live cells then get what the package index has, or a wheel that "
        "liveviz_requirements names."
    )
    return Problem(Subtype.LOCAL, message, None)


def _name_of(directory: Path) -> str | None:
    """Give the name of a project that could not be built, if its files tell."""
    try:
        name = tomllib.loads((directory / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    except (OSError, ValueError, KeyError, TypeError):
        setup = configparser.ConfigParser(interpolation=None)
        try:
            setup.read(directory / "setup.cfg", encoding="utf-8")
            name = setup.get("metadata", "name", fallback=None)
        except (configparser.Error, ValueError):
            name = None
    return canonicalize_name(name) if isinstance(name, str) else None


def _modules_of(name: str, installed: Installed) -> tuple[str, ...]:
    found = installed.find(name)
    return (found.top_level if found is not None else ()) or (name.replace("-", "_"),)
