"""What all live pages of a site share, and the files that this takes."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..kernel import source_digest
from ..model import Runtime
from .assets import Asked, used
from .mirror import Source

PACKAGE = Path(__file__).parent.parent
_STATIC = PACKAGE / "static" / "liveviz"
ROOT = "_static/liveviz/"
"""Where the site keeps our files."""


@dataclass(frozen=True)
class Site:
    """The state of a site's live side in one build."""

    runtime: Runtime | None
    """What live cells run on; None when the pages are static."""
    reason: str = ""
    """Why ``runtime`` is None, for readers."""

    def packages(self, docname: str) -> tuple[str, ...]:
        """Return the names of the packages that a page loads."""
        return self.runtime.packages.get(docname, ()) if self.runtime else ()

    def image(self, docname: str) -> str | None:
        """Return the address of the image that a page starts from, relative to the site's root."""
        directory = self.runtime.images.get(docname) if self.runtime else None
        return ROOT + _distribution(self.runtime) + directory if self.runtime and directory else None

    def files(self, asked: dict[str, Asked]) -> dict[str, Source]:
        """Return all files below :data:`ROOT`, given what the outputs of each page ask for."""
        files: dict[str, Source] = dict(_own())
        files[kernel_name()] = _kernel
        files.update(self._libraries(asked))
        if self.runtime is not None:
            files[f"{_distribution(self.runtime)}pyodide-lock.json"] = json.dumps(
                self.runtime.lock, indent=1, sort_keys=True
            ).encode()
            for file in self.runtime.files:
                files[f"{_distribution(self.runtime)}{file.name}"] = Path(file.path)
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

    def pyodide(self) -> dict[str, str] | None:
        """Return the manifest's ``pyodide``, with addresses in the site relative to its root."""
        if self.runtime is None:
            return None
        place = ROOT + _distribution(self.runtime)
        return {
            "version": self.runtime.version,
            "indexURL": self.runtime.index_url or place,
            "lockFileURL": place + "pyodide-lock.json",
        }


def _distribution(runtime: Runtime) -> str:
    """Where the lock lies, and in ``bundle`` mode the whole distribution."""
    return "" if runtime.index_url else f"pyodide/{runtime.version}/"


def kernel_name() -> str:
    """Return the name of the kernel's archive: another one whenever the kernel changes, so that caches never lie."""
    return f"kernel-{source_digest()[:12]}.zip"


@cache
def live_directory() -> str:
    """Return the directory of the modules that are imported on Run: another one whenever one of them changes.

    They import each other by relative names, so a query could not tell caches that one of them is new.
    """
    digest = hashlib.sha256()
    for path in sorted((_STATIC / "live").rglob("*")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"live-{digest.hexdigest()[:12]}/"


def _own() -> Iterable[tuple[str, Path]]:
    for path in sorted(_STATIC.rglob("*")):
        if path.is_file():
            name = path.relative_to(_STATIC).as_posix()
            yield live_directory() + name.removeprefix("live/") if name.startswith("live/") else name, path


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
