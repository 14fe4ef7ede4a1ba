"""Panel objects: a document each, as ``panel serve`` makes one, shown and linked by :mod:`.bokeh`."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..mime import Bundle
from . import bokeh, bokeh_resources, panel_resources

if TYPE_CHECKING:
    from bokeh.document.events import DocumentPatchedEvent

    from ..core import Kernel


def install(kernel: Kernel) -> None:
    """Show Panel's viewables, and run its async callbacks on the kernel's loop."""
    from panel.io import resources
    from panel.io.state import set_curdoc
    from param import parameterized

    if sys.platform == "emscripten":
        # Panel takes Pyodide for an app with one document, and what pn.extension is told for that one's alone. By this
        # name it knows a notebook there, where it holds for every output.
        sys.modules.setdefault("pyodide_kernel", ModuleType("pyodide_kernel"))
    # Files by their public URLs and not by those of a server, in every home.
    resources.RESOURCE_MODE = "cdn"
    bokeh_resources.renamed[f"https://unpkg.com/@holoviz/panel@{resources.JS_VERSION}/dist/"] = resources.CDN_DIST
    bokeh_resources.parts[f"{resources.CDN_DIST}panel.min.js"] = ("bokeh-widgets", "bokeh-tables")
    if set_curdoc not in bokeh.curdocs:
        bokeh.curdocs.append(set_curdoc)
        bokeh.urgent.append(_starts_to_load)
        bokeh_resources.more.append(panel_resources.needs)
    panel_resources.name_own_files()
    kernel.may_need.append(panel_resources.may_need)
    vars(parameterized)["async_executor"] = _Executor(kernel)

    def adapt(value: Any) -> Bundle | None:
        from panel.viewable import ServableMixin, Viewer

        if (expression := _shown_expression(value)) is not None:
            value = expression
        elif isinstance(value, Viewer):
            value = value.__panel__()
        return show_viewable(kernel, value) if isinstance(value, ServableMixin) else None

    kernel.adapters.insert(0, adapt)


def _shown_expression(value: Any) -> Any:
    """Return what shows an expression that follows widgets: Param's, or one of hvPlot; None of all else.

    Such a value answers to any name, so only its type is asked.
    """
    from param.reactive import rx

    if issubclass(type(value), rx):
        from panel import panel

        return panel(value)
    hvplot = sys.modules.get("hvplot.interactive")
    return value.layout() if hvplot is not None and issubclass(type(value), hvplot.Interactive) else None


def show_viewable(kernel: Kernel, viewable: Any) -> Bundle:
    """Return the bundle of a Panel object."""
    if kernel.embed and not kernel.live and (made := _embedded(kernel, viewable)) is not None:
        return made
    from bokeh.document import Document
    from panel.io.state import set_curdoc, state

    document = Document()
    # Without a server session Panel takes a document for unconnected, and drops what changes while it is held.
    state._connected[document] = True
    with set_curdoc(document):
        viewable.server_doc(document, location=False)
    return bokeh.bundle(kernel, document, repr(viewable), link=kernel.live)


def _embedded(kernel: Kernel, viewable: Any) -> Bundle | None:
    """Return the bundle of a Panel object with its states; without any, tell the build why."""
    from .panel_embed import Refused, embed

    try:
        document, told = embed(viewable, kernel.embed)
    except Refused as refusal:
        kernel.payload.append({"source": "liveviz.embed", "refused": str(refusal)})
        return None
    kernel.payload.append({"source": "liveviz.embed", **told})
    return bokeh.bundle(kernel, document, repr(viewable))


def _starts_to_load(event: DocumentPatchedEvent) -> bool:
    """Whether a change makes a spinner turn: it must be seen before that what it is about keeps Python busy."""
    new = getattr(event, "new", None)
    return getattr(event, "attr", None) == "css_classes" and "pn-loading" in (new or ())


class _Executor:
    """Runs the coroutine functions that Param hands over; a failure is shown in the cell."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself holds tasks weakly

    def __call__(self, function: Callable[[], Any]) -> None:
        task = asyncio.get_running_loop().create_task(self._run(function))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, function: Callable[[], Any]) -> None:
        try:
            made = function()
            if inspect.isawaitable(made):
                await made
        except Exception as error:
            self._kernel.report(error)
        for callback in self._kernel.after_request:
            callback()
        self._kernel.flush()
