"""Has pictures taken of what scripts of the page draw, by a headless browser."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from .errors import Subtype
from .html.assets import asked_by
from .html.layout import ROOT
from .html.mirror import mirror
from .html.output_page import page_of
from .html.site import Site, front_end
from .markup.domain import LiveDomain
from .model import Cell, Page
from .preparing import absolute, warn
from .render.drawn import is_drawn
from .render.pictures import Output, Pictures
from .render.raw import drawn
from .render.widgets import SavedWidgets
from .store import Store

logger = logging.getLogger(__name__)

_START, _EACH = 60, 40
"""Seconds that the browser may take to start, and for each picture."""


def take_pictures(app: Sphinx, domain: LiveDomain, store: Store, pages: Sequence[Page]) -> Pictures:
    """Take the pictures that are not there yet, and return where all of them are.

    An output that could not be taken is a warning, and stays without a picture.

    Parameters
    ----------
    app : Sphinx
    domain : LiveDomain
        Knows the results.
    store : Store
        Keeps the pictures.
    pages : sequence of Page
        Every document that has cells.
    """
    pictures = Pictures(store, front_end())
    wanted = dict(_missing(domain, store, pages, pictures))
    if not wanted:
        return pictures
    with tempfile.TemporaryDirectory(prefix="liveviz-") as name:
        directory = Path(name)
        everything = {}
        for picture, (cell, output, widgets) in wanted.items():
            asked = everything[picture] = asked_by({"cells": [{"outputs": [output]}]})
            mime = next(filter(is_drawn, output["data"]))
            page = page_of(cell, drawn(mime, output, widgets).astext(), asked)
            (directory / picture).with_suffix(".html").write_text(page, encoding="utf-8")
        mirror(directory / ROOT, Site(None).files(everything))
        failures = _take(directory, len(wanted))
        for picture, (cell, *_) in wanted.items():
            path = directory / picture
            if path.is_file():
                store.keep(picture, path.read_bytes())
            elif reason := failures.get(path.with_suffix(".html").name):
                message = f"no picture could be taken of an output of cell {cell.number}: {reason}"
                warn(Subtype.PICTURE, message, absolute(app, cell.location))
        if "" in failures:
            warn(Subtype.PICTURE, f"pictures that liveviz_snapshots asks for are missing: {failures['']}", None)
    return pictures


def _missing(
    domain: LiveDomain, store: Store, pages: Sequence[Page], pictures: Pictures
) -> Iterator[tuple[str, tuple[Cell, Output, SavedWidgets]]]:
    """Yield the name of each picture that is to be taken, and cell, output and widgets that it is of."""
    for page in pages:
        digest = domain.digests.get(page.docname)
        if digest is None or not domain.assets[page.docname]["mimes"]:
            continue
        cells = {cell.id: cell for cell in page.cells}
        notebook = store.notebook(digest)
        widgets = SavedWidgets(page.docname, notebook)
        for cell in notebook["cells"]:
            for output in cell["outputs"]:
                name = pictures.name(output, widgets)
                if name and store.found(name) is None:
                    yield name, (cells[cell["id"]], output, SavedWidgets(page.docname, notebook))


def _take(directory: Path, count: int) -> dict[str, str]:
    """Take a picture of each page in a directory; return why it failed for those where it did, by name.

    Under an empty name stands why it was not done with all of them.
    """
    command = [sys.executable, "-m", f"{__package__}.check.screenshots", str(directory)]
    failures = {}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        limit = _START + _EACH * count
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True, encoding="utf-8") as process:
            late = threading.Timer(limit, process.kill)
            late.start()
            try:
                assert process.stdout is not None
                for number, line in enumerate(process.stdout, start=1):
                    answer: dict[str, Any] = json.loads(line)
                    logger.info("taking pictures... [%d of %d]", number, count)
                    if answer["error"]:
                        failures[answer["page"]] = answer["error"]
                status = process.wait()
            finally:
                process.kill()
                late.cancel()
                late.join()
        said.seek(0)
        words = said.read().strip()
    if status:
        failures[""] = words[-500:] if status > 0 else f"the browser was not done within {limit} seconds"
    return failures
