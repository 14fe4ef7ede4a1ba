"""Results of pages on disk: found by what went in, named by what came out.

A page's *key* is the digest of all that can alter its result; the *digest* is that of the notebook's bytes. Good
results are found again by key. Those of failed pages are kept too, so that they can be shown, but have no key.

Several builds can use one directory at the same time. A file appears in one step and never changes; what is in use is
touched, and only what nobody has touched for a while is ever removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from .errors import LivevizError, UserError

_DIGEST = re.compile(r"[0-9a-f]{64}")
_IN_USE = 3600.0
"""Seconds. What was used later than that may be needed by a build that is still running."""
_TOUCH = 60.0
"""Seconds. What was touched later than that is not touched again."""


class Unreadable(LivevizError):
    """An entry is damaged or gone; what it stood for has to be made again."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What :meth:`Store.prune` did."""

    removed: int
    """Number of files."""
    freed: int
    """Bytes that they held."""
    left: int
    """Bytes that the store holds now."""


class Store:
    """A directory of results, safe to share between builds that run at the same time.

    Parameters
    ----------
    directory : path-like
        Made when something is first put into it. Holds ``keys/<key>``, ``notebooks/<digest>.json`` and
        ``files/<digest><suffix>``, each by what it is or what it was made from.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = Path(directory)
        self._keys = self.directory / "keys"
        self._notebooks = self.directory / "notebooks"
        self._files = self.directory / "files"

    def prepare(self) -> None:
        """Make sure that results can be stored, before time is spent on making them.

        Raises
        ------
        UserError
            They cannot.
        """
        probe = self._notebooks / f".new-{uuid.uuid4().hex}"
        try:
            write(probe, b"")
            probe.unlink()
        except OSError as error:
            raise UserError(
                f"results cannot be stored in {self.directory} ({error}): set liveviz_cache_dir to a directory that "
                "can be written"
            ) from error

    def find(self, key: str) -> str | None:
        """Return the digest of the good result of ``key``, or None when there is none.

        Raises
        ------
        Unreadable
            There is one, but it cannot be read.
        """
        path = self._keys / key
        try:
            digest = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unreadable(f"{path}: {error}") from error
        name = digest.decode("ascii", "replace")
        if not _DIGEST.fullmatch(name):
            raise Unreadable(f"{path}: it does not name a result")
        try:
            self._read(name)
        except FileNotFoundError:
            return None  # removed since, as what was not used for long
        _touch(path)
        _touch(self._notebook(name))
        return name

    def put(self, key: str, notebook: dict[str, Any], *, good: bool) -> str:
        """Keep a notebook and return its digest; only a good one will be found by its key."""
        content = (json.dumps(notebook) + "\n").encode("ascii")  # not indented: that takes ten times as long
        digest = hashlib.sha256(content).hexdigest()
        write(self._notebook(digest), content)
        if good:
            write(self._keys / key, digest.encode("ascii"))
        return digest

    def notebook(self, digest: str) -> dict[str, Any]:
        """Return the notebook of a digest.

        Raises
        ------
        Unreadable
        """
        try:
            return cast("dict[str, Any]", json.loads(self._read(digest)))
        except FileNotFoundError as error:
            raise Unreadable(f"{self._notebook(digest)}: it was removed") from error

    def file(self, content: bytes, suffix: str) -> Path:
        """Keep a file that an output consists of, named by its content, and return its path."""
        path = self._files / f"{hashlib.sha256(content).hexdigest()[:32]}{suffix}"
        if path.exists():
            _touch(path)
        else:
            write(path, content)
        return path

    def found(self, name: str) -> Path | None:
        """Return the path of a file that was kept under a name, None when there is none."""
        path = self._files / name
        if not path.exists():
            return None
        _touch(path)
        return path

    def keep(self, name: str, content: bytes) -> None:
        """Keep a file under a name that tells what it was made from."""
        write(self._files / name, content)

    def prune(self, size: int, keep: Collection[str] = ()) -> Pruned:
        """Remove what was not used for longest until the rest fits.

        Parameters
        ----------
        size : int
            Bytes that may stay.
        keep : collection of str
            Digests of results that stay in any case, as all do that were used within the last hour.
        """
        entries = sorted(self._entries())
        total = sum(size for _, size, _ in entries)
        kept = {f"{digest}.json" for digest in keep}
        old = time.time() - _IN_USE
        removed = freed = 0
        for used, held, path in entries:
            if total - freed <= size:
                break
            with suppress(FileNotFoundError):  # another build may be pruning too
                if used < old and path.name not in kept and path.stat().st_mtime == used:
                    path.unlink()
                    removed, freed = removed + 1, freed + held
        if removed:
            for key in self._listed(self._keys):
                with suppress(FileNotFoundError):
                    if not self._notebook(key.read_text(encoding="ascii", errors="replace")).exists():
                        key.unlink()
        return Pruned(removed, freed, total - freed)

    @property
    def exists(self) -> bool:
        """Whether anything was ever put into it."""
        return self._notebooks.is_dir()

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        """Yield time of last use, size and path of each notebook and file, and of what killed builds left behind."""
        for directory in (self._notebooks, self._files):
            for path in self._listed(directory):
                with suppress(FileNotFoundError):  # removed by another build
                    status = path.stat()
                    yield status.st_mtime, status.st_size, path

    @staticmethod
    def _listed(directory: Path) -> list[Path]:
        return sorted(directory.iterdir()) if directory.is_dir() else []

    def _notebook(self, digest: str) -> Path:
        return self._notebooks / f"{digest}.json"

    def _read(self, digest: str) -> bytes:
        path = self._notebook(digest)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise Unreadable(f"{path}: {error}") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise Unreadable(f"{path}: its content is not what its name says")
        return content


def write(path: Path, content: bytes) -> None:
    """Replace a file in one step: whoever reads at the same time sees the old content or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".new-{uuid.uuid4().hex}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _touch(path: Path) -> None:
    """Note that a file is in use. Not if that is known, nor if it cannot be: it may belong to another user."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > _TOUCH:
            os.utime(path)
