"""The kernel itself: requests in, messages out."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any

from . import mime, tracebacks
from .cells import Runner
from .comms import Comms
from .hooks import AfterImport
from .messages import PARENT, Buffer, Message, Send, message
from .streams import Stream
from .threads import Threads

_current: Kernel | None = None


def current() -> Kernel:
    """Return the kernel of this process.

    Raises
    ------
    RuntimeError
        When none is running.
    """
    if _current is None:
        raise RuntimeError("no liveviz kernel is running in this process")
    return _current


def _complain(text: str) -> None:
    sys.stderr.write(text)


class Kernel:
    """Runs the cells of one page in one namespace.

    While it is open it owns ``sys.stdout``, ``sys.stderr`` and ``sys.modules["__main__"]``.

    Parameters
    ----------
    send : callable
        Takes each message and its buffers away.
    live : bool
        Whether somebody listens after a cell has ended. Objects are linked to the page only then.
    """

    def __init__(self, send: Send, *, live: bool) -> None:
        global _current
        from .adapters import ADAPTERS
        from .display import clear_output, display, update_display

        self.live = live
        self.comms = Comms(self._publish_comm)
        self.after_request: list[Callable[[], None]] = []
        """Called when a request has been answered, before its ``idle``: what was gathered is sent. What they raise
        is shown."""
        self.after_cell: list[Callable[[], None]] = []
        """Called when a cell has run, while its output is still open. If one raises, the cell has failed."""
        self.may_need: list[Callable[[], list[str]]] = []
        """Tell the addresses of front-end files that further outputs of the page may need."""
        self.embed = 0
        """States that outputs of the cell that is running may have computed beforehand."""
        self.payload: list[dict[str, Any]] = []
        """What Jupyter has for instructions to the front end: what the build is told of the cell that is running."""
        self.loop: asyncio.AbstractEventLoop
        """The loop that the last cell ran in."""
        self.adapters: list[mime.Adapt] = []
        """Adapters of the libraries imported so far, the most special first."""
        self._send = send
        self._origins: dict[int, tuple[str, int]] = {}
        self._count = 0
        self._main = ModuleType("__main__")
        names = {"display": display, "update_display": update_display, "clear_output": clear_output}
        vars(self._main).update(names, __builtins__=__builtins__)
        self._runner = Runner(vars(self._main))
        self._replaced = (sys.stdout, sys.stderr, sys.modules.get("__main__"))
        self._threads = Threads()
        self._streams = (
            Stream("stdout", self._publish_stream, self._threads.parent),
            Stream("stderr", self._publish_stream, self._threads.parent),
        )
        sys.stdout, sys.stderr = self._streams
        sys.modules["__main__"] = self._main
        self._threads.watch()
        _current = self
        self._imports = AfterImport({module: partial(install, self) for module, install in ADAPTERS.items()})
        self._imports.install()

    def close(self) -> None:
        """Give back what the kernel owned."""
        global _current
        self.flush()
        self._imports.remove()
        self._threads.leave()
        sys.stdout, sys.stderr, main = self._replaced
        if main is not None:
            sys.modules["__main__"] = main
        _current = None

    @property
    def namespace(self) -> dict[str, Any]:
        """Globals of the cells."""
        return self._runner.namespace

    # -- requests ------------------------------------------------------------

    async def execute(self, request: Message) -> None:
        """Answer an ``execute_request``.

        ``request["metadata"]["liveviz"]`` may hold the cell's ``number``, and its document's ``path`` and ``line``.
        """
        parent = self._threads.last = request["header"]["msg_id"]
        self.loop = asyncio.get_running_loop()
        origin = request["metadata"].get("liveviz", {})
        self._count += 1
        number = origin.get("number", self._count)
        self.embed = origin.get("embed", 0)
        self.payload = []
        if "path" in origin:
            self._origins[number] = (origin["path"], origin["line"])
        token = PARENT.set(parent)
        self.publish("status", {"execution_state": "busy"})
        try:
            reply = await self._run(request["content"]["code"], number)
            self.publish("execute_reply", reply, channel="shell")
        finally:
            self._finish(token)

    def receive(self, request: Message, buffers: Sequence[Buffer]) -> None:
        """Answer a comm message. An exception in what it called is published, and ends there."""
        token = PARENT.set(request["header"]["msg_id"])
        self.publish("status", {"execution_state": "busy"})
        try:
            self.comms.receive(request, buffers)
        except Exception as error:
            self.report(error)
        finally:
            self._finish(token)

    async def _run(self, code: str, number: int) -> dict[str, Any]:
        try:
            value = await self._runner.run(code, number)
            if value is not None:
                self.namespace["_"] = value
                self._show_result(value)
            for callback in self.after_cell:
                callback()
        except (Exception, SystemExit, KeyboardInterrupt, asyncio.CancelledError) as error:
            content = self.report(error)
            return {"status": "error", "execution_count": self._count, **content}
        return {"status": "ok", "execution_count": self._count, "user_expressions": {}, "payload": self._payload()}

    def _payload(self) -> list[dict[str, Any]]:
        if self.live:
            return []
        addresses = sorted({address for tell in self.may_need for address in tell()})
        assets = [{"source": "liveviz.assets", "addresses": addresses}] if addresses else []
        return [*self.payload, *assets]

    def _finish(self, token: Any) -> None:
        try:
            for callback in self.after_request:
                try:
                    callback()
                except Exception as error:
                    self.report(error)
            self.flush()
        finally:
            self.publish("status", {"execution_state": "idle"})
            PARENT.reset(token)

    # -- messages ------------------------------------------------------------

    def publish(
        self,
        msg_type: str,
        content: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        buffers: Sequence[Buffer] = (),
        *,
        channel: str = "iopub",
    ) -> None:
        """Send a message as an answer to the request that is being handled."""
        made = message(msg_type, content, metadata=metadata, parent=self._threads.parent(), channel=channel)
        self._send(made, buffers)

    def flush(self) -> None:
        """Send what the streams keep."""
        for stream in self._streams:
            stream.flush()

    def report(self, error: BaseException) -> dict[str, Any]:
        """Publish an ``error`` message and return its content."""
        self.flush()
        content: dict[str, Any] = tracebacks.describe(error)
        text = tracebacks.relocate("\n".join(content["traceback"]), self._origins)
        content["traceback"] = text.split("\n")
        self.publish("error", content)
        return content

    def show(
        self,
        value: Any,
        *,
        display_id: str | None = None,
        update: bool = False,
        raw: bool = False,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        """Publish a value as ``display_data``, or as ``update_display_data``."""
        made = mime.Bundle(value) if raw else self._bundle(value)
        if made is None:
            return
        self.flush()
        transient = {**made.transient, **({"display_id": display_id} if display_id else {})}
        content = {"data": made.data, "metadata": {**made.metadata, **(metadata or {})}, "transient": transient}
        self.publish("update_display_data" if update else "display_data", content)

    def _show_result(self, value: Any) -> None:
        made = self._bundle(value)
        if made is None:
            return
        self.flush()
        content = {"data": made.data, "metadata": made.metadata, "execution_count": self._count}
        if made.transient:
            content["transient"] = made.transient
        self.publish("execute_result", content)

    def _bundle(self, value: Any) -> mime.Bundle | None:
        return mime.bundle(value, self.adapters, _complain)

    def _publish_stream(self, name: str, text: str, parent: str | None) -> None:
        text = tracebacks.relocate(text, self._origins)
        self._send(message("stream", {"name": name, "text": text}, parent=parent), ())

    def _publish_comm(
        self, msg_type: str, content: dict[str, Any], metadata: dict[str, Any] | None, buffers: Sequence[Buffer]
    ) -> None:
        self.publish(msg_type, content, metadata, buffers)
