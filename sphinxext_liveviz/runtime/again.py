"""The room's entry: the runtime of the last build while all that it was made from is the same, or else a new one."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config import LiveConfig
from ..kernel import source_digest
from ..limits import reads_urls
from ..memory import Answers, Memory
from ..model import Cell, Drift, Runtime, RuntimeFile
from .installed import Installed
from .outcome import Outcome
from .scripts import scripts_digest

if TYPE_CHECKING:
    from .checkout import Documents
    from .run import Progress

_HOUR = 3600.0


def make_runtime(
    config: LiveConfig,
    pages: Mapping[str, Sequence[Cell]],
    progress: Progress,
    *,
    base: Path | None = None,
    installed: Installed | None = None,
    memory: Memory | None = None,
    documents: Documents | None = None,
) -> Outcome:
    """Resolve the Pyodide distribution that a site's live cells run on.

    Parameters
    ----------
    config : LiveConfig
        The site's settings.
    pages : mapping of str to sequence of Cell
        docname to its cells; pages whose cells are all static are left out of the result.
    progress : callable
        Told, one line each, what is asked and what was fetched, with its name and size.
    base : Path, optional
        Directory that relative paths of the configuration start from, that of ``conf.py``; by default the current.
    installed : Installed, optional
        The build environment, if it has been looked at already.
    memory : Memory, optional
        What the last build knew. A runtime without a problem holds for an hour, as the shortest-lived answers of the
        download cache do.
    documents : Documents, optional
        Those of the site: a project is not built again because they change.

    Returns
    -------
    Outcome
        The runtime, what it misses, and the versions that differ from those of the build.

    Raises
    ------
    Unavailable
        When Pyodide itself cannot be had.
    UserError
        When a mirror or the lock makes no sense, or the download cache or the lock cannot be written.
    """
    memory = memory or Memory()
    base, installed = base or Path.cwd(), installed or Installed(memory)
    answers = memory.open("runtime")
    question = _question(config, pages, base, installed, memory, documents)
    writes = config.lock is not None and not (base / config.lock).exists()
    known = answers.get(question)
    if known is not None and _holds(known):
        return _recall(known)

    from .make import make_runtime as make  # with all that asks for packages, which most builds need not

    outcome = make(config, pages, progress, base=base, installed=installed, documents=documents)
    requirements = [
        *config.requirements,
        *(one for cells in pages.values() for cell in cells for one in cell.requirements),
    ]
    # Behind a URL anything may change; and what was made without a lock would answer when the lock is deleted.
    if not outcome.problems and not writes and not any("@" in one for one in requirements):
        answers.put(question, _record(outcome, installed))
    return outcome


def _question(
    config: LiveConfig,
    pages: Mapping[str, Sequence[Cell]],
    base: Path,
    installed: Installed,
    memory: Memory,
    documents: Documents | None,
) -> str:
    """Digest all that a runtime is made from, apart from what others may change at any time."""
    statements = memory.open("statements")
    mirrors = [base / Path(mirror).expanduser() for mirror in config.mirrors if "://" not in mirror]
    asked = [
        [config.pyodide_version, config.distribution, config.mirrors, config.requirements, config.exclude],
        [config.lean, config.keep, config.snapshot, source_digest(), scripts_digest()],
        [config.lock, config.lock and _state(str(base / config.lock))],
        _locals(config, base, documents),
        [_state(str(path / name)) for path in mirrors for name in ("pyodide-lock.json", "pyodide.mjs")],
        {
            # Of the code its imports. Where a cell stands matters to problems only.
            docname: [
                [
                    [cell.id, _imported(cell.code, statements), reads_urls(cell.code)],
                    [cell.static, cell.requirements, cell.raises],
                ]
                for cell in cells
            ]
            for docname, cells in pages.items()
        },
        installed.stamp,
        str(base),
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _locals(config: LiveConfig, base: Path, documents: Documents | None) -> list[Any]:
    """Tell the states of the site's own projects."""
    if not config.local:
        return []
    from .checkout import state_of

    # As in `.local`, which takes all of packaging.
    return [[item, state_of((base / Path(item).expanduser()).resolve().as_uri(), documents)] for item in config.local]


def _imported(code: str, known: Answers) -> Any:
    question = hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
    answer = known.get(question)
    if answer is None:
        from .imports import backends, imports_of

        answer = [*([found.module, found.optional] for found in imports_of(code)), *sorted(backends(code))]
        known.put(question, answer)
    return answer


def _record(outcome: Outcome, installed: Installed) -> dict[str, Any]:
    from .checkout import state_of

    runtime = outcome.runtime
    found = [installed.find(name) for name in runtime.lock["packages"]]
    urls = sorted({one.url for one in found if one is not None and one.url is not None})
    return {
        "time": time.time(),
        "runtime": asdict(runtime),
        "drift": [asdict(drift) for drift in outcome.drift],
        "files": {file.path: _state(file.path) for file in runtime.files},
        "checkouts": {url: state_of(url) for url in urls},
    }


def _holds(known: Mapping[str, Any]) -> bool:
    young = 0 <= time.time() - known["time"] < _HOUR
    if not young or any(state is None or _state(path) != state for path, state in known["files"].items()):
        return False
    if not known["checkouts"]:
        return True
    from .checkout import state_of  # few sites have any

    return all(state_of(url) == state for url, state in known["checkouts"].items())


def _recall(known: Mapping[str, Any]) -> Outcome:
    fields = known["runtime"]
    runtime = Runtime(
        fields["version"],
        fields["python"],
        fields["index_url"],
        fields["lock"],
        {docname: tuple(names) for docname, names in fields["packages"].items()},
        tuple(RuntimeFile(**file) for file in fields["files"]),
        fields["images"],
        {docname: tuple(names) for docname, names in fields["snapshots"].items()},
        fields["dropped"],
    )
    return Outcome(runtime, (), tuple(Drift(**{**one, "cells": tuple(one["cells"])}) for one in known["drift"]))


def _state(path: str) -> list[int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None  # not there: a state like any other
    return [status.st_size, status.st_mtime_ns]
