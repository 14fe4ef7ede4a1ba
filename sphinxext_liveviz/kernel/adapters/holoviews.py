"""HoloViews objects, through the Panel pane that HoloViews itself uses in apps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..mime import Bundle

if TYPE_CHECKING:
    from ..core import Kernel


def install(kernel: Kernel) -> None:
    """Show HoloViews objects, once a plotting extension is loaded; without one they are text, as in Jupyter."""

    def adapt(value: Any) -> Bundle | None:
        import holoviews

        if not isinstance(value, holoviews.core.dimension.Dimensioned) or not holoviews.Store.renderers:
            return None
        from panel import pane

        from .panel import show_viewable

        kind: Any = pane.HoloViews
        if not kind.applies(value):
            return None
        made = show_viewable(kernel, kind(value))
        made.data["text/plain"] = repr(value)
        return made

    kernel.adapters.insert(0, adapt)
