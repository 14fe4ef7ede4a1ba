"""Adds scripts, style sheets and the manifest to the pages that have cells, and to no others."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util.osutil import relative_uri

from ..markup.domain import LiveDomain
from ..markup.nodes import live_cell
from ..render.data_block import data_block
from .assets import local, merged
from .layout import IMMUTABLE, ROOT
from .manifest import manifest
from .math import mathjax
from .site import Site

_PRIORITY = 600
"""One for all our files, so that they load in the order in which they are added."""

_OPENING = '<script type="application/json" id="liveviz-manifest">'


def add_to_page(
    builder: StandaloneHTMLBuilder, pagename: str, context: dict[str, Any], doctree: nodes.document, site: Site
) -> None:
    """Complete the context of a page, if it has cells.

    Parameters
    ----------
    builder : StandaloneHTMLBuilder
    pagename : str
    context : dict
        Of the page's template; its ``body`` gets the manifest.
    doctree : nodes.document
    site : Site
    """
    docnames = list(dict.fromkeys(node["docname"] for node in doctree.findall(live_cell)))
    if not docnames:
        return
    domain = LiveDomain.of(builder.env)
    if len(docnames) > 1:
        # The singlehtml builder: each document has a namespace of its own, but a page has one.
        site = replace(site, runtime=None, reason="Several documents share this page, so its cells do not run here.")
    everything = merged(domain.assets.get(docname) for docname in docnames)
    for address in everything["css"]:
        builder.add_css_file(_static(address), priority=_PRIORITY)
    builder.add_css_file(_static("liveviz.css"), priority=_PRIORITY)
    builder.add_js_file(_static("liveviz.js"), priority=_PRIORITY, **{"async": "async"})  # nothing waits for it
    # Of singlehtml's addresses the part behind the hash says nothing of where the page lies.
    here = builder.get_target_uri(pagename).partition("#")[0]

    def url(address: str) -> str:
        return address if address.startswith("/") else _relative(here, address)

    made = manifest(
        docnames[0] if len(docnames) == 1 else pagename,
        [cell for docname in docnames for cell in domain.cells(docname)],
        site,
        everything,
        url,
        [_script(builder, site, address) for address in everything["js"]],
        [_script(builder, site, address) for address in everything["modules"]],
        mathjax(builder, url),
    )
    if domain.pictures is not None:
        context["metatags"] += _card(builder, doctree, context["metatags"])
    context["body"] += f"{_OPENING}{data_block(made)}</script>\n"


def _card(builder: StandaloneHTMLBuilder, doctree: nodes.document, known: str) -> str:
    """Return what names the first picture of a page's cells for those who link to it, unless somebody else has."""
    images = (image for cell in doctree.findall(live_cell) for image in cell.findall(nodes.image))
    # Not its address, which the writer has made one that is seen from the page.
    files = (path for image in images for path in image["candidates"].values() if path in builder.images)
    name = next((builder.images[path] for path in files), None)
    if name is None or not builder.config.html_baseurl or "og:image" in known:
        return ""
    address = f"{builder.config.html_baseurl.rstrip('/')}/{builder.imagedir}/{name}"
    return f'<meta property="og:image" content="{escape(address)}" />\n'


def manifest_in(page: str) -> Any:
    """Return the manifest that a written page holds, None when it has none."""
    found = re.search(rf"{_OPENING}(.*?)</script>", page, re.DOTALL)
    return found and json.loads(found[1])


def _relative(here: str, address: str) -> str:
    """Return an address in the site as seen from a page; full ones as they are."""
    if "://" in address:
        return address
    return relative_uri(here, address) + "".join(address.partition("#")[1:])  # Sphinx drops the fragment


def _script(builder: StandaloneHTMLBuilder, site: Site, address: str) -> str:
    """Return a library's script as seen from the site's root, or its full address."""
    path, *fragment = local(address).partition("#")
    if "://" in path:
        return local(address)
    file = Path(builder.outdir, ROOT, path)
    # As Sphinx writes it where a name does not tell the content.
    version = "" if path.startswith(IMMUTABLE) or not file.is_file() else f"?v={site.digest(file)[:8]}"
    return "".join((ROOT, path, version, *fragment))


def _static(path: str) -> str:
    """Return what Sphinx takes as a file's name: relative to ``_static``, or a full address."""
    address = local(path)
    return address if "://" in address else f"liveviz/{address}"
