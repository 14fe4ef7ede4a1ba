"""Comms: named two-way channels between an object in Python and its counterpart in the page."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from .messages import Buffer, Message

Publish = Callable[[str, dict[str, Any], dict[str, Any] | None, Sequence[Buffer]], None]
"""``(msg_type, content, metadata, buffers)``"""
Receive = Callable[[Any, Sequence[memoryview]], None]
"""Takes the ``data`` and the buffers of a ``comm_msg``."""
Opened = Callable[[Message, Sequence[memoryview]], None]
"""Takes a ``comm_open`` and its buffers."""


class Endpoint(Protocol):
    """Python's end of an open comm, as :class:`Comms` sees it: a :class:`Comm`, or a library's own."""

    def handle_message(self, message: Message, buffers: Sequence[memoryview]) -> None:
        """Take a ``comm_msg`` of the page."""
        ...

    def handle_close(self, message: Message) -> None:
        """Take the page's ``comm_close``."""
        ...


class Comm:
    """One end of a channel; the other end is in the page.

    Parameters
    ----------
    publish : callable
        Sends a message to the page.
    target : str
        Name under which the page registered what it does with such comms.
    comm_id : str, optional
        Given when the page opened the comm.

    Attributes
    ----------
    on_message : callable or None
        Called with the ``data`` and the buffers of each message from the page.
    on_close : callable or None
        Called when the page closed the comm.
    """

    def __init__(self, publish: Publish, target: str, comm_id: str | None = None) -> None:
        self.target = target
        self.comm_id = comm_id or uuid.uuid4().hex
        self.on_message: Receive | None = None
        self.on_close: Callable[[], None] | None = None
        self._publish = publish

    def open(self, data: Any = None, buffers: Sequence[Buffer] = ()) -> None:
        """Ask the page to open its end."""
        content = {"comm_id": self.comm_id, "target_name": self.target, "data": data or {}}
        self._publish("comm_open", content, None, buffers)

    def send(self, data: Any, buffers: Sequence[Buffer] = ()) -> None:
        """Send ``data`` (JSON) and binary ``buffers`` to the page."""
        self._publish("comm_msg", {"comm_id": self.comm_id, "data": data}, None, buffers)

    def close(self) -> None:
        """Tell the page that this end is gone."""
        self._publish("comm_close", {"comm_id": self.comm_id, "data": {}}, None, ())

    def handle_message(self, message: Message, buffers: Sequence[memoryview]) -> None:
        """Take a ``comm_msg`` of the page."""
        if self.on_message is not None:
            self.on_message(message["content"].get("data"), buffers)

    def handle_close(self, message: Message) -> None:
        """Take the page's ``comm_close``."""
        if self.on_close is not None:
            self.on_close()


class Comms:
    """The open comms of one kernel, and what to do when the page opens one."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._open: dict[str, Endpoint] = {}
        self._targets: dict[str, Opened] = {}

    def register_target(self, name: str, opened: Opened) -> None:
        """Call ``opened(message, buffers)`` for each comm that the page opens under ``name``.

        It accepts the comm with :meth:`add`, or the page is told that it is closed.
        """
        self._targets[name] = opened

    def add(self, comm_id: str, endpoint: Endpoint) -> None:
        """Deliver what the page sends over a comm to its end here."""
        self._open[comm_id] = endpoint

    def remove(self, comm_id: str) -> None:
        """Deliver nothing more."""
        self._open.pop(comm_id, None)

    def accept(self, message: Message) -> Comm:
        """Return this end of the comm that a ``comm_open`` of the page is about."""
        content = message["content"]
        comm = Comm(self._publish, content["target_name"], content["comm_id"])
        self.add(comm.comm_id, comm)
        return comm

    def open(self, target: str, data: Any = None, buffers: Sequence[Buffer] = ()) -> Comm:
        """Open a comm from the Python side."""
        comm = Comm(self._publish, target)
        self._open[comm.comm_id] = comm
        comm.open(data, buffers)
        return comm

    def close(self, comm: Comm) -> None:
        """Close a comm from the Python side."""
        if self._open.pop(comm.comm_id, None) is not None:
            comm.close()

    def receive(self, message: Message, buffers: Sequence[Buffer]) -> None:
        """Deliver a comm message of the page.

        A message for a comm that is closed already is dropped, as Jupyter kernels do: the page's message and our
        close may cross on the way.
        """
        content = message["content"]
        comm_id, kind = content["comm_id"], message["header"]["msg_type"]
        views = [memoryview(item).cast("B") for item in buffers]
        if kind == "comm_open":
            opened = self._targets.get(content["target_name"])
            if opened is not None:
                opened(message, views)
            if comm_id not in self._open:
                self._publish("comm_close", {"comm_id": comm_id, "data": {}}, None, ())
        elif kind == "comm_msg" and comm_id in self._open:
            self._open[comm_id].handle_message(message, views)
        elif kind == "comm_close" and comm_id in self._open:
            self._open.pop(comm_id).handle_close(message)
