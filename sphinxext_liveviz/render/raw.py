"""HTML that a page shows as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from docutils import nodes

from .styles import isolated, needs_paper


def raw(html: str) -> nodes.Node:
    """Return HTML as a node."""
    return nodes.raw("", html, format="html")


def output(mime: str, html: str, *, height: int = 0) -> str:
    """Return the element of an output, which keeps to itself.

    Parameters
    ----------
    mime : str
    html : str
        Its content.
    height : int
        Pixels to be kept free for what a script will draw there.
    """
    html, css = isolated(html)
    paper = " live-paper" if needs_paper(css) else ""
    room = f' style="min-height: {height}px"' if height else ""
    return f'<div class="live-mime{paper}" data-mime="{escape(mime)}"{room}>{html}</div>\n'


def drawn(mime: str, content: Any, metadata: Any, bundle: Mapping[str, Any], height: int) -> str:
    """Return the element of what a script of the page draws: the content as data, and what is shown without scripts."""
    hints = f' data-metadata="{escape(json.dumps(metadata))}"' if metadata else ""
    block = f'<script type="application/json"{hints}>{data_block(content)}</script>'
    room = f' style="min-height: {height}px"' if height else ""
    without = f"<noscript>{_still(bundle)}</noscript>" if _still(bundle) else ""
    return f'<div class="live-mime" data-mime="{escape(mime)}"{room}>{block}{without}</div>\n'


def _still(bundle: Mapping[str, Any]) -> str:
    if "image/png" in bundle:
        return f'<img alt="" src="data:image/png;base64,{"".join(bundle["image/png"].split())}">'
    if "text/plain" in bundle:
        return f"<pre>{escape(bundle['text/plain'], quote=False)}</pre>"
    return ""


def data_block(value: Any) -> str:
    """Return JSON that can stand in a ``<script type="application/json">`` element."""
    return json.dumps(value, separators=(",", ":")).replace("<", r"\u003c")


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
