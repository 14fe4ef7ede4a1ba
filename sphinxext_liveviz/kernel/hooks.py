"""Run a function right after a module was imported for the first time."""

from __future__ import annotations

import importlib.abc
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class AfterImport(importlib.abc.MetaPathFinder):
    """A finder that lets the others find a module and then wraps its loader.

    Parameters
    ----------
    waiting : dict
        Module name to what is to be called, with no argument, after its import.
    """

    def __init__(self, waiting: dict[str, Callable[[], None]]) -> None:
        self._waiting = waiting

    def install(self) -> None:
        """Call at once for modules that are there, and watch for the others."""
        for name in [name for name in self._waiting if name in sys.modules]:
            self._waiting.pop(name)()
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Stop watching."""
        sys.meta_path.remove(self)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the module's spec with a loader that calls back, or None for modules that nobody waits for.

        Who asks may only want to know whether there is such a module, so that nothing is forgotten before it is run.
        """
        if name not in self._waiting:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None) if finder is not self else None
            spec: ModuleSpec | None = find(name, path, target) if find is not None else None
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, lambda: self._waiting.pop(name, _nothing)())
                return spec
        return None


def _nothing() -> None:
    """Stand for what has been called already."""


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: importlib.abc.Loader, then: Callable[[], None]) -> None:
        self._loader = loader
        self._then = then

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # Resources and sources are read through the module's own loader, not through this wrapper.
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._then()
