"""A home for a kernel under test: it keeps what the kernel sends."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import Any

from sphinxext_liveviz.kernel import Kernel


class Home:
    """A kernel and all that it sent.

    The kernel is made on first use, in the test itself: between a fixture and its test, pytest puts its own streams
    in place.
    """

    def __init__(self, *, live: bool = False) -> None:
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []
        self.live = live
        self.number = 0

    @cached_property
    def kernel(self) -> Kernel:
        return Kernel(
            lambda message, buffers: self.sent.append((message, [bytes(item) for item in buffers])), live=self.live
        )

    def close(self) -> None:
        """Close the kernel, if the test made one."""
        if "kernel" in vars(self):
            self.kernel.close()

    async def run(self, code: str, **liveviz: Any) -> list[tuple[str, dict[str, Any]]]:
        """Run a cell; return ``(msg_type, content)`` of everything but its ``status``."""
        self.number += 1
        start = len(self.sent)
        header = {"msg_id": f"m{self.number}", "msg_type": "execute_request"}
        await self.kernel.execute({"header": header, "metadata": {"liveviz": liveviz}, "content": {"code": code}})
        return [
            (message["header"]["msg_type"], message["content"])
            for message, _ in self.sent[start:]
            if message["header"]["msg_type"] != "status"
        ]

    def cell(self, code: str, **liveviz: Any) -> list[tuple[str, dict[str, Any]]]:
        """Run a cell in a loop of its own."""
        return asyncio.run(self.run(code, **liveviz))

    def receive(self, kind: str, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Hand the kernel a comm message of the page."""
        self.kernel.receive({"header": {"msg_id": f"page-{kind}", "msg_type": kind}, "content": content}, buffers or [])

    def of_type(self, kind: str) -> list[tuple[dict[str, Any], list[bytes]]]:
        """Return content and buffers of the messages of a type, in order."""
        return [
            (message["content"], buffers) for message, buffers in self.sent if message["header"]["msg_type"] == kind
        ]
