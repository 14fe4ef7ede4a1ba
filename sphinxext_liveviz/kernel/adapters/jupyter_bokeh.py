"""``BokehModel``, a Bokeh object as a Jupyter widget: linked to the page as all Bokeh objects are (:mod:`.bokeh`).

Its own protocol sends a message for each change and calls each ``on_change`` callback twice. Here the widget's model
in the page says only which widget it is: a view asks for what to show, and gets a display of the object.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from ..core import current
from . import bokeh

if TYPE_CHECKING:
    from jupyter_bokeh.widgets import BokehModel

    from ..core import Kernel

_widgets: weakref.WeakSet[BokehModel] = weakref.WeakSet()


def install(kernel: Kernel) -> None:
    """Replace the protocol."""
    from jupyter_bokeh.widgets import BokehModel

    for name, function in {"update_from_model": _update, "_sync_model": _show, "close": _close}.items():
        setattr(BokehModel, name, function)
    if not kernel.live:
        kernel.after_cell.append(_save)


def _update(self: BokehModel, model: Any) -> None:
    self._model = model
    self.render_bundle = {}
    _widgets.add(self)


def _show(self: BokehModel, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
    """Answer a view that asks."""
    self.send({"view": content["view"], "output": _display(self)})


def _save() -> None:
    """Keep what a page shows that nobody can ask."""
    for widget in list(_widgets):
        widget.render_bundle = _display(widget)


def _display(widget: BokehModel) -> dict[str, Any]:
    made = bokeh.show_model(current(), widget._model)
    return {"output_type": "display_data", "data": made.data, "metadata": made.metadata, "transient": made.transient}


def _close(self: BokehModel) -> None:
    from ipywidgets import DOMWidget

    _widgets.discard(self)
    DOMWidget.close(self)
