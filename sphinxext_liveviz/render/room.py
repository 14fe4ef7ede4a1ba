"""The room that a Bokeh document takes on a page, as far as it tells: kept free, so that nothing moves for the drawing.

It is counted as BokehJS lays out what has a height: a column is the sum of its children, a row the highest of them.
What tells no height, and is none of the usual widgets, counts as nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_FIGURE = 600
"""Height of a figure that was given none."""
_TOOLBAR = 30
"""Height of the toolbar that the figures of a grid share."""
_TABS = 29
"""Height of the row of tabs."""
_FIXED = {None, "fixed", "stretch_width"}
"""Sizing modes that leave the height as it was given."""

_SLIDER, _BUTTON, _INPUT = 37, 28, 48
_WIDGETS = {
    **dict.fromkeys(("Slider", "RangeSlider", "DateSlider", "DateRangeSlider", "CategoricalSlider"), _SLIDER),
    **dict.fromkeys(("Button", "Toggle", "Dropdown", "CheckboxButtonGroup", "RadioButtonGroup"), _BUTTON),
    **dict.fromkeys(("TextInput", "NumericInput", "Spinner", "DatePicker", "ColorPicker"), _INPUT),
    **dict.fromkeys(("Select", "CustomSelect", "AutocompleteInput", "PasswordInput"), _INPUT),
    "Checkbox": 18,
    "Div": 17,
    "HTML": 41,  # a paragraph of Panel's Markdown
    "DataTable": 400,
}
"""Heights that Bokeh's style sheets give to widgets, with a title and without margins."""
_MARGIN = 5
"""Margin of a widget that was given none."""


def height_of(document: Mapping[str, Any]) -> int:
    """Return the height in pixels that a document, given as JSON, will have; 0 where that cannot be known."""
    roots = document["roots"]
    known = {model["id"]: model for model in _models(roots)}
    return round(sum(_outer(root, known) for root in roots))


def _models(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield all models in JSON: where one is named again, only its id stands."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if value.get("type") == "object" and "id" in value:
                yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _outer(reference: Any, known: Mapping[str, Mapping[str, Any]]) -> float:
    """Return the height of a model with its margins."""
    model = known.get(reference.get("id", "")) if isinstance(reference, dict) else None
    if model is None:
        return 0
    name, told = model["name"].rpartition(".")[2], model.get("attributes", {})
    if told.get("visible") is False:
        return 0
    height = _inner(name, told, known)
    margin = told.get("margin", _MARGIN if name in _WIDGETS else 0)
    return height and height + _vertical(margin)


def _inner(name: str, told: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> float:
    least: float = told.get("min_height") or 0
    given: float | None = told.get("height")
    if name == "Figure" and given is None:
        given = told.get("frame_height") or _FIGURE
    if given is not None and told.get("sizing_mode") in _FIXED:
        return max(least, given)
    return max(least, _WIDGETS.get(name, 0), _layout(name, told, known))


def _layout(name: str, told: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> float:
    children = told.get("children") or []
    if name == "Column" or (name == "Card" and not told.get("collapsed", True)):
        return _stacked((_outer(child, known) for child in children), told)
    if name == "Row":
        return max((_outer(child, known) for child in children), default=0)
    if name in ("GridBox", "GridPlot"):
        rows: dict[int, float] = {}
        for child, row, *_ in children:
            rows[row] = max(rows.get(row, 0), _outer(child, known))
        has_bar = name == "GridPlot" and told.get("toolbar_location", "above") in ("above", "below")
        return _stacked(rows.values(), told) + (_TOOLBAR if has_bar else 0)
    if name == "Tabs":
        panels = [known.get(panel["id"], {}).get("attributes", {}) for panel in told.get("tabs") or []]
        return _TABS + max((_outer(panel.get("child"), known) for panel in panels), default=0)
    return 0


def _stacked(heights: Iterable[float], told: Mapping[str, Any]) -> float:
    shown = [height for height in heights if height]
    spacing = told.get("spacing", 0)
    between = spacing if isinstance(spacing, (int, float)) else spacing[0]
    return sum(shown) + between * max(len(shown) - 1, 0)


def _vertical(margin: Any) -> float:
    """Return top and bottom of a margin: one number, (vertical, horizontal), or four in CSS's order."""
    top, bottom = (margin[0], margin[-2]) if isinstance(margin, list) else (margin, margin)
    return float((top or 0) + (bottom or 0))
