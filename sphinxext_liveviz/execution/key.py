"""The key of a page: a digest of everything that can alter its result, and of nothing else.

Prose, captions and line numbers are not in it, so editing them runs nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable

from packaging.utils import canonicalize_name

from ..kernel import SCHEMA, source_digest
from ..model import Page
from ..runtime.imports import imports_of
from ..runtime.installed import Installed
from .notebook import FORMAT


class Keys:
    """Makes the keys of pages in one build environment.

    Parameters
    ----------
    installed : Installed
        The distributions that cells can import.
    """

    def __init__(self, installed: Installed) -> None:
        self._installed = installed
        self._kernel = source_digest()
        self._seen: dict[str, tuple[str | None, list[str]]] = {}

    def of(self, page: Page) -> str:
        """Return the key of a page, in hex."""
        modules = {found.module for cell in page.cells if cell.execute for found in imports_of(cell.code)}
        parts = {
            "schema": [SCHEMA, FORMAT, self._kernel],
            "python": sys.version,
            "cells": [[cell.id, cell.code, cell.execute, cell.raises] for cell in page.cells],
            "distributions": self.versions(modules),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def versions(self, modules: Iterable[str]) -> dict[str, str]:
        """Return the versions of the distributions that provide modules and of all that these require, by name.

        Requirements of extras count when they are installed: what is there can be used.
        """
        versions: dict[str, str] = {}
        # The standard library is in sys.version already, and to look for its distributions would take long.
        foreign = sorted(module for module in modules if module.partition(".")[0] not in sys.stdlib_module_names)
        waiting = [name for module in foreign for name in self._installed.providers(module)]
        while waiting:
            name = waiting.pop()
            if name not in versions:
                version, required = self._distribution(name)
                if version is not None:
                    versions[name] = version
                    waiting += required
        return versions

    def _distribution(self, name: str) -> tuple[str | None, list[str]]:
        """Return the version of a distribution and the names of those that it requires."""
        if name not in self._seen:
            # The name comes first in a requirement, in old metadata too that the standard no longer allows.
            found = (re.match(r"[A-Za-z0-9._-]+", text) for text in self._installed.requires(name))
            required: list[str] = [canonicalize_name(match[0]) for match in found if match]
            self._seen[name] = (self._installed.version(name), required)
        return self._seen[name]
