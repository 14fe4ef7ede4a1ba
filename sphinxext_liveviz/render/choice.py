"""Which representation of an output a builder shows."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from typing import Any

from sphinx.builders import Builder

from .drawn import is_drawn

IMAGES = {
    "image/svg+xml": ".svg",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
}
"""Types that become an image node, and the suffix of their files."""
IMAGE = "image"
"""Stands for all of :data:`IMAGES`: which of them is best, Sphinx knows of each builder."""
DRAWN = "drawn"
"""Stands for all that :mod:`.drawn` knows."""

_ORDER = {
    "html": (DRAWN, "text/html", IMAGE, "text/markdown", "text/latex", "text/plain"),
    "embedded": (IMAGE, "text/html", "text/markdown", "text/latex", "text/plain"),
    "latex": (IMAGE, "text/latex", "text/plain"),
    "texinfo": (IMAGE, "text/plain"),
}
_TEXT = ("text/plain",)
_MATH = re.compile(r"\$\$?[^$]+\$\$?|\\\[.+\\\]|\\begin\{(equation|align|gather|multline)\*?\}.+", re.DOTALL)


def runs_scripts(builder: Builder) -> bool:
    """Whether what the builder writes is shown by a browser that runs our scripts."""
    return builder.format == "html" and not getattr(builder, "embedded", False)


def choose(data: Mapping[str, Any], builder: Builder) -> str | None:
    """Return the MIME type, or :data:`IMAGE`, that the builder shows of a bundle; None when it can show nothing."""
    for kind in _order(builder):
        if kind == IMAGE:
            if IMAGES.keys() & data.keys() & set(builder.supported_image_types):
                return kind
        elif kind == DRAWN:
            if drawn := next(filter(is_drawn, data), None):
                return drawn
        elif kind in data and _showable(kind, data[kind], builder):
            return kind
    return None


def _order(builder: Builder) -> Sequence[str]:
    if builder.format == "html" and not runs_scripts(builder):
        return _ORDER["embedded"]
    return _ORDER.get(builder.format, _TEXT)


def _showable(kind: str, content: Any, builder: Builder) -> bool:
    if kind == "text/html" and not runs_scripts(builder):
        return _is_plain_xhtml(content)
    if kind == "text/latex" and builder.format == "html":
        return _MATH.fullmatch(content.strip()) is not None
    return True


def _is_plain_xhtml(content: str) -> bool:
    """Whether HTML can stand in an EPUB: well-formed XML, and of use without scripts."""
    if "<script" in content.lower():
        return False
    try:
        ElementTree.fromstring(f"<div>{content}</div>")
    except ElementTree.ParseError:
        return False
    return True
