"""What a static and a live run of a cell show, compared output by output and by MIME type."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from .documents import document_differences
from .records import Difference
from .tables import html_difference
from .text import normalised, same_text

BOKEH = "application/vnd.liveviz.bokeh+json"
PICTURES = ("image/svg+xml", "image/png", "image/gif", "image/jpeg", "image/webp")
_SHOWN = (
    *(BOKEH, "text/html", "text/markdown", "text/latex", *PICTURES),
    *("application/javascript", "application/pdf", "application/json", "text/plain"),
)
"""Of several representations the page shows the first; what it does not show is not compared."""

Output = Mapping[str, Any]
Pair = tuple[str, str]
"""Two pictures as data URLs."""


class Far(dict[Pair, tuple[float, list[str]]]):
    """How far pictures are apart, from 0 to 1, and their sizes, as a browser has found out; see ``observer.js``."""


def picture_pairs(static: Sequence[Output], live: Sequence[Output]) -> list[Pair]:
    """Return the pictures that have to be looked at: those that are not the same file."""
    pairs = []
    for one, other in zip(_displays(static), _displays(live), strict=False):
        kind = _shown(one)
        if kind in PICTURES and kind == _shown(other) and one["data"][kind] != other["data"][kind]:
            pairs.append((_address(kind, one["data"][kind]), _address(kind, other["data"][kind])))
    return pairs


def compare(
    static: Sequence[Output], live: Sequence[Output], *, tolerance: float, far: Far | None, distance: float
) -> list[Difference]:
    """Return in which respects the live outputs of a cell are not the static ones.

    Parameters
    ----------
    static, live : sequence of dict
        nbformat outputs.
    tolerance : float
        Relative, for numbers in texts, tables and documents.
    far : Far or None
        Of each of :func:`picture_pairs`; None where there is nobody to look at pictures.
    distance : float
        How far pictures may be apart.
    """
    found = []
    for name in ("stdout", "stderr"):
        one, other = _printed(static, name), _printed(live, name)
        if not same_text(one, other, tolerance):
            found.append(_texts(name, "it prints something else", one, other))
    one_error, other_error = _error(static), _error(live)
    if not same_text(one_error, other_error, tolerance):
        message = f"{one_error or 'no error'} is {other_error or 'no error'} live"
        found.append(Difference("error", message, one_error, other_error))
    shown, live_shown = _displays(static), _displays(live)
    if len(shown) != len(live_shown):
        message = f"{len(shown)} outputs are {len(live_shown)} live"
        return [*found, Difference("outputs", message, _list(shown), _list(live_shown))]
    for output, live_output in zip(shown, live_shown, strict=True):
        found += _display(output, live_output, tolerance, far, distance)
    return found


def _display(one: Output, other: Output, tolerance: float, far: Far | None, distance: float) -> list[Difference]:
    kind, live_kind = _shown(one), _shown(other)
    if kind != live_kind:
        return [Difference("MIME type", f"{kind} is {live_kind} live", _list([one]), _list([other]))]
    a, b = one["data"].get(kind), other["data"].get(kind)
    if a == b:
        return []
    if kind == BOKEH:
        differences = document_differences(a["doc"], b["doc"], tolerance)
        return [Difference(kind, "\n".join(differences))] if differences else []
    if kind in PICTURES:
        return _picture(kind, (_address(kind, a), _address(kind, b)), far, distance)
    if kind == "text/html":
        message = html_difference(a, b, tolerance)
        return [_texts(kind, message, a, b)] if message else []
    if not isinstance(a, str) or not isinstance(b, str):
        a, b = (json.dumps(value, indent=1, sort_keys=True) for value in (a, b))
    return [] if same_text(a, b, tolerance) else [_texts(kind, "another text", a, b)]


def _picture(kind: str, pair: Pair, far: Far | None, allowed: float) -> list[Difference]:
    if far is None:
        return []
    apart, sizes = far[pair]
    if apart <= allowed:
        return []
    size = f"; {sizes[0]} pixels are {sizes[1]} live" if sizes[0] != sizes[1] else ""
    return [Difference(kind, f"another picture: {apart:.2f} apart, {allowed:g} is allowed{size}")]


def _texts(what: str, message: str, one: str, other: str) -> Difference:
    lines = difflib.unified_diff(
        normalised(one).splitlines(), normalised(other).splitlines(), "static", "live", lineterm="", n=1
    )
    changed = [line for line in lines if line[:1] in "+-" and not line.startswith(("---", "+++"))]
    told = "\n".join(changed[:6])
    return Difference(what, f"{message}\n{told}" if told else message, one, other)


def _displays(outputs: Sequence[Output]) -> list[Output]:
    return [output for output in outputs if output["output_type"] in ("display_data", "execute_result")]


def _printed(outputs: Sequence[Output], name: str) -> str:
    return "".join(output["text"] for output in outputs if output["output_type"] == "stream" and output["name"] == name)


def _error(outputs: Sequence[Output]) -> str:
    errors = (output for output in outputs if output["output_type"] == "error")
    return "\n".join(f"{output['ename']}: {output['evalue']}" for output in errors)


def _shown(output: Output) -> str:
    return next((kind for kind in _SHOWN if kind in output["data"]), ", ".join(output["data"]))


def _list(outputs: Sequence[Output]) -> str:
    return "\n".join(_shown(output) for output in outputs)


def _address(kind: str, content: str) -> str:
    if kind == "image/svg+xml":
        from urllib.parse import quote

        return f"data:{kind},{quote(content)}"
    return f"data:{kind};base64,{''.join(content.split())}"
