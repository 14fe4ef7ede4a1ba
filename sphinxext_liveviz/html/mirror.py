"""Makes a directory consist of given files, touching only what differs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path


def mirror(directory: Path, files: Mapping[str, Path | bytes]) -> None:
    """Make ``directory`` hold exactly ``files``.

    Parameters
    ----------
    directory : Path
        Made when there is something to hold.
    files : mapping of str to Path or bytes
        Path in the directory, with forward slashes, to the file to copy or the content to write.
    """
    for name, source in files.items():
        target = directory / name
        if not _same(target, source):
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(source, Path):
                shutil.copy2(source, target)
            else:
                target.write_bytes(source)
    kept = {directory / name for name in files}
    # Deepest first, so that directories are empty when they are met.
    for path in sorted(directory.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in kept:
            path.unlink()


def _same(target: Path, source: Path | bytes) -> bool:
    try:
        there = target.stat()
    except FileNotFoundError:
        return False
    if isinstance(source, bytes):
        return there.st_size == len(source) and target.read_bytes() == source
    wanted = source.stat()
    # copy2 keeps the time as exactly as the file system of the target can.
    return there.st_size == wanted.st_size and abs(there.st_mtime - wanted.st_mtime) < 1e-3
