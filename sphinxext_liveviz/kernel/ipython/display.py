"""What cells import from ``IPython.display``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..display import DisplayHandle, clear_output, display, publish_display_data, update_display
from .frames import Code, FileLink, IFrame, VimeoVideo, YouTubeVideo
from .image import Image
from .media import Audio, Video
from .objects import (
    HTML,
    JSON,
    SVG,
    DisplayObject,
    GeoJSON,
    Javascript,
    Latex,
    Markdown,
    Math,
    Pretty,
    ProgressBar,
    TextDisplayObject,
)

__all__ = [
    "HTML",
    "JSON",
    "SVG",
    "Audio",
    "Code",
    "DisplayHandle",
    "DisplayObject",
    "FileLink",
    "GeoJSON",
    "IFrame",
    "Image",
    "Javascript",
    "Latex",
    "Markdown",
    "Math",
    "Pretty",
    "ProgressBar",
    "TextDisplayObject",
    "Video",
    "VimeoVideo",
    "YouTubeVideo",
    "clear_output",
    "display",
    "display_html",
    "display_javascript",
    "display_jpeg",
    "display_json",
    "display_latex",
    "display_markdown",
    "display_pdf",
    "display_png",
    "display_pretty",
    "display_svg",
    "publish_display_data",
    "update_display",
]


def _display_as(mime: str) -> Callable[..., None]:
    def show(*values: Any, raw: bool = False, metadata: dict[str, Any] | None = None) -> None:
        """Show values by one representation; with ``raw`` they are contents of it."""
        hints = {mime: metadata} if metadata else None
        for value in values:
            if raw:
                display({mime: value}, raw=True, metadata=hints)
            else:
                display(value, include=[mime], metadata=hints)

    return show


display_pretty = _display_as("text/plain")
display_html = _display_as("text/html")
display_markdown = _display_as("text/markdown")
display_svg = _display_as("image/svg+xml")
display_png = _display_as("image/png")
display_jpeg = _display_as("image/jpeg")
display_latex = _display_as("text/latex")
display_json = _display_as("application/json")
display_javascript = _display_as("application/javascript")
display_pdf = _display_as("application/pdf")
