"""Page processes forked from a zygote that has imported the pages' libraries once; see :mod:`.zygote`."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..errors import ProcessError
from ..model import Page
from .ahead import Zygote
from .child import LINE, Child, kill, request
from .preload import Refusal

_MESSAGE = 1 << 20
"""Longest message in bytes."""


class ForkHost:
    """Forks a process for each page; made by :meth:`open`.

    Attributes
    ----------
    refused : dict of str to Refusal
        Modules that were not imported ahead, and why.
    """

    def __init__(self, zygote: Zygote, refused: dict[str, Refusal]) -> None:
        self.refused = refused
        zygote.end.detach()  # from now on it has to end its pages, so it is asked to
        self._zygote = zygote
        self._control = zygote.control
        self._forking: deque[asyncio.Future[int]] = deque()
        self._ended: dict[int, asyncio.Future[int]] = {}
        self._reading = asyncio.ensure_future(self._read())

    @classmethod
    async def open(cls, modules: Sequence[str], zygote: Zygote | None = None) -> ForkHost:
        """Wait until a zygote, perhaps one that was started already, has imported ``modules``.

        Raises
        ------
        ProcessError
            It has died.
        """
        zygote = zygote or Zygote()
        zygote.control.setblocking(False)
        loop = asyncio.get_running_loop()
        refused: dict[str, Refusal] = {}
        try:
            zygote.preload(modules)
            for _ in range(zygote.questions):
                answer = await loop.sock_recv(zygote.control, _MESSAGE)
                if not answer:
                    how = zygote.process.wait()
                    raise ProcessError(f"the process that preloads {', '.join(zygote.modules)} ended: {how}")
                for name, refusal in json.loads(answer)["refused"].items():
                    refused[name] = Refusal(**refusal)
                    if zygote.warm:  # its threads have ended when it was forked to wait, and may start in any import
                        refused[name] = replace(refused[name], lasting=False)
        except OSError as error:
            zygote.end()
            raise ProcessError(f"the process that preloads {', '.join(zygote.modules)} has ended ({error})") from error
        except BaseException:
            zygote.end()
            raise
        return cls(zygote, refused)

    async def start(self, page: Page, limits: dict[str, Any]) -> Child:
        """Fork a process for the page.

        Raises
        ------
        ProcessError
            The zygote has died.
        """
        loop = asyncio.get_running_loop()
        log = tempfile.TemporaryFile()  # closed with the child
        receiving, sending = os.pipe()
        messages = os.fdopen(receiving, "rb", buffering=0)
        pid = None
        try:
            with tempfile.TemporaryFile() as source, os.fdopen(sending, "wb", buffering=0) as pipe:
                source.write(request(page, limits))
                source.seek(0)
                pid = await self._fork(source.fileno(), pipe.fileno(), log.fileno())
            lines = asyncio.StreamReader(limit=LINE)
            reader = asyncio.StreamReaderProtocol(lines)
            transport, _ = await loop.connect_read_pipe(lambda: reader, messages)
        except BaseException:
            if pid is not None:
                kill(pid)
            messages.close()
            log.close()
            raise
        ended = self._ended[pid]

        async def wait() -> int:
            code = await asyncio.shield(ended)
            transport.close()
            return code

        return Child(pid, lines, log, wait)

    async def _fork(self, *descriptors: int) -> int:
        forked: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._forking.append(forked)
        try:
            socket.send_fds(self._control, [b"page"], descriptors)
        except OSError as error:
            self._forking.remove(forked)
            raise ProcessError(f"the process that pages are forked from has ended ({error})") from error
        return await forked

    async def close(self, done: bool = False) -> None:
        """End the zygote, and with it what it has forked; when all is done, it may stay for the next build."""
        self._reading.cancel()
        if done:
            await asyncio.to_thread(self._zygote.leave)
        else:
            self._control.close()
            await asyncio.to_thread(self._zygote.process.wait)

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                text = await loop.sock_recv(self._control, _MESSAGE)
            except ConnectionError:
                text = b""  # it died with something unread, of which the system tells in this way
            if not text:
                break
            message = json.loads(text)
            if "forked" in message:
                pid = message["forked"]
                self._ended[pid] = loop.create_future()
                forked = self._forking.popleft()
                if forked.cancelled():
                    kill(pid)
                else:
                    forked.set_result(pid)
            else:
                self._ended[message["ended"]].set_result(message["code"])
        for forked in self._forking:
            forked.set_exception(ProcessError("the process that pages are forked from has ended"))
        for ended in self._ended.values():
            if not ended.done():
                ended.set_result(-9)
