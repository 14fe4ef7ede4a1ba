"""What the build makes of the messages of a page's process, and when it has seen enough."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..model import Cell, CellError, Page, PageResult
from .child import LINE, Child
from .notebook import PageNotebook
from .worker import expected

Started = Callable[[Cell], None]
"""Called when a cell starts."""
Finished = Callable[[PageResult], None]
"""Called when a page is done."""

_START = 60.0
"""Seconds in which a process must have begun its first cell."""
_TOO_MUCH = f"made outputs of more than {LINE:,} bytes and was ended"
_END = 2.0
"""Seconds that a process gets to end by itself when its cells are done."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a page's cells may take. Whatever takes more costs its page the remaining cells."""

    patience: float
    """Seconds that a cell without a timeout of its own may run."""
    memory: int | None = None
    """Bytes that a page's process may hold; None: no limit. Where the system has no such limit, it has no effect."""
    output: int = 10_000_000
    """Characters that a cell may print."""


async def watch(child: Child, page: Page, limits: Limits, started: Started) -> PageResult:
    """Pass messages on until the cells are done, the process is dead or a cell has taken too much.

    The process is gone when this returns.
    """
    begin = time.monotonic()
    made = PageNotebook(page)
    seconds: dict[str, float] = {}
    try:
        errors, done = await _follow(child, page, limits, made, seconds, started)
    except BaseException:
        await child.close()
        raise
    await child.close(patience=_END if done else 0.0)
    return PageResult(page, made.notebook, tuple(errors), time.monotonic() - begin, seconds)


async def _follow(
    child: Child, page: Page, limits: Limits, made: PageNotebook, seconds: dict[str, float], started: Started
) -> tuple[list[CellError], bool]:
    """Return what went wrong, and whether the process has said that it is done."""
    cells = {cell.id: cell for cell in page.cells}
    current = next(cell for cell in page.cells if cell.execute)
    over = f"did not start within {_START:g} seconds"
    begun = time.monotonic()
    deadline = begun + _START
    printed = received = 0
    errors: list[CellError] = []
    while True:
        try:
            line = await asyncio.wait_for(child.lines.readline(), deadline - time.monotonic())
        except TimeoutError:
            return [*errors, CellError(current, "timeout", over)], False
        except ValueError:  # asyncio's way to say that a line has no end within its limit
            return [*errors, CellError(current, "output", _TOO_MUCH)], False
        if not line:
            return [*errors, CellError(current, "died", await child.last_words())], False
        received += len(line)
        if received > LINE:
            return [*errors, CellError(current, "output", _TOO_MUCH)], False
        message = json.loads(line)
        if message is None:
            return errors, True
        kind = message["header"]["msg_type"]
        if kind == "stream":
            text = message["content"]["text"]
            printed += len(text)
            if printed > limits.output:
                message["content"]["text"] = text[: limits.output - printed]
                made.receive(message)
                what = f"printed more than {limits.output:,} characters and was ended"
                return [*errors, CellError(current, "output", what)], False
        made.receive(message)
        if kind == "status" and message["content"]["execution_state"] == "busy":
            current = cells[message["parent_header"]["msg_id"]]
            started(current)
            printed = received = 0
            limit = current.timeout or limits.patience
            over = f"ran longer than {limit:g} seconds and was ended"
            begun = time.monotonic()
            deadline = begun + limit
        elif kind == "execute_reply":
            seconds[current.id] = time.monotonic() - begun
            error = _judge(current, message["content"])
            if error is not None:
                errors.append(error)
            errors += [
                CellError(current, "embed", item["refused"])
                for item in message["content"].get("payload", ())
                if "refused" in item
            ]


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
