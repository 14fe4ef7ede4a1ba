"""Every ``liveviz_*`` value: declared, validated and read here, once."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import UserError

Check = Callable[[str, Any], Any]


def _one_of(*allowed: str) -> Check:
    def check(name: str, value: Any) -> str:
        if value not in allowed:
            raise UserError(f"{name} = {value!r}: must be one of {', '.join(map(repr, allowed))}")
        return str(value)

    return check


def _version(name: str, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d+\.\d+\.\d+", value):
        raise UserError(f'{name} = {value!r}: must be a released version such as "314.0.7"')
    return value


def _strings(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise UserError(f"{name} = {value!r}: must be a list of strings, for instance [{str(value)!r}]")
    return tuple(value)


def _requirements(name: str, value: Any) -> tuple[str, ...]:
    from packaging.requirements import InvalidRequirement, Requirement

    strings = _strings(name, value)
    for item in strings:
        try:
            Requirement(item)
        except InvalidRequirement as error:
            raise UserError(f'{name}: {item!r} is not a requirement such as "numpy>=2" ({error})') from None
    return strings


def _seconds(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise UserError(f"{name} = {value!r}: must be a number of seconds above 0")
    return float(value)


def _count(name: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UserError(f"{name} = {value!r}: must be None (as many as sphinx-build -j) or a count from 1")
    return value


def _directory(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise UserError(f"{name} = {value!r}: must be None or the path of a directory")
    return value


def _option(default: Any, check: Check, rebuild: str, help: str) -> Any:
    return dataclasses.field(default=default, metadata={"check": check, "rebuild": rebuild, "help": help})


@dataclass(frozen=True)
class LiveConfig:
    """The extension's settings. Field ``x`` is ``liveviz_x`` in ``conf.py``."""

    pyodide_version: str = _option("314.0.7", _version, "html", "Pyodide that live cells run on.")
    distribution: str = _option(
        "cdn",
        _one_of("cdn", "bundle"),
        "html",
        '`"cdn"`: readers fetch Pyodide and packages from their public hosts. '
        '`"bundle"`: all of it is copied into the site, which then needs no other origin.',
    )
    mirrors: tuple[str, ...] = _option(
        (),
        _strings,
        "html",
        "Where else to look for Pyodide's files, in order: directories, URL prefixes, or a requirement such as "
        '`"name==1.0"` whose wheel contains them. A file is accepted only when its sha256 is the official lock\'s. '
        '`"cdn"` in the list gives the public host its place; otherwise it is tried last.',
    )
    requirements: tuple[str, ...] = _option(
        (), _requirements, "html", "Requirements of every page's live cells, beyond what their imports tell."
    )
    exclude: tuple[str, ...] = _option(
        (),
        _strings,
        "html",
        "Distributions that live cells do without, although something in the lock depends on them.",
    )
    timeout: float = _option(120.0, _seconds, "", "Seconds that a cell may run at build time.")
    jobs: int | None = _option(None, _count, "", "Pages that run at the same time; as many as `-j` by default.")
    cache_dir: str | None = _option(
        None, _directory, "", "Directory of stored results; inside the doctree directory by default."
    )

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> LiveConfig:
        """Validate all values at once.

        Parameters
        ----------
        values : mapping of str to object
            ``liveviz_*`` name to the value found in ``conf.py``.

        Raises
        ------
        UserError
            With one line per fault, so that an author mends all of them at once.
        """
        good, faults = {}, []
        for item in dataclasses.fields(cls):
            name = f"liveviz_{item.name}"
            try:
                good[item.name] = item.metadata["check"](name, values[name])
            except UserError as error:
                faults.append(str(error))
        if faults:
            raise UserError("\n".join(faults))
        return cls(**good)


def declarations() -> Iterator[tuple[str, Any, str, str]]:
    """Yield ``(name, default, rebuild, help)`` of each value, for ``setup`` and for the README's table."""
    for item in dataclasses.fields(LiveConfig):
        yield f"liveviz_{item.name}", item.default, item.metadata["rebuild"], item.metadata["help"]
