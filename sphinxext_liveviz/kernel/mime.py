"""From a value to a MIME bundle, by Jupyter's rules.

An adapter that knows the value goes first, then ``_ipython_display_``, ``_repr_mimebundle_`` and the ``_repr_*_``
methods. ``text/plain`` is always there, unless who shows the value wants no text.
"""

from __future__ import annotations

import base64
import re
import traceback
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from .plain import plain

METHODS = {
    "_repr_html_": "text/html",
    "_repr_markdown_": "text/markdown",
    "_repr_svg_": "image/svg+xml",
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
    "_repr_gif_": "image/gif",
    "_repr_webp_": "image/webp",
    "_repr_pdf_": "application/pdf",
    "_repr_latex_": "text/latex",
    "_repr_json_": "application/json",
    "_repr_javascript_": "application/javascript",
}
"""Representation methods and what they return."""

_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")
_SVG = re.compile(r"""<svg(?=[\s/>])((?:[^>"']|"[^"]*"|'[^']*')*)""")
_NOBODYS = "_ipython_canary_method_should_not_exist_"
"""Jupyter's own name for a method that no object has: one that has it answers to any name."""


@dataclass
class Bundle:
    """What is known of how to show one value."""

    data: dict[str, Any]
    """MIME type to content: text, base64 text for binary types, JSON for ``+json`` types. Empty: nothing is shown."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """MIME type to hints such as ``width``."""
    transient: dict[str, Any] = field(default_factory=dict)
    """Of use to a live page only: never stored."""


Adapt = Callable[[Any], Bundle | None]
"""An adapter's view of a value; None when it is not the adapter's."""


@dataclass(frozen=True)
class Wanted:
    """Which representations are to be made."""

    include: Collection[str] | None = None
    """MIME types; None: all."""
    exclude: Collection[str] | None = None
    """MIME types that are left out."""

    def __contains__(self, mime: str) -> bool:
        return (not self.include or mime in self.include) and not (self.exclude and mime in self.exclude)

    def of(self, made: Bundle) -> Bundle:
        """Return what is wanted of a bundle."""
        if not self.include and not self.exclude:
            return made
        data = {mime: content for mime, content in made.data.items() if mime in self}
        metadata = {mime: hints for mime, hints in made.metadata.items() if mime in self}
        return Bundle(data, metadata, made.transient)


ALL = Wanted()


def bundle(
    value: Any, adapters: Iterable[Adapt], complain: Callable[[str], None], wanted: Wanted = ALL
) -> Bundle | None:
    """Return the MIME bundle of a value.

    Parameters
    ----------
    value : object
    adapters : iterable of callable
        Asked first, in order.
    complain : callable
        Told the traceback of a representation method that failed; the others are still used.
    wanted : Wanted
        Which representations are to be made; those of others are not even asked for.

    Returns
    -------
    Bundle or None
        None when the value showed itself through ``_ipython_display_``.
    """
    for adapt in adapters:
        adapted = adapt(value)
        if adapted is not None:
            return wanted.of(adapted)
    if (show := _method(value, "_ipython_display_")) is not None and _shows(show, complain):
        return None
    result = Bundle({})
    if (bundled := _method(value, "_repr_mimebundle_")) is not None:
        content, hints = _attempt(lambda: bundled(include=wanted.include, exclude=wanted.exclude), complain)
        result = wanted.of(raw(content or {}, hints))
    for name, mime in METHODS.items():
        if mime in wanted and mime not in result.data and (method := _method(value, name)) is not None:
            content, hints = _attempt(method, complain)
            if content is not None:
                result.data[mime] = _encoded(mime, content)
                if hints:
                    result.metadata[mime] = hints
    if "text/plain" in wanted and "text/plain" not in result.data:
        try:
            result.data["text/plain"] = plain(value, complain)
        except Exception:
            if not result.data:
                raise  # nothing can be shown
            complain(traceback.format_exc())
    text = result.data.get("text/plain")
    if len(result.data) > 1 and isinstance(text, str):
        # An address is another one in each build. Where something else is shown, nobody misses it.
        result.data["text/plain"] = _ADDRESS.sub("", text)
    return result


def raw(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> Bundle:
    """Return the bundle that a value has made itself, in which bytes may stand for base64 text."""
    return Bundle({mime: _encoded(mime, content) for mime, content in data.items()}, dict(metadata or {}))


def _method(value: Any, name: str) -> Callable[..., Any] | None:
    """Return a representation method of a value, if it has one: classes and objects that answer to any name do not."""
    if isinstance(value, type):
        return None
    try:
        method = getattr(value, name, None)
        return method if callable(method) and not callable(getattr(value, _NOBODYS, None)) else None
    except Exception:  # of a property, or of who answers for others
        return None


def _shows(show: Callable[[], None], complain: Callable[[str], None]) -> bool:
    """Let a value show itself; otherwise it is shown as if it could not."""
    try:
        show()
    except NotImplementedError:
        return False
    except Exception:
        complain(traceback.format_exc())
        return False
    return True


def _attempt(call: Callable[[], Any], complain: Callable[[str], None]) -> tuple[Any, Any]:
    """Return what a representation method makes, and its metadata. One that raises makes nothing."""
    try:
        made = call()
    except NotImplementedError:
        return None, None
    except Exception:
        complain(traceback.format_exc())
        return None, None
    return made if isinstance(made, tuple) and len(made) == 2 else (made, None)


def _encoded(mime: str, content: Any) -> Any:
    if mime == "image/svg+xml" and isinstance(content, str):
        return _with_namespaces(content)
    if isinstance(content, (bytes, bytearray, memoryview)):
        return base64.b64encode(content).decode("ascii")
    return content


def _with_namespaces(drawing: str) -> str:
    """Return a drawing that says that it is SVG: within HTML it need not, but as a picture it is broken without."""
    found = _SVG.search(drawing)
    if found is None:
        return drawing
    added = ""
    if not re.search(r"\sxmlns\s*=", found[1]):
        added += ' xmlns="http://www.w3.org/2000/svg"'
    if "xlink:" in drawing and not re.search(r"\sxmlns:xlink\s*=", found[1]):
        added += ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    return drawing[: found.start(1)] + added + drawing[found.start(1) :]
