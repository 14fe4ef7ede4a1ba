"""The kernel itself: requests in, messages out."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any

from . import mime, tracebacks
from .cells import Runner
from .comms import Comms
from .hooks import AfterImport
from .magics.reading import Reading, read
from .messages import OUTLET, OUTPUTS, PARENT, Buffer, Message, Send, message
from .stand_in import StandIn
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
        from .adapters import adapters
        from .display import clear_output, display, update_display

        self.live = live
        self.comms = Comms(self._publish_comm)
        self.after_request: list[Callable[[], None]] = []
        """Called when a request has been answered, before its ``idle``: what was gathered is sent. What they raise
        is shown."""
        self.after_cell: list[Callable[[], None]] = []
        """Called when a cell has run, while its output is still open. If one raises, the cell has failed."""
        self.on_update: list[Callable[[dict[str, Any]], None]] = []
        """Called with the content of each ``update_display_data``."""
        self.loop: asyncio.AbstractEventLoop
        """The loop that the last cell ran in."""
        self.adapters: list[mime.Adapt] = []
        """Adapters of the libraries imported so far, the most special first."""
        self.shown_anyway: list[Callable[[Any], bool]] = []
        """Tell of the value of a cell's last expression whether the cell shows it without that."""
        self.settings: dict[str, Any] = {}
        """What the site's configuration says to the kernel; what is not in it is as adapters have it by default."""
        self.cell = ""
        """Id of the cell that ran last."""
        self._ids = 0
        self.send = send
        """Takes messages away; ``%%capture`` keeps some of them meanwhile."""
        self._origins: dict[int, tuple[str, int]] = {}
        self._count = 0
        self._errors: list[dict[str, Any]] = []
        """The last that was shown since a cell began."""
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
        self._imports = AfterImport({module: partial(install, self) for module, install in adapters().items()})
        self._imports.install()
        self._stand_in = StandIn()
        self._stand_in.install()

    def close(self) -> None:
        """Give back what the kernel owned."""
        global _current
        self.flush()
        self._imports.remove()
        self._stand_in.remove()
        self._threads.leave()
        sys.stdout, sys.stderr, main = self._replaced
        if main is not None:
            sys.modules["__main__"] = main
        _current = None

    @property
    def namespace(self) -> dict[str, Any]:
        """Globals of the cells."""
        return self._runner.namespace

    @property
    def parent(self) -> str | None:
        """``msg_id`` of the request that caused what runs now."""
        return self._threads.parent()

    # -- requests ------------------------------------------------------------

    async def execute(self, request: Message) -> None:
        """Answer an ``execute_request``.

        ``request["metadata"]["liveviz"]`` may hold the ``cell``'s id and ``number``, its document's ``path`` and
        ``line``, and the site's ``settings``.
        """
        parent = self._threads.last = request["header"]["msg_id"]
        self.loop = asyncio.get_running_loop()
        origin = request["metadata"].get("liveviz", {})
        self._count += 1
        number = origin.get("number", self._count)
        self.cell, self._ids = origin.get("cell", ""), 0
        self.settings = origin.get("settings", {})
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
        self._errors.clear()
        try:
            cell = read(code)
            if cell.cell:
                from .magics.running import around  # most cells have no magics

                with around(self, cell):
                    await self._run_cell(cell, number)
            else:
                await self._run_cell(cell, number)
            shown = self._errors[-1:]
            if shown and not self.live:
                # Shown where it belongs, such as in a widget; the author shall hear of it all the same.
                return {"status": "error", "execution_count": self._count, **shown[0]}
        except (Exception, SystemExit, KeyboardInterrupt, asyncio.CancelledError) as error:
            content = self.report(error)
            return {"status": "error", "execution_count": self._count, **content}
        return {"status": "ok", "execution_count": self._count, "user_expressions": {}, "payload": []}

    async def _run_cell(self, cell: Reading, number: int) -> None:
        value = await self._runner.run(cell, number)
        if value is not None:
            self.namespace["_"] = value
            self._show_result(value)
        if cell.body:
            from .magics.running import show_text

            show_text(self, cell)
        for callback in self.after_cell:
            callback()

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

    def new_id(self) -> str:
        """Return 32 hexadecimal digits for what needs an id: no other cell of the site has them, and the next run has.

        Only what is shown may have such an id. To what objects do with it it is no random number.
        """
        self._ids += 1
        return hashlib.sha256(f"{self.cell} {self._ids}".encode()).hexdigest()[:32]

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
        self._deliver(message(msg_type, content, metadata=metadata, parent=self.parent, channel=channel), buffers)

    def _deliver(self, made: Message, buffers: Sequence[Buffer] = ()) -> None:
        kind = made["header"]["msg_type"]
        outlet = OUTLET.get() if kind in OUTPUTS else None
        if outlet is not None:
            outlet(made)
            return
        if kind == "update_display_data":
            for update in self.on_update:
                update(made["content"])
        self.send(made, buffers)

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
        self._errors[:] = [content]
        return content

    def show(
        self,
        value: Any,
        *,
        display_id: str | None = None,
        update: bool = False,
        raw: bool = False,
        metadata: dict[str, Any] | None = None,
        transient: dict[str, Any] | None = None,
        wanted: mime.Wanted = mime.ALL,
    ) -> None:
        """Publish a value as ``display_data``, or as ``update_display_data``."""
        made = mime.raw(value) if raw else self._bundle(value, wanted)
        if made is None or not made.data:
            return
        self.flush()
        named = {"display_id": display_id} if display_id else {}
        content = {
            "data": made.data,
            "metadata": {**made.metadata, **(metadata or {})},
            "transient": {**made.transient, **(transient or {}), **named},
        }
        self.publish("update_display_data" if update else "display_data", content)

    def _show_result(self, value: Any) -> None:
        if any(shown(value) for shown in self.shown_anyway):
            return
        made = self._bundle(value)
        if made is None or not made.data:
            return
        self.flush()
        content = {"data": made.data, "metadata": made.metadata, "execution_count": self._count}
        if made.transient:
            content["transient"] = made.transient
        self.publish("execute_result", content)

    def _bundle(self, value: Any, wanted: mime.Wanted = mime.ALL) -> mime.Bundle | None:
        return mime.bundle(value, self.adapters, _complain, wanted)

    def _publish_stream(self, name: str, text: str, parent: str | None) -> None:
        text = tracebacks.relocate(text, self._origins)
        self._deliver(message("stream", {"name": name, "text": text}, parent=parent))

    def _publish_comm(
        self, msg_type: str, content: dict[str, Any], metadata: dict[str, Any] | None, buffers: Sequence[Buffer]
    ) -> None:
        self.publish(msg_type, content, metadata, buffers)
