"""IPython's own ``display`` and its kin, without its shell: they show in the cell."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .. import display

if TYPE_CHECKING:
    from ..core import Kernel


def install(_: Kernel) -> None:
    """Replace the functions where they are defined, and in modules that were imported ahead and have got them."""
    functions = vars(sys.modules["IPython.core.display_functions"])
    for name in ("display", "update_display", "clear_output", "publish_display_data"):
        original, ours = functions[name], getattr(display, name)
        for module in list(sys.modules.values()):
            if getattr(module, "__dict__", {}).get(name) is original:
                setattr(module, name, ours)
