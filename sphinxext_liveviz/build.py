"""Event handlers: the one place that knows of all rooms and of their order."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError
from sphinx.util import logging
from sphinx.util.display import status_iterator

from .config import LiveConfig
from .errors import ProcessError, Subtype, Unavailable, UserError
from .execution.key import Keys
from .execution.pool import run_pages
from .execution.watch import Limits
from .html.assets import asked_by, merged
from .html.manifest import manifest
from .html.mirror import mirror
from .html.page import add_to_page
from .html.site import ROOT, Site
from .kernel.tracebacks import cell_line
from .markup.domain import LiveDomain
from .model import CellError, Page, PageResult
from .render.choice import runs_scripts
from .runtime import make_runtime
from .runtime.installed import Installed
from .store import Store, Unreadable

logger = logging.getLogger(__name__)

_SUBTYPES = {
    "exception": Subtype.CELL,
    "no-exception": Subtype.CELL,
    "timeout": Subtype.TIMEOUT,
    "died": Subtype.DIED,
}
_WAYS_OUT = {
    "exception": "mend it, or give it the option :raises: if the exception is meant",
    "no-exception": "mend it, or take its option :raises: away",
    "timeout": "make it faster, give it more time with :timeout:, or show it with :no-exec: only",
    "died": "mend it, or show it with :no-exec: only",
}


class Build:
    """What one build knows from event to event. None of it outlives the process; what does is in the domain."""

    config: LiveConfig
    site = Site(None)

    def read_config(self, app: Sphinx, config: Config) -> None:
        """Validate the configuration (``config-inited``)."""
        try:
            self.config = LiveConfig.read({value.name: value.value for value in config})
        except UserError as error:
            raise ConfigError(str(error)) from error

    def make_results(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Run what is stale, prepare the live side, and return the documents to write again (``env-updated``)."""
        domain = LiveDomain.of(env)
        if not app.builder.format:
            return []  # gettext, linkcheck, dummy: nobody sees an output
        domain.builder = app.builder
        chosen = self.config.cache_dir
        domain.store = Store(app.doctreedir / "liveviz" if chosen is None else app.confdir / chosen)
        pages = domain.pages()
        if not pages:
            return []
        self._run_stale(app, domain, domain.store, pages)
        if runs_scripts(app.builder):
            self.site = self._make_site(app, pages)
        return self._changed(app.builder, domain, pages)

    def publish(self, app: Sphinx, builder: Builder) -> None:
        """Put our files into the site, before Sphinx looks at their checksums (``write-started``)."""
        if runs_scripts(builder):
            domain = LiveDomain.of(builder.env)
            asked = {page.docname: domain.assets[page.docname] for page in domain.pages()}
            mirror(builder.outdir / ROOT, self.site.files(asked) if asked else {})

    def complete_page(
        self, app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
    ) -> None:
        """Add scripts and manifest to a page that has cells (``html-page-context``)."""
        builder = app.builder
        # Search and index pages come without a doctree.
        if doctree is not None and isinstance(builder, StandaloneHTMLBuilder) and runs_scripts(builder):
            add_to_page(builder, pagename, context, doctree, self.site)

    # -- results ---------------------------------------------------------------

    def _run_stale(self, app: Sphinx, domain: LiveDomain, store: Store, pages: Sequence[Page]) -> None:
        keys = Keys(Installed())
        stale: list[tuple[Page, str]] = []
        for page in pages:
            key = keys.of(page)
            digest = None
            try:
                digest = store.find(key)
            except Unreadable as error:
                _warn(Subtype.STORE, f"a stored result is damaged, so the page runs again ({error})", page.docname)
            if digest is None:
                stale.append((page, key))
            else:
                self._remember(domain, store, page, digest)
        if not stale:
            return
        counts = {page.docname: len(page.cells) for page, _ in stale}
        tell = _teller("executing cells... ", sum(cell.execute for page, _ in stale for cell in page.cells), app)
        results = run_pages(
            [page for page, _ in stale],
            limits=Limits(self.config.timeout),
            jobs=self.config.jobs or max(1, app.parallel),
            started=lambda cell: tell(f"{cell.docname} cell {cell.number}/{counts[cell.docname]}"),
        )
        logger.info("")
        for (page, key), result in zip(stale, results, strict=True):
            digest = store.put(key, result.notebook, good=result.ok)
            self._remember(domain, store, page, digest)
            for failure in result.errors:
                _warn_of_cell(app, result, failure)

    @staticmethod
    def _remember(domain: LiveDomain, store: Store, page: Page, digest: str) -> None:
        if domain.digests.get(page.docname) != digest or page.docname not in domain.assets:
            domain.digests[page.docname] = digest
            domain.assets[page.docname] = asked_by(store.notebook(digest))

    # -- the live side -----------------------------------------------------------

    def _make_site(self, app: Sphinx, pages: Sequence[Page]) -> Site:
        live = {page.docname: page.cells for page in pages if not all(cell.static for cell in page.cells)}
        if not live:
            return Site(None, "No cell of this site is live.")
        try:
            runtime, problems, drift = make_runtime(self.config, live, _say, base=Path(app.confdir))
        except (UserError, ProcessError, Unavailable) as error:
            subtype = Subtype.CONFIG if isinstance(error, UserError) else Subtype.DISTRIBUTION
            _warn(subtype, f"live cells could not be prepared, so all pages are static: {error}", None)
            return Site(None, "Pyodide could not be had when this site was built.")
        for problem in problems:
            _warn(problem.subtype, problem.message, _absolute(app, problem.location))
        if drift:
            versions = ", ".join(f"{one.name} {one.live} ({one.built} here)" for one in drift)
            _say(f"versions that differ from those of this build: {versions}")
        return Site(runtime)

    def _changed(self, builder: Builder, domain: LiveDomain, pages: Sequence[Page]) -> list[str]:
        """Return the documents whose outputs or manifests are not those that this builder wrote last."""
        written = domain.written(builder.name)
        changed = []
        for page in pages:
            shown: list[Any] = [domain.digests[page.docname]]
            if runs_scripts(builder):
                asked = merged([domain.assets[page.docname]])
                shown.append(manifest(page.docname, page.cells, self.site, asked, lambda address: address))
            fingerprint = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()
            if written.get(page.docname) != fingerprint:
                written[page.docname] = fingerprint
                changed.append(page.docname)
        return changed


def _warn_of_cell(app: Sphinx, result: PageResult, error: CellError) -> None:
    cell = error.cell
    line = cell.line
    for output in result.notebook["cells"][cell.index]["outputs"]:
        if output["output_type"] == "error":
            line += (cell_line(output["traceback"], cell.number) or 1) - 1
    _warn(
        _SUBTYPES[error.kind],
        f"cell {cell.number} {error.message}; {_WAYS_OUT[error.kind]}",
        _absolute(app, f"{cell.path}:{line}"),
    )


def _absolute(app: Sphinx, location: str | None) -> str | None:
    """Turn a location in the source directory into one that Sphinx prints as it prints its own."""
    return None if location is None else str(app.srcdir / location)


def _say(text: str) -> None:
    logger.info("preparing live cells... %s", text)


def _teller(summary: str, total: int, app: Sphinx) -> Callable[[str], None]:
    """Return a function that shows each thing it is told as the next of ``total`` steps, as Sphinx shows its own."""
    told: deque[str] = deque()
    steps = status_iterator(iter(told.popleft, None), summary, "darkgreen", total, app.verbosity)

    def tell(text: str) -> None:
        told.append(text)
        next(steps)

    return tell


def _warn(subtype: Subtype, message: str, location: str | None) -> None:
    logger.warning("%s", message, type="liveviz", subtype=subtype.value, location=location)
