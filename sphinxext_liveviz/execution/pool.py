"""Runs stale pages at the same time, each in a process of its own that is watched from outside.

It works as follows:

1. The imports of all pages that are to run are known. Where forking is safe, a zygote imports once what several of
   them need (:mod:`.zygote`), and each page gets a fork of it. Elsewhere new processes import ahead of need
   (:mod:`.spawned`).
2. The pages that took longest last time go first, ``jobs`` at a time.
3. Each is watched (:mod:`.watch`): a cell that loops forever, calls ``os._exit`` or crashes the interpreter costs its
   own page the remaining cells and nothing else.

The event loop, and with it every thread and process, lives within one call of :func:`run_pages`: Sphinx forks before
and after.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..errors import ProcessError
from ..model import Page, PageResult
from ..runtime.imports import imports_of
from .child import Host
from .forked import ForkHost, available
from .notebook import PageNotebook
from .preload import OWN_POOLS, Refusal
from .spawned import SpawnHost, refusals
from .watch import Limits, Started, watch


def run_pages(
    pages: Sequence[Page],
    *,
    limits: Limits,
    jobs: int,
    started: Started,
    modules: Sequence[str] | None = None,
    durations: Mapping[str, float] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> list[PageResult]:
    """Run pages, ``jobs`` at a time, and return their results in the same order.

    Parameters
    ----------
    pages : sequence of Page
    limits : Limits
    jobs : int
        Number of pages that run at the same time.
    started : callable
        Told of each cell when it starts.
    modules : sequence of str, optional
        To be imported ahead; by default what several pages import.
    durations : mapping of str to float, optional
        docname -> seconds that the page took last time.
    say : callable
        Told what was imported ahead, and why not more.
    """
    active = [page for page in pages if any(cell.execute for cell in page.cells)]
    known = durations or {}
    longest = max(known.values(), default=0.0)
    # A page that has never run may be the longest.
    active.sort(key=lambda page: known.get(page.docname, longest), reverse=True)
    chosen = common_modules(active) if modules is None else list(modules)
    ran = asyncio.run(_run_all(active, limits, jobs, started, chosen, say)) if active else {}
    return [ran.get(page.docname) or PageResult(page, PageNotebook(page).notebook) for page in pages]


def common_modules(pages: Sequence[Page]) -> list[str]:
    """Return the modules that more than one page imports, numpy first: it is what most of the others begin with."""
    counts: Counter[str] = Counter()
    for page in pages:
        modules = {found.module for cell in page.cells if cell.execute for found in imports_of(cell.code)}
        counts.update(module for module in modules if not _is_beside(page, module))
    common = sorted(module for module, count in counts.items() if count > 1)
    return sorted(common, key=lambda module: module not in OWN_POOLS)


def _is_beside(page: Page, module: str) -> bool:
    """Whether the page finds the module in its own directory, before all others."""
    here = Path(page.directory, module.partition(".")[0])
    return here.exists() or here.with_suffix(".py").exists()


async def _run_all(
    pages: Sequence[Page],
    limits: Limits,
    jobs: int,
    started: Started,
    modules: Sequence[str],
    say: Callable[[str], None],
) -> dict[str, PageResult]:
    host = await _host(modules, len(pages), jobs, say)
    slots = asyncio.Semaphore(jobs)
    spare = SpawnHost()

    async def run_one(page: Page) -> PageResult:
        async with slots:
            try:
                child = await host.start(page, {"memory": limits.memory})
            except ProcessError as error:
                say(f"{error}; {page.docname} runs in a process of its own")
                child = await spare.start(page, {"memory": limits.memory})
            return await watch(child, page, limits, started)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = {page.docname: group.create_task(run_one(page)) for page in pages}
        return {docname: task.result() for docname, task in tasks.items()}
    finally:
        await host.close()


async def _host(modules: Sequence[str], pages: int, jobs: int, say: Callable[[str], None]) -> Host:
    """Choose how the processes of pages are made, and prepare it."""
    if not modules:
        say("nothing is imported ahead: no module is imported by two of the pages")
        return SpawnHost(expected=pages, spares=jobs)
    wanted = list(modules)
    try:
        if available():
            while True:
                forked = await ForkHost.open(wanted)
                spoilers = _tell(forked.refused, say)
                if not spoilers:
                    say(f"pages are forked from a process that has imported {', '.join(wanted)}")
                    return forked
                await forked.close()
                wanted = [module for module in wanted if module not in spoilers]
        spoilers = _tell(await refusals(wanted), say)
        wanted = [module for module in wanted if module not in spoilers]
        say(f"new processes import ahead, because forking is not safe here: {', '.join(wanted)}")
    except ProcessError as error:
        wanted = []
        say(f"nothing is imported ahead: {error}")
    host = SpawnHost(wanted, expected=pages, spares=jobs)
    await host.warm()
    return host


def _tell(refused: Mapping[str, Refusal], say: Callable[[str], None]) -> set[str]:
    """Say what is left to the pages, and return the modules that must not even be tried again."""
    for module, refusal in refused.items():
        say(f"{module} is left to the pages: {refusal.reason}")
    return {module for module, refusal in refused.items() if refusal.spoils}
