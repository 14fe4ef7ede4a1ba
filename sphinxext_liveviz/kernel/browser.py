"""The kernel's home in the reader's browser: a Pyodide worker.

The worker's JavaScript calls :func:`start` once and then what it returned, for each request of the page.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

from .core import Kernel, current
from .messages import PARENT, Buffer, Message, to_json


def start(send: Callable[[str, Any], None]) -> Callable[[str, Any], None]:
    """Start the kernel.

    Parameters
    ----------
    send : callable
        JavaScript function ``(json_text, buffers)``; ``buffers`` is an array of ``Uint8Array``, its to keep.

    Returns
    -------
    callable
        ``receive(json_text, buffers)``, to be called with each request and an array of its ``ArrayBuffer``.
    """
    from pyodide.ffi import create_proxy, to_js

    def publish(message: Message, buffers: Sequence[Buffer]) -> None:
        send(to_json(message), to_js([bytes(buffer) for buffer in buffers]))

    kernel = Kernel(publish, live=True)
    requests: asyncio.Queue[Message] = asyncio.Queue()
    loop = asyncio.get_event_loop()
    loop.set_exception_handler(lambda _, context: _report_unhandled(kernel, context))

    async def serve() -> None:
        while True:
            request = await requests.get()
            try:
                await kernel.execute(request)
            except Exception as error:  # the kernel's own: those of the cell are in its answer
                _report(kernel, error, request["header"]["msg_id"])

    server = loop.create_task(serve())

    def receive(text: str, buffers: Any) -> None:
        if server.done():
            raise RuntimeError(f"the kernel has stopped: {server}")
        request: Message = json.loads(text)
        if request["header"]["msg_type"] == "execute_request":
            requests.put_nowait(request)
        else:
            # At once and not through the queue: a cell that awaits does not keep its widgets waiting.
            kernel.receive(request, [buffer.to_bytes() for buffer in buffers])

    proxy: Callable[[str, Any], None] = create_proxy(receive)
    return proxy


def wake() -> None:
    """Make this interpreter another one than all that come from the same snapshot.

    What was drawn at random when it was made would be the same for every reader, and what it knew of the time and
    its zone would be that of the machine that made it.
    """
    import importlib
    import random
    import sys
    import tempfile
    import time
    import zipimport

    # Of the files only those are there that are still to be read. Importers of archives would each read the whole
    # directory again at once, and most pages need none of them: forgotten, they come back when one is needed.
    for path, finder in list(sys.path_importer_cache.items()):
        if isinstance(finder, zipimport.zipimporter):
            del sys.path_importer_cache[path]
    zipimport._zip_directory_cache.clear()  # type: ignore[attr-defined]
    importlib.invalidate_caches()
    random.seed()
    tempfile._name_sequence = None  # type: ignore[attr-defined]
    if hasattr(time, "tzset"):
        time.tzset()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()


def end() -> None:
    """Let nothing of this interpreter run any more: its page is gone, but the worker goes on with another one."""
    loop: Any = asyncio.get_event_loop()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    # What waits for its time comes to nothing, and cannot begin anew.
    loop.call_later = lambda *_, **__: asyncio.Handle(lambda: None, (), loop)
    current().close()


def _report_unhandled(kernel: Kernel, context: dict[str, Any]) -> None:
    """Show an exception that a task of the reader's code ended with in the cell that started the task."""
    task: Any = context.get("task") or context.get("future")
    parent = task.get_context().get(PARENT) if hasattr(task, "get_context") else None
    _report(kernel, context.get("exception") or RuntimeError(context["message"]), parent)


def _report(kernel: Kernel, error: BaseException, parent: str | None) -> None:
    token = PARENT.set(parent)
    try:
        kernel.report(error)
    finally:
        PARENT.reset(token)
