"""Images: Python as it is when all that pages import is imported, made at build, so that no reader waits for it.

An image is a directory of four files, each compressed with gzip:

- ``image.pack``, JSON that says what is in the others; see ``Image`` in ``static/liveviz/live/image.js``;
- ``libraries.pack``, the extension modules that are loaded, one behind the other;
- ``memory.pack``, the interpreter's memory;
- ``files.pack``, all files that may still be read: not the modules that are imported, for those are in memory.

They are not called ``.gz``: servers tell browsers of such files to decompress them, and then they are so already.
Pages whose packages are much the same share an image (:func:`families`).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..kernel import source_digest
from ..model import RuntimeFile
from .bytecode import gather, library_of
from .core import Core
from .lean import LIBRARY, Packed
from .outcome import size
from .programs import node
from .run import Run
from .scripts import LIVE, NODE, scripts_digest

FORMAT = 1
"""Raised together with that of ``image.js``."""
MOST = 6
"""Images that a site has at most."""
_LIKE = 1.25
"""Pages share an image whose packages are at most this many times as large as what each of them needs."""

_PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Family:
    """Pages that share an image."""

    docnames: tuple[str, ...]
    """The pages."""
    packages: frozenset[str]
    """Names in the lock of what any of them loads."""
    modules: frozenset[str]
    """Dotted names of what any of them imports."""


def families(
    packages: Mapping[str, Iterable[str]], modules: Mapping[str, Iterable[str]], sizes: Mapping[str, int]
) -> list[Family]:
    """Divide the pages of a site into families.

    Parameters
    ----------
    packages, modules : mapping
        docname -> what the page loads and imports.
    sizes : mapping of str to int
        Package -> its bytes.
    """
    found = [
        Family((docname,), frozenset(names), frozenset(modules[docname])) for docname, names in sorted(packages.items())
    ]
    while len(found) > 1:
        cost, one, other = min(
            (
                (_cost(first, second, sizes), first, second)
                for number, first in enumerate(found)
                for second in found[number + 1 :]
            ),
            key=lambda pair: pair[0],
        )
        if cost > _LIKE and len(found) <= MOST:
            break
        found.remove(other)
        found[found.index(one)] = Family(
            (*one.docnames, *other.docnames), one.packages | other.packages, one.modules | other.modules
        )
    return found


def _cost(one: Family, other: Family, sizes: Mapping[str, int]) -> float:
    """How many times as large as its own the image of both is for the one with less."""
    base = 4_000_000  # what Python itself weighs
    least, both = (
        base + sum(sizes[name] for name in names)
        for names in (min(one.packages, other.packages, key=lambda names: sum(map(sizes.__getitem__, names))),
                      one.packages | other.packages)
    )  # fmt: skip
    return both / least


def make_image(family: Family, packed: Mapping[str, Packed], core: Core, run: Run) -> tuple[str, list[RuntimeFile]]:
    """Make the image of a family, or find it in the download cache.

    Parameters
    ----------
    family : Family
    packed : mapping of str to Packed
        Lean wheels by name of the package, and the standard library.
    core : Core
        The whole Pyodide.

    Returns
    -------
    str
        Directory of the image, beside the lock; ends in a slash.
    list of RuntimeFile
        Its files.

    Raises
    ------
    ProcessError
        Node is not there, or no snapshot can be made of what the pages import.
    """
    names = [LIBRARY, *sorted(family.packages)]
    made_from = [
        FORMAT,
        {name: path.parent.name for name, path in core.files.items()},
        [packed[name].sha256 for name in names],
        sorted(family.modules),
        source_digest(),
        scripts_digest(),
    ]
    key = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()
    known = run.cache.recall("image", key) or {}
    kept = {name: path for name, sha256 in known.items() if (path := run.cache.find(sha256, name))}
    if not kept or len(kept) < len(known):
        what = ", ".join(sorted(family.modules)) or "no library"
        run.progress(f"starting Python once for all readers, with {what} imported")
        contents = _make(family, names, packed, core)
        kept = {name: run.cache.keep(content, name) for name, content in contents.items()}
        run.cache.remember("image", key, answer={name: path.parent.name for name, path in kept.items()})
        total = sum(len(content) for content in contents.values())
        run.progress(f"an image of {size(total)} for {len(family.docnames)} pages")
    # By content: what browsers have kept of it stays true for ever.
    directory = "image-" + hashlib.sha256("".join(path.parent.name for path in kept.values()).encode()).hexdigest()[:16]
    return f"{directory}/", [RuntimeFile(f"{directory}/{name}", str(path)) for name, path in sorted(kept.items())]


def _make(family: Family, names: Sequence[str], packed: Mapping[str, Packed], core: Core) -> dict[str, bytes]:
    contents = _contents(names, packed, core)
    with TemporaryDirectory() as place:
        here = Path(place)
        (here / "core").mkdir()
        gather(core, here / "core")
        archive = f"{_archive_of(core)}/"
        index, block = _side_by_side(contents, (path for path in contents if not path.startswith(archive)))
        (here / "files").write_bytes(block)
        job = {
            "core": str(here / "core"),
            "glue": _glue(core),
            "library": packed[LIBRARY].file.path,
            "files": str(here / "files"),
            "index": index,
            "modules": sorted(family.modules),
            "scripts": LIVE.as_uri() + "/",
            "memory": str(here / "memory"),
            "record": str(here / "record"),
        }
        node(NODE / "snapshot.mjs", job)
        made = json.loads((here / "record").read_bytes())
        memory = (here / "memory").read_bytes()
    in_memory = set(made["inMemory"])
    rest = {path: content for path, content in contents.items() if path not in in_memory}
    library = {path: rest.pop(path) for path in list(rest) if path.startswith(archive)}
    rest[_archive_of(core)] = _stored({path.removeprefix(archive): content for path, content in library.items()})
    files, files_block = _side_by_side(rest, rest)
    libraries, libraries_block = _side_by_side(contents, made["libraries"])
    image: dict[str, Any] = {
        "format": FORMAT,
        "glue": _glue(core),
        "packages": sorted(family.packages),
        "library": _archive_of(core),
        "files": files,
        "libraries": libraries,
        "snapshot": made["record"],
    }
    parts = {
        "image": json.dumps(image, separators=(",", ":")).encode(),
        "files": files_block,
        "libraries": libraries_block,
        "memory": memory,
    }
    return {f"{name}.pack": gzip.compress(part, 9, mtime=0) for name, part in parts.items()}


def _contents(names: Iterable[str], packed: Mapping[str, Packed], core: Core) -> dict[str, bytes]:
    """Return all files, by their paths as Python sees them: the standard library stays in an archive."""
    site = f"{library_of(core)}/site-packages/"
    contents: dict[str, bytes] = {}
    for name in names:
        place = site if name != LIBRARY else f"{_archive_of(core)}/"
        with zipfile.ZipFile(packed[name].file.path) as archive:
            contents |= {place + item: archive.read(item) for item in archive.namelist() if not item.endswith("/")}
    for path in sorted((_PACKAGE / "kernel").rglob("*.py")):
        contents[site + path.relative_to(_PACKAGE.parent).as_posix()] = path.read_bytes()
    return contents


def _side_by_side(contents: Mapping[str, bytes], paths: Iterable[str]) -> tuple[list[tuple[str, int, int]], bytes]:
    index, block = [], io.BytesIO()
    for path in paths:
        index.append((path, block.tell(), len(contents[path])))
        block.write(contents[path])
    return index, block.getvalue()


def _archive_of(core: Core) -> str:
    """Return the path at which Pyodide puts the archive of the standard library."""
    return library_of(core).replace(".", "") + ".zip"


def _stored(contents: Mapping[str, bytes]) -> bytes:
    """Return an archive that is not compressed, because it will be as a part of a larger block."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def _glue(core: Core) -> str:
    return next(name for name in core.files if name.startswith("pyodide.asm.") and not name.endswith(".wasm"))
