"""Jupyter messages as plain dictionaries, and the request that is being answered."""

from __future__ import annotations

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


OUTPUTS = frozenset({"stream", "display_data", "execute_result", "error", "clear_output"})
"""Types of the messages that fill the output of a cell."""

OUTLET: ContextVar[Callable[[Message], None] | None] = ContextVar("liveviz_outlet", default=None)
"""Takes those of what runs now in the place of the cell."""
