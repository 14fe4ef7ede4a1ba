"""Results of pages on disk: found by what went in, named by what came out.

A page's *key* is the digest of all that can alter its result; the *digest* is that of the notebook's bytes. Good
results are found again by key. Those of failed pages are kept too, so that they can be shown, but have no key.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from pathlib import Path
from typing import Any, cast

from .errors import LivevizError


class Unreadable(LivevizError):
    """An entry is damaged or gone; what it stood for has to be made again."""


class Store:
    """A directory of results, safe to share between builds that run at the same time.

    Parameters
    ----------
    directory : path-like
        Made when something is first put into it. Holds ``keys/<key>``, ``notebooks/<digest>.json`` and
        ``files/<digest><suffix>``.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self._keys = Path(directory, "keys")
        self._notebooks = Path(directory, "notebooks")
        self._files = Path(directory, "files")

    def find(self, key: str) -> str | None:
        """Return the digest of the good result of ``key``, or None when there is none.

        Raises
        ------
        Unreadable
            There was one, but it can no longer be read.
        """
        try:
            digest = (self._keys / key).read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise Unreadable(f"{self._keys / key}: {error}") from error
        self._read(digest)
        return digest

    def put(self, key: str, notebook: dict[str, Any], *, good: bool) -> str:
        """Keep a notebook and return its digest; only a good one will be found by its key."""
        content = (json.dumps(notebook, indent=1) + "\n").encode("ascii")
        digest = hashlib.sha256(content).hexdigest()
        _write(self._notebooks / f"{digest}.json", content)
        if good:
            _write(self._keys / key, digest.encode("ascii"))
        return digest

    def notebook(self, digest: str) -> dict[str, Any]:
        """Return the notebook of a digest.

        Raises
        ------
        Unreadable
        """
        return cast("dict[str, Any]", json.loads(self._read(digest)))

    def file(self, content: bytes, suffix: str) -> Path:
        """Keep a file that an output consists of, named by its content, and return its path."""
        path = self._files / f"{hashlib.sha256(content).hexdigest()[:32]}{suffix}"
        if not path.exists():
            _write(path, content)
        return path

    def _read(self, digest: str) -> bytes:
        path = self._notebooks / f"{digest}.json"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Unreadable(f"{path}: {error}") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise Unreadable(f"{path}: its content is not what its name says")
        return content


def _write(path: Path, content: bytes) -> None:
    """Replace a file in one step: whoever reads at the same time sees the old content or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".new-{uuid.uuid4().hex}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
