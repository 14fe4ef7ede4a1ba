"""``bokeh.io.show`` shows in the cell, whatever output was chosen; there are no files to write and no tabs to open."""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..core import Kernel


class Handle:
    """What ``show(..., notebook_handle=True)`` returns, for ``push_notebook``.

    Parameters
    ----------
    model : bokeh.models.UIElement
        What was shown.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.display_id = uuid.uuid4().hex


def install(kernel: Kernel) -> None:
    """Put our own functions in the places of Bokeh's."""
    from bokeh.io import curdoc

    from .bokeh import link_document

    last: list[Handle] = []

    def show(obj: Any, *_: Any, notebook_handle: bool = False, **__: Any) -> Handle | None:
        """Show a model in the cell.

        Parameters
        ----------
        obj : bokeh.models.UIElement
        notebook_handle : bool
            Return a handle for ``push_notebook``.
        """
        if callable(obj) or not hasattr(obj, "references"):
            raise RuntimeError("show() of an application needs a Bokeh server; show the objects themselves")
        handle = Handle(obj)
        kernel.show(obj, display_id=handle.display_id if notebook_handle else None)
        if not notebook_handle:
            return None
        last[:] = [handle]
        return handle

    def push_notebook(*, handle: Handle | None = None, **_: Any) -> None:
        """Show what has changed; live objects send their changes by themselves at the end of the cell."""
        shown = handle or (last[0] if last else None)
        if shown is None:
            raise RuntimeError("push_notebook() needs an earlier show(..., notebook_handle=True)")
        if kernel.live and shown.model.document is not None:
            link_document(kernel, shown.model.document).flush()
        else:
            kernel.show(shown.model, display_id=shown.display_id, update=True)

    def output_notebook(*_: Any, **__: Any) -> None:
        """Do nothing: the page has BokehJS already."""

    ours = {"show": show, "push_notebook": push_notebook, "output_notebook": output_notebook}
    # Those that were imported before the kernel was made hold Bokeh's own.
    for name in ("bokeh.io", "bokeh.plotting", "bokeh.io.notebook", "bokeh.io.showing", "bokeh.io.output"):
        module = vars(sys.modules[name]) if name in sys.modules else {}
        module.update({key: function for key, function in ours.items() if key in module})
    if kernel.live:
        link_document(kernel, curdoc())  # for the callbacks that cells add to it
