"""Finds :mod:`.ipython` under IPython's name, where there is no IPython."""

from __future__ import annotations

import importlib
import importlib.abc
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

_HERE = f"{__package__}.ipython"
MODULES = {
    "IPython": _HERE,
    "IPython.core": None,
    "IPython.core.display": f"{_HERE}.display",
    "IPython.core.getipython": _HERE,
    "IPython.display": f"{_HERE}.display",
}
"""Module -> module of the kernel that has its contents; None: it has none."""
_PACKAGES = ("IPython", "IPython.core")


def stands_in(module: str) -> bool:
    """Whether what is imported by a dotted name, a module or something of one, is here."""
    parent, _, name = module.rpartition(".")
    source = MODULES.get(parent)
    return module in MODULES or (source is not None and name in vars(importlib.import_module(source)))


class StandIn(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """A finder that is asked last."""

    def install(self) -> None:
        """Find from now on what nobody else does."""
        sys.meta_path.append(self)

    def remove(self) -> None:
        """Find nothing any more."""
        sys.meta_path.remove(self)
        for name in MODULES:
            if getattr(sys.modules.get(name), "__loader__", None) is self:
                del sys.modules[name]

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec of a stand-in; a part of the real one that is not there is nothing to stand in for."""
        if name not in MODULES or getattr(sys.modules.get("IPython"), "__loader__", self) is not self:
            return None
        return ModuleSpec(name, self, is_package=name in _PACKAGES)

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python to make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Fill it."""
        source = MODULES[module.__name__]
        if source is not None:
            contents = vars(importlib.import_module(source))
            vars(module).update({name: value for name, value in contents.items() if not name.startswith("__")})
            if "__all__" in contents:
                vars(module)["__all__"] = contents["__all__"]
        if module.__name__ == "IPython":
            importlib.import_module("IPython.display")  # as the real one does
