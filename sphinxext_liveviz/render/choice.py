"""Which representation of an output a builder shows."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any

from docutils.transforms import Transform
from sphinx.builders import Builder
from sphinx.transforms.post_transforms.images import ImageConverter

from .drawn import is_drawn

IMAGES = {
    "application/pdf": ".pdf",
    "image/svg+xml": ".svg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
}
"""Types that become an image node, and the suffix of their files."""
IMAGE = "image"
"""Stands for all of :data:`IMAGES`: which of them is best, Sphinx knows of each builder."""
DRAWN = "drawn"
"""Stands for all that :mod:`.drawn` knows."""
JSON = "json"
"""Stands for JSON, and formats made of it, that can be read as they are: ``application/geo+json``."""
OTHER_JSON = "other json"
"""Stands for JSON that takes a program to make sense of: ``application/vnd.example+json``."""
TELLING = "telling"
"""Stands for ``text/plain`` that is more than the name of a type."""

_JSON = re.compile(r"application/(?:json|(?!vnd\.|x[.-])[\w.-]+\+json)")
_OTHER_JSON = re.compile(r"[\w.-]+/[\w.-]+\+json")
_DRAWINGS = ("application/pdf", "image/svg+xml")
_WEB_IMAGES = {"image/webp"}
"""Those that browsers show, though Sphinx's HTML builders do not say so."""

ORDER = {
    "html": (
        *(DRAWN, "text/html", "text/markdown", "text/latex", IMAGE),
        *("application/javascript", "application/pdf", JSON, "text/plain", OTHER_JSON),
    ),
    "embedded": (IMAGE, "text/html", "text/markdown", "text/latex", JSON, "text/plain", OTHER_JSON),
    "latex": (IMAGE, "text/latex", "text/markdown", JSON, "text/plain", OTHER_JSON),
    "texinfo": (IMAGE, "text/markdown", JSON, TELLING, "text/latex", "text/plain", OTHER_JSON),
    "text": ("text/markdown", JSON, TELLING, "text/latex", "text/plain", OTHER_JSON),
}
"""Format of a builder -> what it shows, the first that a bundle has; ``embedded``: HTML without scripts. The list for
``html`` is that of ``live/mime.js`` too."""

_MATH = re.compile(
    r"\$\$?[^$]+\$\$?|\\\[.+\\\]|\\begin\{(equation|align|alignat|eqnarray|gather|multline)\*?\}.+", re.DOTALL
)
_NAME = re.compile(r"<[\w.]+ object(?: at 0x[0-9a-f]+)?>")


def runs_scripts(builder: Builder) -> bool:
    """Whether what the builder writes is shown by a browser that runs our scripts."""
    return builder.format == "html" and not getattr(builder, "embedded", False)


def conversions(transforms: Iterable[type[Transform]], builder: Builder) -> frozenset[tuple[str, str]]:
    """Return the image types that extensions convert, and to what of that which the builder takes."""
    converters = (transform for transform in transforms if issubclass(transform, ImageConverter))
    rules = (rule for converter in converters for rule in converter.conversion_rules)
    return frozenset(rule for rule in rules if rule[1] in builder.supported_image_types)


def choose(data: Mapping[str, Any], builder: Builder, converted: Set[tuple[str, str]] = frozenset()) -> str | None:
    """Return the MIME type, or :data:`IMAGE`, that the builder shows of a bundle; None when it can show nothing.

    Parameters
    ----------
    data : mapping
        The bundle.
    builder : Builder
    converted : set of (str, str)
        What :func:`conversions` returned.
    """
    for kind in _order(builder):
        if kind == IMAGE:
            if images(data, builder, converted):
                return kind
        elif kind in _GROUPS:
            if found := next(filter(_GROUPS[kind], data), None):
                return found
        elif kind == TELLING:
            if not _NAME.fullmatch(data.get("text/plain", "<no object>")):
                return "text/plain"
        elif kind in data and _showable(kind, data[kind], builder):
            return kind
    return None


def unknown(data: Mapping[str, Any]) -> list[str]:
    """Return the types of a bundle that take a program to make sense of, which is not here."""
    return [mime for mime in data if _is_other_json(mime)]


def images(data: Mapping[str, Any], builder: Builder, converted: Set[tuple[str, str]]) -> list[str]:
    """Return the image types of a bundle that the builder takes, itself or through a converter."""
    supported = set(builder.supported_image_types)
    if builder.format == "html":
        supported |= _WEB_IMAGES
    here = [mime for mime in IMAGES if mime in data]
    taken = [mime for mime in here if mime in supported]
    if not taken:
        return [mime for mime in here if any(before == mime for before, _ in converted)]
    if taken[0] not in _DRAWINGS:
        # A drawing that stays one is better than a picture; and Sphinx converts only what comes alone.
        return [mime for mime in here if (mime, "application/pdf") in converted] or taken
    return taken


def is_json(mime: str) -> bool:
    """Whether a type is JSON that can be read as it is."""
    return _JSON.fullmatch(mime) is not None and not is_drawn(mime)


def _is_other_json(mime: str) -> bool:
    return _OTHER_JSON.fullmatch(mime) is not None and not is_drawn(mime) and not is_json(mime)


_GROUPS: dict[str, Callable[[str], bool]] = {DRAWN: is_drawn, JSON: is_json, OTHER_JSON: _is_other_json}


def _order(builder: Builder) -> Sequence[str]:
    if builder.format == "html" and not runs_scripts(builder):
        return ORDER["embedded"]
    return ORDER.get(builder.format, ORDER["text"])


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
