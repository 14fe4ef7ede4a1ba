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
    epilog = "What came of the check is in %(outdir)s/.."

    def __init__(self, app: Sphinx, env: BuildEnvironment) -> None:
        super().__init__(app, env)
        self.outdir = app.outdir / SITE
        self.outdir.mkdir(parents=True, exist_ok=True)
