"""The room that is kept for a Bokeh document is the one that it will take."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from bokeh.document import Document
from bokeh.layouts import column, gridplot, layout, row
from bokeh.models import CustomJS, TabPanel, Tabs
from bokeh.models.widgets import Button, Div, MultiSelect, Select, Slider, TextInput
from bokeh.plotting import figure

from sphinxext_liveviz.render.room import height_of


def _height(*roots: Any) -> int:
    document = Document()
    for root in roots:
        document.add_root(root)
    return height_of(json.loads(json.dumps(document.to_json(deferred=False))))


def _plot(height: int, **more: Any) -> Any:
    return figure(width=100, height=height, **more)


def _slider() -> Slider:
    return Slider(title="n", start=0, end=1, value=0, step=0.1)


def _named_twice() -> Any:
    """Return a column of which a child stands in JSON where a callback of the one before names it."""
    plot, slider = _plot(200), _slider()
    slider.js_on_change("value", CustomJS(args={"plot": plot}, code=""))
    return column(slider, plot)


# The heights are those that BokehJS 3.9 gave these in Chromium, to the nearest pixel.
DRAWN: list[tuple[Callable[[], Any], int]] = [
    (lambda: figure(width=100), 600),
    (lambda: _plot(200), 200),
    (lambda: _plot(200, margin=10), 220),
    (lambda: figure(height=260, sizing_mode="stretch_width"), 260),
    (lambda: figure(sizing_mode="stretch_both", min_height=250), 250),
    (lambda: column(_plot(200), _plot(210), spacing=7, margin=(3, 4)), 423),
    (lambda: column(_plot(200), _plot(210, visible=False), spacing=7), 200),
    (lambda: row(_plot(200), column(_slider(), Div(text="x"))), 200),
    (lambda: column(_plot(300), _slider(), Button(label="a")), 385),
    (lambda: column(_plot(200), height=333), 333),
    (lambda: layout([[_plot(200), _plot(210)], [Select(title="a")]]), 268),
    (lambda: column(TextInput(title="a")), 58),
    (lambda: gridplot([[_plot(200), _plot(300)], [_plot(150)]]), 480),
    (lambda: gridplot([[_plot(200), _plot(300)]], toolbar_location="right"), 300),
    (lambda: gridplot([[_plot(200), _plot(300)]], toolbar_location=None), 300),
    (lambda: Tabs(tabs=[TabPanel(child=_plot(200), title="a"), TabPanel(child=_plot(400), title="b")]), 429),
    (_named_twice, 247),
]


@pytest.mark.parametrize(("make", "drawn"), DRAWN)
def test_room_is_kept_for_what_tells_its_height(make: Callable[[], Any], drawn: int) -> None:
    assert _height(make()) == drawn


@pytest.mark.parametrize(
    "make",
    [
        lambda: figure(sizing_mode="scale_width", width=400, height=200),
        lambda: figure(sizing_mode="stretch_both", width=400, height=200),
        lambda: MultiSelect(title="a"),
        lambda: column(),
        lambda: row(),
        lambda: gridplot([[]], toolbar_location=None),
        lambda: Tabs(tabs=[], visible=False),
    ],
)
def test_nothing_is_kept_for_what_does_not(make: Callable[[], Any]) -> None:
    assert _height(make()) == 0


def test_an_unknown_part_costs_the_others_nothing() -> None:
    assert _height(column(_plot(200), MultiSelect(title="a"), _plot(100))) == 300


def test_roots_stand_one_below_the_other() -> None:
    assert _height(_plot(200), _plot(100)) == 300


def test_layouts_of_panel_count_as_bokehs() -> None:
    panel = pytest.importorskip("panel")
    text = panel.pane.Markdown("one line")
    slider = panel.widgets.IntSlider(label="a", end=3)
    made = panel.Column(slider, text, panel.Row(_plot(200), panel.Spacer(height=50)), sizing_mode="stretch_width")
    assert _height(made.get_root()) == 47 + 51 + 200
