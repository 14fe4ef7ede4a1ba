"""The widgets of a page, from the state that its notebook has saved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from ..model import WIDGET_STATE, referenced_widgets
from .data_block import data_block

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
        self._models = saved_models(notebook)
        self._placed: set[str] = set()
        self._has_state = False

    def place(self, content: Any) -> str:
        """Return the attribute that tells where the models of an output are, for outputs that show any."""
        return f' data-document="{self._document}"' if self._shown_by(content) else ""

    def state(self, content: Any) -> str:
        """Return the state of all models, with the first output that shows any."""
        if self._has_state or not self._shown_by(content):
            return ""
        self._has_state = True
        saved = {"version_major": 2, "version_minor": 0, "state": dict(self._without_captured())}
        return f'<script type="{WIDGET_STATE}" data-document="{self._document}">{data_block(saved)}</script>'

    def captured(self, content: Any) -> Iterator[tuple[str, list[Any]]]:
        """Yield the opening tag and the outputs of each widget that holds any, in the first output that shows it."""
        for name, model in self.reached(content).items():
            outputs = captured_outputs(model)
            if outputs and name not in self._placed:
                self._placed.add(name)
                place = f'data-document="{self._document}" data-model="{escape(name)}"'
                yield f'<div class="live-captured" {place} hidden>', outputs

    def reached(self, content: Any) -> dict[str, Mapping[str, Any]]:
        """Return the models that an output shows, and those that they refer to."""
        waiting = self._shown_by(content)
        found: dict[str, Mapping[str, Any]] = {}
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self._models[name]
                waiting += [one for one in referenced_widgets(found[name]["state"]) if one in self._models]
        return found

    def _shown_by(self, content: Any) -> list[str]:
        """Return the ids of models that are shown by a view, or by a Bokeh document."""
        if not self._models or not isinstance(content, Mapping):
            return []
        names = [content["model_id"]] if "model_id" in content else list(referenced_widgets(content))
        return [name for name in names if name in self._models]

    def _without_captured(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name, model in self._models.items():
            held = dict([_HOLDERS[model["model_name"]]]) if captured_outputs(model) else {}
            yield name, {**model, "state": {**model["state"], **held}}
