"""Pyodide itself: the official lock and the files that start the interpreter.

Everything else is checked against the sha256 in the official lock. These files have no such witness: npm and the
distribution hold them without a list of hashes, and a false lock would vouch for false packages. So they are taken
only from places that vouch for themselves:

1. a directory in ``liveviz_mirrors``: whoever can write there can as well write to ``conf.py``. It must have all of
   the files, and be of the right version;
2. the CDN of the Pyodide project, over https;
3. npm, which verifies the integrity that its registry states for ``pyodide@version``.

URL prefixes and wheels in ``liveviz_mirrors`` are never asked for them: such wheels often contain a lock of their own
with the few packages beside it. What was had once is kept with its hashes and verified on each use.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Unavailable
from .outcome import size
from .places import Absent, Address, Directory, Place
from .programs import Failed, npm
from .run import Run

LOCK = "pyodide-lock.json"
_LOADER = "pyodide.mjs"
_FIXED = (LOCK, _LOADER, "pyodide.asm.wasm", "python_stdlib.zip")
_GLUE = ("pyodide.asm.mjs", "pyodide.asm.js")
"""The wasm's JavaScript: newer releases have the first, older ones the second. The loader names the one it wants."""


@dataclass(frozen=True)
class Core:
    """Pyodide without packages."""

    version: str
    """As released, ``"0.27.7"``."""
    lock: Mapping[str, Any]
    """The official ``pyodide-lock.json``."""
    files: Mapping[str, Path]
    """Name to the verified copy in the cache; without the lock. Empty when only the lock was asked for."""


def cdn_of(version: str) -> Address:
    """Give the public place of a release and of its packages."""
    return Address(f"https://cdn.jsdelivr.net/pyodide/v{version}/full/")


def get_core(version: str, whole: bool, places: Iterable[Place], cdn: Address, run: Run) -> Core:
    """Get a release of Pyodide.

    Parameters
    ----------
    version : str
        The release.
    whole : bool
        Get all of the core; otherwise the lock alone, for a site whose readers get the core from the CDN.
    places : iterable of Place
        What ``liveviz_mirrors`` says; only its directories are asked.

    Raises
    ------
    Unavailable
        With the answer of each place.
    """
    tried = []
    for place in places:
        if isinstance(place, Directory):
            try:
                return _core(version, _collect(place.read, version, whole), run)
            except Absent as error:
                tried.append((place.label, str(error)))
    question = ("core", version, "whole" if whole else "lock")
    known = run.cache.recall(*question) or {}
    kept = {name: path for name, sha256 in known.items() if (path := run.cache.find(sha256, name))}
    if kept and len(kept) == len(known):
        return _core(version, {name: path.read_bytes() for name, path in kept.items()}, run)
    places_by_network: list[tuple[str, Callable[[], dict[str, bytes]]]] = [
        (cdn.label, lambda: _collect(cdn.read, version, whole)),
        (f"npm pack pyodide@{version}", lambda: _collect_from_npm(version, whole)),
    ]
    for label, ask in places_by_network:
        try:
            contents = ask()
        except (Absent, Failed) as error:
            tried.append((label, str(error)))
            continue
        for name, content in contents.items():
            run.progress(f"{name} of Pyodide {version} ({size(len(content))}) from {label}")
        hashes = {name: run.cache.keep(content, name).parent.name for name, content in contents.items()}
        run.cache.remember(*question, answer=hashes)
        return _core(version, contents, run)
    raise Unavailable(f"Pyodide {version}", tuple(tried))


def _core(version: str, contents: Mapping[str, bytes], run: Run) -> Core:
    files = {name: run.cache.keep(content, name) for name, content in contents.items() if name != LOCK}
    return Core(version, json.loads(contents[LOCK]), files)


def _collect(read: Callable[[str], bytes], version: str, whole: bool) -> dict[str, bytes]:
    # The loader is read in any case: it alone tells the version, the lock of newer releases does not.
    contents = {name: read(name) for name in (_FIXED if whole else (LOCK, _LOADER))}
    loader = contents[_LOADER]
    if f'"{version}"'.encode() not in loader:
        raise Absent(f"its {_LOADER} is not of version {version}")
    if not whole:
        return {LOCK: contents[LOCK]}
    glue = next((name for name in _GLUE if name.encode() in loader), _GLUE[0])
    return {**contents, glue: read(glue)}


def _collect_from_npm(version: str, whole: bool) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as directory:
        npm("pack", "--silent", f"pyodide@{version}", directory=Path(directory))
        (archive,) = Path(directory).glob("*.tgz")
        with tarfile.open(archive) as files:

            def read(name: str) -> bytes:
                try:
                    member = files.extractfile(f"package/{name}")
                except KeyError:
                    member = None
                if member is None:
                    raise Absent(f"the package has no {name}")
                return member.read()

            return _collect(read, version, whole)
