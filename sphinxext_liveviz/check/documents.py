"""Bokeh documents, compared by their structure and their data; ids are counted anew in every process."""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import struct
from collections.abc import Iterator
from typing import Any

from .text import same_number, same_text

_FORMATS = {
    "bool": "?",
    "uint8": "B",
    "int8": "b",
    "uint16": "H",
    "int16": "h",
    "uint32": "I",
    "int32": "i",
    "uint64": "Q",
    "int64": "q",
    "float32": "f",
    "float64": "d",
}
_GZIP = b"\x1f\x8b"
_MADE_UP = re.compile(r"([A-Za-z_]+)\d{5}")
_LINKED = frozenset({"subscribed_events", "syncable"})
"""Attributes that say who listens: live more than in a static page."""
_ENOUGH = 5
"""Differences that are told of a document."""

Found = Iterator[str]


def document_differences(static: Any, live: Any, tolerance: float) -> list[str]:
    """Return in which respects two documents differ, each as a path and what is there; the first few.

    Parameters
    ----------
    static, live : dict
        As :meth:`bokeh.document.Document.to_json` gives them.
    tolerance : float
        Relative, for numbers.
    """
    walk = _Walk(tolerance)
    found = []
    for difference in walk.of(static.get("roots", []), live.get("roots", []), "roots"):
        found.append(difference)
        if len(found) == _ENOUGH:
            found.append("...")
            break
    return found


class _Walk:
    def __init__(self, tolerance: float) -> None:
        self._tolerance = tolerance
        self._ids: dict[str, str] = {}

    def of(self, one: Any, other: Any, path: str) -> Found:
        """Yield the differences of two values."""
        a, b = _numbers(one), _numbers(other)
        if a is not None and b is not None:
            yield from self._arrays(a, b, path)
        elif isinstance(one, dict) and isinstance(other, dict):
            yield from self._objects(one, other, path)
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                yield f"{path}: {len(one)} items are {len(other)} live"
                return
            for index, (item, live) in enumerate(zip(one, other, strict=True)):
                yield from self.of(item, live, f"{path}[{index}]")
        elif not self._same(one, other):
            yield f"{path}: {_short(one)} is {_short(other)} live"

    def _objects(self, one: dict[str, Any], other: dict[str, Any], path: str) -> Found:
        if "type" in one and isinstance(one.get("name"), str):
            path = f"{path}.{one['name'].rpartition('.')[2]}"
        if one.get("type") == other.get("type") == "set":
            one, other = _sorted(one), _sorted(other)
        for key in dict.fromkeys([*one, *other]):
            if key in _LINKED:
                continue
            if key == "id" and key in one and key in other:
                if self._ids.setdefault(str(one[key]), str(other[key])) != str(other[key]):
                    yield f"{path}: refers to another model"
            elif key not in one:
                yield f"{path}: {key} is there live only ({_short(other[key])})"
            elif key not in other:
                yield f"{path}: {key} is not there live ({_short(one[key])})"
            else:
                inside = path if key in ("attributes", "entries", "value") else f"{path}.{key}"
                yield from self.of(one[key], other[key], inside)

    def _arrays(self, one: list[float], other: list[float], path: str) -> Found:
        if len(one) != len(other):
            yield f"{path}: {len(one)} numbers are {len(other)} live"
            return
        wrong = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if not same_number(a, b, self._tolerance)]
        if wrong:
            first = wrong[0]
            yield f"{path}: {len(wrong)} of {len(one)} numbers differ; [{first}] {one[first]} is {other[first]} live"

    def _same(self, one: Any, other: Any) -> bool:
        if isinstance(one, bool) or isinstance(other, bool):
            return one is other
        if isinstance(one, (int, float)) and isinstance(other, (int, float)):
            return same_number(one, other, self._tolerance)
        if isinstance(one, str) and isinstance(other, str):
            made = _MADE_UP.fullmatch(one), _MADE_UP.fullmatch(other)
            if made[0] and made[1]:
                return made[0][1] == made[1][1]
            return same_text(one, other, self._tolerance)
        return bool(one == other)


def _numbers(value: Any) -> list[float] | None:
    """Return the numbers of an array or of a list of nothing else; None of all that is neither."""
    if isinstance(value, list):
        plain = bool(value) and all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in value)
        return list(map(float, value)) if plain else None
    if not isinstance(value, dict) or value.get("type") != "ndarray":
        return None
    content, kind = value.get("array"), _FORMATS.get(str(value.get("dtype")))
    if isinstance(content, list):
        return _numbers(content)
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, str) or kind is None:
        return None
    try:
        raw = base64.b64decode(data, validate=True)
        # Newer releases of Bokeh compress.
        raw = gzip.decompress(raw) if raw[:2] == _GZIP else raw
        order = ">" if value.get("order") == "big" else "<"
        count = len(raw) // struct.calcsize(order + kind)
        return list(map(float, struct.unpack(f"{order}{count}{kind}", raw)))
    except (binascii.Error, OSError, EOFError, struct.error):
        return None  # then it is compared as what it is


def _sorted(value: dict[str, Any]) -> dict[str, Any]:
    return {**value, "entries": sorted(value.get("entries", ()), key=repr)}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
