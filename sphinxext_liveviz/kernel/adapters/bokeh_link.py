"""A Bokeh document in step with its views in the page.

Patches are Bokeh's own (:class:`bokeh.document.json.PatchJson`), as on a Bokeh server: JSON with references to
binary buffers, which travel beside it. ``comm_msg`` data in both directions is ``{"patch", "buffer_ids"}``, with
``resources`` when models of a new kind may be in it; a view says ``{"event": "ready"}`` once it is drawn.

What travels when, from Python to the page:

- What changes while a request of the page is dealt with is sent at its end, in one patch. The page sends no further
  patch before that, so it sets the pace.
- What tasks and session callbacks change, nobody asked for. It is sent when the loop turns, in one patch with
  ``"ask": number``; what follows is gathered until each view that got it says ``{"event": "painted", "ask": number}``.
- Code that computes for longer than a frame without a turn of the loop, and so can hear nothing, sends what it has
  changed with the next change. After it has done so once, it is taken to be slow: its first change is sent at once.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from bokeh.core.serialization import Buffer, Deserializer, Serialized
from bokeh.document.events import (
    DocumentChangedEvent,
    DocumentPatchedEvent,
    SessionCallbackAdded,
    SessionCallbackRemoved,
)
from bokeh.events import DocumentReady
from bokeh.io import doc as bokeh_doc
from bokeh.server.callbacks import PeriodicCallback, SessionCallback, TimeoutCallback

from .bokeh_changes import Changes, write

if TYPE_CHECKING:
    from bokeh.document import Document

    from ..comms import Comm
    from ..core import Kernel

TARGET = "liveviz.bokeh"
"""Comm target that the page registers."""

_FRAME = 1 / 60
"""Changes that come faster than this, in seconds, travel together."""
_PATIENCE = 10.0
"""Seconds after which a view that does not say that it was painted keeps nobody waiting.

Hidden ones say so at once; what is left is a tab that was hidden just then, or one whose computer slept.
"""


class DocumentLink:
    """Sends a document's changes to its views, applies theirs, and runs its session callbacks.

    Parameters
    ----------
    kernel : Kernel
    document : bokeh.document.Document
    curdocs : sequence of callable
        Context managers to enter, with the document, around everything that may run callbacks.
    urgent : sequence of callable
        Tell of a change whether it must be seen before what comes next.
    resources : callable
        Returns what the document's models need in the page.
    gone : callable
        Called with the document when its last view was closed.
    """

    def __init__(
        self,
        kernel: Kernel,
        document: Document,
        curdocs: Sequence[Callable[[Document], AbstractContextManager[Any]]],
        urgent: Sequence[Callable[[DocumentPatchedEvent], bool]],
        resources: Callable[[Document], dict[str, list[str]]],
        gone: Callable[[Document], None],
    ) -> None:
        self._kernel = kernel
        self._document = document
        self._curdocs = curdocs
        self._urgent = urgent
        self._resources = resources
        self._gone = gone
        self._comms: dict[str, Comm] = {}
        self._changes = Changes()
        self._setter: Any = None
        self._since: float | None = None
        """When the first change was made since the loop turned, or since changes were sent."""
        self._began = 0.0
        """When the first change was made since the loop turned."""
        self._slow = False
        """Whether the next change should not wait for those that follow it."""
        self._unseen: set[str] = set()
        """Ids of the comms whose views have not said yet that they were painted."""
        self._asked = 0
        """Number of the patch that they were asked about: a view that was late speaks of an older one."""
        self._patience: asyncio.TimerHandle | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        document.on_change(self._changed)
        kernel.after_cell.append(self._end_cell)
        kernel.after_request.append(self._answer)
        for callback in document.session_callbacks:
            self._start(callback)

    def open(self) -> str:
        """Open a comm for one more view of the document and return its id.

        The document's JSON must have been made just before: from now on every change is sent as a patch to it.
        """
        self._send()
        self._document.models.flush_synced()
        comm = self._kernel.comms.open(TARGET)
        comm.on_message = lambda data, buffers: self._receive(comm, data, buffers)
        comm.on_close = lambda: self._closed(comm)
        self._comms[comm.comm_id] = comm
        return comm.comm_id

    # -- Python to page --------------------------------------------------------

    def _changed(self, event: DocumentChangedEvent) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # another thread's doing: all that is here belongs to the loop's
            self._kernel.loop.call_soon_threadsafe(self._changed, event)
            return
        if isinstance(event, SessionCallbackAdded):
            self._start(event.callback)
        elif isinstance(event, SessionCallbackRemoved):
            self._stop(event.callback)
        elif isinstance(event, DocumentPatchedEvent) and self._comms:
            if self._changes and event.setter != self._setter:
                self._send()
            self._setter = event.setter
            self._changes.add(event)
            now = time.monotonic()
            if self._since is None:
                self._since = self._began = now
                loop.call_soon(self._turned)
            if now - self._since >= _FRAME or self._cannot_wait(event):
                self._since = now
                self.flush()  # if it cannot be sent, that is an error in the line that changed it

    def _cannot_wait(self, event: DocumentPatchedEvent) -> bool:
        if self._slow and event.setter is None:
            self._slow = False  # those that follow can
            return True
        return any(is_urgent(event) for is_urgent in self._urgent)

    def _end_cell(self) -> None:
        """Send what the cell has changed. If that cannot be sent, the cell has failed."""
        if self._since is not None:
            self._end_turn()
            self.flush()

    def _answer(self) -> None:
        """Send what the request that is being answered has changed."""
        if self._since is not None:
            self._end_turn()
            self._send()

    def _turned(self) -> None:
        if self._since is not None:
            self._end_turn()
        if not self._unseen:
            self._send(ask=True)

    def _end_turn(self) -> None:
        self._since = None
        self._slow = time.monotonic() - self._began >= _FRAME

    def _painted(self, comm_ids: set[str]) -> None:
        if not self._unseen:
            return
        self._unseen -= comm_ids
        if not self._unseen:
            assert self._patience is not None
            self._patience.cancel()
            self._send(ask=True)

    def _send(self, *, ask: bool = False) -> None:
        """Flush where nobody waits for an exception: it is shown in the cell."""
        try:
            self.flush(ask=ask)
        except Exception as error:
            self._kernel.report(error)

    def flush(self, *, ask: bool = False) -> None:
        """Send the changes that were gathered, to every view but the one that they came from.

        Parameters
        ----------
        ask : bool
            Let each view say when it was painted.

        Raises
        ------
        Exception
            When there is one that cannot be sent; all others have been. Of several such the last is raised and the
            others are shown in the cell.
        """
        models = self._document.models
        known = models.synced_references
        events = self._changes.take(known)
        receivers = [comm for comm in self._comms.values() if comm.comm_id != self._setter]
        if not events or not receivers:
            return
        patch = write(events, known, list(models))
        if patch.events:
            models.flush_synced(lambda model: model not in patch.known)
            data: dict[str, Any] = {
                "patch": {"events": patch.events},
                "buffer_ids": [buffer.id for buffer in patch.buffers],
            }
            if ask:
                self._asked += 1
                data["ask"] = self._asked
                self._unseen = {comm.comm_id for comm in receivers}
                self._patience = asyncio.get_running_loop().call_later(_PATIENCE, self._painted, {*self._unseen})
            if len(known) != len(models):
                data["resources"] = self._resources(self._document)  # of models that the page has not seen yet
            for comm in receivers:
                comm.send(data, [buffer.to_bytes() for buffer in patch.buffers])
        for failure in patch.failures[:-1]:
            self._kernel.report(failure)
        if patch.failures:
            raise patch.failures[-1]

    # -- page to Python --------------------------------------------------------

    def _receive(self, comm: Comm, data: Any, buffers: Sequence[memoryview]) -> None:
        if data.get("event") == "ready":
            with self._current():
                self._document.callbacks.trigger_event(DocumentReady())
            return
        if data.get("event") == "painted":
            if data["ask"] == self._asked:
                self._painted({comm.comm_id})
            return
        self._send()  # of what is in the document now, all counts as known to the page afterwards
        ids = data["buffer_ids"]
        content = Serialized(
            data["patch"], [Buffer(name, bytes(item)) for name, item in zip(ids, buffers, strict=True)]
        )
        # What Document.apply_json_patch does, except that a callback's exception ends with its own event.
        setter: Any = comm.comm_id
        deserializer = Deserializer(list(self._document.models), setter=setter)
        patch = deserializer.deserialize(content)
        for event in patch["events"]:
            try:
                with self._current():
                    DocumentPatchedEvent.handle_event(self._document, event, setter)
            except Exception as error:
                self._kernel.report(error)
        self._document.models.flush_synced(lambda model: not deserializer.has_ref(model))

    def _closed(self, comm: Comm) -> None:
        """Forget the view; with the last one end what the document does on its own."""
        self._comms.pop(comm.comm_id, None)
        self._painted({comm.comm_id})
        if not self._comms:
            self._document.remove_on_change(self._changed)
            self._kernel.after_cell.remove(self._end_cell)
            self._kernel.after_request.remove(self._answer)
            if self._patience is not None:
                self._patience.cancel()
            for task in self._tasks.values():
                task.cancel()
            self._tasks.clear()
            self._gone(self._document)

    @contextmanager
    def _current(self) -> Iterator[None]:
        """Make the document the current one.

        Bokeh forgets to restore its own notion when a callback raises, hence the cut.
        """
        patched = bokeh_doc._PATCHED_CURDOCS
        depth = len(patched)
        try:
            with ExitStack() as stack:
                for enter in self._curdocs:
                    stack.enter_context(enter(self._document))
                with bokeh_doc.patch_curdoc(self._document):
                    yield
        finally:
            del patched[depth:]

    # -- session callbacks -------------------------------------------------------

    def _start(self, callback: SessionCallback) -> None:
        self._tasks[callback.id] = asyncio.get_running_loop().create_task(self._repeat(callback))

    def _stop(self, callback: SessionCallback) -> None:
        task = self._tasks.pop(callback.id, None)
        # A callback that removes itself finishes first.
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    async def _repeat(self, callback: SessionCallback) -> None:
        if isinstance(callback, PeriodicCallback):
            while callback.id in self._tasks:
                await asyncio.sleep(callback.period / 1000)
                await self._call(callback)
        else:
            await asyncio.sleep(callback.timeout / 1000 if isinstance(callback, TimeoutCallback) else 0)
            await self._call(callback)

    async def _call(self, callback: SessionCallback) -> None:
        try:
            with self._current():
                made: Any = callback.callback()
                if inspect.isawaitable(made):
                    await made
        except Exception as error:
            self._kernel.report(error)
        self._kernel.flush()
