"""What a whole document needs, said in its own metadata: ``:liveviz_live_requires: threads``."""

from __future__ import annotations

from dataclasses import replace

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from ..errors import Subtype
from ..limits import ABSENT, KNOWN
from .domain import LiveDomain
from .nodes import live_cell

FIELD = "liveviz_live_requires"

logger = logging.getLogger(__name__)


def apply_requirements(app: Sphinx, document: nodes.document) -> None:
    """Make the cells of a document static that needs what no browser has (``doctree-read``)."""
    env = app.env
    docname = env.docname
    told = str(env.metadata.get(docname, {}).get(FIELD, ""))
    if not told:
        return
    words = told.replace(",", " ").split()
    unknown = [word for word in words if word not in KNOWN]
    if unknown:
        logger.warning(
            "%s: %s is not known; it is one or more of %s",
            FIELD,
            ", ".join(map(repr, unknown)),
            ", ".join(KNOWN),
            type="liveviz",
            subtype=Subtype.CONFIG.value,
            location=docname,
        )
    domain = LiveDomain.of(env)
    domain.require(docname, tuple(word for word in words if word in KNOWN))
    absent = [word for word in words if word in ABSENT]
    if not absent:
        return
    reason = f"needs {', '.join(absent)}"
    domain.replace(
        docname, [cell if cell.static else replace(cell, static=True, reason=reason) for cell in domain.cells(docname)]
    )
    for node in document.findall(live_cell):
        if not node["static"]:
            node["static"], node["reason"] = True, reason
