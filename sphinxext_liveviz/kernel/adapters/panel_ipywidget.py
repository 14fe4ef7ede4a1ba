"""Panel's pane of a Jupyter widget: as Bokeh has it, see :mod:`.ipywidgets_bokeh`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..core import Kernel


def install(kernel: Kernel) -> None:  # noqa: ARG001
    """Make the pane's model."""
    from panel.pane import ipywidget

    from .ipywidgets_bokeh import forestall

    forestall()

    def make(_pane: Any, widget: Any, *_: Any, **options: Any) -> Any:
        from ipywidgets_bokeh.widget import IPyWidget

        return IPyWidget(widget=widget, **options)

    ipywidget.IPyWidget._get_ipywidget = make  # type: ignore[assignment, method-assign]
