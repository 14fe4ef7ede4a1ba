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
        waiting = [name for module in modules for name in self._installed.providers(module)]
        while waiting:
            name = canonicalize_name(waiting.pop())
            version = self._installed.version(name)
            if version is not None and name not in versions:
                versions[name] = version
                # The name comes first in a requirement, in old metadata too that the standard no longer allows.
                found = (re.match(r"[A-Za-z0-9._-]+", text) for text in self._installed.requires(name))
                waiting.extend(match[0] for match in found if match)
        return versions
