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

from ..model import BOKEH, WIDGET_VIEW
from ..store import Store
from .drawn import is_drawn

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

    def name(self, output: Output) -> str | None:
        """Return the name of an output's picture; None when it is nothing that is drawn, or brings its own picture."""
        data = output.get("data", {})
        if "image/png" in data or not any(map(is_drawn, data)):
            return None
        if WIDGET_VIEW in data or "mimes" in data.get(BOKEH, {}).get("resources", {}):
            return None  # it takes the state of all widgets of the page
        drawn = {mime: [content, output["metadata"].get(mime)] for mime, content in data.items() if is_drawn(mime)}
        text = json.dumps([self.front_end, drawn], sort_keys=True)
        return f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.png"

    def find(self, output: Output) -> Path | None:
        """Return the picture of an output, where there is one."""
        name = self.name(output)
        return self.store.found(name) if name else None

    def taken(self, digest: str | None) -> list[str]:
        """Return the names of all pictures that there are of a result, in order."""
        if digest is None:
            return []
        outputs = (output for cell in self.store.notebook(digest)["cells"] for output in cell["outputs"])
        return [path.name for path in map(self.find, outputs) if path is not None]


def size_of(picture: bytes) -> dict[str, int]:
    """Return the size that a picture has on a page, in pixels."""
    width, height = struct.unpack(">II", picture[16:24])  # of the IHDR chunk
    return {"width": round(width / SCALE), "height": round(height / SCALE)}
