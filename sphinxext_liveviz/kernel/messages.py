"""Jupyter messages as plain dictionaries, and the request that is being answered."""

from __future__ import annotations

import base64
import json
import math
import uuid
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

Message = dict[str, Any]
"""``header`` (``msg_id``, ``msg_type``), ``parent_header``, ``metadata``, ``content`` and ``channel``."""

Buffer = bytes | bytearray | memoryview

Send = Callable[[Message, Sequence[Buffer]], None]
"""Takes a message and its binary buffers out of the kernel."""

PARENT: ContextVar[str | None] = ContextVar("liveviz_parent", default=None)
"""``msg_id`` of the request that caused what runs now. Tasks that a cell starts inherit it, so that what they print
long after the cell has ended still finds the cell."""


def message(
    msg_type: str,
    content: dict[str, Any],
    *,
    metadata: dict[str, Any] | None = None,
    parent: str | None = None,
    channel: str = "iopub",
) -> Message:
    """Return a new message; ``parent`` is the ``msg_id`` of the request that it answers."""
    return {
        "header": {"msg_id": uuid.uuid4().hex, "msg_type": msg_type},
        "parent_header": {"msg_id": parent} if parent else {},
        "metadata": metadata or {},
        "content": content,
        "channel": channel,
    }


def to_json(made: Message) -> str:
    """Return a message as JSON that a page can parse.

    Cells may display anything as raw data, and libraries send what Python's JSON has and no other: what is no finite
    number becomes null, binary data base64 text, numbers and arrays of NumPy and its like those of Python, and what
    JSON cannot hold its repr.
    """
    try:
        return json.dumps(made, allow_nan=False)
    except (TypeError, ValueError):  # which is rare: to look at each part of a large document takes long
        return json.dumps(_plain(made), allow_nan=False)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode("ascii")
    tolist = getattr(value, "tolist", None)
    made = tolist() if callable(tolist) else None
    return _plain(made) if isinstance(made, (int, float, str, list)) else repr(value)


def _key(key: Any) -> Any:
    if key is None or isinstance(key, (str, int)):
        return key
    made = _plain(key)
    return made if isinstance(made, int) else str(key)


OUTPUTS = frozenset({"stream", "display_data", "execute_result", "error", "clear_output"})
"""Types of the messages that fill the output of a cell."""

OUTLET: ContextVar[Callable[[Message], None] | None] = ContextVar("liveviz_outlet", default=None)
"""Takes those of what runs now in the place of the cell."""
