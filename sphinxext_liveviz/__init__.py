"""Live Python cells for Sphinx: static output at build time, live in place in the browser.

It works as follows:

1. ``markup/`` -- the directive ``live-cell`` records cells in a domain while documents are read.
2. ``execution/`` -- between reading and writing, pages whose key is not in the ``store`` run, each in a process of its
   own, through the ``kernel/``; what comes out is a notebook.
3. ``runtime/`` -- the cells' imports become the lock that readers' Pyodide installs from.
4. ``render/`` -- a post-transform puts the outputs below their cells as ordinary nodes, for every builder.
5. ``html/`` -- pages with cells get the scripts and front-end files that they need, and a manifest.
6. ``check/`` -- the builder ``livecheck`` runs all that in a real browser, and says which cells are not live.
7. ``static/liveviz/`` -- in the browser, scripts show static output and, on Run, start the same kernel.

``build`` calls these rooms in this order. The kernel runs where Sphinx does not exist, so Sphinx is imported in
:func:`setup` only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

__version__ = "0.1.0"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything with Sphinx."""
    from .build import Build
    from .check.builder import LiveCheckBuilder
    from .config import declarations, sphinx_default
    from .markup.directive import LiveCell
    from .markup.domain import LiveDomain
    from .markup.nodes import VISITORS, live_cell
    from .markup.requires import apply_requirements
    from .render.transform import PlaceOutputs

    build = Build()
    for name, default, rebuild, description in declarations():
        # Any type: values are validated by us, all at once.
        value = sphinx_default(default)
        app.add_config_value(name, value, rebuild, types=frozenset({Any}), description=description)  # type: ignore[arg-type]
    app.add_builder(LiveCheckBuilder)
    app.add_domain(LiveDomain)
    app.add_node(live_cell, **VISITORS)
    app.add_directive("live-cell", LiveCell)
    app.add_post_transform(PlaceOutputs)
    app.connect("config-inited", build.read_config)
    app.connect("doctree-read", apply_requirements)
    app.connect("env-get-outdated", build.import_ahead)
    app.connect("env-updated", build.make_results)
    app.connect("write-started", build.publish)
    app.connect("html-page-context", build.complete_page)
    app.connect("build-finished", build.publish_worker)
    app.connect("build-finished", build.check, priority=900)
    return {"version": __version__, "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
