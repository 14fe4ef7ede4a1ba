"""Pages as tasks of any ``concurrent.futures.Executor``, on whatever machine they land.

Nothing is taken for granted there but this package and the libraries that the page imports, in the versions that the
build has: they are part of the key under which the result will be stored.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import platform
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from ..errors import ProcessError, UserError
from ..kernel import source_digest
from ..model import CellError, Page, PageResult
from .notebook import PageNotebook
from .order import longest_first
from .spawned import SpawnHost
from .watch import Limits, watch

_TICK = 1.0
"""Seconds between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class Task:
    """All that another machine must know of a page to run it."""

    page: Page
    limits: Limits
    versions: Mapping[str, str]
    """Of what the page imports, by name of the distribution."""
    paths: tuple[str, ...]
    """The build's ``sys.path``: those that exist there too are searched after its own."""
    kernel: str
    """Digest of this package's kernel."""
    python: str
    """Version of the build's Python."""
    run: str
    """Unique: an executor may take two equal tasks for one, and the second result from the first."""


def run_page(task: Task) -> PageResult:
    """Run a page in a process of its own, wherever this is called.

    Raises
    ------
    ProcessError
        The result would not be that of the build's machine.
    """
    _compare(task)
    with ExitStack() as stack:
        page = task.page
        if not Path(page.directory).is_dir():
            page = replace(page, directory=stack.enter_context(tempfile.TemporaryDirectory()))
        result = asyncio.run(_run(page, task, [path for path in task.paths if Path(path).exists()]))
    errors = tuple(replace(error, cell=task.page.cells[error.cell.index]) for error in result.errors)
    return replace(result, page=task.page, errors=errors)


async def _run(page: Page, task: Task, paths: Sequence[str]) -> PageResult:
    host = SpawnHost(paths=paths)
    try:
        child = await host.start(page, {"memory": task.limits.memory})
        return await watch(child, page, task.limits, lambda _: None)
    finally:
        await host.close()


def _compare(task: Task) -> None:
    there = {"Python": task.python, "sphinxext-liveviz": task.kernel, **task.versions}
    here = {"Python": platform.python_version(), "sphinxext-liveviz": source_digest()}
    for name in task.versions:
        try:
            here[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            here[name] = "none"
    differing = [
        f"{name} {here[name][:12]} instead of {there[name][:12]}" for name in there if here[name] != there[name]
    ]
    if differing:
        raise ProcessError(f"{platform.node()} has {', '.join(differing)}")


def run_pages_on(
    executor: Executor,
    pages: Sequence[Page],
    *,
    limits: Limits,
    versions: Callable[[Page], Mapping[str, str]],
    finished: Callable[[PageResult], None],
    tick: Callable[[], None] = lambda: None,
    durations: Mapping[str, float] | None = None,
) -> list[PageResult]:
    """Run pages on an executor and return their results in the same order.

    Parameters
    ----------
    executor : Executor
    pages : sequence of Page
    limits : Limits
    versions : callable
        Returns the versions of the distributions that a page imports.
    finished : callable
        Told of each result as it comes.
    tick : callable
        Called about each second.
    durations : mapping of str to float, optional
        docname -> seconds that the page took last time.
    """
    active = longest_first(pages, durations or {})
    results = {
        page.docname: PageResult(page, PageNotebook(page).notebook)
        for page in pages
        if not any(cell.execute for cell in page.cells)
    }
    for result in results.values():
        finished(result)
    paths, kernel, python = tuple(sys.path), source_digest(), platform.python_version()
    futures: dict[Future[PageResult], Page] = {}
    try:
        for page in active:
            task = Task(page, limits, versions(page), paths, kernel, python, run=uuid.uuid4().hex)
            futures[_submit(executor, task)] = page
        pending = set(futures)
        while pending:
            done, pending = wait(pending, timeout=_TICK, return_when=FIRST_COMPLETED)
            for future in done:
                result = _result(future, futures[future])
                results[result.page.docname] = result
                finished(result)
            tick()
    except BaseException:
        for future in futures:
            future.cancel()
        executor.shutdown(wait=False)
        raise
    return [results[page.docname] for page in pages]


def _submit(executor: Executor, task: Task) -> Future[PageResult]:
    try:
        return executor.submit(run_page, task)
    except Exception as error:  # noqa: BLE001 - it may have broken over an earlier page
        refused: Future[PageResult] = Future()
        refused.set_exception(error)
        return refused


def _result(future: Future[PageResult], page: Page) -> PageResult:
    """Return what came of a page, be it that nothing came."""
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001 - each executor has exceptions of its own for what it has lost
        said = str(error).strip().partition("\n")[0]
        why = f"{type(error).__name__}: {said}" if said else type(error).__name__
    first = next(cell for cell in page.cells if cell.execute)
    lost = CellError(first, "lost", f"did not run, because the executor has no result of its page ({why})")
    return PageResult(page, PageNotebook(page).notebook, (lost,))


@contextmanager
def open_executor(reference: str, directory: str | os.PathLike[str]) -> Iterator[Executor]:
    """Make the executor that ``"module:callable"`` names, and shut it down in the end.

    Parameters
    ----------
    reference : str
        The callable returns an executor, or a context manager that gives one and tidies up after it.
    directory : path-like
        Searched for the module first.

    Raises
    ------
    UserError
        There is no such callable, it fails, or it makes something else.
    """
    with ExitStack() as stack:
        try:
            made = stack.enter_context(_make(reference, str(directory)))
        except Exception as error:
            why = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
            raise UserError(f"liveviz_executor = {reference!r} cannot be used: {why}") from error
        if not isinstance(made, Executor):
            raise UserError(
                f"liveviz_executor = {reference!r} cannot be used: it makes a {type(made).__name__}, which is no "
                "concurrent.futures.Executor"
            )
        yield made


def _make(reference: str, directory: str) -> AbstractContextManager[object]:
    module, _, name = reference.partition(":")
    sys.path.insert(0, directory)
    try:
        factory = importlib.import_module(module)
        for part in name.split("."):
            factory = getattr(factory, part)
        made = factory()  # type: ignore[operator]
    finally:
        sys.path.remove(directory)
    if not isinstance(made, AbstractContextManager):
        raise UserError(f"it makes a {type(made).__name__}, which is no concurrent.futures.Executor")
    return made
