"""The comms of the package ``comm``, by which ipywidgets and its kin talk to the page: over those of the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import comm
from comm.base_comm import BaseComm, CommManager

if TYPE_CHECKING:
    from ..core import Kernel
    from ..messages import Buffer, Message


def install(kernel: Kernel) -> None:
    """Make the kernel's comms those of the package."""
    made = KernelComms(kernel)
    comm.create_comm = made.create
    comm.get_comm_manager = lambda: made


class Requests:
    """What libraries look for at the kernel of a comm: which request is being answered.

    That there is one at all tells ipywidgets that somebody listens.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def get_parent(self, channel: str | None = None) -> dict[str, Any]:
        """Return the request that caused what runs now."""
        return {"header": {"msg_id": self._kernel.parent}}


class KernelComm(BaseComm):
    """A library's end of a comm of the kernel."""

    def __init__(self, owner: Kernel, *args: Any, **options: Any) -> None:
        self.kernel = Requests(owner)
        self._owner = owner
        super().__init__(*args, **options)

    def publish_msg(
        self,
        msg_type: str,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: Sequence[Buffer] | None = None,
        **keys: Any,
    ) -> None:
        """Send a message to the page."""
        content = {"comm_id": self.comm_id, "data": data or {}, **keys}
        self._owner.publish(msg_type, content, metadata, buffers or ())

    def handle_message(self, message: Message, buffers: Sequence[memoryview]) -> None:
        """Take a message of the page."""
        if self._msg_callback is not None:
            self._msg_callback({"metadata": {}, **message, "buffers": list(buffers)})

    def handle_close(self, msg: Message) -> None:
        """Take the page's farewell."""
        self._closed = True
        super().handle_close(msg)


class KernelComms(CommManager):
    """The comms of libraries, and the targets that they registered."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__()
        self._kernel = kernel

    def create(self, *args: Any, **options: Any) -> KernelComm:
        """Return a new comm; unless it is told otherwise it opens the page's end."""
        return KernelComm(self._kernel, *args, **options)

    def register_comm(self, comm: Any) -> str:
        """Deliver what the page sends."""
        self._kernel.comms.add(comm.comm_id, comm)
        return super().register_comm(comm)

    def unregister_comm(self, comm: Any) -> None:
        """Deliver nothing more."""
        self._kernel.comms.remove(comm.comm_id)
        super().unregister_comm(comm)

    def register_target(self, target_name: str, f: Any) -> None:
        """Call ``f(comm, message)`` for each comm that the page opens under a name."""
        super().register_target(target_name, f)
        opened = self.targets[target_name]

        def accept(message: Message, buffers: Sequence[memoryview]) -> None:
            one = self.create(target_name, comm_id=message["content"]["comm_id"], primary=False)
            self.register_comm(one)
            try:
                opened(one, {"metadata": {}, **message, "buffers": list(buffers)})
            except Exception:
                self.unregister_comm(one)
                raise

        self._kernel.comms.register_target(target_name, accept)
