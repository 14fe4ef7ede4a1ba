"""Page processes that are new interpreters, started ahead of need so that their imports are done when it comes."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from typing import IO, Any

from ..errors import ProcessError
from ..model import Page
from .child import LINE, Child, kill, request
from .environment import environment
from .preload import Refusal


async def find_refusals(modules: Sequence[str]) -> dict[str, Refusal]:
    """Find out, in a process for just that, which modules cannot be imported ahead, and why."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", f"{__package__}.preload"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    )
    try:
        answer, _ = await process.communicate(json.dumps(list(modules)).encode())
    except BaseException:
        kill(process.pid)
        raise
    if process.returncode:
        raise ProcessError(f"the process that tries to import {', '.join(modules)} ended with {process.returncode}")
    return {name: Refusal(**refusal) for name, refusal in json.loads(answer).items()}


class SpawnHost:
    """Starts a new interpreter for each page.

    Parameters
    ----------
    modules : sequence of str
        Imported before the page is known.
    expected : int
        Number of pages to come: no more processes are prepared than that.
    spares : int
        Number of processes that are kept ready.
    paths : sequence of str
        Where modules are searched after all that the build searches.
    """

    def __init__(
        self, modules: Sequence[str] = (), *, expected: int = 0, spares: int = 0, paths: Sequence[str] = ()
    ) -> None:
        self._modules = list(modules)
        self._expected = expected
        self._spares = spares
        self._paths = paths
        self._ready: deque[tuple[asyncio.subprocess.Process, IO[bytes]]] = deque()

    async def start(self, page: Page, limits: dict[str, Any]) -> Child:
        """Hand the page to the process that has waited longest, or to a new one."""
        process, log = self._ready.popleft() if self._ready else await self._prepare()
        self._expected -= 1
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(request(page, limits))
        process.stdin.close()
        await self.warm()
        return Child(process.pid, process.stdout, log, process.wait)

    async def warm(self) -> None:
        """Prepare processes for the pages to come."""
        while len(self._ready) < min(self._spares, self._expected):
            self._ready.append(await self._prepare())

    async def close(self, done: bool = False) -> None:
        """End the processes that no page came for."""
        for process, log in self._ready:
            kill(process.pid)
            await process.wait()
            log.close()
        self._ready.clear()

    async def _prepare(self) -> tuple[asyncio.subprocess.Process, IO[bytes]]:
        log = tempfile.TemporaryFile()  # closed with the child
        process = await asyncio.create_subprocess_exec(
            # -P: the directory of the build is not that of the cells.
            *(sys.executable, "-P", "-m", f"{__package__}.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env=environment(self._paths),
            limit=LINE,
            start_new_session=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps({"preload": self._modules}).encode() + b"\n")
        return process, log
