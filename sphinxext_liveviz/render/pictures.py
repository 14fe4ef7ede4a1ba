"""Pictures of what scripts of the page draw, for builders and readers without scripts.

They are made by :mod:`..picturing` and kept in the store, each under a name that tells what it is a picture of. So
whoever places an output need not be told whether there is one.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..store import Store
from .drawn import is_drawn
from .widgets import SavedWidgets, captured_outputs

Output = Mapping[str, Any]
SCALE = 2
"""Pixels of a picture per pixel of the page: pictures are printed, too."""


@dataclass(frozen=True)
class Pictures:
    """Where the pictures of outputs are."""

    store: Store
    """Keeps them."""
    front_end: str
    """Tells one state of all scripts that draw from another."""

    def name(self, output: Output, widgets: SavedWidgets) -> str | None:
        """Return the name of an output's picture; None when it is nothing that is drawn, or brings its own picture.

        Parameters
        ----------
        output : dict
        widgets : SavedWidgets
            Those of its page.
        """
        data = output.get("data", {})
        drawn = {mime: [content, output["metadata"].get(mime)] for mime, content in data.items() if is_drawn(mime)}
        if "image/png" in data or not drawn:
            return None
        models = {name: model for content, _ in drawn.values() for name, model in widgets.reached(content).items()}
        if any(map(captured_outputs, models.values())):
            return None  # what these hold is no output of its own, and stands elsewhere in the page
        text = json.dumps([self.front_end, drawn, models], sort_keys=True)
        return f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.png"

    def find(self, output: Output, widgets: SavedWidgets) -> Path | None:
        """Return the picture of an output, where there is one."""
        name = self.name(output, widgets)
        return self.store.found(name) if name else None

    def taken(self, digest: str | None) -> list[str]:
        """Return the names of all pictures that there are of a result, in order."""
        if digest is None:
            return []
        notebook = self.store.notebook(digest)
        widgets = SavedWidgets("", notebook)
        paths = (self.find(output, widgets) for cell in notebook["cells"] for output in cell["outputs"])
        return [path.name for path in paths if path is not None]


def size_of(picture: bytes) -> dict[str, int]:
    """Return the size that a picture has on a page, in pixels."""
    width, height = struct.unpack(">II", picture[16:24])  # of the IHDR chunk
    return {"width": round(width / SCALE), "height": round(height / SCALE)}
