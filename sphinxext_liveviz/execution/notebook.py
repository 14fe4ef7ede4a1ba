"""From kernel messages to a notebook.

It is made of plain dictionaries: the package ``nbformat`` takes longer to import, and to validate what it makes, than
a page of small cells takes to run. Tests hold that it finds no fault.
"""

from __future__ import annotations

from typing import Any

from ..model import Page
from .widget_state import WidgetStates

Message = dict[str, Any]


class PageNotebook:
    """The notebook of a page, filled message by message.

    Parameters
    ----------
    page : Page
        Its cells become the notebook's cells; a cell's id is also the ``msg_id`` of the request that runs it.
    """

    def __init__(self, page: Page) -> None:
        self._cells: dict[str, dict[str, Any]] = {
            cell.id: {
                "id": cell.id,
                "cell_type": "code",
                "metadata": {},
                "execution_count": None,
                "source": cell.code,
                "outputs": [],
            }
            for cell in page.cells
        }
        self._displays: list[tuple[str, dict[str, Any]]] = []
        self._clear_on_next: set[str] = set()
        self._widgets = WidgetStates()
        self._notebook: dict[str, Any] = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                "language_info": {"name": "python"},
            },
            "cells": list(self._cells.values()),
        }

    @property
    def notebook(self) -> dict[str, Any]:
        """Nbformat v4.5 at any time, so that a page whose process died keeps what it had shown."""
        return self._widgets.saved_in(self._notebook)

    def receive(self, message: Message) -> None:
        """Take a message; those that leave nothing in a notebook are ignored."""
        if message["header"]["msg_type"].startswith("comm_"):
            self._widgets.receive({**message, "content": _clean(message["content"])})
            return
        cell = self._cells.get(message["parent_header"].get("msg_id", ""))
        if cell is None:
            return
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "execute_reply":
            cell["execution_count"] = content["execution_count"]
            for item in content.get("payload", ()):
                if item["source"] == "liveviz.assets":
                    self._notebook["metadata"]["liveviz"] = {"assets": item["addresses"]}
                elif "states" in item:
                    told = {"states": item["states"], "size": item["size"]}
                    cell["metadata"].setdefault("liveviz", {"embedded": []})["embedded"].append(told)
        elif kind == "clear_output":
            self._clear_on_next.add(cell["id"])
            if not content["wait"]:
                self._clear(cell)
        elif kind == "update_display_data":
            self._update(content)
        elif kind in ("stream", "display_data", "execute_result", "error"):
            self._clear(cell)
            self._append(cell["outputs"], kind, content)

    def _append(self, outputs: list[dict[str, Any]], kind: str, content: dict[str, Any]) -> None:
        last = outputs[-1] if outputs else {"output_type": None}
        if kind == "stream":
            text = _clean(content["text"])
            if last["output_type"] == kind and last["name"] == content["name"]:
                last["text"] += text
            else:
                outputs.append({"output_type": kind, "name": content["name"], "text": text})
        elif kind == "error":
            fields = {name: _clean(content[name]) for name in ("ename", "evalue", "traceback")}
            outputs.append({"output_type": kind, **fields})
        else:
            output = {
                "output_type": kind,
                "data": _bundle(content["data"]),
                "metadata": _clean(content.get("metadata", {})),
            }
            if kind == "execute_result":
                output["execution_count"] = content["execution_count"]
            outputs.append(output)
            display_id = content.get("transient", {}).get("display_id")
            if display_id:
                self._displays.append((display_id, output))

    def _update(self, content: dict[str, Any]) -> None:
        for display_id, output in self._displays:
            if display_id == content["transient"]["display_id"]:
                output["data"] = _bundle(content["data"])
                output["metadata"] = _clean(content.get("metadata", {}))

    def _clear(self, cell: dict[str, Any]) -> None:
        if cell["id"] in self._clear_on_next:
            self._clear_on_next.discard(cell["id"])
            gone = {id(output) for output in cell["outputs"]}
            self._displays = [(name, output) for name, output in self._displays if id(output) not in gone]
            cell["outputs"].clear()


def _bundle(data: dict[str, Any]) -> dict[str, Any]:
    """Make a MIME bundle what nbformat allows: JSON for JSON types, text for all others."""
    json_types = {mime for mime in data if mime == "application/json" or mime.endswith("+json")}
    return {mime: _clean(value if mime in json_types else str(value)) for mime, value in data.items()}


def _clean(value: Any) -> Any:
    """Replace lone surrogates, which Python has and files do not, by their escapes."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value
