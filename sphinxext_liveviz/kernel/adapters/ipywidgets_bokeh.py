"""Jupyter widgets inside Bokeh and Panel layouts (``ipywidgets_bokeh.IPyWidget``), over the widgets' own comms.

The library has a second Jupyter kernel for that, which takes ipykernel, and a second front end. Here a widget in a
layout is a view like any other: the Bokeh model says which widget it shows, and the page's script for widgets shows it.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..core import Kernel

VIEW = "application/vnd.jupyter.widget-view+json"
"""What the page's script for widgets draws."""


def forestall() -> None:
    """Let nothing import the library's kernel, nor Panel's of the same kind: there is one already."""
    for name in ("ipywidgets_bokeh.kernel", "panel.io.ipywidget"):
        absent: Any = ModuleType(name)
        absent.kernel = None
        sys.modules.setdefault(name, absent)


def install(kernel: Kernel) -> None:  # noqa: ARG001
    """Let the model name its widget."""
    from ipywidgets_bokeh.widget import IPyWidget

    from . import bokeh_resources

    def init(self: Any, *, widget: Any, **options: Any) -> None:
        super(IPyWidget, self).__init__(**options)
        self.bundle = f"IPY_MODEL_{widget.model_id}"

    IPyWidget.__init__ = init
    bokeh_resources.drawn["https://unpkg.com/@bokeh/ipywidgets_bokeh@"] = VIEW
