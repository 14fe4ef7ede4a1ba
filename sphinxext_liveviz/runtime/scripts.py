"""The scripts that run under Node, as files."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

NODE = Path(__file__).parent / "node"
"""Those of the build alone."""
LIVE = Path(__file__).parent.parent / "static" / "liveviz" / "live"
"""Those of the front end, some of which the former import."""


@cache
def scripts_digest() -> str:
    """Return a hex digest of all that takes part in making an image."""
    digest = hashlib.sha256()
    for path in [*sorted(path for path in NODE.iterdir() if path.is_file()), LIVE / "capture.js", LIVE / "snapshot.js"]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
