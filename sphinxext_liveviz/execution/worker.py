"""The process that runs a page; as a program, ``python -m sphinxext_liveviz.execution.worker``.

As a program it reads two lines of JSON from stdin, ``{"preload": [modules]}`` and, once it is known, the page:
``{"cells": [{"id", "number", "code", "raises", "embed"}, ...], "settings", "directory", "memory"}``. It writes the
kernel's messages as lines of JSON to what was its stdout, with ``buffers`` as base64 text in those that have any, then
``null``. What the page's libraries print past Python goes to stderr.
"""

from __future__ import annotations

import asyncio
import atexit
import base64
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

from ..kernel import Kernel
from ..kernel.messages import to_json
from .preload import preload

Send = Callable[[Any], None]

_PR_SET_PDEATHSIG = 1
"""From Linux's ``sys/prctl.h``."""


def expected(raises: str | None, reply: dict[str, Any]) -> bool:
    """Whether an ``execute_reply`` that is an error is what the cell's author declared."""
    if raises is None:
        return False
    return raises == "" or raises.rpartition(".")[2] == reply["ename"]


def serve(request: dict[str, Any], descriptor: int) -> None:
    """Run the cells of a request and write the messages to a file descriptor."""
    os.chdir(request["directory"])
    _limit_memory(request["memory"])
    page = os.getpid()
    pipe = os.fdopen(descriptor, "w", encoding="ascii")
    lock = threading.Lock()

    def send(line: Any) -> None:
        if os.getpid() != page:
            return  # a cell has forked: its child has nothing to say here
        text = to_json(line) + "\n"
        with lock:  # cells may print from threads
            pipe.write(text)
            pipe.flush()

    asyncio.run(_run(request["cells"], request["settings"], send))


async def _run(cells: Sequence[dict[str, Any]], settings: dict[str, Any], send: Send) -> None:
    """Run cells in order until one fails that was not meant to; say ``None`` when done."""
    page = os.getpid()
    replies: list[dict[str, Any]] = []

    def publish(message: dict[str, Any], buffers: Sequence[Any]) -> None:
        if message["header"]["msg_type"] == "execute_reply":
            replies.append(message["content"])
        send({**message, "buffers": [base64.b64encode(one).decode() for one in buffers]} if buffers else message)

    kernel = Kernel(publish, live=False)
    for cell in cells:
        liveviz = {"cell": cell["id"], "number": cell["number"], "embed": cell["embed"], "settings": settings}
        await kernel.execute(
            {
                "header": {"msg_id": cell["id"], "msg_type": "execute_request"},
                "parent_header": {},
                "metadata": {"liveviz": liveviz},
                "content": {"code": cell["code"], "silent": False, "store_history": True},
                "channel": "shell",
            }
        )
        if os.getpid() != page:
            os._exit(0)  # the child that a cell has forked ends with the cell
        if replies[-1]["status"] == "error" and not expected(cell["raises"], replies[-1]):
            break
    kernel.close()
    # Said before the event loop closes: that may take as long as what the cells left running.
    send(None)


def _limit_memory(size: int | None) -> None:
    """Let allocations beyond ``size`` bytes fail: the cell gets a MemoryError."""
    if size is not None and sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))


def die_with_parent(wanted: bool) -> None:
    """End when the build is killed and cannot end this; elsewhere than on Linux nothing can be asked to do so."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL if wanted else 0)


def main() -> None:
    """Serve the one request of this process."""
    die_with_parent(True)
    served = False

    def leave() -> None:
        """Leave an interpreter as it is that has nothing more to say: to take Panel apart takes half a second."""
        if served:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)

    atexit.register(leave)  # before all others, so that it is called after them
    preload(json.loads(sys.stdin.readline())["preload"])
    text = sys.stdin.readline()
    # From here on nobody else writes to the pipe: neither print() of a subprocess nor a C library.
    pipe = os.dup(1)
    os.dup2(2, 1)
    sys.path.insert(0, "")  # the cells' own modules are found before all others
    serve(json.loads(text), pipe)
    served = True


if __name__ == "__main__":
    main()
