"""Import libraries ahead of the cells that need them, where that cannot be noticed.

A module is left to the cells when its import prints or warns, because that belongs into a cell's output, or when it
starts threads, because a process that has threads cannot be forked safely. That is found out by importing it, so the
process that found out is of no use any more. As a program this is one that only finds out:
``python -m sphinxext_liveviz.execution.preload`` reads a JSON list of modules and answers with the refusals.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

OWN_POOLS = ("numpy", "scipy")
"""Packages whose import starts native threads that know how to survive a fork (OpenBLAS registers for it)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a module is not imported ahead."""

    reason: str
    """For people."""
    spoils: bool
    """Whether the process that imported it is of no use any more."""
    lasting: bool = False
    """Whether the next build need not try: what a module says may be due to a cache that it makes once."""


def preload(modules: Iterable[str]) -> dict[str, Refusal]:
    """Import modules.

    Parameters
    ----------
    modules : iterable of str
        Dotted names.

    Returns
    -------
    dict of str to Refusal
        What keeps modules from being imported ahead.
    """
    pools = _Pools()
    sys.meta_path.insert(0, pools)
    gc.disable()  # there is no garbage to speak of, and to look for it takes a tenth of the time
    try:
        return {name: refusal for name in modules if (refusal := _refusal(name, pools))}
    finally:
        gc.enable()
        sys.meta_path.remove(pools)


class _Pools(MetaPathFinder):
    """Counts the threads that come of importing :data:`OWN_POOLS`, whoever imports them."""

    def __init__(self) -> None:
        self.threads = 0
        self._inside = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find what Python would find, and have the threads counted when it is executed."""
        if self._inside or fullname.partition(".")[0] not in OWN_POOLS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        loader = spec.loader if spec is not None else None
        if loader is not None:
            execute = loader.exec_module

            def counted(module: ModuleType) -> None:
                del loader.exec_module
                self._inside = True
                before = _threads()
                try:
                    execute(module)
                finally:
                    self.threads += _threads() - before
                    self._inside = False

            loader.exec_module = counted  # type: ignore[method-assign]
        return spec


def _refusal(name: str, pools: _Pools) -> Refusal | None:
    before = _threads() - pools.threads
    said, failure = _load(name)
    if _threads() - pools.threads > before:
        return Refusal("threads run after its import", spoils=True, lasting=True)
    if said:
        return Refusal(f"its import says {said.splitlines()[0]!r}", spoils=True)
    return Refusal(failure, spoils=False) if failure else None


def _load(name: str) -> tuple[str, str]:
    """Import a module; return what it said and why it failed, or two empty strings."""
    with tempfile.TemporaryFile() as heard, warnings.catch_warnings():
        warnings.simplefilter("default")
        kept = [os.dup(descriptor) for descriptor in (1, 2)]
        for descriptor in (1, 2):
            os.dup2(heard.fileno(), descriptor)
        failure = ""
        try:
            _import(name)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, the cell that imports it will tell
            failure = f"its import fails with {type(error).__name__}"
        finally:
            for descriptor, original in zip((1, 2), kept, strict=True):
                os.dup2(original, descriptor)
                os.close(original)
        heard.seek(0)
        return heard.read().decode(errors="replace").strip(), failure


def _import(name: str) -> None:
    """Import a module; a dotted name may end in something that is in a module, as in ``from package import thing``."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        parent = name.rpartition(".")[0]
        if not parent or error.name != name:
            raise
        importlib.import_module(parent)


def _threads() -> int:
    """Count threads, native ones too where the system tells."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


def main() -> None:
    """Find out which modules cannot be imported ahead."""
    answer = {name: asdict(refusal) for name, refusal in preload(json.load(sys.stdin)).items()}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
