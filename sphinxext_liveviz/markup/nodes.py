"""The one node of this extension: a thin wrapper around a code block and, once placed, its output."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxTranslator
from sphinx.writers.html5 import HTML5Translator


class live_cell(nodes.General, nodes.Element):  # noqa: N801  (docutils names nodes so)
    """A cell in the document.

    Attributes are plain values, since doctrees are pickled: ``docname`` and ``index`` find the recorded cell also
    where documents are assembled into one, ``cell`` is its id, ``static``, ``hide_code`` and ``hide_output`` are the
    directive's options, and ``reason`` is what ``:static:`` gave as its reason.
    """


def visit_html(translator: HTML5Translator, node: live_cell) -> None:
    """Open the element that scripts and styles look for."""
    data = {"data-cell": node["cell"], "data-status": "static", "data-number": str(node["index"] + 1)}
    if node["static"]:
        data["data-live"] = "false"
    translator.body.append(translator.starttag(node, "div", CLASS="live-cell", **data))


def depart_html(translator: HTML5Translator, _node: live_cell) -> None:
    """Close the element."""
    translator.body.append("</div>\n")


def pass_through(_translator: SphinxTranslator, _node: live_cell) -> None:
    """Leave the children to speak for themselves."""


VISITORS: dict[str, Any] = {
    "html": (visit_html, depart_html),
    **dict.fromkeys(("latex", "text", "man", "texinfo"), (pass_through, pass_through)),
}
"""Arguments of ``app.add_node``. Other builders never meet the node: the transform of ``render/`` unwraps it."""
