"""Front-end files of libraries: from their public addresses to copies out of the installed packages.

Nothing is imported: ``find_spec`` of a top-level package says where its files are.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..model import BOKEH
from ..render.drawn import drawer_of, is_drawn
from ..render.widgets import captured_outputs, saved_models
from .layout import IMMUTABLE, named

Asked = dict[str, list[str]]
"""``js``, ``css`` and ``modules``: addresses that a page loads, in order; ``files``: all addresses of known libraries
in it, and of what its live cells may show; ``mimes``: types of what its scripts draw. The fragment of a module's
address names the global that it becomes."""


@dataclass(frozen=True)
class Library:
    """An installed library that brings its own front end."""

    name: str
    """Name of the distribution and of its module."""
    prefix: str
    """Public address below which the library's outputs look for files; ends in a slash."""
    directory: str
    """Directory of the copies, below the site's ``liveviz`` directory; ends in a slash."""
    files: Callable[[Iterable[str]], Iterator[tuple[str, Path]]]
    """Given paths below ``prefix``, yields (path, installed file) of those and of what they may load in turn."""
    brings: Callable[[str], bool]
    """Whether there is a file for a path below ``prefix``."""


@cache
def libraries() -> tuple[Library, ...]:
    """Return the libraries that are installed."""
    found = []
    for name, make in (("bokeh", _bokeh), ("panel", _panel), ("plotly", _plotly)):
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            found.append(make(Path(spec.origin).parent, metadata.distribution(name)))
    return tuple(found)


def _directory(distribution: metadata.Distribution, front_end: str) -> str:
    """Return the directory of a library's copies, named after what was installed.

    Parameters
    ----------
    distribution : Distribution
        The library's.
    front_end : str
        Where it keeps the originals, as its list of files has it.
    """
    name = f"assets/{distribution.name}-{distribution.version}"
    lines = (distribution.read_text("RECORD") or "").splitlines()
    files = sorted(line for line in lines if line.startswith(front_end) and ",sha256=" in line)
    if not files:
        return f"{name}/"  # installed from a checkout, perhaps: a version tells nothing of what it holds
    return f"{IMMUTABLE}{name}-{named(hashlib.sha256(''.join(files).encode()).hexdigest())}/"


def _bokeh(root: Path, distribution: metadata.Distribution) -> Library:
    version = distribution.version

    scripts = root / "server" / "static" / "js"

    def files(_paths: Iterable[str]) -> Iterator[tuple[str, Path]]:
        # All components, though a page loads few: live cells may make what their static output had no need of.
        for path in sorted(scripts.glob("bokeh*.min.js")):
            yield f"{path.name.removesuffix('.min.js')}-{version}.min.js", path

    def brings(path: str) -> bool:
        return (scripts / path.replace(f"-{version}.", ".")).is_file()

    prefix = "https://cdn.bokeh.org/bokeh/release/"
    return Library("bokeh", prefix, _directory(distribution, "bokeh/server/"), files, brings)


def _panel(root: Path, distribution: metadata.Distribution) -> Library:
    dist = root / "dist"

    def files(paths: Iterable[str]) -> Iterator[tuple[str, Path]]:
        # The whole is 100 MB, nearly all of it extensions: of those, only what is asked for.
        wanted = {"panel.min.js", "css", "images", "assets", "bundled/theme"}
        for path in paths:
            extension = re.match(r"bundled/[^/]+(?=/)", path)
            wanted.add(extension[0] if extension else path)
        for name in sorted(wanted):
            for path in _files_in(str(dist / name)):
                if not path.endswith(".map") and os.path.isfile(path):
                    yield path.removeprefix(f"{dist}{os.sep}").replace(os.sep, "/"), Path(path)

    prefix = f"https://cdn.holoviz.org/panel/{distribution.version}/dist/"
    return Library(
        "panel", prefix, _directory(distribution, "panel/dist/"), files, lambda path: (dist / path).is_file()
    )


def _plotly(root: Path, distribution: metadata.Distribution) -> Library:
    script = "plotly.min.js"

    def files(_paths: Iterable[str]) -> Iterator[tuple[str, Path]]:
        yield script, root / "package_data" / script

    directory = _directory(distribution, f"plotly/package_data/{script}")
    return Library("plotly", "https://cdn.plot.ly/", directory, files, lambda path: path == script)


def _files_in(path: str) -> Iterator[str]:
    """Yield the files in a directory and below, or the path itself when it is none."""
    if not os.path.isdir(path):
        yield path
    for place, _, names in os.walk(path):
        yield from (os.path.join(place, name) for name in names)


def asked_by(notebook: Mapping[str, Any]) -> Asked:
    """Return what the outputs of a notebook ask for."""
    outputs = [output for cell in notebook["cells"] for output in cell["outputs"]]
    outputs += [output for model in saved_models(notebook).values() for output in captured_outputs(model)]
    asked = merged(
        _asked_by(mime, content)
        for output in outputs
        for mime, content in output.get("data", {}).items()
        if is_drawn(mime)
    )
    told = notebook.get("metadata", {}).get("liveviz", {}).get("assets", ())
    return {**asked, "files": sorted({*asked["files"], *filter(_is_known, told)})}


def _is_known(address: str) -> bool:
    return any(address.startswith(library.prefix) for library in libraries())


def _asked_by(mime: str, content: Mapping[str, Any]) -> Asked:
    text = json.dumps(content)
    files = {
        address
        for library in libraries()
        for address in re.findall(re.escape(library.prefix) + r"""[^"'\\\s<>()?#]+""", text)
    }
    drawer = drawer_of(mime)
    files |= {library.prefix for library in libraries() if drawer and library.name == drawer.library}
    resources = content["resources"] if mime == BOKEH else {}
    loaded = {key: resources.get(key, []) for key in ("js", "css", "modules")}
    return {**loaded, "files": sorted(files), "mimes": [mime, *resources.get("mimes", [])]}


def merged(parts: Iterable[Asked | None]) -> Asked:
    """Return what several outputs or pages ask for together, in an order that is right for each."""
    total: Asked = {"js": [], "css": [], "modules": [], "files": [], "mimes": []}
    for part in filter(None, parts):
        for kind, order in total.items():
            for position, address in enumerate(part[kind]):
                if address not in order:
                    later = [order.index(other) for other in part[kind][position + 1 :] if other in order]
                    order.insert(min(later, default=len(order)), address)
    return total


def used(asked: Asked, packages: Iterable[str]) -> list[Library]:
    """Return the libraries whose front end a page uses, or may use once it is live with ``packages``."""
    live = set(packages)
    if not asked["files"] and not live:
        return []
    return [
        library
        for library in libraries()
        if library.name in live or any(address.startswith(library.prefix) for address in asked["files"])
    ]


def local(address: str) -> str:
    """Return the path of an address's copy below the ``liveviz`` directory, or the address if there is none."""
    for library in libraries():
        if address.startswith(library.prefix):
            return library.directory + address.removeprefix(library.prefix)
    return address


def absent(asked: Asked, *, bundle: bool) -> list[str]:
    """Return the addresses that a page loads and that the site does not have.

    Parameters
    ----------
    asked : Asked
    bundle : bool
        Whether the site is to have all of them; otherwise only what an installed library should have brought.
    """
    gone = []
    for address in (address for kind in ("js", "css", "modules") for address in asked[kind]):
        bare = address.partition("#")[0].partition("?")[0]
        library = next((library for library in libraries() if bare.startswith(library.prefix)), None)
        if library is None:
            if bundle and "://" in bare:
                gone.append(bare)
        elif not library.brings(bare.removeprefix(library.prefix)):
            gone.append(bare)
    return gone
