"""HTML that a page shows as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from docutils import nodes

from ..model import BOKEH
from .data_block import data_block
from .room import height_of
from .styles import isolated, needs_paper
from .widgets import SavedWidgets


def raw(html: str) -> nodes.Node:
    """Return HTML as a node."""
    return nodes.raw("", html, format="html")


def element(mime: str, html: str) -> str:
    """Return the element of an output that has a type and a content, which keeps to itself."""
    html, css = isolated(html)
    paper = " live-paper" if needs_paper(css) else ""
    return f'<div class="live-mime{paper}" data-mime="{escape(mime)}">{html}</div>\n'


def drawn(mime: str, output: Mapping[str, Any], widgets: SavedWidgets | None = None) -> nodes.Node:
    """Return what stands in a page for a script to draw: the content as data, and hints in an attribute.

    Parameters
    ----------
    mime : str
    output : mapping
    widgets : SavedWidgets, optional
        Those of the page, if it has any.
    """
    content, metadata = output["data"][mime], output["metadata"].get(mime)
    hints = f' data-metadata="{escape(json.dumps(metadata))}"' if metadata else ""
    block = f'<script type="application/json"{hints}>{data_block(content)}</script>'
    state, place = (widgets.state(content), widgets.place(content)) if widgets else ("", "")
    height = height_of(content["doc"]) if mime == BOKEH else 0
    room = f' style="min-height: {height}px"' if height else ""
    return raw(f'<div class="live-mime" data-mime="{escape(mime)}"{place}{room}>{state}{block}</div>\n')


def script(code: str) -> str:
    """Return JavaScript as Jupyter runs it: ``element`` is the element of the output."""
    code = re.sub(r"<(?=/script|!--)", r"<\\", code, flags=re.IGNORECASE)  # which would end the script, or change it
    return f"<script>((element) => {{\n{code}\n}})(document.currentScript.parentElement);</script>"


def pdf(content: str, name: str) -> str:
    """Return a link to a PDF: not every browser shows one in a page, and none is as readable there as on its own.

    Parameters
    ----------
    content : str
        Base64 text.
    name : str
        What to call it.
    """
    address = f"data:application/pdf;base64,{''.join(content.split())}"
    return f'<a href="{address}" download="output.pdf">{escape(name)} (PDF)</a>'


def literal(html: str) -> str:
    """Return the content of a ``<pre>`` in the markup that Sphinx gives to literal blocks."""
    return (
        '<div class="highlight-none notranslate"><div class="highlight">'
        f"<pre><span></span>{html}\n</pre></div>\n</div>\n"
    )
