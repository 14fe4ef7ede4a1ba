"""The Python that live cells run on, as package metadata sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet


@dataclass(frozen=True)
class Target:
    """What a wheel must fit, and what environment markers evaluate to."""

    python: str
    """Full version, ``"3.12.7"``."""
    platforms: tuple[str, ...]
    """Platform tags of binary wheels that run there, best first; see :func:`_platforms`."""
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
            tuple(dict.fromkeys(_platforms(lock))),
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
        """Make pip look for wheels that run there: pure ones, and those that a registry has for Pyodide itself.

        The stable ABI (``abi3``) is not named: pip adds it, down from this Python, to an ABI that is.
        """
        abi = "cp" + self.environment["python_version"].replace(".", "")
        return [
            "--only-binary=:all:",
            f"--python-version={self.python}",
            "--implementation=cp",
            *(f"--abi={abi}" for abi in (abi, "none")),
            *(f"--platform={platform}" for platform in (*self.platforms, "any")),
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


def _platforms(lock: Mapping[str, Any]) -> Iterator[str]:
    """Yield all names of the platform: one ABI has had several.

    Until Pyodide 0.29 its wheels are called ``pyodide_2024_0_wasm32``; PEP 783 calls the same ABI
    ``pyemscripten_2024_0_wasm32``, and that alone is what package indexes take. Before there was either, wheels were
    named after the compiler, ``emscripten_3_1_58_wasm32``.
    """
    for entry in lock["packages"].values():
        name = str(entry["file_name"])
        if name.endswith(".whl") and is_binary(entry):
            yield name.removesuffix(".whl").rpartition("-")[2]
            break
    info = lock["info"]
    if abi := info.get("abi_version"):
        yield from (f"{name}_{abi}_{info['arch']}" for name in ("pyemscripten", "pyodide"))
    yield f"{info['platform']}_{info['arch']}"
