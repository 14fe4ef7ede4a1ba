"""What all live pages of a site share, and the files that this takes."""

from __future__ import annotations

import hashlib
import io
import json
import posixpath
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from ..kernel import source_digest
from ..model import Drift, Mounted, Runtime
from .assets import Asked, libraries, used
from .digests import Digest, digest_of
from .layout import IMMUTABLE, ROOT, named
from .mirror import Source

PACKAGE = Path(__file__).parent.parent
_STATIC = PACKAGE / "static" / "liveviz"
_GLUE = re.compile(r"pyodide\.asm\.m?js")


@dataclass(frozen=True)
class Site:
    """The state of a site's live side in one build."""

    runtime: Runtime | None
    """What live cells run on; None when the pages are static."""
    reason: str = ""
    """Why ``runtime`` is None, for readers."""
    drift: tuple[Drift, ...] = ()
    """Versions in the runtime that are not those of the build."""
    offline: bool = False
    """Whether a service worker lets live pages work offline."""
    digest: Digest = digest_of
    """How to find the digest of a file of the runtime."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the configuration says to the kernel; what is as by default is not in it."""
    mounts: Mapping[str, Sequence[Mounted]] = field(default_factory=dict)
    """docname -> files that its live cells read."""

    def packages(self, docname: str) -> tuple[str, ...]:
        """Return the names of the packages that a page loads."""
        return self.runtime.packages.get(docname, ()) if self.runtime else ()

    def image(self, docname: str) -> str | None:
        """Return the address of the image that a page starts from, relative to the site's root."""
        directory = self.runtime.images.get(docname) if self.runtime else None
        return ROOT + IMMUTABLE + directory if directory else None

    def snapshot(self, docname: str) -> dict[str, list[str]] | None:
        """Return what the snapshot of a page that a reader's browser makes imports."""
        if self.runtime is None or docname not in self.runtime.snapshots:
            return None
        return {"modules": list(self.runtime.snapshots[docname])}

    def drift_of(self, cell: str) -> list[list[str]]:
        """Return name, version of the build and live version of what differs, among what a cell is the first to import.

        Of its page, that is.
        """
        return [[one.name, one.built, one.live] for one in self.drift if cell in one.cells]

    def mounted(self, docname: str) -> list[list[str]]:
        """Return path and address, relative to the site's root, of each file that a page's live cells read."""
        return [[file.path, ROOT + _mount(file)] for file in self.mounts.get(docname, ())]

    def files(self, asked: dict[str, Asked]) -> dict[str, Source]:
        """Return all files below :data:`ROOT`, given what the outputs of each page ask for."""
        files: dict[str, Source] = dict(_own())
        files[kernel_name()] = _kernel
        files.update(self._libraries(asked))
        if self.runtime is not None:
            files[self._lock_name] = self._lock
            for file in self.runtime.files:
                files[self._place(file.name)] = Path(file.path)
            for mounted in (mounted for page in self.mounts.values() for mounted in page):
                files[_mount(mounted)] = Path(mounted.source)
        return files

    def _libraries(self, asked: dict[str, Asked]) -> Iterable[tuple[str, Path]]:
        addresses = {address for page in asked.values() for address in page["files"]}
        libraries = {library for docname, page in asked.items() for library in used(page, self.packages(docname))}
        for library in sorted(libraries, key=lambda library: library.name):
            paths = [
                address.removeprefix(library.prefix) for address in addresses if address.startswith(library.prefix)
            ]
            for name, path in library.files(paths):
                yield library.directory + name, path

    def pyodide(self) -> dict[str, Any] | None:
        """Return the manifest's ``pyodide``, with addresses in the site relative to its root."""
        if self.runtime is None:
            return None
        return {
            "version": self.runtime.version,
            "indexURL": self.runtime.index_url or ROOT + self._core,
            "lockFileURL": ROOT + self._lock_name,
            "glue": next((file.name for file in self.runtime.files if _GLUE.fullmatch(file.name)), None),
        }

    # -- names that tell what is behind them ---------------------------------------

    def _place(self, name: str) -> str:
        """Return where a file of the runtime lies. One with a directory brings a name that tells its content."""
        if "/" in name:
            return IMMUTABLE + name
        return self._packages.get(name) or self._core + name

    @cached_property
    def _packages(self) -> dict[str, str]:
        """File name -> path, for the wheels that the site serves.

        Each has a directory of its own content: a wheel that was built here may keep name and version when its source
        has changed, and one that has not need not be fetched again because another has.
        """
        assert self.runtime is not None
        entries = {entry["file_name"]: entry["sha256"] for entry in self.runtime.lock.get("packages", {}).values()}
        served = {file.name for file in self.runtime.files} & entries.keys()
        return {name: f"{IMMUTABLE}packages/{named(entries[name])}/{name}" for name in served}

    @cached_property
    def _lock(self) -> bytes:
        """The lock, in which wheels of the site have the addresses that they have from there.

        Those are also the ones from Pyodide's own directory, which older Pyodides start from.
        """
        assert self.runtime is not None
        packages = {}
        for name, entry in self.runtime.lock.get("packages", {}).items():
            place = self._packages.get(entry["file_name"])
            packages[name] = {**entry, "file_name": f"../{place.removeprefix(IMMUTABLE)}"} if place else entry
        return json.dumps({**self.runtime.lock, "packages": packages}, indent=1, sort_keys=True).encode()

    @cached_property
    def _lock_name(self) -> str:
        return f"{IMMUTABLE}lock-{named(hashlib.sha256(self._lock).hexdigest())}/pyodide-lock.json"

    @cached_property
    def _core(self) -> str:
        """The directory of the files whose names Pyodide prescribes, where the site serves them."""
        assert self.runtime is not None
        digest = hashlib.sha256()
        for file in sorted(self.runtime.files, key=lambda file: file.name):
            if "/" not in file.name and file.name not in self._packages:
                digest.update(f"{file.name} {self.digest(Path(file.path))}\n".encode())
        return f"{IMMUTABLE}pyodide-{self.runtime.version}-{named(digest.hexdigest())}/"


def _mount(file: Mounted) -> str:
    return f"{IMMUTABLE}files/{named(file.digest)}/{posixpath.basename(file.path)}"


def kernel_name() -> str:
    """Return the name of the kernel's archive: another one whenever the kernel changes, so that caches never lie."""
    return f"{IMMUTABLE}kernel-{named(source_digest())}.zip"


def live_directory() -> str:
    """Return the directory of the modules that are imported on Run: another one whenever one of them changes.

    They import each other by relative names, so a query could not tell caches that one of them is new.
    """
    return _directory("live")


def drawer_address(script: str) -> str:
    """Return the name of a script that bundles what draws some MIME types."""
    return f"{_directory('vendor')}{script}.js"


def drawer_files(script: str) -> list[str]:
    """Return the names of such a script and of the style sheet that it loads, if it has one."""
    files = (_STATIC / "vendor" / f"{script}{suffix}" for suffix in (".js", ".css"))
    return [_directory("vendor") + path.name for path in files if path.is_file()]


@cache
def front_end() -> str:
    """Return a digest of all scripts and style sheets that draw: ours, and those of the installed libraries."""
    parts = [_directory("live"), _directory("vendor"), *(library.directory for library in libraries())]
    parts += [(_STATIC / name).read_text(encoding="utf-8") for name in ("liveviz.js", "liveviz.css")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def _directory(part: str) -> str:
    digest = hashlib.sha256()
    for path in sorted((_STATIC / part).rglob("*")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{IMMUTABLE}{part}-{named(digest.hexdigest())}/"


def _own() -> Iterable[tuple[str, Path]]:
    for path in sorted(_STATIC.rglob("*")):
        if path.suffix in {".js", ".css", ".woff2"}:
            part, _, name = path.relative_to(_STATIC).as_posix().rpartition("/")
            yield _directory(part) + name if part else name, path


@cache
def _kernel() -> bytes:
    """Return the kernel as an archive that a Pyodide worker unpacks; the same bytes for the same sources."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted((PACKAGE / "kernel").rglob("*.py")):
            # No __init__ of the package: in the browser it is a namespace that holds the kernel alone.
            entry = zipfile.ZipInfo(path.relative_to(PACKAGE.parent).as_posix())
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            opened.writestr(entry, path.read_bytes())
    return archive.getvalue()
