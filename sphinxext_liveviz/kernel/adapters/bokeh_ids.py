"""The same document, whatever ran before it: ids of models and names that Param makes up are counted anew.

Bokeh and Param number objects in the order in which a process makes them, those that a library makes when it is
imported included, and Panel marks callbacks with addresses in memory. A stored output must not depend on that.
"""

from __future__ import annotations

import json
import re
from typing import Any

_ADDRESS = 1 << 32
"""Where objects lie in memory, if not below; nobody counts so far in a tag."""
_RECORDED = "panel.models.state.State"
"""Model that holds changes of others as text, and is named in the code of callbacks; see :mod:`.panel_embed`."""
_ID = re.compile(r'\\*"(?:msg)?id\\*": ?\\*"(p\d+)')
_MADE_UP = re.compile(r"([A-Za-z_]+)\d{5}")


def renumber(content: dict[str, Any], plain: str) -> tuple[dict[str, Any], str]:
    """Return a document bundle and its plain text with ids ``p1, p2...`` in the order in which they appear.

    Only for documents that nobody sends patches to: Python goes on using the real ids.

    Parameters
    ----------
    content : dict
        ``{"doc", "roots", "resources"}``, see :mod:`.bokeh`.
    plain : str
        May name models by their ids.
    """
    content = _in_texts(content)
    ids: dict[str, str] = {}
    names: dict[str, str] = {}
    addresses: dict[int, int] = {}

    def identify(value: str) -> str:
        return ids.setdefault(value, f"p{len(ids) + 1}")

    def walk(value: Any) -> Any:
        if isinstance(value, (list, tuple)):  # Bokeh makes tuples of callbacks
            return [walk(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {key: convert(key, item) for key, item in value.items()}

    def convert(key: str, value: Any) -> Any:
        # User data cannot be mistaken for these: Bokeh encodes a dict of the user's as a list of entries.
        if isinstance(value, str):
            if key == "id":
                return identify(value)
            made_up = _MADE_UP.fullmatch(value) if key == "name" else None
            return names.setdefault(value, f"{made_up[1]}{len(names) + 1:05}") if made_up else value
        return mark(value) if key == "tags" else walk(value)

    def mark(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [mark(item) for item in value]
        if isinstance(value, int) and value > _ADDRESS:
            return addresses.setdefault(value, len(addresses) + 1)
        return walk(value)

    document = walk(content["doc"])
    renumbered = {**content, "doc": document, "roots": [ids[root] for root in content["roots"]]}
    return renumbered, re.sub(r"\bp\d+\b", lambda match: ids.get(match[0], match[0]), plain)


def _in_texts(content: dict[str, Any]) -> dict[str, Any]:
    """Return a document with ids that were counted anew in its texts too, where these hold recorded changes."""
    if not any(root.get("name") == _RECORDED for root in content["doc"]["roots"]):
        return content
    text = json.dumps(content)
    ids: dict[str, str] = {}
    for found in _ID.finditer(text):
        ids.setdefault(found[1], f"p{len(ids) + 1}")
    renamed: dict[str, Any] = json.loads(re.sub(r"\bp\d+\b", lambda match: ids.get(match[0], match[0]), text))
    return renamed
