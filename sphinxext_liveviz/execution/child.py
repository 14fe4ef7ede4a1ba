"""The process of one page, as the build sees it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from typing import IO, Any, Protocol

from ..model import Page

LINE = 1 << 27
"""Longest message in bytes: a safeguard of the build's own memory, not a limit that outputs should meet."""
_PATIENCE = 5.0
"""Seconds that a process gets to be gone once its messages have ended."""


class Child:
    """A process that runs a page's cells.

    Parameters
    ----------
    pid : int
        Leader of a group of its own, so that all that its cells start can be ended with it.
    lines : asyncio.StreamReader
        Kernel messages as lines of JSON.
    log : file
        What the process wrote past Python. Closed with the child.
    ended : callable
        Awaits the end of the process and returns its exit code, negative for a signal.
    """

    def __init__(
        self, pid: int, lines: asyncio.StreamReader, log: IO[bytes], ended: Callable[[], Awaitable[int]]
    ) -> None:
        self.lines = lines
        self._pid = pid
        self._log = log
        self._ended = ended

    async def last_words(self) -> str:
        """Say how a process ended that closed its pipe before its cells were done."""
        try:
            code = await asyncio.wait_for(self._ended(), _PATIENCE)
        except TimeoutError:
            return "its process closed the connection to the build"
        how = f"with exit code {code}"
        if code < 0:
            try:
                how = f"by {signal.Signals(-code).name}"
            except ValueError:
                how = f"by signal {-code}"
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return f"its process ended {how}" + (f", saying: {lines[-1].strip()}" if lines else "")

    async def close(self, patience: float = 0.0) -> None:
        """End the process and all that it has started, after giving it some seconds to end by itself."""
        if patience:
            await asyncio.wait({asyncio.ensure_future(self._ended())}, timeout=patience)
        kill(self._pid)
        await self._ended()
        self._log.close()


class Host(Protocol):
    """Makes the processes of pages."""

    async def start(self, page: Page, limits: dict[str, Any]) -> Child:
        """Start a process that runs the page's cells at once."""
        ...

    async def close(self, done: bool = False) -> None:
        """End what was prepared and is not needed any more; ``done`` tells that all pages have run."""
        ...


def request(page: Page, limits: dict[str, Any]) -> bytes:
    """Return what a process is told to do, as a line of JSON."""
    cells = [
        {"id": cell.id, "number": cell.number, "code": cell.code, "raises": cell.raises, "embed": cell.embed}
        for cell in page.cells
        if cell.execute
    ]
    told = {"cells": cells, "settings": page.settings, "directory": page.directory, **limits}
    return json.dumps(told).encode() + b"\n"


def kill(pid: int) -> None:
    """End a process that leads a group, and all that it has started."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGTERM)  # on Windows this ends the process at once
    except (ProcessLookupError, PermissionError):
        return  # it is gone, and all of its group (which macOS answers with the latter)
