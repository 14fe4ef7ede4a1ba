"""Digests of files and directories, read again only when they have changed."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..memory import Memory

_YOUNG = 2_000_000_000
"""Nanoseconds. Within the clock's grain (FAT: 2 s) a file can change twice and have one time: it is read again."""
_OUTPUT = {".buildinfo", "environment.pickle", "pyvenv.cfg"}
"""Files that mark a directory as something made: Sphinx's output, a virtual environment."""


@dataclass(frozen=True, slots=True)
class Code:
    """The state of a module or package."""

    digest: str
    """Of all of its files."""
    imports: tuple[str, ...]
    """What its modules import, dotted, without what they import of their own package relatively."""


class Files:
    """What files contain.

    Parameters
    ----------
    memory : Memory, optional
        Digests that the last build made.
    documents : str
        The source directory of the site. Documents in it are none of a package's files, should the one lie in the
        other: then prose can change and the package does not.
    suffixes : collection of str
        Of documents.
    made : collection of str
        Directories that the build writes.
    """

    def __init__(
        self,
        memory: Memory | None = None,
        *,
        documents: str = "",
        suffixes: Collection[str] = (),
        made: Collection[str] = (),
    ) -> None:
        self._digests = (memory or Memory()).open("files")
        self._imports = (memory or Memory()).open("imports")
        self._documents = documents + os.sep if documents else ""
        self._suffixes = tuple(suffixes)
        self._made = frozenset(made)
        self._seen: dict[str, tuple[list[tuple[str, str]], str]] = {}

    def digest(self, path: str) -> str:
        """Return the digest of a file's content, or of the names and contents of all files in a directory."""
        if path not in self._seen:
            listed = list(self._list(path))
            self._seen[path] = ([(name, place) for name, place, _ in listed], self._digest(path, listed))
        return self._seen[path][1]

    def code(self, path: str) -> Code:
        """Return the state of a module's file or a package's directory, and what it imports."""
        digest = self.digest(path)
        imports = self._imports.get(digest)
        if imports is None:
            texts = (Path(place).read_bytes() for name, place in self._seen[path][0] if place.endswith(".py"))
            imports = sorted({module for text in texts for module in _imports(text.decode(errors="replace"))})
            self._imports.put(digest, imports)
        return Code(digest, tuple(imports))

    def modules_of(self, code: str) -> tuple[str, ...]:
        """Return what the code of a cell imports, dotted."""
        question = hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
        imports = self._imports.get(question)
        if imports is None:
            imports = sorted(set(_imports(code)))
            self._imports.put(question, imports)
        return tuple(imports)

    def matching(self, pattern: str, directory: str) -> dict[str, str]:
        """Return the files and directories that a glob pattern finds: path from ``directory`` to digest."""
        found = sorted(glob.glob(pattern, root_dir=directory, recursive=True))
        return {Path(name).as_posix(): self.digest(os.path.normpath(os.path.join(directory, name))) for name in found}

    def _digest(self, path: str, listed: list[tuple[str, str, tuple[int, int, int]]]) -> str:
        made = hashlib.sha256(json.dumps([[name, stamp] for name, _, stamp in listed]).encode())
        stamp = made.hexdigest()
        known = self._digests.get(path)
        if known is not None and known[0] == stamp:
            return str(known[1])
        contents = hashlib.sha256()
        for name, place, _ in listed:
            with open(place, "rb") as file:
                content = hashlib.file_digest(file, "sha256").digest()
            contents.update(name.encode("utf-8", "surrogateescape") + b"\0" + content)
        digest = contents.hexdigest()
        newest = max((max(times) for _, _, (_, *times) in listed), default=0)
        if time.time_ns() - newest > _YOUNG:
            self._digests.put(path, [stamp, digest])
        return digest

    def _list(self, path: str) -> Iterator[tuple[str, str, tuple[int, int, int]]]:
        """Yield name, place and (size, times) of a file, or of each file in a directory, in an order of their own."""
        if os.path.isdir(path):
            yield from self._walk(path, "")
        else:
            yield "", path, _stamp(os.stat(path))

    def _walk(self, directory: str, prefix: str) -> Iterator[tuple[str, str, tuple[int, int, int]]]:
        with os.scandir(directory) as opened:
            items = sorted(opened, key=lambda item: item.name)
        if prefix and (directory in self._made or not _OUTPUT.isdisjoint(item.name for item in items)):
            return
        for item in items:
            name = item.name
            if name.startswith(".") or name in ("__pycache__", "node_modules"):
                continue
            if item.is_dir():
                if not (item.is_symlink() and _leads_up(item.path)):
                    yield from self._walk(item.path, f"{prefix}{name}/")
            elif item.is_file() and not name.endswith((".pyc", "~")) and not self._is_document(item.path):
                yield prefix + name, item.path, _stamp(item.stat())

    def _is_document(self, path: str) -> bool:
        return bool(self._documents) and path.startswith(self._documents) and path.endswith(self._suffixes)


def _leads_up(link: str) -> bool:
    """Whether a symbolic link leads to a directory that it is in."""
    return (os.path.realpath(os.path.dirname(link)) + os.sep).startswith(os.path.realpath(link) + os.sep)


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    # The time of the change too: `cp -p` and archives bring back old times of modification.
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _imports(code: str) -> Iterable[str]:
    from ..runtime.imports import imports_of  # most builds find all code as it was

    return (found.module for found in imports_of(code))
