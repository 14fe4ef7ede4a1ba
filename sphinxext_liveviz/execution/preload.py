"""Import libraries ahead of the cells that need them, where that cannot be noticed.

A module is left to the cells when its import prints or warns, because that belongs into a cell's output, or when it
starts threads, because a process that has threads cannot be forked safely.
"""

from __future__ import annotations

import importlib
import os
import tempfile
import threading
import warnings
from collections.abc import Iterable
from pathlib import Path

OWN_POOLS = ("numpy", "scipy")
"""Modules whose import starts native threads that know how to survive a fork (OpenBLAS registers for it)."""


def preload(modules: Iterable[str]) -> dict[str, str]:
    """Import modules.

    Parameters
    ----------
    modules : iterable of str
        Dotted names.

    Returns
    -------
    dict of str to str
        Module to what keeps it from being preloaded; for the others, nothing. A process with an entry that starts
        with ``"threads"`` must not be forked.
    """
    # Those with pools of their own first: then a new thread later is somebody else's.
    ordered = sorted(modules, key=lambda name: name not in OWN_POOLS)
    return {name: reason for name in ordered if (reason := _refusal(name))}


def _refusal(name: str) -> str:
    before = _threads()
    said, failure = _load(name)
    if failure:
        return failure
    if _threads() > before and name not in OWN_POOLS:
        return "threads run after its import"
    return f"its import says {said.splitlines()[0]!r}" if said else ""


def _load(name: str) -> tuple[str, str]:
    """Import a module; return what it said and why it failed, or two empty strings."""
    with tempfile.TemporaryFile() as heard, warnings.catch_warnings():
        warnings.simplefilter("default")
        kept = [os.dup(descriptor) for descriptor in (1, 2)]
        for descriptor in (1, 2):
            os.dup2(heard.fileno(), descriptor)
        failure = ""
        try:
            importlib.import_module(name)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, the cell that imports it will tell
            failure = f"its import fails with {type(error).__name__}"
        finally:
            for descriptor, original in zip((1, 2), kept, strict=True):
                os.dup2(original, descriptor)
                os.close(original)
        heard.seek(0)
        return heard.read().decode(errors="replace").strip(), failure


def _threads() -> int:
    """Count threads, native ones too where the system tells."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()
