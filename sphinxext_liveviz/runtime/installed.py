"""What the build environment has installed, from its own metadata."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata

from packaging.utils import canonicalize_name


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed distribution."""

    version: str
    requires: tuple[str, ...]
    """PEP 508 requirements with their markers."""
    requires_python: str | None
    files: tuple[str, ...]
    """Paths with forward slashes, relative to where it is installed; empty when its metadata does not tell."""
    top_level: tuple[str, ...]
    """Names of its modules at the top, as far as its metadata tells."""
    url: str | None
    """Where it was installed from (PEP 610); None when that was a package index. A project's own documentation is the
    usual case: there the project is installed from its checkout."""


class Installed:
    """The distributions of the running Python. Each is read once."""

    def __init__(self) -> None:
        self._found: dict[str, Distribution | None] = {}

    def find(self, name: str) -> Distribution | None:
        """Find a distribution by its name, in any spelling."""
        name = canonicalize_name(name)
        if name not in self._found:
            try:
                self._found[name] = _read(metadata.distribution(name))
            except metadata.PackageNotFoundError:
                self._found[name] = None
        return self._found[name]

    def version(self, name: str) -> str | None:
        """Give the version of a distribution, or None when it is not installed."""
        found = self.find(name)
        return None if found is None else found.version

    def requires(self, name: str) -> tuple[str, ...]:
        """Give the requirements of a distribution with their markers."""
        found = self.find(name)
        return () if found is None else found.requires

    def providers(self, module: str) -> tuple[str, ...]:
        """Give the normalised names of the distributions that provide a module.

        Parameters
        ----------
        module : str
            Dotted, as imported: ``google.protobuf`` and ``google.cloud`` have providers of their own.
        """
        top = module.partition(".")[0]
        if self._holds(top, module):  # Nearly always; going through all distributions takes a quarter of a second.
            return (canonicalize_name(top),)
        names = sorted(set(map(canonicalize_name, self._all.get(top, ()))))
        if len(names) > 1:
            names = [name for name in names if self._holds(name, module)] or names
        # An editable installation may not tell its modules; then a distribution of that name is the best guess.
        return tuple(names) or ((canonicalize_name(top),) if self.find(top) is not None else ())

    def _holds(self, name: str, module: str) -> bool:
        found = self.find(name)
        path = module.replace(".", "/")
        return found is not None and any(file.startswith((f"{path}/", f"{path}.")) for file in found.files)

    @cached_property
    def _all(self) -> dict[str, list[str]]:
        return dict(metadata.packages_distributions())


def _read(found: metadata.Distribution) -> Distribution:
    fields = found.metadata  # Parsed anew on each access.
    record = found.read_text("RECORD")
    files = tuple(line.rpartition(",sha256=")[0] or line.partition(",")[0] for line in (record or "").splitlines())
    return Distribution(
        fields["Version"],
        tuple(fields.get_all("Requires-Dist") or ()),
        fields["Requires-Python"],
        files,
        tuple(sorted({module for module in map(_top_level, files) if module})),
        _url(found.read_text("direct_url.json")),
    )


def _top_level(file: str) -> str | None:
    first, slash, rest = file.partition("/")
    name = first if slash and rest.endswith((".py", ".so", ".pyd")) else inspect.getmodulename(first)
    return name if name is not None and name.isidentifier() and name != "__pycache__" else None


def _url(record: str | None) -> str | None:
    if record is None:
        return None
    origin = json.loads(record)
    url = str(origin["url"])
    if "vcs_info" in origin:
        url = f"{origin['vcs_info']['vcs']}+{url}@{origin['vcs_info']['commit_id']}"
    return f"{url}#subdirectory={origin['subdirectory']}" if origin.get("subdirectory") else url
