"""What a build has found out and the next one need not: a file beside Sphinx's environment.

Nothing in it is a result. Each answer holds for a *stamp*, which changes with whatever the answer was derived from, so
that a file that is lost, or comes from another machine, costs time and nothing else.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .store import write

FORMAT = 1
"""Raised when answers are found in another way, or mean something else."""


class Answers:
    """Answers of one kind: JSON, never None.

    Parameters
    ----------
    old : dict
        Those of the last build.
    keep : bool
        Keep those too that this build does not ask for.
    """

    def __init__(self, old: dict[str, Any], *, keep: bool) -> None:
        self._old = old
        self.used: dict[str, Any] = dict(old) if keep else {}
        """Those that the next build will know."""

    def get(self, question: str) -> Any:
        """Return an answer, or None when there is none."""
        if question in self._old and question not in self.used:
            self.used[question] = self._old[question]
        return self.used.get(question)

    def put(self, question: str, answer: Any) -> None:
        """Keep an answer."""
        self.used[question] = answer


class Memory:
    """Answers of all kinds, read from a file and saved to it.

    Parameters
    ----------
    path : Path, optional
        Without it nothing outlives the process.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._head = [FORMAT, sys.version]
        self._old = self._load()
        self._opened: dict[str, tuple[str, Answers]] = {}

    def open(self, kind: str, stamp: str = "") -> Answers:
        """Return the answers of a kind: those of the last build if they have the same stamp, else none.

        Without a stamp they are kept from build to build as long as they are asked for.
        """
        known = self._old.get(kind)
        answers = Answers(known["answers"] if known and known["stamp"] == stamp else {}, keep=bool(stamp))
        self._opened[kind] = (stamp, answers)
        return answers

    def save(self) -> None:
        """Write the file, if it would change. Kinds that were not opened stay as they were."""
        made = {kind: {"stamp": stamp, "answers": answers.used} for kind, (stamp, answers) in self._opened.items()}
        new = {**self._old, **made}
        if self._path is not None and new != self._old:
            write(self._path, json.dumps({"head": self._head, "kinds": new}).encode("ascii"))
            self._old = new

    def _load(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_bytes()) if self._path is not None else {}
        except (OSError, ValueError):
            found = {}  # none yet, or damaged: then all is found out again
        return dict(found["kinds"]) if isinstance(found, dict) and found.get("head") == self._head else {}
