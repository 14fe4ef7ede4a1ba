"""Digests of files, which most builds know from the one before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from ..memory import Memory

Digest = Callable[[Path], str]
"""Gives the sha256 of a file, hexadecimal."""


def digest_of(path: Path) -> str:
    """Read a file and return its sha256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remembered(memory: Memory) -> Digest:
    """Return a :data:`Digest` that reads only files whose size or time is not that of the last build."""
    known = memory.open("digests")

    def digest(path: Path) -> str:
        status = path.stat()
        question = f"{path} {status.st_size} {status.st_mtime_ns}"
        answer: str | None = known.get(question)
        if answer is None:
            answer = digest_of(path)
            known.put(question, answer)
        return answer

    return digest
