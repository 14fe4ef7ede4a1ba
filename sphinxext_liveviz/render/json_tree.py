"""JSON as a tree of ``<details>`` that a reader opens and closes, with the keyboard too.

``live/json.js`` makes the same.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from html import escape
from typing import Any

MOST = 5000
"""Values that are shown; of a larger one the rest is counted."""
_INDEX = re.compile("0|[1-9][0-9]{0,8}")


def json_tree(value: Any, metadata: Mapping[str, Any]) -> str:
    """Return HTML that shows a JSON value.

    Parameters
    ----------
    value : object
        Anything that JSON can be.
    metadata : mapping
        ``expanded``: whether all of the tree is open, or none; by default its first level. ``root``: what to call it.
    """
    tree = _Tree(metadata.get("expanded"))
    return f'<div class="live-json">{tree.node(str(metadata.get("root") or ""), value, 0)}</div>'


class _Tree:
    def __init__(self, expanded: bool | None) -> None:
        self._expanded = expanded
        self._shown = 0

    def node(self, key: str, value: Any, depth: int) -> str:
        self._shown += 1
        name = f'<span class="live-json-key">{escape(key)}</span>: ' if key else ""
        if not isinstance(value, (dict, list)) or not value:
            return f"<div>{name}{_leaf(value)}</div>"
        items: Iterable[tuple[object, Any]]
        if isinstance(value, list):
            items, brackets, word = enumerate(value), "[…]", "item"
        else:
            items, brackets, word = _in_order(value), "{…}", "key"
        count = f"{len(value)} {word}{'' if len(value) == 1 else 's'}"
        size = f'<span class="live-json-size">{brackets} {count}</span>'
        inside, left = [], len(value)
        for inner, one in items:
            if self._shown >= MOST:
                break
            inside.append(self.node(str(inner), one, depth + 1))
            left -= 1
        if left:
            inside.append(f'<div class="live-json-size">{left} more, not shown here</div>')
        is_open = depth == 0 if self._expanded is None else self._expanded
        opened = ' open=""' if is_open else ""
        return f"<details{opened}><summary>{name}{size}</summary>{''.join(inside)}</details>"


def _leaf(value: Any) -> str:
    kind, text = "constant", json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        kind = "string"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        kind, text = "number", number(value)
    return f'<span class="live-json-{kind}">{escape(text, quote=False)}</span>'


def number(value: float) -> str:
    """Return a number as JavaScript writes it."""
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    if value == 0:
        return "0"
    if 1e-6 <= abs(value) < 1e21:
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    mantissa, _, exponent = repr(value).partition("e")
    return f"{mantissa}e{int(exponent):+d}"


def _in_order(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the items of an object as JavaScript has them: whole numbers first, by size."""
    return sorted(value.items(), key=lambda item: int(item[0]) if _INDEX.fullmatch(item[0]) else math.inf)
