"""Import libraries ahead of the cells that need them, where that cannot be noticed.

A module is left to the cells when its import prints or warns, because that belongs into a cell's output, or when it
starts threads, because a process that has threads cannot be forked safely. That is found out by importing it, so the
process that found out is of no use any more. As a program this is one that only finds out:
``python -m sphinxext_liveviz.execution.preload`` reads a JSON list of modules and answers with the refusals.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

OWN_POOLS = ("numpy", "scipy")
"""Modules whose import starts native threads that know how to survive a fork (OpenBLAS registers for it)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a module is not imported ahead."""

    reason: str
    """For people."""
    spoils: bool
    """Whether the process that imported it is of no use any more."""


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
    # Those with pools of their own first: then a new thread later is somebody else's.
    ordered = sorted(modules, key=lambda name: name not in OWN_POOLS)
    return {name: refusal for name in ordered if (refusal := _refusal(name))}


def _refusal(name: str) -> Refusal | None:
    before = _threads()
    said, failure = _load(name)
    if _threads() > before and name not in OWN_POOLS:
        return Refusal("threads run after its import", spoils=True)
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
