"""ipywidgets: errors of callbacks are shown in the cell, and ``interact`` and Output widgets show in their place.

A widget is shown by its own MIME bundle, which names its model; the models travel over comms (:mod:`.comm`).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..core import current

if TYPE_CHECKING:
    from ..core import Kernel


def install(kernel: Kernel) -> None:
    """Let widgets find what they look for in IPython."""
    import ipywidgets
    from ipywidgets.widgets import interaction, widget

    from . import ipywidgets_bokeh, ipywidgets_output

    ipywidgets_bokeh.forestall()
    shell = Shell()
    for module in (widget, interaction):
        module.get_ipython = lambda: shell
    interaction.show_inline_matplotlib_plots = _show_open_figures
    ipywidgets_output.install(kernel)
    ipywidgets.register_comm_target()


class Shell:
    """The part of IPython's shell that ipywidgets calls when a callback has failed."""

    def showtraceback(self, exc_tuple: Any = None, **options: Any) -> None:
        """Show an exception in the cell: by default the one that is being handled."""
        error = exc_tuple[1] if exc_tuple else sys.exc_info()[1]
        assert error is not None
        current().report(error)


def _show_open_figures() -> None:
    from .matplotlib import show_open_figures

    show_open_figures(current())
