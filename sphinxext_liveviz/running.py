"""Runs stale pages for a build: on this machine or on an executor, with progress, and with warnings at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

from .config import LiveConfig
from .errors import Subtype, UserError
from .execution.ahead import Refusals, Zygote
from .execution.durations import Durations
from .execution.pool import run_pages
from .execution.watch import Limits
from .kernel.tracebacks import cell_line
from .model import CellError, Page, PageResult
from .progress import Progress, slowest

logger = logging.getLogger(__name__)

_SUBTYPES = {
    "exception": Subtype.CELL,
    "no-exception": Subtype.CELL,
    "timeout": Subtype.TIMEOUT,
    "output": Subtype.LIMIT,
    "embed": Subtype.LIMIT,
    "died": Subtype.DIED,
    "lost": Subtype.EXECUTOR,
}
_WAYS_OUT = {
    "exception": "mend it, or give it the option :raises: if the exception is meant",
    "no-exception": "mend it, or take its option :raises: away",
    "timeout": "make it faster, give it more time with :timeout:, or show it with :no-exec: only",
    "output": "let it print less, or raise liveviz_output_limit",
    "embed": "give its widgets fewer values, allow more states (:embed: 500), or take :embed: away",
    "died": "mend it, or show it with :no-exec: only",
    "lost": "look into the executor's own log, or build without liveviz_executor",
}

Versions = Callable[[Page], Mapping[str, str]]


def run_stale(
    app: Sphinx,
    config: LiveConfig,
    stale: Sequence[Page],
    *,
    known: Sequence[str],
    directory: Path,
    versions: Versions,
    keep: Callable[[PageResult], None],
    zygote: Zygote | None,
    refusals: Refusals,
) -> None:
    """Run pages and warn of what went wrong, page by page.

    Parameters
    ----------
    app : Sphinx
    config : LiveConfig
    stale : sequence of Page
        Those to run.
    known : sequence of str
        All documents that have cells.
    directory : Path
        The store's, where durations are remembered.
    versions : callable
        Returns the versions of the distributions that a page imports.
    keep : callable
        Told of each result as soon as it is there.
    zygote : Zygote or None
        What has begun to import already.
    refusals : Refusals
        Modules that need not be tried to be imported ahead.
    """
    durations = Durations(directory / "durations.json", _say)
    jobs = config.jobs or max(1, app.parallel)
    progress = Progress(
        stale,
        durations.seconds,
        None if config.executor else jobs,
        lambda text: logger.info("%s", text, nonl=True),
        _terminal_width(app),
    )
    results: list[PageResult] = []

    def finished(result: PageResult) -> None:
        keep(result)
        results.append(result)
        progress.finished(result)

    try:
        _run(app, config, stale, jobs, durations.seconds, versions, finished, progress, zygote, refusals)
    finally:
        progress.close()
        durations.remember(results, known)
    for result in sorted(results, key=lambda result: result.page.docname):
        for failure in result.errors:
            _warn_of_cell(app, result, failure)
        _tell_embedded(result)
    table = slowest(results)
    if table:
        logger.verbose("slowest cells:\n%s", "\n".join(table))


def _run(
    app: Sphinx,
    config: LiveConfig,
    pages: Sequence[Page],
    jobs: int,
    durations: Mapping[str, float],
    versions: Versions,
    finished: Callable[[PageResult], None],
    progress: Progress,
    zygote: Zygote | None,
    refusals: Refusals,
) -> None:
    memory = None if config.memory is None else config.memory << 20
    limits = Limits(config.timeout, memory, config.output_limit)
    if config.executor is not None:
        from .execution.executor import open_executor, run_pages_on

        try:
            with open_executor(config.executor, app.confdir) as executor:
                run_pages_on(
                    executor,
                    pages,
                    limits=limits,
                    versions=versions,
                    finished=finished,
                    tick=progress.tick,
                    durations=durations,
                )
                return
        except UserError as error:
            logger.warning(
                "%s; the pages run on this machine",
                error,
                type="liveviz",
                subtype=Subtype.EXECUTOR.value,
                location=None,
            )
    run_pages(
        pages,
        limits=limits,
        jobs=jobs,
        started=progress.started,
        finished=finished,
        tick=progress.tick,
        modules=config.preload,
        durations=durations,
        zygote=zygote,
        refusals=refusals,
        say=_say,
    )


def _tell_embedded(result: PageResult) -> None:
    for cell, made in zip(result.page.cells, result.notebook["cells"], strict=True):
        for told in made["metadata"].get("liveviz", {}).get("embedded", ()):
            logger.info("%s: %s states are embedded, %.1f kB", cell.location, told["states"], told["size"] / 1000)


def _say(text: str) -> None:
    logger.verbose("executing cells... %s", text)


def _terminal_width(app: Sphinx) -> int | None:
    """Return the columns of the terminal that shows the build; None where a line cannot overwrite itself."""
    if app.verbosity > 0 or not app._status.isatty() or os.environ.get("TERM") == "dumb":
        return None
    return shutil.get_terminal_size().columns


def _warn_of_cell(app: Sphinx, result: PageResult, error: CellError) -> None:
    cell = error.cell
    line = cell.line
    for output in result.notebook["cells"][cell.index]["outputs"]:
        if output["output_type"] == "error":
            line += (cell_line(output["traceback"], cell.number) or 1) - 1
    logger.warning(
        "cell %d %s; %s",
        cell.number,
        error.message,
        _WAYS_OUT[error.kind],
        type="liveviz",
        subtype=_SUBTYPES[error.kind].value,
        location=str(app.srcdir / f"{cell.path}:{line}"),
    )
