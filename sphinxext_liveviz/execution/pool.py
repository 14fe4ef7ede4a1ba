"""Runs stale pages at the same time, each in a process of its own that is watched from outside.

It works as follows:

1. The imports of all pages that are to run are known. Where forking is safe, a zygote imports once what several of
   them need (:mod:`.zygote`), and each page gets a fork of it. It may have begun before, when it was known which
   documents have changed (:mod:`.ahead`). Elsewhere new processes import ahead of need (:mod:`.spawned`).
2. The pages that took longest last time go first, ``jobs`` at a time.
3. Each is watched (:mod:`.watch`): a cell that loops forever, calls ``os._exit`` or crashes the interpreter costs its
   own page the remaining cells and nothing else.

The event loop, and with it every thread, lives within one call of :func:`run_pages`: Sphinx forks before and after.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from ..errors import ProcessError
from ..model import Page, PageResult
from .ahead import Refusals, Zygote, available, modules_for
from .child import Host
from .environment import environment
from .forked import ForkHost
from .notebook import PageNotebook
from .order import longest_first
from .preload import Refusal
from .spawned import SpawnHost, find_refusals
from .watch import Finished, Limits, Started, watch


def run_pages(
    pages: Sequence[Page],
    *,
    limits: Limits,
    jobs: int,
    started: Started,
    finished: Finished = lambda _: None,
    tick: Callable[[], None] = lambda: None,
    modules: Sequence[str] | None = None,
    durations: Mapping[str, float] | None = None,
    zygote: Zygote | None = None,
    refusals: Refusals | None = None,
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
    finished : callable
        Told of each result as soon as it is there: what it has kept is not lost when the build is interrupted.
    tick : callable
        Called each second.
    modules : sequence of str, optional
        To be imported ahead; by default what several pages import.
    durations : mapping of str to float, optional
        docname -> seconds that the page took last time.
    zygote : Zygote, optional
        One that was started already. It is not to be used afterwards.
    refusals : Refusals, optional
        What earlier builds could not import ahead.
    say : callable
        Told what was imported ahead, and why not more.
    """
    refusals = refusals or Refusals()
    active = longest_first(pages, durations or {})
    results: dict[str, PageResult] = {}

    def keep(result: PageResult) -> None:
        results[result.page.docname] = result
        finished(result)

    for page in pages:
        if page not in active:
            keep(PageResult(page, PageNotebook(page).notebook))
    if active:
        # For a single page nothing is gained by importing it elsewhere first.
        chosen = (modules_for(active) if len(active) > 1 else []) if modules is None else list(modules)
        for module, reason in refusals.among(chosen).items():
            say(f"{module} is left to the pages, as in an earlier build: {reason}")
            chosen.remove(module)
        if zygote is not None and zygote.environment != environment():
            say("what was imported ahead is of no use, because the environment has changed since")
            zygote.end()
            zygote = None
        # Where the modules are chosen automatically, a fork saves the start of an interpreter at least.
        forks = bool(chosen) or zygote is not None or (modules is None and len(active) > 1)
        host = _host(chosen, forks, len(active), jobs, zygote, refusals, say)
        try:
            asyncio.run(_run_all(active, limits, jobs, started, keep, tick, host, say))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None  # as it was raised, by one of the callables
    return [results[page.docname] for page in pages]


async def _run_all(
    pages: Sequence[Page],
    limits: Limits,
    jobs: int,
    started: Started,
    finished: Finished,
    tick: Callable[[], None],
    making: Awaitable[Host],
    say: Callable[[str], None],
) -> None:
    host = await making
    slots = asyncio.Semaphore(jobs)
    spare = SpawnHost()

    async def run_one(page: Page) -> None:
        async with slots:
            try:
                child = await host.start(page, {"memory": limits.memory})
            except ProcessError as error:
                say(f"{error}; {page.docname} runs in a process of its own")
                child = await spare.start(page, {"memory": limits.memory})
            finished(await watch(child, page, limits, started))

    ticking = asyncio.create_task(_each_second(tick))
    done = False
    try:
        async with asyncio.TaskGroup() as group:
            for page in pages:
                group.create_task(run_one(page))
        done = True
    finally:
        ticking.cancel()
        await host.close(done)


async def _each_second(call: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(1)
        call()


async def _host(
    modules: Sequence[str],
    forks: bool,
    pages: int,
    jobs: int,
    zygote: Zygote | None,
    refusals: Refusals,
    say: Callable[[str], None],
) -> Host:
    """Choose how the processes of pages are made, and prepare it."""
    wanted = list(modules)
    try:
        if forks and available():
            while True:
                if zygote is not None:
                    wanted = sorted({*wanted, *zygote.modules})
                forked = await ForkHost.open(wanted, zygote)
                spoilers = _tell(forked.refused, refusals, say)
                if not spoilers:
                    say(f"pages are forked from a process that has imported {_listed(wanted)}")
                    return forked
                await forked.close()
                if zygote is not None and zygote.stays:
                    say("nothing stays for the next build, because of that")
                zygote = None
                wanted = [module for module in wanted if module not in spoilers]
        if wanted:
            spoilers = _tell(await find_refusals(wanted), refusals, say)
            wanted = [module for module in wanted if module not in spoilers]
            say(f"new processes import ahead, because forking is not safe here: {_listed(wanted)}")
        else:
            say("pages run in new processes, and nothing is imported ahead")
    except ProcessError as error:
        wanted = []
        say(f"nothing is imported ahead: {error}")
    host = SpawnHost(wanted, expected=pages, spares=jobs)
    await host.warm()
    return host


def _listed(modules: Sequence[str]) -> str:
    return ", ".join(modules) or "no library"


def _tell(refused: Mapping[str, Refusal], refusals: Refusals, say: Callable[[str], None]) -> set[str]:
    """Say what is left to the pages, and return the modules that must not even be tried again."""
    for module, refusal in refused.items():
        say(f"{module} is left to the pages: {refusal.reason}")
        refusals.remember(module, refusal)
    return {module for module, refusal in refused.items() if refusal.spoils}
