"""Comms: named two-way channels between an object in Python and its counterpart in the page."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from .messages import Buffer, Message

Publish = Callable[[str, dict[str, Any], dict[str, Any] | None, Sequence[Buffer]], None]
"""``(msg_type, content, metadata, buffers)``"""
Receive = Callable[[Any, Sequence[memoryview]], None]
"""Takes the ``data`` and the buffers of a ``comm_msg``."""


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


class Comms:
    """The open comms of one kernel, and what to do when the page opens one."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._open: dict[str, Comm] = {}
        self._targets: dict[str, Callable[[Comm, Any], None]] = {}

    def register_target(self, name: str, opened: Callable[[Comm, Any], None]) -> None:
        """Call ``opened(comm, data)`` for each comm that the page opens under ``name``."""
        self._targets[name] = opened

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
        if kind == "comm_open":
            opened = self._targets.get(content["target_name"])
            comm = Comm(self._publish, content["target_name"], comm_id)
            if opened is None:
                comm.close()
                return
            self._open[comm_id] = comm
            opened(comm, content.get("data"))
        elif kind == "comm_msg":
            known = self._open.get(comm_id)
            if known is not None and known.on_message is not None:
                known.on_message(content.get("data"), [memoryview(item).cast("B") for item in buffers])
        elif kind == "comm_close":
            closed = self._open.pop(comm_id, None)
            if closed is not None and closed.on_close is not None:
                closed.on_close()
