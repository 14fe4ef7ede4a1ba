"""The key of a page: a digest of everything that can alter its result, and of nothing else.

Prose, captions and line numbers are not in it, so editing them runs nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from ..kernel import SCHEMA, source_digest
from ..kernel.third_party import third_party
from ..model import Page
from ..runtime.installed import Installed
from .files import Files
from .local import Modules

FORMAT = 1
"""Raised when stored notebooks made here can no longer be shown."""


@dataclass(frozen=True)
class Inputs:
    """What every page's result depends on, as the site's configuration tells."""

    depends: tuple[str, ...] = ()
    """Glob patterns of files."""
    base: str = ""
    """Directory that they start from."""
    environment: tuple[str, ...] = ()
    """Names of environment variables."""


class Keys:
    """Makes the keys of pages in one build environment.

    Parameters
    ----------
    installed : Installed
        The distributions that cells can import.
    files : Files, optional
        What is known of files.
    inputs : Inputs, optional
        What counts for all pages.

    Attributes
    ----------
    absent : list of (str, str or None)
        Patterns that no file matches, each with ``path:line`` of the cell that depends on it, or None where the
        configuration does.
    """

    def __init__(self, installed: Installed, files: Files | None = None, inputs: Inputs | None = None) -> None:
        self.absent: list[tuple[str, str | None]] = []
        self._files = files or Files()
        self._modules = Modules(installed, self._files)
        inputs = inputs or Inputs()
        self._everywhere = {
            "schema": [SCHEMA, FORMAT, source_digest()],
            "python": [sys.version, sys.platform, platform.machine()],
            "files": self._depends(dict.fromkeys(inputs.depends), inputs.base),
            "environment": {name: _digest(os.environ.get(name)) for name in inputs.environment},
        }

    def of(self, page: Page) -> str:
        """Return the key of a page, in hex."""
        imported = self._imported(page)
        behind = self._modules.behind({*imported, *_adapters()}, page.directory)
        patterns = {pattern: cell.location for cell in page.cells for pattern in (*cell.depends, *cell.files)}
        parts = {
            **self._everywhere,
            "cells": [[cell.id, cell.code, cell.execute, cell.raises, cell.embed] for cell in page.cells],
            "distributions": behind.versions,
            "sources": behind.sources,
            "depends": self._depends(patterns, page.directory),
            # In full: what draws with Matplotlib need not say that it does.
            "settings": page.settings,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def versions(self, page: Page) -> dict[str, str]:
        """Return the versions of the distributions that a page imports, and of all that these require, by name."""
        return self._modules.behind(self._imported(page), page.directory).versions

    def _imported(self, page: Page) -> set[str]:
        return {module for cell in page.cells if cell.execute for module in self._files.modules_of(cell.code)}

    def _depends(self, patterns: Mapping[str, str | None], directory: str) -> dict[str, str]:
        digests: dict[str, str] = {}
        for pattern, location in patterns.items():
            found = self._files.matching(pattern, directory)
            digests |= found
            if not found:
                self.absent.append((pattern, location))
        return digests


def _adapters() -> list[str]:
    """Return the modules by which other distributions have a say in what cells show."""
    return [one.module for one in third_party()]


def _digest(value: str | None) -> str | None:
    return None if value is None else hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()
