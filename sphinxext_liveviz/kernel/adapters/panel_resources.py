"""What Panel objects need in the page beyond their models: components written by users, designs, ``pn.extension``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from .bokeh_resources import Found, of_classes

if TYPE_CHECKING:
    from bokeh.document import Document


class _Bundled(PurePosixPath):
    """A path in the front end that Panel's wheel has, and that a lean one has not: Panel asks whether it is there."""

    def is_file(self) -> bool:
        """Say that it is, but where Panel repeats the name of a model that is in the address already."""
        below = self.parts[self.parts.index("bundled") + 1 :]
        return below[:1] != below[1:2]


def name_own_files() -> None:
    """Let Panel name its own copies of what it is built on, in every home, instead of other hosts' originals."""
    from panel.config import config
    from panel.io import resources
    from panel.io.resources import CDN_DIST
    from panel.theme import Design

    if sys.platform == "emscripten":
        resources.BUNDLE_DIR = _Bundled(resources.BUNDLE_DIR)
    for design in _below(Design):
        sheets = getattr(design, "_resources", {}).get("css", {})
        sheets.update({name: url.replace(f"{config.npm_cdn}/", f"{CDN_DIST}bundled/") for name, url in sheets.items()})


def needs(document: Document) -> Found:
    """Return what the Panel objects of a document need, and what ``pn.extension`` was told to load."""
    from panel.config import config
    from panel.io.resources import resolve_resource_cdn
    from panel.io.state import state
    from panel.reactive import ReactiveCustomBase

    views: list[Any] = [state._views[root.id][0] for root in document.roots if root.id in state._views]
    if not views:
        return {}
    shown = [part for view in views for part in view.select()]
    found = of_classes({type(part) for part in shown if isinstance(part, ReactiveCustomBase)})
    for design in {type(part._design): part._design for part in shown if part._design}.values():
        offered = design.resolve_resources(cdn=True, include_theme=False)
        found["js"] += map(str, offered["js"].values())
        found["modules"] += map(str, offered["js_modules"].values())
    found["js"] += map(str, config.js_files.values())
    found["modules"] += map(str, config.js_modules.values())
    found["css"] += map(str, config.css_files)
    return {key: [str(resolve_resource_cdn(url)) for url in urls] for key, urls in found.items()}


def may_need() -> list[str]:
    """Return the files of all that ``pn.extension`` was asked for: callbacks of live cells may show it.

    HoloViews' plotly backend is shown by what ``pn.extension("plotly")`` brings.
    """
    from panel.widgets import Tabulator

    found = of_classes(_asked_for())
    if "panel.models.tabulator" in sys.modules:
        found["css"] += Tabulator._stylesheets  # the icons of its cells
    return sorted({url.partition("#")[0] for urls in found.values() for url in urls if "://" in url})


def _asked_for() -> Iterator[type]:
    from bokeh.model import Model
    from panel.config import panel_extension
    from panel.reactive import ReactiveCustomBase, ReactiveHTMLMetaclass

    names = {*panel_extension._loaded_extensions} - {"ipywidgets"}
    if "holoviews.plotting.plotly" in sys.modules:
        names.add("plotly")
    for name in names:
        module = importlib.import_module(panel_extension._imports[name])
        yield from (kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Model))
    wanted = ReactiveHTMLMetaclass._loaded_extensions
    yield from (kind for kind in _below(ReactiveCustomBase) if getattr(kind, "_extension_name", None) in wanted)


def _below(kind: Any) -> Iterable[type]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)
