"""Checks pages, several at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

from .browser import open_browser
from .judge import Settings
from .node import NodeEngine
from .records import Record, Subject
from .server import serving

Told = Callable[[Subject, list[Record]], None]


class Engine(Protocol):
    """Runs the cells of pages."""

    async def check(self, subject: Subject) -> list[Record]:
        """Run those of one page and return a record for each."""
        ...


def check_pages(
    subjects: Sequence[Subject],
    *,
    engine: str,
    site: Path,
    hosts: Collection[str],
    settings: Settings,
    pictures: Path,
    workers: int,
    told: Told,
) -> None:
    """Check pages and tell of each as soon as it is done.

    Parameters
    ----------
    subjects : sequence of Subject
    engine : {"chromium", "firefox", "webkit", "node"}
    site : Path
        The built site.
    hosts : collection of str
        Other origins that live cells are meant to ask.
    settings : Settings
    pictures : Path
        Directory for pictures of what differs.
    workers : int
        Pages at a time.
    told : callable

    Raises
    ------
    UserError, ProcessError
        When the engine cannot be had.
    """
    asyncio.run(_check(subjects, engine, site, hosts, settings, pictures, workers, told))


async def _check(
    subjects: Sequence[Subject],
    name: str,
    site: Path,
    hosts: Collection[str],
    settings: Settings,
    pictures: Path,
    workers: int,
    told: Told,
) -> None:
    async with AsyncExitStack() as stack:
        engine: Engine
        if name == "node":
            engine = NodeEngine(site, settings)
        else:
            server = stack.enter_context(serving(site))
            opening = open_browser(name, server.url, hosts, settings, pictures)
            engine = await stack.enter_async_context(opening)
        free = asyncio.Semaphore(workers)

        async def check(subject: Subject) -> None:
            async with free:
                told(subject, await engine.check(subject))

        tasks = [asyncio.ensure_future(check(subject)) for subject in subjects]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
