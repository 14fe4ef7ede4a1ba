"""The manifest: what a page's script has to know, as a JSON data block in the page."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..model import Cell
from ..render.drawn import DRAWERS, likely
from .assets import Asked, used
from .layout import ROOT, WORKER
from .site import Site, drawer_address, drawer_files, kernel_name, live_directory

SCHEMA = 1
"""Raised when scripts and manifests of different versions no longer understand each other."""


def manifest(
    docname: str,
    cells: Iterable[Cell],
    site: Site,
    asked: Asked,
    url: Callable[[str], str],
    scripts: Iterable[str] = (),
    modules: Iterable[str] = (),
    math: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the manifest of a page.

    Parameters
    ----------
    docname : str
    cells : iterable of Cell
        All of the page, in order.
    site : Site
    asked : Asked
        Front-end files that the page's outputs ask for.
    url : callable
        Turns an address relative to the site's root into one relative to the page, and leaves full ones as they are.
    scripts : iterable of str
        Addresses of the libraries' scripts that the page's outputs need, in order.
    modules : iterable of str
        The same of their module scripts.
    math : mapping, optional
        How to load what typesets formulas.
    """
    packages = site.packages(docname)
    pyodide, image = site.pyodide(), site.image(docname)
    if pyodide is not None:
        pyodide.update({key: url(pyodide[key]) for key in ("indexURL", "lockFileURL")})
    made: dict[str, Any] = {
        "schema": SCHEMA,
        "docname": docname,
        "pyodide": pyodide,
        "packages": list(packages),
        "image": image and url(image),
        "snapshot": site.snapshot(docname),
        "live": url(ROOT + live_directory()),
        "kernel": url(ROOT + kernel_name()),
        "assets": {library.prefix: url(ROOT + library.directory) for library in used(asked, packages)},
        "scripts": [url(address) for address in scripts],
        **({"modules": [url(address) for address in modules]} if modules else {}),
        "drawers": {url(ROOT + drawer_address(drawer.script)): drawer.mimes for drawer in DRAWERS},
        "likely": [
            url(ROOT + address)
            for drawer in likely(asked["mimes"], packages)
            for address in drawer_files(drawer.script)
        ],
        "markdown": url(ROOT + drawer_address("markdown")),
        "math": math,
        "cells": [
            {
                "id": cell.id,
                "number": cell.number,
                "code": cell.code,
                "path": cell.path,
                "line": cell.line,
                "static": cell.static,
                "raises": cell.raises,
                **({"drift": drift} if pyodide is not None and (drift := site.drift_of(cell.id)) else {}),
            }
            for cell in cells
        ],
    }
    if files := site.mounted(docname):
        made["directory"] = posixpath.dirname(docname)
        made["files"] = [[path, url(address)] for path, address in files]
    if site.settings and pyodide is not None:
        made["settings"] = dict(site.settings)
    if pyodide is None:
        made["reason"] = site.reason
    elif site.offline:
        made["offline"] = url(WORKER)
    return made
