"""Event handlers: the one place that knows of all rooms and of their order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.builders.singlehtml import SingleFileHTMLBuilder
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError

from .config import LiveConfig
from .errors import Subtype, UserError
from .execution.files import Files
from .execution.key import Inputs, Keys
from .html.assets import asked_by, merged
from .html.layout import ROOT, WORKER
from .html.manifest import manifest
from .html.mirror import mirror
from .html.offline import has_root, make_plan, remover, worker
from .html.page import add_to_page
from .html.site import Site
from .markup.domain import LiveDomain
from .memory import Memory
from .model import Page, PageResult
from .preparing import absolute, make_site, say, warn
from .render.choice import conversions, runs_scripts
from .runtime.installed import Installed
from .store import Store, Unreadable, write

if TYPE_CHECKING:
    from .execution.ahead import Zygote
    from .render.pictures import Pictures


class Build:
    """What one build knows from event to event. None of it outlives the process; what does is in the domain."""

    config: LiveConfig
    site = Site(None)
    memory = Memory()
    _zygote: Zygote | None = None
    """Imports for pages that have changed, until it is known which of them run."""
    _known: tuple[Memory, Installed] | None = None
    """What was looked up for it."""

    def read_config(self, app: Sphinx, config: Config) -> None:
        """Validate the configuration (``config-inited``)."""
        try:
            self.config = LiveConfig.read({value.name: value.value for value in config})
        except UserError as error:
            raise ConfigError(str(error)) from error

    def import_ahead(
        self, app: Sphinx, env: BuildEnvironment, added: Set[str], changed: Set[str], removed: Set[str]
    ) -> list[str]:
        """Let a process import what changed pages need, while Sphinx reads them (``env-get-outdated``).

        What their cells were is known. If they import something else now, that comes later. Of a first build it is
        known what its sources mention.
        """
        if app.builder.format and (added or changed) and self._imports_ahead:
            pages = [page for page in LiveDomain.of(env).pages() if page.docname in changed and _runs(page)]
            first = [env.doc2path(name) for name in added] if not (changed or self._open_store(app).exists) else []
            if pages or first:
                from .execution.ahead import mentioned  # most builds find nothing changed

                self._known = self._look(app)
                self._start_zygote(app, pages, *self._known, also=mentioned(first))
        return []

    def _start_zygote(
        self, app: Sphinx, pages: Sequence[Page], memory: Memory, installed: Installed, also: Sequence[str] = ()
    ) -> None:
        """Begin to import what pages need that run on this machine."""
        from .execution.ahead import Refusals, start
        from .execution.warm import Stay

        refusals = Refusals(memory.open("refusals", installed.stamp), installed)
        config = self.config
        stay = Stay(str(self._open_store(app).directory), config.keep_warm) if config.keep_warm else None
        self._zygote = start(pages, config.preload, refusals, also, stay)

    @property
    def _imports_ahead(self) -> bool:
        config = self.config
        return config.execution in ("auto", "force") and config.executor is None and config.preload != ()

    def make_results(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Run what is stale, prepare the live side, and return the documents to write again (``env-updated``)."""
        known, self._known = self._known, None
        try:
            changed = self._make_results(app, LiveDomain.of(env), known)
            if self._zygote is not None and self._zygote.warm and self._zygote.end.alive:  # no page has run
                self._zygote.leave()
            return changed
        finally:
            if self._zygote is not None:
                self._zygote.end()
                self._zygote = None

    def _make_results(self, app: Sphinx, domain: LiveDomain, known: tuple[Memory, Installed] | None) -> list[str]:
        if not app.builder.format:
            return []  # gettext, linkcheck, dummy: nobody sees an output
        domain.builder = app.builder
        domain.store = store = self._open_store(app)
        domain.output_shown = self.config.output_shown
        domain.conversions = conversions(app.registry.get_post_transforms(), app.builder)
        pages = [replace(page, settings=self.config.kernel_settings) for page in domain.pages()]
        if not pages:
            return []
        memory, installed = known or self._look(app)
        self.memory = memory
        files = self._make_files(app, memory, store.directory)
        keys = self._make_keys(app, installed, files)
        stale = self._find_stale(app, domain, store, pages, keys)
        if stale and self._zygote is None and self._imports_ahead:
            self._start_zygote(app, [page for page, _ in stale.values()], memory, installed)
        # Before the pages run: what they import is being imported meanwhile.
        if runs_scripts(app.builder):
            self.site = make_site(app, self.config, pages, installed, memory, files)
        if stale:
            self._run_stale(app, domain, store, stale, [page.docname for page in pages], keys, installed, memory)
        domain.pictures = self._take_pictures(app, domain, store, pages)
        changed = self._changed(app.builder, domain, pages)
        memory.save()
        return changed

    def _take_pictures(self, app: Sphinx, domain: LiveDomain, store: Store, pages: Sequence[Page]) -> Pictures | None:
        if not self.config.snapshots or "image/png" not in app.builder.supported_image_types:
            return None
        from .picturing import take_pictures  # most sites have none

        return take_pictures(app, domain, store, pages)

    @staticmethod
    def _look(app: Sphinx) -> tuple[Memory, Installed]:
        """Return what the last build knew, and what is installed now."""
        memory = Memory(Path(app.doctreedir, "liveviz.json"))
        return memory, Installed(memory)

    def _open_store(self, app: Sphinx) -> Store:
        chosen = self.config.cache_dir
        return Store(Path(app.doctreedir / "liveviz" if chosen is None else app.confdir / chosen))

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

    def publish_worker(self, app: Sphinx, exception: Exception | None) -> None:
        """Put a service worker beside the pages: that of this build, or one that removes it (``build-finished``)."""
        builder = app.builder
        if exception is not None or not has_root(builder):
            return
        root = Path(builder.outdir)
        docnames = [page.docname for page in LiveDomain.of(builder.env).pages()]
        if not docnames and not (root / WORKER).exists():
            return  # there is none to remove
        content = remover()
        if self.site.offline:
            documents = [app.config.root_doc] if isinstance(builder, SingleFileHTMLBuilder) else docnames
            pages = [Path(builder.get_outfilename(name)).relative_to(root).as_posix() for name in documents]
            plan = make_plan(root, pages, self.site.digest)
            content = worker(plan)
            self.memory.save()
            say(
                f"offline: browsers of readers store {plan.size / 1e6:.1f} MB at most "
                f"({len(plan.files)} files for {len(plan.pages)} live pages of {len(plan.kinds)} kinds)"
            )
        if not (root / WORKER).exists() or (root / WORKER).read_bytes() != content:
            write(root / WORKER, content)

    def check(self, app: Sphinx, exception: Exception | None) -> None:
        """Check the live cells of the site (``build-finished``), when that is what was asked for."""
        if exception is None and app.builder.name == "livecheck":
            from .checking import check  # with a browser, which no other builder needs

            check(app, self.config, self.site)

    # -- results ---------------------------------------------------------------

    def _make_files(self, app: Sphinx, memory: Memory, directory: Path) -> Files:
        return Files(
            memory,
            documents=str(app.srcdir),
            suffixes=tuple(app.config.source_suffix),
            made={str(app.outdir), str(app.builder.outdir), str(app.doctreedir), str(directory)},
        )

    def _make_keys(self, app: Sphinx, installed: Installed, files: Files) -> Keys:
        inputs = Inputs((*self.config.depends, *self.config.files), str(app.confdir), self.config.environment)
        return Keys(installed, files, inputs)

    def _find_stale(
        self, app: Sphinx, domain: LiveDomain, store: Store, pages: Sequence[Page], keys: Keys
    ) -> dict[str, tuple[Page, str]]:
        """Find the results of pages in the store; return the other pages and their keys by docname.

        Which those are depends on ``liveviz_execution``.
        """
        mode = self.config.execution
        stale: dict[str, tuple[Page, str]] = {}
        for page in pages:
            if mode == "off":
                self._forget(domain, page)
                continue
            key = keys.of(page)
            digest, damage = None, ""
            try:
                digest = None if mode == "force" else store.find(key)
            except Unreadable as error:
                damage = f" ({error})"
            if digest is not None:
                self._remember(domain, store, page, digest)
            elif mode == "cache" and _runs(page):
                self._forget(domain, page)
                warn(
                    Subtype.MISS,
                    f'no result of this page is stored{damage}, and liveviz_execution = "cache" runs nothing, so it '
                    "shows its code only; build once with -D liveviz_execution=auto",
                    page.docname,
                )
            else:
                if damage:
                    warn(Subtype.STORE, f"a stored result is damaged, so the page runs again{damage}", page.docname)
                stale[page.docname] = (page, key)
        for pattern, location in keys.absent:
            name = "liveviz_depends or liveviz_files" if location is None else ":depends: or :files:"
            message = f"no file matches {pattern!r} of {name}; correct it, or make the file before the site is built"
            warn(Subtype.DEPENDS, message, absolute(app, location))
        if stale:
            try:
                store.prepare()
            except UserError as error:
                raise ConfigError(str(error)) from error
        return stale

    def _run_stale(
        self,
        app: Sphinx,
        domain: LiveDomain,
        store: Store,
        stale: Mapping[str, tuple[Page, str]],
        known: Sequence[str],
        keys: Keys,
        installed: Installed,
        memory: Memory,
    ) -> None:
        """Make the results of pages, and keep each as soon as it is there."""
        from .execution.ahead import Refusals
        from .running import run_stale  # most builds run nothing, and need not wait for all that this takes

        def keep(result: PageResult) -> None:
            page, key = stale[result.page.docname]
            self._remember(domain, store, page, store.put(key, result.notebook, good=result.ok))

        run_stale(
            app,
            self.config,
            [page for page, _ in stale.values()],
            known=known,
            directory=store.directory,
            versions=keys.versions,
            keep=keep,
            zygote=self._zygote,
            refusals=Refusals(memory.open("refusals", installed.stamp), installed),
        )
        if self.config.cache_size is not None:
            store.prune(self.config.cache_size * 1_000_000, keep=set(domain.digests.values()))

    @staticmethod
    def _remember(domain: LiveDomain, store: Store, page: Page, digest: str) -> None:
        if domain.digests.get(page.docname) != digest or page.docname not in domain.assets:
            domain.digests[page.docname] = digest
            domain.assets[page.docname] = asked_by(store.notebook(digest))

    @staticmethod
    def _forget(domain: LiveDomain, page: Page) -> None:
        """Let a page show its code only."""
        domain.digests.pop(page.docname, None)
        domain.assets[page.docname] = asked_by({"cells": []})

    def _changed(self, builder: Builder, domain: LiveDomain, pages: Sequence[Page]) -> list[str]:
        """Return the documents whose outputs or manifests are not those that this builder wrote last."""
        written = domain.written(builder.name)
        changed = []
        for page in pages:
            shown: list[Any] = [domain.digests.get(page.docname), self.config.output_shown]
            if domain.pictures is not None:
                shown.append(domain.pictures.taken(domain.digests.get(page.docname)))
            if runs_scripts(builder):
                asked = merged([domain.assets[page.docname]])
                shown.append(manifest(page.docname, page.cells, self.site, asked, lambda address: address))
            fingerprint = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()
            if written.get(page.docname) != fingerprint:
                written[page.docname] = fingerprint
                changed.append(page.docname)
        return changed


def _runs(page: Page) -> bool:
    return any(cell.execute for cell in page.cells)
