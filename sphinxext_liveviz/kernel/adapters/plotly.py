"""Plotly figures as the MIME type that notebooks have for them: JSON that plotly.js draws."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from ..mime import Bundle

if TYPE_CHECKING:
    from ..core import Kernel

MIME = "application/vnd.plotly.v1+json"
"""A figure: ``{"data", "layout"}``, with ``frames`` and ``config`` where there are any."""


def install(kernel: Kernel) -> None:
    """Show figures, also with ``fig.show()``, whichever of Plotly's renderers is chosen."""

    def adapt(value: Any) -> Bundle | None:
        from plotly.basedatatypes import BaseFigure

        if not isinstance(value, BaseFigure) or (kernel.live and _is_widget(value)):
            return None  # while somebody listens, a widget is more than the picture of its figure
        return Bundle({MIME: _content(value), "text/plain": repr(value)})

    kernel.adapters.insert(0, adapt)


def install_show(kernel: Kernel) -> None:
    """Let Plotly show what it is asked to in the cell; its own renderers need IPython, a browser or a network."""
    import plotly.io

    def show(fig: Any, renderer: Any = None, validate: bool = True, **options: Any) -> None:  # noqa: ARG001
        """Show a figure; ``width``, ``height`` and ``config`` are as in Plotly's own function."""
        from plotly.io._utils import validate_coerce_fig_to_dict

        content = _content(validate_coerce_fig_to_dict(fig, validate))
        sizes = {name: options[name] for name in ("width", "height") if options.get(name) is not None}
        content["layout"] = {**content.get("layout", {}), **sizes}
        if options.get("config"):
            content["config"] = options["config"]
        kernel.show({MIME: content, "text/plain": "Figure"}, raw=True)

    plotly.io.show = show


def install_offline(_: Kernel) -> None:
    """Let ``init_notebook_mode`` do nothing: the page has plotly.js where it needs it."""
    import plotly.offline

    def init_notebook_mode(connected: bool = False) -> None:
        """Do nothing."""

    plotly.offline.init_notebook_mode = init_notebook_mode


def _is_widget(figure: Any) -> bool:
    module = sys.modules.get("plotly.basewidget")
    return module is not None and isinstance(figure, module.BaseFigureWidget)


def _content(figure: Any) -> dict[str, Any]:
    from plotly.io import to_json

    content: dict[str, Any] = json.loads(to_json(figure, validate=False, engine="json"))
    return content
