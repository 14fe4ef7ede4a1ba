"""The download cache: files by their content, answers by their question.

It lies outside the project and serves all of a user's projects. Each file and answer is written beside its place and
moved there in one step, so builds that run at the same time see a whole one or none.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from ..errors import LivevizError, UserError

VARIABLE = "SPHINXEXT_LIVEVIZ_CACHE"
HOUR = 3600.0
DAY = 24 * HOUR


class WrongHash(LivevizError):
    """Content whose sha256 is not the expected one."""


class Cache:
    """Files and answers below one directory.

    Parameters
    ----------
    root : Path
        Created when it does not exist.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._verified: set[Path] = set()
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"The download cache cannot be used ({error}). Set {VARIABLE} to another directory."
            ) from None

    @classmethod
    def of_user(cls) -> Cache:
        """Open the cache that the environment names, or else the user's."""
        from platformdirs import user_cache_dir

        return cls(Path(os.environ.get(VARIABLE) or user_cache_dir("sphinxext_liveviz", appauthor=False)))

    def find(self, sha256: str, name: str) -> Path | None:
        """Find a file, and verify that its content is what it was."""
        path = self._place(sha256, name)
        if path not in self._verified:
            try:
                with path.open("rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
            except FileNotFoundError:
                return None
            if found != sha256:
                return None  # Damaged; it is fetched again and overwritten.
            self._verified.add(path)
        return path

    def keep(self, content: bytes, name: str, sha256: str | None = None) -> Path:
        """Store a file.

        Raises
        ------
        WrongHash
            When ``sha256`` is given and is not the content's.
        """
        found = hashlib.sha256(content).hexdigest()
        if sha256 not in (None, found):
            raise WrongHash(f"has a file of that name with another sha256 ({found[:12]}..., not {str(sha256)[:12]}...)")
        path = self._place(found, name)
        if self.find(found, name) is None:
            _write(path, content)
            self._verified.add(path)
        return path

    def recall(self, *question: str, within: float | None = None) -> Any:
        """Give the answer to a question, or None when there is none or it is older than ``within`` seconds."""
        try:
            record = json.loads(self._answer(question).read_bytes())
            age = time.time() - record["time"]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None  # A damaged answer is as good as none: the question is asked again and overwrites it.
        return record["answer"] if within is None or 0 <= age <= within else None

    def remember(self, *question: str, answer: Any) -> None:
        """Store an answer; it must be JSON."""
        record = {"question": question, "time": time.time(), "answer": answer}
        _write(self._answer(question), json.dumps(record, indent=1).encode())

    def _place(self, sha256: str, name: str) -> Path:
        # The name is kept, so that people and web servers see what a file is.
        return self.root / "files" / sha256 / name

    def _answer(self, question: tuple[str, ...]) -> Path:
        return self.root / "answers" / (hashlib.sha256(json.dumps(question).encode()).hexdigest() + ".json")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not by `tempfile`: its files are for their owner alone, and copies of these are served to the world.
    part = path.with_name(f".part-{secrets.token_hex(8)}")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
