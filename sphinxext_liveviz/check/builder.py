"""The builder ``livecheck``: an HTML site of its own, in a directory beside the reports."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment

SITE = "html"
"""Directory of the site, in that of the reports."""


class LiveCheckBuilder(StandaloneHTMLBuilder):
    """Builds the site; when all of it is written, the extension has its pages checked."""

    name = "livecheck"
    epilog = "The site is in %(outdir)s; what came of the check is beside it."

    def __init__(self, app: Sphinx, env: BuildEnvironment) -> None:
        # For all that takes part in the build this is a site like others.
        app.outdir = app.outdir / SITE
        app.outdir.mkdir(parents=True, exist_ok=True)
        super().__init__(app, env)
