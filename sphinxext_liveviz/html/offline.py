"""The service worker that lets live pages work offline, and the list of what it stores.

The list is read off the site as it was written: of each live page, its manifest names the files and directories that
live cells may ask for, and the scripts that draw static output; its HTML the style sheets, scripts and images that show
it. So nothing has to be told here when live cells come to need another file. Pages that need the same files when they
are live are of one *kind*.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard
from urllib.parse import quote, unquote, urljoin

from sphinx.builders import Builder
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinxcontrib.serializinghtml import SerializingHTMLBuilder

from ..render.choice import runs_scripts
from .digests import Digest
from .layout import IMMUTABLE, ROOT, WORKER
from .page import manifest_in

_SCRIPTS = Path(__file__).parent.parent / "static" / "offline"
_TAG = re.compile(
    r"""<(?:link|script|img|source|video|audio|embed|object|input)\b(?:[^>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"""\s(src|href|poster|data|srcset|rel)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_SHOWN = {"stylesheet", "icon", "apple-touch-icon", "mask-icon", "preload", "modulepreload", "manifest"}
"""What a ``link`` may be for the browser to fetch it; most others lead to pages."""
_IN_CSS = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)|@import\s+["']([^"']+)["']""")
_BASE = "http://site/root/"
"""Stands for the site's root while addresses are made relative to it."""


@dataclass(frozen=True)
class Plan:
    """What a reader's browser stores, at most."""

    files: tuple[tuple[str, str, int], ...]
    """Address from the site's root, sha256 and size in bytes."""
    kinds: tuple[tuple[int, ...], ...]
    """For each kind of page, what its live cells may need: positions in ``files``."""
    pages: Mapping[str, tuple[int, tuple[int, ...]]]
    """Address of a live page -> its kind, and what shows it, itself first: positions in ``files``."""

    @property
    def size(self) -> int:
        """Bytes that all of it takes."""
        return sum(size for _, _, size in self.files)


def has_root(builder: Builder) -> TypeGuard[StandaloneHTMLBuilder]:
    """Whether what a builder writes is a site, with a root for the worker to lie in, and not parts of pages."""
    is_site = isinstance(builder, StandaloneHTMLBuilder) and not isinstance(builder, SerializingHTMLBuilder)
    return is_site and runs_scripts(builder)


def make_plan(root: Path, pages: Iterable[str], digest: Digest) -> Plan:
    """Find out what the live pages of a site need.

    Parameters
    ----------
    root : Path
        The built site.
    pages : iterable of str
        Paths of HTML files from there; those that are not live are left out.
    digest : callable
    """
    files: dict[str, tuple[int, str, int]] = {}

    def position(name: str) -> int:
        if name not in files:
            path = _path(root, name)
            files[name] = (len(files), digest(path), path.stat().st_size)
        return files[name][0]

    kinds: dict[tuple[int, ...], int] = {}
    found: dict[str, tuple[int, tuple[int, ...]]] = {}
    for page in sorted(pages):
        text = (root / page).read_text(encoding="utf-8")
        manifest = manifest_in(text)
        if manifest is None or manifest["pyodide"] is None:
            continue
        name = quote(page)
        live = tuple(position(one) for one in sorted(_with_sheets(root, _live(root, name, manifest))))
        drawing = filter(None, (_resolve(root, name, address) for address in manifest["scripts"]))
        shown = dict.fromkeys([name, *_with_sheets(root, _shown(root, name, text)), *drawing])
        found[name] = (kinds.setdefault(live, len(kinds)), tuple(position(one) for one in shown))
    return Plan(tuple((name, sha256, size) for name, (_, sha256, size) in files.items()), tuple(kinds), found)


def worker(plan: Plan) -> bytes:
    """Return the service worker of a site."""
    source = (_SCRIPTS / "worker.js").read_text(encoding="utf-8")
    known = {"immutable": ROOT + IMMUTABLE, "files": plan.files, "kinds": plan.kinds, "pages": plan.pages}
    deploy = hashlib.sha256((json.dumps(known) + source).encode()).hexdigest()
    return f"self.OFFLINE = {json.dumps({'deploy': deploy[:16], **known})};\n{source}".encode()


def remover() -> bytes:
    """Return the worker that takes the place of an earlier one and removes itself with all that that one has stored."""
    return (_SCRIPTS / "remover.js").read_bytes()


# -- addresses --------------------------------------------------------------------------------------------------------


def _path(root: Path, name: str) -> Path:
    return root / unquote(name.partition("?")[0])


def _resolve(root: Path, base: str, address: str) -> str | None:
    """Return an address relative to the site's root, if a file of the site is there."""
    absolute = urljoin(_BASE + base, address.strip().partition("#")[0])
    if not absolute.startswith(_BASE):
        return None
    name = absolute.removeprefix(_BASE)
    if name.startswith(ROOT + IMMUTABLE):
        name = name.partition("?")[0]  # says nothing that the name does not
    return name if name and name != WORKER and _path(root, name).is_file() else None


def _live(root: Path, page: str, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield what live cells of a page may ask for: all files that its manifest names, or whose directory it names."""
    others = {"cells", "docname", "packages", "directory", "files", "snapshot", "scripts", "drawers", "math"}
    data = [url for _, url in manifest.get("files", ())]
    if math := manifest.get("math"):
        data.append(math["url"])
    for address in _strings([data, *(value for key, value in manifest.items() if key not in others)]):
        if address.endswith("/"):
            yield from _below(root, urljoin(_BASE + page, address))
        elif name := _resolve(root, page, address):
            yield name
    yield from _wheels(root, page, manifest)


def _wheels(root: Path, page: str, manifest: Mapping[str, Any]) -> Iterator[str]:
    lock = _resolve(root, page, manifest["pyodide"]["lockFileURL"])
    if lock is None:
        return
    packages = json.loads(_path(root, lock).read_bytes()).get("packages", {})
    for package in manifest["packages"]:
        if name := _resolve(root, lock, packages[package]["file_name"]):
            yield name


def _below(root: Path, directory: str) -> Iterator[str]:
    if directory.startswith(_BASE + ROOT):
        for path in _path(root, directory.removeprefix(_BASE)).rglob("*"):
            if path.is_file():
                yield quote(path.relative_to(root).as_posix())


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def _shown(root: Path, page: str, text: str) -> Iterator[str]:
    """Yield what the HTML of a page asks a browser for."""
    return (name for address in _in_html(text) if (name := _resolve(root, page, address)))


def _with_sheets(root: Path, names: Iterable[str]) -> Iterator[str]:
    """Yield each file once, and the files that style sheets among them ask for."""
    waiting = list(names)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        yield name
        path = _path(root, name)
        if path.suffix == ".css":
            sheet = path.read_text(encoding="utf-8", errors="replace")
            addresses = (one or other for one, other in _IN_CSS.findall(sheet))
            waiting += [found for address in addresses if (found := _resolve(root, name, address))]


def _in_html(text: str) -> Iterator[str]:
    for tag in _TAG.findall(text):
        attributes = {name.lower(): html.unescape(one or other) for name, one, other in _ATTRIBUTE.findall(tag)}
        if "rel" in attributes and not _SHOWN.intersection(attributes["rel"].lower().split()):
            continue
        for name, value in attributes.items():
            if name == "srcset":
                yield from (candidate.split()[0] for candidate in value.split(",") if candidate.strip())
            elif name != "rel":
                yield value
