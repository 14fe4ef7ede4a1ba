"""The Matplotlib backend of cells: Agg, with a ``plt.show()`` that shows in the cell."""

from __future__ import annotations

from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ..core import current
from .matplotlib import show_open_figures


class FigureManager(FigureManagerBase):
    """Shows and closes all open figures on ``plt.show()``."""

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:  # noqa: ARG003
        """Show the open figures; there is nothing to block for."""
        show_open_figures(current())


class FigureCanvas(FigureCanvasAgg):
    """An Agg canvas of such figures."""

    manager_class = FigureManager
