"""Has the pages of a built site checked, tells of it as Sphinx's builders do, and starts such a build by hand."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.errors import SphinxError
from sphinx.util import logging

from .check.green import FORMAT, Green
from .check.judge import Settings
from .check.records import BAD, Record, Status, Subject
from .check.report import summary, write_reports
from .check.run import check_pages
from .config import LiveConfig
from .errors import LivevizError, Subtype
from .html.page import manifest_in
from .html.site import Site
from .markup.domain import LiveDomain

logger = logging.getLogger(__name__)

_PICTURES = "pictures"
_MOST = 4
"""Pages at a time by default: each has a Python of some hundred megabytes."""


def run(source: str, output: str, *, options: Sequence[str]) -> int:
    """Build the site of ``source`` with the builder ``livecheck``, and return the exit status."""
    from sphinx.cmd.build import main

    return main(["-b", "livecheck", *options, source, output])


def check(app: Sphinx, config: LiveConfig, site: Site) -> None:
    """Check the pages of a site that has just been built; the exit status is 1 when a cell is not as it should be."""
    directory = Path(app.builder.outdir).parent
    settings = Settings(config.check_timeout, config.check_tolerance, ignore=config.check_ignore)
    everything = list(_subjects(app, config, site))
    subjects = [one for one in everything if not config.check_only or _is_chosen(one.docname, config.check_only)]
    if not subjects:
        only = f" that liveviz_check_only = {list(config.check_only)} names" if config.check_only else ""
        _warn(Subtype.CHECK, f"there are no cells to check in any document{only}", None)
    green = Green(directory / "livecheck.json", forget=bool(app.fresh_env_used))
    found: dict[str, list[Record]] = {}
    stale = []
    for subject in subjects:
        known = green.find(subject)
        if settings.ignores(subject.docname):
            found[subject.docname] = [_ignored(subject, number) for number in range(len(subject.cells))]
        elif known is not None:
            found[subject.docname] = known
        else:
            stale.append(subject)
    if found:
        logger.info("checking live cells... %d of %d pages need not run", len(found), len(subjects))

    def told(subject: Subject, records: list[Record]) -> None:
        found[subject.docname] = records
        green.keep(subject, records)
        done = f"{len(found)} of {len(subjects)}"
        for record in records:
            _tell(record, done)

    if stale:
        for old in (directory / _PICTURES).glob("*.png"):
            old.unlink()
        try:
            check_pages(
                stale,
                engine=config.check_engine,
                site=Path(app.builder.outdir),
                hosts=_hosts(site),
                settings=settings,
                pictures=directory / _PICTURES,
                workers=config.check_workers or min(_MOST, os.cpu_count() or 1),
                told=told,
            )
        except LivevizError as error:
            raise SphinxError(f"livecheck: {error}") from error
    green.save([subject.docname for subject in everything])
    records = [record for docname in sorted(found) for record in found[docname]]
    write_reports(directory, records, app.config.project)
    logger.info("checking live cells... %s", summary(records))
    for record in records:
        if record.status in BAD:
            _warn(
                Subtype.CHECK,
                f"live cell {record.cell}: {record.status}{': ' * bool(record.reason)}{record.reason}",
                str(app.srcdir / f"{record.path}:{record.line}"),
            )
            app.statuscode = 1


def _subjects(app: Sphinx, config: LiveConfig, site: Site) -> Iterator[Subject]:
    builder = cast(StandaloneHTMLBuilder, app.builder)
    domain = LiveDomain.of(app.env)
    root = Path(builder.outdir)
    for page in domain.pages():
        path = Path(builder.get_outfilename(page.docname))
        manifest = manifest_in(path.read_text(encoding="utf-8"))
        if manifest is None:
            continue  # the document keeps its cells from this builder, with `only` for instance
        digest = domain.digests.get(page.docname)
        notebook = None if digest is None or domain.store is None else domain.store.notebook(digest)
        requires = domain.required(page.docname)
        options = [[cell.static, cell.reason, cell.volatile, cell.tolerance, cell.timeout] for cell in page.cells]
        made: list[Any] = [
            [FORMAT, digest, requires, options],
            [config.check_engine, config.check_tolerance, config.check_timeout, config.check_ignore],
            {**manifest, "pyodide": {**(manifest["pyodide"] or {}), "lockFileURL": None}},
            [_locked(site, name) for name in manifest["packages"]],
        ]
        fingerprint = hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()
        address = path.relative_to(root).as_posix()
        yield Subject(page.docname, address, page.cells, notebook, requires, fingerprint, manifest)


def _locked(site: Site, name: str) -> list[str]:
    assert site.runtime is not None
    entry = site.runtime.lock["packages"][name]
    return [entry["version"], entry["sha256"]]


def _hosts(site: Site) -> set[str]:
    """Return the origins that live cells get Pyodide and packages from, where that is not the site."""
    if site.runtime is None:
        return set()
    addresses = [site.runtime.index_url or ""]
    addresses += [entry["file_name"] for entry in site.runtime.lock.get("packages", {}).values()]
    return {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, addresses) if parts.netloc}


def _is_chosen(docname: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(docname, pattern) for pattern in patterns)


def _ignored(subject: Subject, number: int) -> Record:
    cell = subject.cells[number]
    return Record(subject.docname, cell.number, cell.id, cell.path, cell.line, Status.IGNORED)


def _tell(record: Record, done: str) -> None:
    seconds = "" if record.seconds is None else f" ({record.seconds:.2f} s)"
    reason = f": {record.reason.partition(chr(10))[0]}" if record.reason else ""
    logger.info(
        "(%16s: line %4d) %-9s cell %d%s%s [%s]",
        record.docname,
        record.line,
        record.status,
        record.cell,
        seconds,
        reason,
        done,
    )


def _warn(subtype: Subtype, message: str, location: str | None) -> None:
    logger.warning("%s", message, type="liveviz", subtype=subtype.value, location=location)
