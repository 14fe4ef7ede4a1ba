"""What the kernel knows of particular libraries: one file each, imported when its library is.

An adapter has ``install(kernel)``, called right after its module was imported for the first time. It may put itself
first in ``kernel.adapters``, where values ask for their MIME bundle.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..core import Kernel

_FILES = {
    "bokeh": "bokeh",
    "bokeh.io": "bokeh_io",
    "panel": "panel",
    "holoviews": "holoviews",
    "matplotlib": "matplotlib",
    "comm": "comm",
    "ipywidgets": "ipywidgets",
    "urllib.request": "urllib",
    "requests": "requests",
}
"""Module whose import is awaited -> file of this package."""

# Read when the libraries are imported.
os.environ.setdefault("MPLBACKEND", f"module://{__name__}.matplotlib_backend")
os.environ.setdefault("BOKEH_RESOURCES", "cdn")


def _install(file: str, kernel: Kernel) -> None:
    importlib.import_module(f".{file}", __name__).install(kernel)


ADAPTERS: dict[str, Callable[[Kernel], None]] = {module: partial(_install, file) for module, file in _FILES.items()}
"""Module whose import is awaited -> what is then called with the kernel."""
