"""Places the outputs below their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from ..errors import Subtype, UserError
from ..markup.domain import LiveDomain
from ..markup.nodes import live_cell
from ..store import Unreadable
from .choice import runs_scripts

if TYPE_CHECKING:
    from .outputs import Output, Outputs

logger = logging.getLogger(__name__)


class PlaceOutputs(SphinxPostTransform):
    """Puts the outputs of each cell below its code, and unwraps cells for builders that know no such node."""

    # After Sphinx has dropped what `only` excludes (50), before it converts images (100 on) and highlights (400).
    default_priority = 60

    def run(self, **kwargs: Any) -> None:
        """Place the outputs of all cells of the document, which for some builders is made of many."""
        domain = LiveDomain.of(self.env)
        if domain.builder is None:
            return
        pages: dict[str, tuple[Outputs | None, dict[str, list[Output]]]] = {}
        for node in list(self.document.findall(live_cell)):
            docname = node["docname"]
            if docname not in pages:
                pages[docname] = self._read(domain, docname)
            outputs, notebook = pages[docname]
            below = nodes.container("", classes=["live-output"])
            if outputs is not None and not node["hide_output"]:
                cell = domain.cells(docname)[node["index"]]
                for output in notebook.get(cell.id, ()):
                    try:
                        below += outputs.of(cell, output)
                    except UserError as error:
                        logger.warning("%s", error, type="liveviz", subtype=Subtype.OUTPUT.value, location=node)
            is_html = domain.builder.format == "html"
            if node["hide_code"]:
                _hide_code(node, is_html)
            if node["reason"] and runs_scripts(domain.builder):
                node += _not_live(node["reason"])
            if below.children or (is_html and not node["hide_output"]):
                node += below
            if not is_html:
                _unwrap(node)

    def _read(self, domain: LiveDomain, docname: str) -> tuple[Outputs | None, dict[str, list[Output]]]:
        """Return what makes nodes of a page's outputs, and the outputs by cell id."""
        digest = domain.digests.get(docname)
        if domain.store is None or domain.builder is None or digest is None:
            return None, {}
        try:
            notebook = domain.store.notebook(digest)
        except Unreadable as error:
            logger.warning(
                "the output of %s is gone (%s); build again to make it anew",
                docname,
                error,
                type="liveviz",
                subtype=Subtype.STORE.value,
                location=docname,
            )
            return None, {}
        from .outputs import Outputs  # with all that draws, which a build that writes no such page does without

        cells, longest = domain.cells(docname), domain.output_shown
        outputs = Outputs(
            self.env, domain.builder, domain.store, cells, longest, domain.conversions, notebook, domain.pictures
        )
        return outputs, {cell["id"]: cell["outputs"] for cell in notebook["cells"]}


def _not_live(reason: str) -> nodes.Node:
    """Say why there is no Run, where it would be."""
    text = f"Not live: {reason}"
    return nodes.container("", nodes.paragraph("", text), classes=["live-reason"])


def _hide_code(node: live_cell, is_html: bool) -> None:
    """Drop the code, but neither its caption nor what refers to it."""
    for code in list(node.findall(nodes.literal_block)):
        code.parent.replace(code, _anchor(code))
    if not is_html:
        # Without its code a wrapper is no figure that writers know; the caption stands as a line of text.
        for caption in list(node.findall(nodes.caption)):
            wrapper = caption.parent
            paragraph = nodes.paragraph("", "", *caption.children)
            wrapper.parent.replace(wrapper, [*_anchor(wrapper), paragraph])


def _unwrap(node: live_cell) -> None:
    node.parent.replace(node, [*_anchor(node), *node.children])


def _anchor(node: nodes.Element) -> list[nodes.Node]:
    """Return a target for what refers to a node that goes away."""
    return [nodes.target("", "", ids=node["ids"])] if node["ids"] else []
