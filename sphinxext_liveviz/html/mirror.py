"""Makes a directory consist of given files, touching only what differs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from ..store import write

Source = Path | bytes | Callable[[], bytes]


def mirror(directory: Path, files: Mapping[str, Source]) -> None:
    """Make ``directory`` hold exactly ``files``.

    Parameters
    ----------
    directory : Path
        Made when there is something to hold.
    files : mapping of str to Path, bytes or callable
        Path in the directory, with forward slashes, to the file to copy or the content to write. A callable makes
        the content, and is called when there is no file of the name: so the name must tell one content from another.
    """
    root = str(directory)
    kept = set()
    for name, source in files.items():
        path = os.path.join(root, *name.split("/"))
        kept.add(path)
        if not _same(path, source):
            target = Path(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(source, Path):
                shutil.copyfile(source, target)
                os.utime(target, ns=(source.stat().st_atime_ns, source.stat().st_mtime_ns))
            else:
                write(target, source if isinstance(source, bytes) else source())
    # Deepest first, so that directories are empty when they are met.
    for place, directories, names in os.walk(root, topdown=False):
        for name in names:
            path = os.path.join(place, name)
            if path not in kept:
                os.unlink(path)
        for name in directories:
            path = os.path.join(place, name)
            if os.path.islink(path):
                os.unlink(path)
            elif not os.listdir(path):
                os.rmdir(path)


def _same(target: str, source: Source) -> bool:
    try:
        there = os.stat(target)
    except FileNotFoundError:
        return False
    if callable(source):
        return True
    if isinstance(source, bytes):
        return there.st_size == len(source) and Path(target).read_bytes() == source
    wanted = os.stat(source)
    # The time is kept as exactly as the file system of the target can.
    return there.st_size == wanted.st_size and abs(there.st_mtime - wanted.st_mtime) < 1e-3
