"""Altair's charts as the MIME type that notebooks have for them: a specification that Vega draws."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..mime import Bundle, raw

if TYPE_CHECKING:
    from ..core import Kernel

_HTML = ("default", "html", "colab", "kaggle", "zeppelin")
"""Renderers that would write HTML which loads Vega from a public host."""


def install(kernel: Kernel) -> None:
    """Show charts, also with ``chart.show()``."""
    import altair

    renderers: Any = altair.renderers
    renderers.enable("mimetype")
    specification = renderers.get()
    for name in _HTML:
        renderers.register(name, specification)
    renderers.enable("default")
    chart: Any = altair.TopLevelMixin

    def adapt(value: Any) -> Bundle | None:
        if not isinstance(value, chart):
            return None
        # As the chart's own method does it, which prints what goes wrong, and only if there is IPython.
        made: Any = renderers.get()(value.to_dict(context={"pre_transform": False}))
        data, metadata = made if isinstance(made, tuple) else (made, {})
        return raw({**_named(data), "text/plain": repr(value)}, _named(metadata))

    def show(self: Any) -> None:
        """Show the chart in the cell."""
        kernel.show(self)

    chart.show = show
    kernel.adapters.insert(0, adapt)


def _named(bundle: dict[str, Any]) -> dict[str, Any]:
    """Return a bundle whose JSON types are called so that notebooks take them for JSON: Altair's end in ``.json``."""
    return {re.sub(r"\.json$", "+json", mime): content for mime, content in bundle.items()}
