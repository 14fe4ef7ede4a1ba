"""The ids of styled tables: drawn at random by pandas, and here the same whenever the same cell runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..core import Kernel


def install(kernel: Kernel) -> None:
    """Let tables that bring no id of their own have one that their cell tells."""
    from pandas.io.formats import style_render

    class Drawn:
        """What pandas asks of a UUID."""

        def __init__(self) -> None:
            self.hex = kernel.new_id()

    made: Any = Drawn
    vars(style_render)["uuid4"] = made
