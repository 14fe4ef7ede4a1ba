"""What the build environment has installed, from its own metadata."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from email import message_from_string
from functools import cached_property
from importlib import metadata
from pathlib import Path

from ..memory import Memory


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed distribution."""

    version: str
    requires: tuple[str, ...]
    """PEP 508 requirements with their markers."""
    requires_python: str | None
    top_level: tuple[str, ...]
    """Names of its modules at the top, as far as its metadata tells."""
    url: str | None
    """Where it was installed from (PEP 610); None when that was a package index. A project's own documentation is the
    usual case: there the project is installed from its checkout."""
    editable: bool
    """Whether it is used from its checkout, whose content may change while the version stays."""
    state: str
    """Digest of its installed files when it comes from elsewhere than an index: then two installations may differ and
    have one version. Otherwise empty."""
    paths: tuple[str, ...]
    """Directories that its ``.pth`` files add to the path."""


class Installed:
    """The distributions of the running Python. Each is read once, and not again while nothing is installed.

    Parameters
    ----------
    memory : Memory, optional
        What the last build knew.
    """

    def __init__(self, memory: Memory | None = None) -> None:
        self.stamp, self.sites = _survey()
        """``stamp`` changes when something is installed or removed; ``sites`` are the directories of the path in
        which distributions are installed."""
        memory = memory or Memory()
        self._known = memory.open("distributions", self.stamp)
        self._providers = memory.open("providers", self.stamp)
        self._required = memory.open("required", self.stamp)
        self._found: dict[str, Distribution | None] = {}
        self._listed: dict[str, frozenset[str]] = {}

    def find(self, name: str) -> Distribution | None:
        """Find a distribution by its name, in any spelling."""
        name = normalised(name)
        if name not in self._found:
            known = self._known.get(name)
            if known is None:
                self._found[name] = found = self._read(name)
                self._known.put(name, [] if found is None else astuple(found))
            else:
                self._found[name] = _of_record(known) if known else None
        return self._found[name]

    def version(self, name: str) -> str | None:
        """Give the version of a distribution, or None when it is not installed."""
        found = self.find(name)
        return None if found is None else found.version

    def requires(self, name: str) -> tuple[str, ...]:
        """Give the requirements of a distribution with their markers."""
        found = self.find(name)
        return () if found is None else found.requires

    def required(self, name: str) -> tuple[str, ...]:
        """Give the normalised names of the distributions that one requires, also for an extra, as far as installed."""
        known = self._required.get(name)
        if known is None:
            # The name comes first in a requirement, in old metadata too that the standard no longer allows.
            matches = (re.match(r"[A-Za-z0-9._-]+", text) for text in self.requires(name))
            names = {normalised(match[0]) for match in matches if match}
            known = sorted(one for one in names if self.version(one) is not None)
            self._required.put(name, known)
        return tuple(known)

    def providers(self, module: str) -> tuple[str, ...]:
        """Give the normalised names of the distributions that provide a module.

        Parameters
        ----------
        module : str
            Dotted, as imported: ``google.protobuf`` and ``google.cloud`` have providers of their own.
        """
        known = self._providers.get(module)
        if known is None:
            known = self._find_providers(module)
            self._providers.put(module, known)
        return tuple(known)

    def _find_providers(self, module: str) -> list[str]:
        top = module.partition(".")[0]
        if self._is_whole(top):  # Nearly always; going through all distributions takes long.
            return [normalised(top)]
        names = sorted(self._all.get(top, ()))
        if len(names) > 1:
            names = [name for name in names if self._holds(name, module)] or names
        # An editable installation may not tell its modules; then a distribution of that name is the best guess.
        return names or ([normalised(top)] if self.find(top) is not None else [])

    def _is_whole(self, top: str) -> bool:
        """Whether the distribution of a module's name holds all of it: what has an ``__init__`` is shared by nobody."""
        files = self._files(normalised(top))
        return any(f"{top}{end}" in files for end in ("/__init__.py", ".py"))

    def _holds(self, name: str, module: str) -> bool:
        path = module.replace(".", "/")
        return any(file.startswith((f"{path}/", f"{path}.")) for file in self._files(name))

    @cached_property
    def _all(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for distribution in metadata.distributions():
            names = {normalised(value) for key, value in _header(distribution) if key == "name"}
            for module in _modules(distribution, _recorded(distribution)):
                found.setdefault(module, set()).update(names)
        return found

    def _files(self, name: str) -> frozenset[str]:
        """Paths of a distribution's files, relative to where it is installed; none when its metadata does not tell."""
        if name not in self._listed:
            try:
                self._listed[name] = frozenset(path for path, _ in _recorded(metadata.distribution(name)))
            except metadata.PackageNotFoundError:
                self._listed[name] = frozenset()
        return self._listed[name]

    def _read(self, name: str) -> Distribution | None:
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            return None
        header = list(_header(found))
        fields = dict(header)
        record = _recorded(found)
        root = Path(os.path.abspath(str(found.locate_file(""))))
        origin = json.loads(found.read_text("direct_url.json") or "{}")
        editable = bool(origin.get("dir_info", {}).get("editable")) or str(root) not in self.sites
        return Distribution(
            fields["version"],
            tuple(value for key, value in header if key == "requires-dist"),
            fields.get("requires-python"),
            tuple(sorted(_modules(found, record))),
            _url(origin),
            editable,
            _state(record) if origin and not editable else "",
            tuple(_added(root / path for path, _ in record if path.endswith(".pth") and "/" not in path)),
        )


def normalised(name: str) -> str:
    """Return the one spelling of a distribution's name, as ``packaging`` does, which takes long to import."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _survey() -> tuple[str, frozenset[str]]:
    """Look at what lies on the path, without reading it: installers make directories anew, or leave them alone."""
    seen = []
    sites = set()
    for entry in dict.fromkeys(sys.path):
        place = os.path.abspath(entry)
        try:
            items = sorted(os.scandir(place), key=lambda item: item.name)
        except OSError:
            continue  # zip files, and directories that are not there
        for item in items:
            if item.name.endswith((".dist-info", ".egg-info", ".egg-link", ".pth")):
                stamps = [item.stat().st_mtime_ns]
                for name in ("METADATA", "PKG-INFO"):
                    try:
                        stamps.append(os.stat(os.path.join(item.path, name)).st_mtime_ns)
                    except OSError:
                        continue  # each kind has one of them, or none
                seen.append((item.path, stamps))
            if item.name.endswith(".dist-info"):
                sites.add(place)
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest(), frozenset(sites)


def _header(found: metadata.Distribution) -> Iterator[tuple[str, str]]:
    """Yield the fields of the metadata, their names in lower case, without parsing the description below."""
    text = found.read_text("METADATA") or found.read_text("PKG-INFO") or ""
    for key, value in message_from_string(text.replace("\r\n", "\n").partition("\n\n")[0]).items():
        yield key.lower(), value


def _recorded(found: metadata.Distribution) -> list[tuple[str, str]]:
    """Return path and hash of each installed file."""
    rows = (line.rpartition(",sha256=") for line in (found.read_text("RECORD") or "").splitlines())
    return [(path, rest) if path else (rest.partition(",")[0], "") for path, _, rest in rows]


def _modules(found: metadata.Distribution, record: list[tuple[str, str]]) -> set[str]:
    told = (found.read_text("top_level.txt") or "").split()
    # What a wheel holds is certain; older metadata may tell more, and only there else does a checkout tell.
    names = {_top_level(path) for path, _ in record}
    modules = {name for name in names if name and not name.startswith(("__editable__", "_editable_"))}
    return modules or {name for name in told if name.isidentifier()}


def _top_level(file: str) -> str | None:
    first, slash, rest = file.partition("/")
    name = first if slash and rest.endswith((".py", ".so", ".pyd")) else inspect.getmodulename(first)
    return name if name is not None and name.isidentifier() and name != "__pycache__" else None


def _state(record: list[tuple[str, str]]) -> str:
    # Not the programs (../../bin): they hold the path of the environment. Not what the installer adds.
    files = sorted(row for row in record if row[1] and not row[0].startswith("..") and ".dist-info/" not in row[0])
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()


def _added(files: Iterator[Path]) -> Iterator[str]:
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
            if line.strip() and not line.startswith(("import ", "import\t", "#")):
                yield str((file.parent / line.strip()).resolve())


def _url(origin: dict[str, dict[str, str]]) -> str | None:
    if not origin:
        return None
    url = str(origin["url"])
    if "vcs_info" in origin:
        url = f"{origin['vcs_info']['vcs']}+{url}@{origin['vcs_info']['commit_id']}"
    return f"{url}#subdirectory={origin['subdirectory']}" if origin.get("subdirectory") else url


def _of_record(record: list[object]) -> Distribution:
    return Distribution(*(tuple(value) if isinstance(value, list) else value for value in record))  # type: ignore[arg-type]
