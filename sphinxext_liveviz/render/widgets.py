"""The widgets of a page, from the state that its notebook has saved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from ..model import WIDGET_STATE
from .blocks import data_block

Models = Mapping[str, Mapping[str, Any]]


def saved_models(notebook: Mapping[str, Any]) -> Models:
    """Return the models whose state a notebook has saved, by id."""
    saved: Models = notebook.get("metadata", {}).get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    return saved


_HOLDERS = {"OutputModel": ("outputs", []), "BokehModel": ("render_bundle", "{}")}
"""Models of widgets that show outputs: the name of what they hold, and of that nothing."""


def captured_outputs(model: Mapping[str, Any]) -> list[Any]:
    """Return what a widget shows that is shown as outputs are, as a notebook has them; nothing for other models."""
    name, nothing = _HOLDERS.get(model["model_name"], ("", None))
    held = model["state"].get(name, nothing)
    if not held or held == nothing:
        return []
    return [json.loads(held)] if isinstance(held, str) else list(held)


class SavedWidgets:
    """What a page needs for the views of widgets on it, each part once.

    Parameters
    ----------
    document : str
        Name that tells the page's models from those of other documents, where several make one page.
    notebook : dict
    """

    def __init__(self, document: str, notebook: Mapping[str, Any]) -> None:
        self._document = escape(document)
        self._name = document
        self._models = saved_models(notebook)
        self._placed: set[str] = set()
        self._has_state = False

    def block(self, view: Mapping[str, Any]) -> str:
        """Return the data of a view for the script that draws it; that of the first has the state of all."""
        state = ""
        if not self._has_state:
            self._has_state = True
            content = {"version_major": 2, "version_minor": 0, "state": dict(self._without_captured())}
            state = f'<script type="{WIDGET_STATE}" data-document="{self._document}">{data_block(content)}</script>'
        return f'{state}<script type="application/json">{data_block({**view, "document": self._name})}</script>'

    def captured(self, model_id: str) -> Iterator[tuple[str, list[Any]]]:
        """Yield the opening tag and the outputs of each widget that holds any in a view that was in no view before."""
        waiting = [model_id]
        seen = set()
        while waiting:
            name = waiting.pop()
            model = self._models.get(name)
            if model is None or name in seen:
                continue
            seen.add(name)
            waiting += _references(model["state"])
            outputs = captured_outputs(model)
            if outputs and name not in self._placed:
                self._placed.add(name)
                place = f'data-document="{self._document}" data-model="{escape(name)}"'
                yield f'<div class="live-captured" {place} hidden>', outputs

    def _without_captured(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name, model in self._models.items():
            held = dict([_HOLDERS[model["model_name"]]]) if captured_outputs(model) else {}
            yield name, {**model, "state": {**model["state"], **held}}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith("IPY_MODEL_"):
            yield value.removeprefix("IPY_MODEL_")
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
