"""Bokeh models as MIME bundles, linked to the page while the kernel is live.

The bundle's data is ``{"doc", "roots", "resources"}``: the document as :meth:`bokeh.document.Document.to_json` gives
it (arrays as base64 text), the ids of its roots, and the URLs of the scripts and style sheets that it needs, as the
libraries themselves name them on their public hosts. Whoever shows it may map those to copies of its own.
"""

from __future__ import annotations

import importlib.util
import sys
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..mime import Bundle
from .bokeh_ids import renumber
from .bokeh_resources import resources

if TYPE_CHECKING:
    from bokeh.document import Document
    from bokeh.document.events import DocumentPatchedEvent
    from bokeh.model import Model

    from ..core import Kernel
    from .bokeh_link import DocumentLink

MIME = "application/vnd.liveviz.bokeh+json"
"""A Bokeh document and what it needs in the page."""

curdocs: list[Callable[[Document], AbstractContextManager[Any]]] = []
"""Further notions of the current document, entered around callbacks: Panel has one of its own."""

urgent: list[Callable[[DocumentPatchedEvent], bool]] = []
"""Tell of a change whether the page must get it before what comes next, which may take long."""

_links: weakref.WeakKeyDictionary[Document, DocumentLink] = weakref.WeakKeyDictionary()


def install(kernel: Kernel) -> None:
    """Show Bokeh models."""

    def adapt(value: Any) -> Bundle | None:
        from bokeh.models.ui import UIElement

        return show_model(kernel, value) if isinstance(value, UIElement) else None

    kernel.adapters.append(adapt)
    if importlib.util.find_spec("tornado") is None:
        _do_without_tornado()


def _do_without_tornado() -> None:
    """Let documents have session callbacks where there is no Tornado, as in Pyodide.

    They are plain records, but their module also holds a part of Bokeh's server, and imports what only that needs.
    """
    absent: Any = ModuleType("bokeh.util.tornado")
    absent._CallbackGroup = None
    sys.modules.setdefault(absent.__name__, absent)


def show_model(kernel: Kernel, model: Model) -> Bundle:
    """Return the bundle of a model, in a document of its own unless it is the root of one already."""
    from bokeh.document import Document
    from bokeh.io import curdoc

    document = model.document
    if document is None:
        document = Document(theme=curdoc().theme)
        document.add_root(model)
    elif model not in document.roots:
        # Part of something that is shown elsewhere: a model lives in one document, so this view is a picture of it.
        return bundle(kernel, _copy(model), repr(model))
    return bundle(kernel, document, repr(model), link=kernel.live)


def bundle(kernel: Kernel, document: Document, plain: str, *, link: bool = False) -> Bundle:
    """Return the bundle of a document; with ``link`` its page and Python stay in step.

    Parameters
    ----------
    kernel : Kernel
    document : bokeh.document.Document
    plain : str
        The ``text/plain`` representation.
    link : bool
        Open a comm for it.
    """
    document.validate()
    content = {
        "doc": document.to_json(deferred=False),
        "roots": [root.id for root in document.roots],
        "resources": resources(document),
    }
    if not link:
        content, plain = renumber(content, plain)
    made = Bundle({MIME: content, "text/plain": plain})
    if link:
        made.transient["liveviz"] = {"comm_id": link_document(kernel, document).open()}
    return made


def link_document(kernel: Kernel, document: Document) -> DocumentLink:
    """Return the link of a document: one, however often it is shown."""
    from .bokeh_link import DocumentLink

    link = _links.get(document)
    if link is None:
        link = _links[document] = DocumentLink(kernel, document, curdocs, urgent, resources, _forget)
    return link


def _forget(document: Document) -> None:
    _links.pop(document, None)


def _copy(model: Model) -> Document:
    from bokeh.document import Document

    assert model.document is not None
    everything = Document.from_json(model.document.to_json(deferred=False))
    twin = everything.get_model_by_id(model.id)
    assert twin is not None
    everything.clear()
    document = Document()
    document.add_root(twin)
    return document
