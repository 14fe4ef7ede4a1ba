"""From a value to a MIME bundle, by Jupyter's rules.

An adapter that knows the value goes first, then ``_repr_mimebundle_``, then the ``_repr_*_`` methods; ``text/plain``
is always there.
"""

from __future__ import annotations

import base64
import pprint
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

METHODS = {
    "_repr_html_": "text/html",
    "_repr_markdown_": "text/markdown",
    "_repr_svg_": "image/svg+xml",
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
    "_repr_pdf_": "application/pdf",
    "_repr_latex_": "text/latex",
    "_repr_json_": "application/json",
    "_repr_javascript_": "application/javascript",
}
"""Representation methods and what they return."""

_LINE = 79
"""Longest repr of a container that is kept on one line."""


@dataclass
class Bundle:
    """What is known of how to show one value."""

    data: dict[str, Any]
    """MIME type to content: text, base64 text for binary types, JSON for ``+json`` types."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """MIME type to hints such as ``width``."""
    transient: dict[str, Any] = field(default_factory=dict)
    """Of use to a live page only: never stored."""


Adapt = Callable[[Any], Bundle | None]
"""An adapter's view of a value; None when it is not the adapter's."""


def bundle(value: Any, adapters: Iterable[Adapt], complain: Callable[[str], None]) -> Bundle | None:
    """Return the MIME bundle of a value.

    Parameters
    ----------
    value : object
    adapters : iterable of callable
        Asked first, in order.
    complain : callable
        Told the traceback of a representation method that failed; the others are still used.

    Returns
    -------
    Bundle or None
        None when the value showed itself through ``_ipython_display_``.
    """
    for adapt in adapters:
        adapted = adapt(value)
        if adapted is not None:
            return adapted
    kind = type(value)
    if callable(getattr(kind, "_ipython_display_", None)):
        value._ipython_display_()
        return None
    result = Bundle({})
    # Looked up on the type: objects that answer to any attribute name have no representation of their own.
    if callable(getattr(kind, "_repr_mimebundle_", None)):
        made = _attempt(lambda: value._repr_mimebundle_(include=None, exclude=None), complain)
        if made is not None:
            data, metadata = made if isinstance(made, tuple) else (made, {})
            result.data.update({mime: _encode(content) for mime, content in data.items()})
            result.metadata.update(metadata)
    for method, mime in METHODS.items():
        if mime not in result.data and callable(getattr(kind, method, None)):
            made = _attempt(getattr(value, method), complain)
            if made is None:
                continue
            content, hints = made if isinstance(made, tuple) else (made, {})
            result.data[mime] = _encode(content)
            if hints:
                result.metadata[mime] = hints
    if "text/plain" not in result.data:
        result.data["text/plain"] = _plain(value)
    return result


def _attempt(call: Callable[[], Any], complain: Callable[[str], None]) -> Any:
    try:
        return call()
    except Exception:
        complain(traceback.format_exc())
        return None


def _encode(content: Any) -> Any:
    return base64.b64encode(content).decode("ascii") if isinstance(content, (bytes, bytearray)) else content


def _plain(value: Any) -> str:
    text = repr(value)
    if len(text) > _LINE and type(value) in (dict, list, tuple, set, frozenset):
        return pprint.pformat(value, width=_LINE + 1, compact=True, sort_dicts=False)
    return text
