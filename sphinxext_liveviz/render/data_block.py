"""JSON that stands in a page for its scripts."""

from __future__ import annotations

import json
from typing import Any


def data_block(value: Any) -> str:
    """Return JSON that can stand in a ``<script type="application/json">`` element."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("<", r"\u003c")
