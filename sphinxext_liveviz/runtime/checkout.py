"""The state of a checkout that an installed project comes from."""

from __future__ import annotations

import hashlib
import os
import re
import urllib.parse
import urllib.request
from pathlib import Path

_SKIPPED = re.compile(r"^(\..*|__pycache__|build|dist|node_modules|.*\.egg-info)$")


def state_of(url: str | None) -> str:
    """Tell states of a source directory apart, so that a checkout is built again after a change, and only then."""
    parts = urllib.parse.urlsplit(url or "")
    if parts.scheme != "file":
        return ""
    root = Path(urllib.request.url2pathname(parts.path))
    digest = hashlib.sha256()
    for directory, directories, files in os.walk(root):
        directories[:] = sorted(name for name in directories if not _is_output(Path(directory) / name))
        for name in sorted(files):
            status = os.lstat(Path(directory) / name)
            digest.update(f"{directory}/{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    if root.is_file():
        digest.update(root.read_bytes())
    return digest.hexdigest()


def _is_output(directory: Path) -> bool:
    """Tell directories that hold no source, above all Sphinx's own output, which changes in every build."""
    return bool(_SKIPPED.match(directory.name)) or any(
        (directory / sign).exists() for sign in (".buildinfo", "environment.pickle", "pyvenv.cfg")
    )
