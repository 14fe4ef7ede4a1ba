"""What the kernel knows of particular libraries: one file each, imported when its library is.

An adapter has ``install(kernel)``, called right after its module was imported for the first time. It may put itself
first in ``kernel.adapters``, where values ask for their MIME bundle. Distributions bring adapters of their own
(:mod:`..third_party`).
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ..third_party import third_party

if TYPE_CHECKING:
    from ..core import Kernel

_FILES = {
    "altair": "altair",
    "IPython.core.display_functions": "ipython",
    "bokeh": "bokeh",
    "bokeh.io": "bokeh_io",
    "panel": "panel",
    "holoviews": "holoviews",
    "matplotlib": "matplotlib",
    "plotly.basedatatypes": "plotly",
    "plotly.io": "plotly:install_show",
    "plotly.offline": "plotly:install_offline",
    "comm": "comm",
    "ipywidgets": "ipywidgets",
    "ipywidgets_bokeh": "ipywidgets_bokeh",
    "jupyter_bokeh.widgets": "jupyter_bokeh",
    "panel.pane.ipywidget": "panel_ipywidget",
    "pandas.io.formats.style_render": "pandas_style",
    "urllib.request": "urllib",
    "requests": "requests",
}
"""Module whose import is awaited -> file of this package, with the function that is called if not ``install``."""

# Read when the libraries are imported.
os.environ.setdefault("MPLBACKEND", f"module://{__name__}.matplotlib_backend")
os.environ.setdefault("BOKEH_RESOURCES", "cdn")


def _install(modules: tuple[str, ...], kernel: Kernel) -> None:
    for module in modules:
        name, _, function = module.partition(":")
        getattr(importlib.import_module(name), function or "install")(kernel)


def adapters() -> dict[str, Callable[[Kernel], None]]:
    """Return what is called with the kernel when a module has been imported; those of other distributions come last."""
    modules: dict[str, tuple[str, ...]] = {module: (f"{__name__}.{file}",) for module, file in _FILES.items()}
    for one in third_party():
        modules[one.awaits] = (*modules.get(one.awaits, ()), one.module)
    return {awaited: partial(_install, names) for awaited, names in modules.items()}
