"""Lean wheels: what a worker reads, and nothing else, with bytecode in the place of sources.

A wheel is made for installations: it brings tests, type stubs, headers and, in this field, a front end that is several
times as large as its Python. Readers would download all that, and Pyodide would compile every source anew in each
visit. So the files of a bundle are packed again, after their hashes were verified:

1. :mod:`.unread` says what a worker has no use for.
2. :mod:`.bytecode` compiles sources with the target's own Python, for only that knows its bytecode.
3. :func:`zipped` writes the wheel. What was left out stands in it, in a file of its metadata, so that an import that
   misses it can say so (:mod:`..kernel.dropped`).

The repacked files are kept in the download cache, by what they were made from.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..kernel.dropped import LIST
from ..model import RuntimeFile
from .bytecode import compile_trees
from .core import Core
from .run import Run
from .unread import is_dropped

FORMAT = 1
"""Raised when the same wheel is packed in another way."""

LIBRARY = ""
"""Stands for Pyodide's standard library among the names of distributions."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A lean file."""

    file: RuntimeFile
    """In the download cache, under the name of the original."""
    sha256: str
    """Of its content."""
    dropped: tuple[str, ...]
    """Paths in the original of what was left out, sorted."""


def make_lean(wheels: Mapping[str, RuntimeFile], keep: Sequence[str], core: Core, run: Run) -> dict[str, Packed]:
    """Pack wheels and Pyodide's standard library anew.

    Parameters
    ----------
    wheels : mapping of str to RuntimeFile
        Normalised name of a distribution -> its verified wheel; :data:`LIBRARY` -> the archive of the standard library.
    keep : sequence of str
        Patterns of files that stay in any case.
    core : Core
        The whole Pyodide, to compile with.

    Raises
    ------
    ProcessError
        Node is not there, or failed.
    """
    drops = {name: _dropped(name, file, keep) for name, file in wheels.items()}
    python = [path.parent.name for name, path in sorted(core.files.items()) if name.endswith((".wasm", ".zip"))]
    questions = {
        name: ("lean", str(FORMAT), Path(file.path).parent.name, *python, *drops[name]) for name, file in wheels.items()
    }
    packed: dict[str, Packed] = {}
    for name, file in wheels.items():
        sha256 = run.cache.recall(*questions[name])
        path = run.cache.find(sha256, file.name) if sha256 else None
        if path is not None:
            packed[name] = Packed(RuntimeFile(file.name, str(path)), sha256, drops[name])
    missing = {name: file for name, file in wheels.items() if name not in packed}
    if missing:
        run.progress(f"compiling {len(missing)} packages to bytecode and packing them anew; next time they are there")
        with TemporaryDirectory() as directory:
            trees = {name: Path(directory, str(number)) for number, name in enumerate(missing)}
            for name, tree in trees.items():
                _unpack(missing[name], tree, drops[name])
            compile_trees(trees, core)
            for name, tree in trees.items():
                file = missing[name]
                path = run.cache.keep(zipped(tree), file.name)
                run.cache.remember(*questions[name], answer=path.parent.name)
                packed[name] = Packed(RuntimeFile(file.name, str(path)), path.parent.name, drops[name])
    return packed


def _dropped(name: str, file: RuntimeFile, keep: Sequence[str]) -> tuple[str, ...]:
    if name == LIBRARY:
        return ()
    with zipfile.ZipFile(file.path) as archive:
        return tuple(sorted(path for path in archive.namelist() if is_dropped(name, path, keep)))


def _unpack(file: RuntimeFile, tree: Path, dropped: Sequence[str]) -> None:
    with zipfile.ZipFile(file.path) as archive:
        archive.extractall(tree, sorted({*archive.namelist()} - {*dropped}))
    for metadata in tree.glob("*.dist-info"):
        _trim(metadata / "METADATA")
        (metadata / LIST).write_text("".join(f"{path}\n" for path in dropped), encoding="utf-8")


def _trim(metadata: Path) -> None:
    """Leave the fields that programs read: descriptions are long, and each program that reads one parses them all."""
    text = metadata.read_text(encoding="utf-8", errors="replace")
    head = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
    fields = ("Metadata-Version", "Name", "Version", "Requires-Dist", "Requires-Python", "Provides-Extra")
    lines = [line for line in head.splitlines() if line.startswith(tuple(f"{field}:" for field in fields))]
    metadata.write_text("\n".join(lines) + "\n", encoding="utf-8")


def zipped(tree: Path) -> bytes:
    """Return an archive of a directory, whose bytes depend on names and contents alone."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in tree.rglob("*") if path.is_file()):
            item = zipfile.ZipInfo(path.relative_to(tree).as_posix())  # dated 1980
            item.compress_type = zipfile.ZIP_DEFLATED
            item.external_attr = 0o644 << 16
            archive.writestr(item, path.read_bytes())
    return made.getvalue()
