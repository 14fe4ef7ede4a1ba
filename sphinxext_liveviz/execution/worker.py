"""The process that runs a page: ``python -m sphinxext_liveviz.execution.worker``.

It reads one line of JSON from stdin, ``{"cells": [{"id", "number", "code", "raises"}, ...]}``, and writes the kernel's
messages as lines of JSON to what was its stdout, then ``null``. What the page's libraries print past Python goes to
stderr.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

from ..kernel import Kernel

Send = Callable[[Any], None]


def expected(raises: str | None, reply: dict[str, Any]) -> bool:
    """Whether an ``execute_reply`` that is an error is what the cell's author declared."""
    if raises is None:
        return False
    return raises == "" or raises.rpartition(".")[2] == reply["ename"]


async def run(cells: Sequence[dict[str, Any]], send: Send) -> None:
    """Run cells in order until one fails that was not meant to; say ``None`` when done."""
    replies: list[dict[str, Any]] = []

    def publish(message: dict[str, Any], _buffers: Sequence[Any]) -> None:
        if message["header"]["msg_type"] == "execute_reply":
            replies.append(message["content"])
        send(message)

    kernel = Kernel(publish, live=False)
    for cell in cells:
        await kernel.execute(
            {
                "header": {"msg_id": cell["id"], "msg_type": "execute_request"},
                "parent_header": {},
                "metadata": {"liveviz": {"cell": cell["id"], "number": cell["number"]}},
                "content": {"code": cell["code"], "silent": False, "store_history": True},
                "channel": "shell",
            }
        )
        if replies[-1]["status"] == "error" and not expected(cell["raises"], replies[-1]):
            break
    kernel.close()
    # Said before the event loop closes: that may take as long as what the cells left running.
    send(None)


def main() -> None:
    """Serve the one request of this process."""
    request = json.loads(sys.stdin.readline())
    # From here on nobody else writes to the pipe: neither print() of a subprocess nor a C library.
    pipe = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)

    lock = threading.Lock()

    def send(line: Any) -> None:
        # Cells may display anything as raw data; what JSON cannot hold is shown as its repr.
        text = json.dumps(line, default=repr) + "\n"
        with lock:  # cells may print from threads
            pipe.write(text)
            pipe.flush()

    asyncio.run(run(request["cells"], send))


if __name__ == "__main__":
    main()
