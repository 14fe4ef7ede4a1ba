"""The Python that live cells run on, as package metadata sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet


@dataclass(frozen=True)
class Target:
    """What a wheel must fit, and what environment markers evaluate to."""

    python: str
    """Full version, ``"3.12.7"``."""
    platform: str | None
    """Platform tag of the distribution's own wheels, ``"pyodide_2024_0_wasm32"``; None when it has no binary wheel."""
    environment: Mapping[str, str]
    """PEP 508 environment markers, without ``extra``."""

    @classmethod
    def of_lock(cls, lock: Mapping[str, Any]) -> Target:
        """Read the target from an official lock."""
        info = lock["info"]
        python = info["python"]
        system, _, release = info["platform"].partition("_")
        return cls(
            python,
            next(filter(None, map(_platform, lock["packages"].values())), None),
            {
                "implementation_name": "cpython",
                "implementation_version": python,
                "os_name": "posix",
                "platform_machine": info["arch"],
                "platform_python_implementation": "CPython",
                "platform_release": release.replace("_", "."),
                "platform_system": system.capitalize(),
                "platform_version": "#1",
                "python_full_version": python,
                "python_version": ".".join(python.split(".")[:2]),
                "sys_platform": system,
            },
        )

    @property
    def pip_arguments(self) -> list[str]:
        """Make pip look for wheels that run there: pure ones, and those that a registry has for Pyodide itself."""
        platforms = ["any"] if self.platform is None else [self.platform, "any"]
        abi = "cp" + self.environment["python_version"].replace(".", "")
        return [
            "--only-binary=:all:",
            f"--python-version={self.python}",
            "--implementation=cp",
            *(f"--abi={abi}" for abi in (abi, "none")),
            *(f"--platform={platform}" for platform in platforms),
        ]

    def holds(self, marker: Marker | None, extras: Iterable[str] = ()) -> bool:
        """Tell whether a marker is true there, for the package itself or for one of the extras asked of it."""
        return marker is None or any(marker.evaluate({**self.environment, "extra": extra}) for extra in ("", *extras))

    def runs(self, requires_python: str | None) -> bool:
        """Tell whether a distribution's ``Requires-Python`` admits this Python."""
        return SpecifierSet(requires_python or "").contains(self.python, prereleases=True)


def is_binary(entry: Mapping[str, Any]) -> bool:
    """Tell whether an official package is one that had to be compiled for Pyodide."""
    return not entry["file_name"].endswith("-none-any.whl")


def _platform(entry: Mapping[str, Any]) -> str | None:
    name = str(entry["file_name"])
    return name.removesuffix(".whl").rpartition("-")[2] if name.endswith(".whl") and is_binary(entry) else None
