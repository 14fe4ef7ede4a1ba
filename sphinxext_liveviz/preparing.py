"""Prepares the live side of a site: what its cells run on, the files that they read, and what will not work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util import logging

from .config import LiveConfig
from .errors import ProcessError, Subtype, Unavailable, UserError
from .execution.files import Files
from .execution.foresee import foresee
from .html.digests import remembered
from .html.mounts import mounted
from .html.offline import has_root
from .html.site import Site
from .memory import Memory
from .model import Drift, Mounted, Page
from .runtime import make_runtime
from .runtime.checkout import Documents
from .runtime.installed import Installed

logger = logging.getLogger(__name__)


def make_site(
    app: Sphinx, config: LiveConfig, pages: Sequence[Page], installed: Installed, memory: Memory, files: Files
) -> Site:
    """Make what live cells run on, and warn of all that cannot be, or will not be as it was at build.

    Parameters
    ----------
    app : Sphinx
    config : LiveConfig
    pages : sequence of Page
        Every document that has cells.
    installed : Installed
    memory : Memory
        What the last build found out.
    files : Files
        Looks for the files that cells read.

    Returns
    -------
    Site
        A static one, with the reason, when nothing can be live.
    """
    live = {page.docname: page.cells for page in pages if not all(cell.static for cell in page.cells)}
    if not live:
        return Site(None, "No cell of this site is live.")
    try:
        runtime, problems, drift = make_runtime(
            config,
            live,
            say,
            base=Path(app.confdir),
            installed=installed,
            memory=memory,
            documents=Documents(Path(app.srcdir), tuple(app.config.source_suffix)),
        )
    except (UserError, ProcessError, Unavailable) as error:
        subtype = Subtype.CONFIG if isinstance(error, UserError) else Subtype.DISTRIBUTION
        warn(subtype, f"live cells could not be prepared, so all pages are static: {error}", None)
        return Site(None, "Pyodide could not be had when this site was built.")
    for problem in problems:
        warn(problem.subtype, problem.message, absolute(app, problem.location))
    _tell(app, config, drift)
    if runtime.dropped:
        counts = ", ".join(f"{name} {count}" for name, count in sorted(runtime.dropped.items()))
        logger.verbose(
            "preparing live cells... %d files that live cells rarely need are left out, of %s; "
            "liveviz-dropped.json in the site names them, liveviz_keep keeps some",
            sum(runtime.dropped.values()),
            counts,
        )
    everywhere = config.files, str(app.confdir)
    mounts = {page.docname: mounted(page, str(app.srcdir), everywhere, files) for page in pages}
    _foresee(app, pages, mounts, memory)
    offline = _works_offline(config, app.builder)
    digest = remembered(memory)
    return Site(runtime, drift=drift, offline=offline, digest=digest, settings=config.kernel_settings, mounts=mounts)


def _foresee(app: Sphinx, pages: Sequence[Page], mounts: Mapping[str, Sequence[Mounted]], memory: Memory) -> None:
    """Warn of what live cells will not be able to do."""
    known = memory.open("foreseen")
    for page in pages:
        for problem in foresee(page, mounts[page.docname], known):
            warn(problem.subtype, problem.message, absolute(app, problem.location))


def _tell(app: Sphinx, config: LiveConfig, drift: Sequence[Drift]) -> None:
    """Say which versions live cells get that are not those of the build."""
    for asked, what in ((True, "cells import"), (False, "these depend on")):
        versions = ", ".join(f"{one.name} {one.live} ({one.built} here)" for one in drift if one.asked is asked)
        if versions:
            say(f"other versions than in this build, of what {what}: {versions}")
    for one in drift if config.drift == "warn" else ():
        if one.asked:
            warn(
                Subtype.DRIFT,
                f"{one.name} {one.built} is what this build runs, and live cells get {one.live}, the nearest to be "
                f"had for Pyodide {config.pyodide_version}; build with {one.name} {one.live}, choose another "
                'liveviz_pyodide_version, or accept it: liveviz_drift = "note"',
                absolute(app, one.location),
            )


def _works_offline(config: LiveConfig, builder: Builder) -> bool:
    if config.offline and config.distribution != "bundle":
        warn(
            Subtype.CONFIG,
            'liveviz_offline = True has no effect: with liveviz_distribution = "cdn" Pyodide comes from another '
            'origin, which says of no file what its content must be; set liveviz_distribution = "bundle"',
            None,
        )
        return False
    return config.offline and has_root(builder)


def absolute(app: Sphinx, location: str | None) -> str | None:
    """Turn a location in the source directory into one that Sphinx prints as it prints its own."""
    return None if location is None else str(app.srcdir / location)


def say(text: str) -> None:
    """Tell how far it is."""
    logger.info("preparing live cells... %s", text)


def warn(subtype: Subtype, message: str, location: str | None) -> None:
    """Warn of something, at a place that :func:`absolute` has made or at a document."""
    logger.warning("%s", message, type="liveviz", subtype=subtype.value, location=location)
