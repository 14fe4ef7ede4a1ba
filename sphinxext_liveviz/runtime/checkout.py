"""Directories that hold the source of a project: telling their states apart, and copying what a build reads."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SKIPPED = re.compile(r"^(\..*|__pycache__|node_modules|.*\.egg-info)$")
_SKIPPED_AT_TOP = {"build", "dist"}
"""Outputs of build tools; further down the names are a package's own."""
_SIGNS = (".buildinfo", "environment.pickle", "pyvenv.cfg")
"""Of Sphinx's output and of virtual environments."""
_METADATA = ("pyproject.toml", "setup.cfg", "setup.py")
_VERSION_OF_TAGS = re.compile(r"scm|vcs|versioneer|versioningit|dunamai|pbr")


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of the site, which are no source of the project that they lie in."""

    directory: Path
    """Absolute; Sphinx's source directory."""
    suffixes: tuple[str, ...]
    """Of its documents."""

    def skips(self, root: str, directory: str) -> bool:
        """Tell whether a directory below a project's root holds the site and nothing of the project."""
        return directory == str(self.directory) and directory != root

    def hold(self, root: str, path: str) -> bool:
        """Tell whether a file of a project is a document; a README is part of the project's metadata too."""
        is_readme = os.path.dirname(path) == root and os.path.basename(path).lower().startswith("readme")
        return path.startswith(f"{self.directory}{os.sep}") and path.endswith(self.suffixes) and not is_readme


def directory_of(url: str | None) -> Path | None:
    """Return the directory that a URL names, if it is one of this machine."""
    parts = urllib.parse.urlsplit(url or "")
    path = Path(urllib.request.url2pathname(parts.path)) if parts.scheme == "file" else None
    return path if path is not None and path.is_dir() else None


def state_of(url: str | None, documents: Documents | None = None) -> str:
    """Tell states of a source directory apart by sizes and times, without reading it."""
    parts = urllib.parse.urlsplit(url or "")
    if parts.scheme != "file":
        return ""
    root = Path(urllib.request.url2pathname(parts.path))
    digest = hashlib.sha256(_revision(root))
    for path in _files(str(root), documents):
        status = os.lstat(path)
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    if root.is_file():
        digest.update(root.read_bytes())
    return digest.hexdigest()


def content_of(root: Path, documents: Documents | None = None) -> str:
    """Digest what a source directory holds, wherever it lies: when this changes, its project is built again."""
    digest = hashlib.sha256(_revision(root))
    for path in _files(str(root), documents):
        name = os.path.relpath(path, root).replace(os.sep, "/").encode("utf-8", "surrogateescape")
        try:
            with open(path, "rb") as file:
                content = hashlib.file_digest(file, "sha256").digest()
        except OSError:
            content = b""  # A link that leads nowhere is no source.
        digest.update(name + b"\0" + content)
    return digest.hexdigest()


def copy(root: Path, target: Path) -> None:
    """Copy a source directory for a build.

    Backends write into the directory that they build, and setuptools puts into the next wheel what the last build left
    there. Versions that are derived from tags need git, which finds the repository through a file of one line.
    """

    def left_out(directory: str, names: list[str]) -> set[str]:
        paths = {name: os.path.join(directory, name) for name in names}
        return {name for name, path in paths.items() if os.path.isdir(path) and _is_made(path, directory == str(root))}

    shutil.copytree(root, target, ignore=left_out, ignore_dangling_symlinks=True)
    repository = root / ".git"
    if repository.is_dir():
        (target / ".git").write_text(f"gitdir: {repository.resolve()}\n", encoding="utf-8")


def metadata_of(root: Path) -> str:
    """Return the text of the files that tell how a project is built."""
    return "".join(
        (root / name).read_text(encoding="utf-8", errors="replace") for name in _METADATA if (root / name).is_file()
    )


def _revision(root: Path) -> bytes:
    """Return the commit that a checkout is at, where the version of its wheel may be derived from that."""
    head = root / ".git" / "HEAD"
    if not head.is_file() or not _VERSION_OF_TAGS.search(metadata_of(root)):
        return b""
    text = head.read_bytes()
    branch = head.parent / text.decode().strip().removeprefix("ref: ")
    tags = sorted(path.name for path in (head.parent / "refs" / "tags").rglob("*"))
    return text + (branch.read_bytes() if branch.is_file() else b"") + "\n".join(tags).encode()


def _files(root: str, documents: Documents | None) -> Iterator[str]:
    for directory, directories, files in os.walk(root):
        paths = ((name, os.path.join(directory, name)) for name in sorted(directories))
        directories[:] = [
            name
            for name, path in paths
            if not _is_made(path, directory == root) and not (documents and documents.skips(root, path))
        ]
        for path in (os.path.join(directory, name) for name in sorted(files)):
            if not (documents and documents.hold(root, path)):
                yield path


def _is_made(directory: str, at_top: bool) -> bool:
    """Tell directories that hold no source, above all Sphinx's own output, which changes in every build."""
    name = os.path.basename(directory)
    return (
        bool(_SKIPPED.match(name))
        or (at_top and name in _SKIPPED_AT_TOP)
        or any(os.path.exists(os.path.join(directory, sign)) for sign in _SIGNS)
    )
