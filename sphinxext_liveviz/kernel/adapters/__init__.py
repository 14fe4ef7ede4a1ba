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
    "altair": "altair",
    "bokeh": "bokeh",
    "bokeh.io": "bokeh_io",
    "panel": "panel",
    "holoviews": "holoviews",
    "matplotlib": "matplotlib",
    "plotly.basedatatypes": "plotly",
    "plotly.io": "plotly:install_show",
    "plotly.offline": "plotly:install_offline",
    "urllib.request": "urllib",
    "requests": "requests",
}
"""Module whose import is awaited -> file of this package, with the function that is called if not ``install``."""

# Read when the libraries are imported.
os.environ.setdefault("MPLBACKEND", f"module://{__name__}.matplotlib_backend")
os.environ.setdefault("BOKEH_RESOURCES", "cdn")


def _install(file: str, kernel: Kernel) -> None:
    name, _, function = file.partition(":")
    getattr(importlib.import_module(f".{name}", __name__), function or "install")(kernel)


ADAPTERS: dict[str, Callable[[Kernel], None]] = {module: partial(_install, file) for module, file in _FILES.items()}
"""Module whose import is awaited -> what is then called with the kernel."""
