"""What a bundle makes of verified files: lean wheels, and images to start from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..config import LiveConfig
from ..errors import ProcessError
from ..model import Cell, Runtime, RuntimeFile
from .core import Core
from .image import families, make_image
from .imports import modules_of
from .lean import LIBRARY, Packed, make_lean
from .run import Run
from .unread import kept_for

RECORD = "liveviz-dropped.json"
"""Name of the site's record of what was left out: distribution -> paths below site-packages."""
_LIBRARY_FILE = "python_stdlib.zip"


def make_bundle(
    runtime: Runtime, pages: Mapping[str, Sequence[Cell]], config: LiveConfig, core: Core, run: Run
) -> Runtime:
    """Return a runtime whose files are lean, and whose pages start from images where that can be.

    Without Node, or where it fails, the runtime is as it was or lacks some images: pages are live all the same, later.

    Parameters
    ----------
    runtime : Runtime
        With all that a bundle serves.
    pages : mapping of str to sequence of Cell
        The pages that it was made for.
    config : LiveConfig
    core : Core
        The whole Pyodide.
    run : Run
    """
    modules = {docname: modules_of(pages[docname]) for docname in runtime.packages}
    files = {file.name: file for file in runtime.files}
    wheels = {
        name: files[entry["file_name"]]
        for name, entry in runtime.lock["packages"].items()
        if entry["package_type"] == "package"
    }
    wheels[LIBRARY] = files[_LIBRARY_FILE]
    try:
        packed = make_lean(wheels, (*config.keep, *kept_for(set().union(*modules.values()))), core, run)
    except ProcessError as error:
        run.progress(f"wheels are served as they are, and live cells start slower: {error}")
        return runtime
    runtime = _with(runtime, packed, run)
    return _with_images(runtime, packed, modules, core, run) if config.snapshot == "build" else runtime


def _with(runtime: Runtime, packed: Mapping[str, Packed], run: Run) -> Runtime:
    """Return the runtime with lean files in the places of the originals, and with their hashes in its lock.

    A file more, :data:`RECORD`, lists what was left out.
    """
    lean = {one.file.name: one.file for one in packed.values()}
    packages = {
        name: {**entry, "sha256": packed[name].sha256} if name in packed else entry
        for name, entry in runtime.lock["packages"].items()
    }
    dropped = {name: list(one.dropped) for name, one in sorted(packed.items()) if one.dropped}
    record = run.cache.keep(json.dumps(dropped, indent=1).encode(), RECORD)
    return replace(
        runtime,
        lock={**runtime.lock, "packages": packages},
        files=(
            *(lean.get(file.name, file) for file in runtime.files),
            RuntimeFile(f"dropped-{record.parent.name[:16]}/{RECORD}", str(record)),
        ),
        dropped={name: len(paths) for name, paths in dropped.items()},
    )


def _with_images(
    runtime: Runtime, packed: Mapping[str, Packed], modules: Mapping[str, set[str]], core: Core, run: Run
) -> Runtime:
    sizes = {name: Path(one.file.path).stat().st_size for name, one in packed.items()}
    # Shared libraries and the like lie in other places, and are linked in other ways.
    suited = {docname: names for docname, names in runtime.packages.items() if all(name in packed for name in names)}
    images: dict[str, str] = {}
    files: list[RuntimeFile] = []
    for family in families(suited, modules, sizes):
        try:
            directory, made = make_image(family, packed, core, run)
        except ProcessError as error:
            run.progress(f"{', '.join(family.docnames)} without an image, so that live cells start slower: {error}")
            continue
        images |= dict.fromkeys(family.docnames, directory)
        files += [file for file in made if file not in files]
    return replace(runtime, images=images, files=(*runtime.files, *files))
