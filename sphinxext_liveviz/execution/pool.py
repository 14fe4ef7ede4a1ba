"""Runs stale pages at the same time, each in a fresh process that is watched from outside.

A cell that loops forever, calls ``os._exit`` or crashes the interpreter costs its own page the remaining cells and
nothing else. The event loop, and with it every thread and process, lives within one call of :func:`run_pages`: Sphinx
forks before and after.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import site
import sys
import sysconfig
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import IO, Any

from ..model import Cell, CellError, Page, PageResult
from .notebook import PageNotebook
from .worker import expected

Started = Callable[[Cell], None]
"""Called when a cell starts."""

Run = Callable[[Page, float, Started], Awaitable[PageResult]]
"""How one page is run: takes the page, the seconds that a cell may run by default, and what to tell of each cell that
starts. Other ways of running pages (warm processes, a cluster) are other functions of this type."""

_START = 60.0
"""Seconds in which a process must have begun its first cell."""
_END = 5.0
"""Seconds that a process gets to end by itself when its cells are done."""
_LINE = 1 << 30
"""Longest message in bytes: a safeguard, not a limit that outputs should meet."""


def run_pages(pages: Sequence[Page], *, patience: float, jobs: int, started: Started) -> list[PageResult]:
    """Run pages, ``jobs`` at a time, and return their results in the same order.

    Parameters
    ----------
    pages : sequence of Page
    patience : float
        Seconds that a cell without a timeout of its own may run.
    jobs : int
        Number of pages that run at the same time.
    started : callable
        Told of each cell when it starts.
    """
    return asyncio.run(_run_all(pages, patience, jobs, started, run_in_process))


async def _run_all(pages: Sequence[Page], patience: float, jobs: int, started: Started, run: Run) -> list[PageResult]:
    slots = asyncio.Semaphore(jobs)

    async def run_one(page: Page) -> PageResult:
        async with slots:
            return await run(page, patience, started)

    return list(await asyncio.gather(*map(run_one, pages)))


async def run_in_process(page: Page, patience: float, started: Started) -> PageResult:
    """Run a page in a process of its own."""
    made = PageNotebook(page)
    begin = time.monotonic()
    errors: list[CellError] = []
    if any(cell.execute for cell in page.cells):
        with tempfile.TemporaryFile() as log:
            process = await _start(page, log)
            try:
                errors = await _watch(process, page, patience, started, made, log)
            finally:
                _kill(process)
                await process.wait()
    return PageResult(page, made.notebook, tuple(errors), time.monotonic() - begin)


async def _start(page: Page, log: IO[bytes]) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"{__package__}.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
        cwd=page.directory,
        env=_environment(),
        limit=_LINE,
        start_new_session=True,
    )
    assert process.stdin is not None
    cells = [
        {"id": cell.id, "number": cell.number, "code": cell.code, "raises": cell.raises}
        for cell in page.cells
        if cell.execute
    ]
    process.stdin.write(json.dumps({"cells": cells}).encode() + b"\n")
    process.stdin.close()
    return process


def _environment() -> dict[str, str]:
    """The build's own environment, in which the worker can import what the build can, but from another directory."""
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    environment["PYTHONHASHSEED"] = "0"
    # What every interpreter of this installation finds by itself need not be said.
    given = {*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages()}
    paths = dict.fromkeys(str(Path(path).absolute()) for path in sys.path)
    environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path not in given)
    return environment


async def _watch(
    process: asyncio.subprocess.Process,
    page: Page,
    patience: float,
    started: Started,
    made: PageNotebook,
    log: IO[bytes],
) -> list[CellError]:
    """Pass messages on until the cells are done, the process is dead or a cell has run too long."""
    assert process.stdout is not None
    cells = {cell.id: cell for cell in page.cells}
    current = next(cell for cell in page.cells if cell.execute)
    over = f"did not start within {_START:g} seconds"
    deadline = time.monotonic() + _START
    errors: list[CellError] = []
    while True:
        try:
            line = await asyncio.wait_for(process.stdout.readline(), deadline - time.monotonic())
        except TimeoutError:
            errors.append(CellError(current, "timeout", over))
            return errors
        if not line:
            errors.append(CellError(current, "died", await _last_words(process, log)))
            return errors
        message = json.loads(line)
        if message is None:
            await _let_end(process)
            return errors
        made.receive(message)
        kind = message["header"]["msg_type"]
        if kind == "status" and message["content"]["execution_state"] == "busy":
            current = cells[message["parent_header"]["msg_id"]]
            started(current)
            limit = current.timeout or patience
            over = f"ran longer than {limit:g} seconds and was ended"
            deadline = time.monotonic() + limit
        elif kind == "execute_reply":
            error = _judge(current, message["content"])
            if error is not None:
                errors.append(error)


def _judge(cell: Cell, reply: dict[str, Any]) -> CellError | None:
    """Compare how a cell ended with what its author declared."""
    if reply["status"] == "ok":
        if cell.raises is None:
            return None
        what = cell.raises or "an exception"
        return CellError(cell, "no-exception", f"raised nothing, but {what} is expected")
    if expected(cell.raises, reply):
        return None
    value = reply["evalue"].strip().partition("\n")[0]
    said = f"{reply['ename']}: {value}" if value else reply["ename"]
    return CellError(cell, "exception", f"{said} (expected: {cell.raises})" if cell.raises else said)


async def _last_words(process: asyncio.subprocess.Process, log: IO[bytes]) -> str:
    """Say how a process ended that closed its pipe before its cells were done."""
    try:
        code = await asyncio.wait_for(process.wait(), _END)
    except TimeoutError:
        return "its process closed the connection to the build"
    how = f"with exit code {code}"
    if code < 0:
        try:
            how = f"by {signal.Signals(-code).name}"
        except ValueError:
            how = f"by signal {-code}"
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().splitlines()
    return f"its process ended {how}" + (f", saying: {lines[-1].strip()}" if lines else "")


async def _let_end(process: asyncio.subprocess.Process) -> None:
    """Give a process whose cells are done the time to tidy up."""
    try:
        await asyncio.wait_for(process.wait(), _END)
    except TimeoutError:
        return  # something that a cell has started goes on; it is ended with the process


def _kill(process: asyncio.subprocess.Process) -> None:
    """End a process and all that it has started."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        elif process.returncode is None:
            process.kill()
    except (ProcessLookupError, PermissionError):
        return  # it is gone, and all of its group (which macOS answers with the latter)
