"""Bytecode for Pyodide's Python, compiled by that Python, under Node."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from .core import LOCK, Core
from .programs import node
from .scripts import NODE


def compile_trees(trees: Mapping[str, Path], core: Core) -> None:
    """Put bytecode in the place of sources.

    Parameters
    ----------
    trees : mapping of str to Path
        Normalised name of a distribution -> directory with its files; ``""`` stands for the standard library.
    core : Core
        The whole Pyodide.

    Raises
    ------
    ProcessError
        Node is not there, or failed.
    """
    library = library_of(core)
    prefixes = {name: f"{library}/site-packages" if name else library for name in trees}
    with TemporaryDirectory() as directory:
        gather(core, Path(directory))
        jobs = [{"tree": str(tree), "prefix": prefixes[name]} for name, tree in trees.items()]
        node(NODE / "compile.mjs", {"core": directory, "trees": jobs})


def library_of(core: Core) -> str:
    """Return the directory of the standard library in Pyodide's file system."""
    return "/lib/python" + ".".join(core.lock["info"]["python"].split(".")[:2])


def gather(core: Core, directory: Path) -> None:
    """Put the files of Pyodide, which lie apart in the download cache, side by side, with a lock of no packages."""
    for name, path in core.files.items():
        shutil.copyfile(path, directory / name)
    (directory / LOCK).write_text(json.dumps({"info": core.lock["info"], "packages": {}}), encoding="utf-8")
