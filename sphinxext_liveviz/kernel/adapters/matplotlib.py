"""Matplotlib figures: shown by ``plt.show()``, as a value, or when the cell that left them open ends; each once."""

from __future__ import annotations

import base64
import io
import logging
import struct
import sys
from typing import TYPE_CHECKING, Any

from ..mime import Bundle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..core import Kernel

_SCALE = 2
"""Pixels of the image per pixel of the page, for screens with a high density."""


def install(kernel: Kernel) -> None:
    """Show figures."""

    def adapt(value: Any) -> Bundle | None:
        if "matplotlib.figure" not in sys.modules:
            return None
        from matplotlib import pyplot
        from matplotlib.figure import Figure

        if not isinstance(value, Figure):
            return None
        pyplot.close(value)  # it is shown now: the end of the cell must not show it again
        image, size = _png(value)
        return Bundle({"image/png": image, "text/plain": repr(value)}, {"image/png": size})

    # A fresh machine, as every reader's is, builds a font cache, and would say so in the cell.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    kernel.adapters.insert(0, adapt)
    kernel.after_cell.append(lambda: show_open_figures(kernel))


def show_open_figures(kernel: Kernel) -> None:
    """Show and close every figure that pyplot knows of, in the order of their numbers."""
    if "matplotlib.pyplot" not in sys.modules:
        return
    from matplotlib._pylab_helpers import Gcf

    for manager in sorted(Gcf.get_all_fig_managers(), key=lambda manager: manager.num):
        figure = manager.canvas.figure
        if figure.get_children()[1:]:  # more than the background
            kernel.show(figure)
        else:
            Gcf.destroy(manager)


def _png(figure: Figure) -> tuple[str, dict[str, int]]:
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=figure.dpi * _SCALE, bbox_inches="tight", metadata={"Software": None})
    content = target.getvalue()
    width, height = struct.unpack(">II", content[16:24])  # of the IHDR chunk
    return base64.b64encode(content).decode("ascii"), {"width": width // _SCALE, "height": height // _SCALE}
