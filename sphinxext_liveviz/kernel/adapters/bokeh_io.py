"""``bokeh.io.show`` shows in the cell, and ``output_notebook`` has nothing left to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..core import Kernel


def install(kernel: Kernel) -> None:
    """Register as Bokeh's notebook."""
    from bokeh.io import curdoc
    from bokeh.io.notebook import install_notebook_hook
    from bokeh.io.state import curstate

    from .bokeh import link_document

    def load(*_: Any) -> None:
        """The page has BokehJS already."""

    def show(model: Any, *_: Any) -> None:
        kernel.show(model)

    def show_app(*_: Any, **__: Any) -> None:
        raise RuntimeError("show() of an application function needs a Bokeh server; show the objects themselves")

    name: Any = "jupyter"  # what output_notebook() asks for
    register: Any = install_notebook_hook
    register(name, load, show, show_app, overwrite=True)
    curstate().output_notebook(name)
    if kernel.live:
        link_document(kernel, curdoc())  # for the callbacks that cells add to it
