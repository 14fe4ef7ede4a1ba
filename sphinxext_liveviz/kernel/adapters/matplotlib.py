"""Matplotlib figures: shown by ``plt.show()``, as a value, or when the cell that left them open ends; each once."""

from __future__ import annotations

import base64
import io
import logging
import re
import struct
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..mime import Bundle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..core import Kernel

_SCALE = 2
"""Pixels of the image per pixel of the page, for screens with a high density."""
_MIMES = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}
"""Value of ``liveviz_matplotlib_format`` -> MIME type."""
_UNDATED: dict[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""Metadata by which a picture would be another one with each time and version."""
_FIRST = 5
"""Of a longer list, this many objects tell what it is a list of."""


def install(kernel: Kernel) -> None:
    """Show figures, and not what plotting functions return."""

    def adapt(value: Any) -> Bundle | None:
        if "matplotlib.figure" not in sys.modules:
            return None
        from matplotlib import pyplot
        from matplotlib.figure import Figure

        if not isinstance(value, Figure):
            return None
        pyplot.close(value)  # it is shown now: the end of the cell must not show it again
        return _bundle(value, kernel.settings.get("matplotlib_format", ("png",)))

    # A fresh machine, as every reader's is, builds a font cache, and would say so in the cell.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    kernel.adapters.insert(0, adapt)
    kernel.shown_anyway.append(is_in_open_figure)
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


def is_in_open_figure(value: Any) -> bool:
    """Whether a value is a part of a figure that will be shown, or holds such parts, as what plotting functions return.

    A figure itself is not meant: as a value it is shown at once.
    """
    if "matplotlib.pyplot" not in sys.modules:
        return False
    from matplotlib._pylab_helpers import Gcf
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    shown = [manager.canvas.figure for manager in Gcf.get_all_fig_managers()]

    def is_part(one: Any, depth: int) -> bool:
        if isinstance(one, Artist):
            figure: Any = one.figure
            # That of what is in a part of a figure is the part, whose own one is the whole.
            return figure is not None and any(figure.figure is whole for whole in shown)
        return depth > 0 and any(is_part(part, depth - 1) for part in _parts(one))

    return bool(shown) and not isinstance(value, Figure) and is_part(value, 3)


def _parts(value: Any) -> Iterable[Any]:
    """Return the first parts of a container: a list or tuple, a dict of them, an array or a table of objects."""
    if isinstance(value, dict):
        return list(value.values())[:_FIRST]
    if isinstance(value, (list, tuple)):  # matplotlib's own containers are tuples
        return value[:_FIRST]
    if getattr(getattr(value, "dtype", None), "hasobject", False):
        values: Any = getattr(value, "values", value)
        return list(values.ravel()[:_FIRST])
    return ()


def _bundle(figure: Figure, formats: Iterable[str]) -> Bundle:
    made = Bundle({})
    for name in formats:
        content, size = _svg(figure) if name == "svg" else _binary(figure, name)
        made.data[_MIMES[name]] = content
        if size:
            made.metadata[_MIMES[name]] = size
    made.data["text/plain"] = repr(figure)
    return made


def _saved(figure: Figure, name: str, dpi: float) -> bytes:
    from matplotlib import rc_context

    target = io.BytesIO()
    with rc_context({"svg.hashsalt": "liveviz"}):  # otherwise the ids of a drawing are drawn at random
        figure.savefig(target, format=name, dpi=dpi, bbox_inches="tight", metadata=_UNDATED[name])
    return target.getvalue()


def _binary(figure: Figure, name: str) -> tuple[str, dict[str, int]]:
    content = _saved(figure, name, figure.dpi * _SCALE)
    size = {}
    if name == "png":
        width, height = struct.unpack(">II", content[16:24])  # of the IHDR chunk
        size = {"width": width // _SCALE, "height": height // _SCALE}
    return base64.b64encode(content).decode("ascii"), size


def _svg(figure: Figure) -> tuple[str, dict[str, int]]:
    """Return a drawing, and the size that its PNG would have: points of drawings are not dots of figures."""
    drawing = _saved(figure, "svg", figure.dpi).decode()
    drawing = drawing[drawing.index("<svg") :]  # what is before it has no meaning within a page
    found = re.match(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"', drawing)
    sides = zip(("width", "height"), found.groups() if found else (), strict=False)
    return drawing, {side: round(float(points) / 72 * figure.dpi) for side, points in sides}
