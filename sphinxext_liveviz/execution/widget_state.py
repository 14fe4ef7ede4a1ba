"""The state of the widgets that a page shows, saved in its notebook where Jupyter saves it.

A front end knows widgets from their comms: a ``comm_open`` brings a model's state, each ``update`` a part of it. So
does this one. Of all models those are saved that what is shown is made of, under ids that tell nothing of the run.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..model import BOKEH, WIDGET_REFERENCES, WIDGET_STATE, WIDGET_VIEW, referenced_widgets

TARGET = "jupyter.widget"
"""Comm target of widget models."""

_LINKS = ("LinkModel", "DirectionalLinkModel")
"""Models that tie together others, which do not know of them."""
_BLANK = {"@jupyter-widgets/base": ("LayoutModel",), "@jupyter-widgets/controls": ("StyleModel",)}
"""Modules with models, by the end of their names, in which null is what is not said: most of them is."""


@dataclass
class Model:
    """What is known of a widget model."""

    state: dict[str, Any] = field(default_factory=dict)
    """Names to values; binary ones are :class:`Binary`."""

    def apply(self, data: dict[str, Any], buffers: list[str]) -> None:
        """Take a state, or a part of one, from the ``data`` of a message."""
        self.state.update(data["state"])
        for path, content in zip(data.get("buffer_paths", ()), buffers, strict=True):
            place: Any = self.state
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = Binary(content)


@dataclass(frozen=True)
class Binary:
    """A binary value in a state."""

    content: str
    """As base64 text."""


class WidgetStates:
    """The models of a page, kept message by message."""

    def __init__(self) -> None:
        self._models: dict[str, Model] = {}
        self._seen = False

    def receive(self, message: dict[str, Any]) -> None:
        """Take a comm message; its ``buffers`` are base64 text."""
        kind, content = message["header"]["msg_type"], message["content"]
        comm_id, data = content["comm_id"], content["data"]
        buffers = message.get("buffers", [])
        if kind == "comm_open" and content["target_name"] == TARGET:
            self._seen = True
            self._models[comm_id] = model = Model()
            model.apply(data, buffers)
        elif kind == "comm_msg" and comm_id in self._models and data.get("method") == "update":
            self._models[comm_id].apply(data, buffers)
        elif kind == "comm_close":
            self._models.pop(comm_id, None)

    def saved_in(self, notebook: dict[str, Any]) -> dict[str, Any]:
        """Return a notebook with the state of what it shows; itself when that is no widget."""
        cells = notebook["cells"]
        if not self._seen:
            return notebook
        views = [view for cell in cells for view in _views(cell["outputs"])]
        ids = self._numbered(views)
        state = {ids[one]: _saved(self._models[one], ids) for one in ids}
        widgets = {WIDGET_STATE: {"version_major": 2, "version_minor": 0, "state": state}}
        return {
            **notebook,
            "metadata": {**notebook["metadata"], "widgets": widgets},
            "cells": [{**cell, "outputs": _renamed(cell["outputs"], ids)} for cell in cells],
        }

    def _numbered(self, views: Iterable[str]) -> dict[str, str]:
        """Return new ids for what views show and all that this is made of, in the order in which it appears."""
        found: dict[str, str] = {}
        self._follow(views, found)
        while True:
            known = len(found)
            for name, model in self._models.items():
                if name not in found and model.state.get("_model_name") in _LINKS:
                    ends = set(referenced_widgets([model.state.get("source"), model.state.get("target")]))
                    if ends <= found.keys():
                        self._follow([name], found)
            if len(found) == known:
                return found

    def _follow(self, names: Iterable[str], found: dict[str, str]) -> None:
        waiting = list(names)[::-1]
        while waiting:
            name = waiting.pop()
            if name in self._models and name not in found:
                found[name] = f"w{len(found) + 1}"
                state = self._models[name].state
                waiting += [*_views(state.get("outputs", ())), *referenced_widgets(state)][::-1]


def _views(outputs: Any) -> Iterator[str]:
    """Yield the ids of the models that outputs show, Bokeh documents among them."""
    for output in outputs if isinstance(outputs, (list, tuple)) else ():
        data = output.get("data", {}) if isinstance(output, dict) else {}
        if isinstance(data.get(WIDGET_VIEW), dict):
            yield data[WIDGET_VIEW]["model_id"]
        yield from referenced_widgets(data.get(BOKEH))


def _saved(model: Model, ids: dict[str, str]) -> dict[str, Any]:
    state = copy.copy(model.state)
    module, name = state["_model_module"], state["_model_name"]
    if name.endswith(_BLANK.get(module, ())):
        state = {key: value for key, value in state.items() if value is not None}
    if "outputs" in state and name == "OutputModel":
        state.update(outputs=_renamed(state["outputs"], ids), msg_id="")
    buffers: list[dict[str, Any]] = []
    saved = {
        "model_name": name,
        "model_module": module,
        "model_module_version": state["_model_module_version"],
        "state": _without_buffers(state, ids, [], buffers),
    }
    return {**saved, "buffers": buffers} if buffers else saved


def _without_buffers(value: Any, ids: dict[str, str], path: list[Any], buffers: list[dict[str, Any]]) -> Any:
    """Return a value with the new ids and without its binary parts, which are put into ``buffers``."""
    if isinstance(value, dict):
        items = {}
        for key, item in value.items():
            if isinstance(item, Binary):
                buffers.append({"path": [*path, key], "encoding": "base64", "data": item.content})
            else:
                items[key] = _without_buffers(item, ids, [*path, key], buffers)
        return items
    if isinstance(value, list):
        return [_without_buffers(item, ids, [*path, number], buffers) for number, item in enumerate(value)]
    if isinstance(value, Binary):
        buffers.append({"path": path, "encoding": "base64", "data": value.content})
        return None
    if isinstance(value, str):
        for prefix in WIDGET_REFERENCES:
            if value.startswith(prefix) and value.removeprefix(prefix) in ids:
                return prefix + ids[value.removeprefix(prefix)]
    return value


def _renamed(outputs: list[Any], ids: dict[str, str]) -> list[Any]:
    """Return outputs as a notebook has them, with the new ids; a view of a widget that was closed is none."""
    made = []
    for output in outputs:
        output = {key: value for key, value in output.items() if key != "transient"}
        view = output.get("data", {}).get(WIDGET_VIEW)
        if isinstance(view, dict):
            output["data"] = {mime: content for mime, content in output["data"].items() if mime != WIDGET_VIEW}
            if view["model_id"] in ids:
                output["data"][WIDGET_VIEW] = {**view, "model_id": ids[view["model_id"]]}
        if BOKEH in output.get("data", {}):
            output["data"] = {**output["data"], BOKEH: _without_buffers(output["data"][BOKEH], ids, [], [])}
        made.append(output)
    return made
