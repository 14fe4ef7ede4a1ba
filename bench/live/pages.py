"""The pages: what a live output says can only be said in the browser, whatever the tool.

Each output ends in the name of the platform that its Python runs on. When the site is built that is ``linux``,
``darwin`` or ``win32``; in Pyodide it is ``emscripten``.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

from ..build.corpus import Cell, Page

_PLAIN = """
    import sys
    from statistics import mean

    words = "the quick brown fox jumps over the lazy dog".split()
    print(f"{FIRST} times {mean(map(len, words)):.3f} on {sys.platform}")
"""
_BOKEH = """
    import sys

    import numpy as np
    from bokeh.layouts import column
    from bokeh.models import ColumnDataSource, Div, Slider
    from bokeh.plotting import figure

    x = np.linspace(0, 2 * np.pi, 500)
    source = ColumnDataSource({"x": x, "y": np.sin(FIRST * x)})
    plot = figure(width=400, height=250)
    plot.line("x", "y", source=source)
    text = Div(text=f"{FIRST} waves on {sys.platform}")
    waves = Slider(title="Waves", start=1, end=999, value=FIRST)


    def redraw(attr, old, new):
        source.data = {"x": x, "y": np.sin(new * x)}
        text.text = f"{new} waves on {sys.platform}"


    waves.on_change("value", redraw)
    column(waves, text, plot)
"""
_PANEL = """
    import sys

    import holoviews as hv
    import numpy as np
    import panel as pn

    hv.extension("bokeh")
    pn.extension()

    x = np.linspace(0, 2 * np.pi, 500)
    waves = pn.widgets.IntSlider(start=1, end=999, value=FIRST)


    def draw(waves):
        return hv.Curve((x, np.sin(waves * x)), "x", "y").opts(width=400, height=250)


    def describe(waves):
        return f"{waves} waves on {sys.platform}"


    pn.Column(waves, pn.bind(describe, waves), pn.bind(draw, waves))
"""
_COLUMN = """
    import sys

    import numpy as np
    from bokeh.layouts import column
    from bokeh.models import ColumnDataSource, Div, Slider

    source = ColumnDataSource({"y": np.zeros(LENGTH)})
    text = Div(text=f"{FIRST} waves on {sys.platform}")
    waves = Slider(title="Waves", start=1, end=999, value=FIRST)


    def send(attr, old, new):
        if LENGTH:
            source.data = {"y": np.full(LENGTH, float(new))}
        text.text = f"{new} waves on {sys.platform}"


    waves.on_change("value", send)
    column(waves, text, tags=[source])
"""
_BUSY = """
    import sys
    from time import perf_counter

    from bokeh.layouts import column
    from bokeh.models import Div, Slider

    calls = 0
    text = Div(text=f"{FIRST} waves on {sys.platform}")
    waves = Slider(title="Waves", start=1, end=999, value=FIRST)


    def work(attr, old, new):
        global calls
        calls += 1
        end = perf_counter() + 0.05
        while perf_counter() < end:
            pass
        text.text = f"{new} waves on {sys.platform}, {calls} calls"


    waves.on_change("value", work)
    column(waves, text)
"""

COLUMN_LENGTH = 100_000
"""Numbers of the column that Python sends to the page."""


@dataclass(frozen=True, slots=True)
class LivePage:
    """A page with one cell, and what it says when it is live."""

    name: str
    """Document name."""
    code: str
    """The cell."""
    first: int
    """The number that its output begins with; a slider's first value."""
    says: str
    """What follows the number when Python runs in the browser."""
    draws: bool = False
    """Whether it has a canvas."""
    slides: bool = False
    """Whether it has a slider, whose value takes the place of the first number."""

    @property
    def mark(self) -> str:
        """The live output."""
        return self.mark_of(self.first)

    @property
    def answer(self) -> str | None:
        """The live output after the slider was moved by a step, None without slider."""
        return self.mark_of(self.first + 1) if self.slides else None

    @property
    def page(self) -> Page:
        """The page, for a tool's writer."""
        title = self.name.replace("-", " ").capitalize()
        prose = ("Some words come before the cell, as they do on a page of documentation.",
                 "And some words come after it.")  # fmt: skip
        return Page(self.name, title, (prose[0], Cell(self.code, None, self.draws), prose[1]))

    def mark_of(self, number: int) -> str:
        """Return the live output for a value of the slider."""
        return f"{number} {self.says}"


def _page(name: str, code: str, first: int, says: str = "waves on emscripten", **more: bool) -> LivePage:
    return LivePage(name, dedent(code).strip().replace("FIRST", str(first)), first, says, **more)


STARTS: dict[str, tuple[LivePage, LivePage]] = {
    "plain": (
        _page("plain", _PLAIN, 311, "times 3.889 on emscripten"),
        _page("plain-next", _PLAIN, 312, "times 3.889 on emscripten"),
    ),
    "numpy + Bokeh": (
        _page("bokeh", _BOKEH, 321, draws=True, slides=True),
        _page("bokeh-next", _BOKEH, 323, draws=True, slides=True),
    ),
    "Panel + HoloViews": (
        _page("panel", _PANEL, 331, draws=True, slides=True),
        _page("panel-next", _PANEL, 333, draws=True, slides=True),
    ),
}
"""By what they are made with: a page, and the next one that the same reader goes to."""

COLUMN = _page("column", _COLUMN.replace("LENGTH", str(COLUMN_LENGTH)), 341, slides=True)
NO_COLUMN = _page("no-column", _COLUMN.replace("LENGTH", "0"), 343, slides=True)
"""The same without what is sent: the difference is the column's."""
BUSY = _page("busy", _BUSY, 351, slides=True)

WITHOUT_CELLS = Page("without-cells", "Without cells", ("A page of prose.", "It has no cells.") * 20)

LIVE_PAGES = (*(page for pair in STARTS.values() for page in pair), COLUMN, NO_COLUMN, BUSY)
