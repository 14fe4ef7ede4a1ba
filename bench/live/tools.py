"""The tools whose live pages are compared, and variants of this extension.

nbsite.pyodide loads all it needs from public hosts, and resolves packages in the reader's browser. Its own settings and
the variables of the libraries point it to the host that stands in for them (see `shelf`); besides

- ``setup_code`` tells micropip the index, and Panel (in the browser) where its front-end files are;
- its service worker is on, as by default;
- requirements are the default's; what else a page imports it finds out itself, as by default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from playwright.sync_api import Page as BrowserPage

from ..build.tools import DISTRIBUTIONS
from ..build.tools import make_tools as make_builders
from ..build.writers import Writer
from ..venvs import Venv
from .shelf import PYODIDE_VERSION

LIVEVIZ = "liveviz"
NBSITE = "nbsite.pyodide"
PLAIN = "plain Sphinx"

FAST = "liveviz, no snapshot"

VARIANTS: Mapping[str, Mapping[str, object]] = {
    # As demo_docs is configured, which is what the bundle's defaults give.
    LIVEVIZ: {},
    # Python is started and the page's imports are done in the reader's browser.
    FAST: {"liveviz_snapshot": "off"},
}
"""Variants of this extension, by values of conf.py beyond those of a bundle; ``--variant`` adds more."""


@dataclass(frozen=True, slots=True)
class LiveTool:
    """One way to make live pages."""

    name: str
    """As tables show it."""
    venv: Venv
    """Where it is installed."""
    suffix: str
    """Of its pages."""
    write: Writer
    """Its syntax."""
    configure: Callable[[str], Mapping[str, object]]
    """Values of conf.py, given the address of the stand-in for public hosts."""
    press: Callable[[BrowserPage], None]
    """Starts the cell of a page, as its reader would."""
    environment: Callable[[str], Mapping[str, str]] = lambda _: {}
    """Variables of the build's environment, given the same address."""
    dwell: float = 2.0
    """Seconds that a reader stays after a page became live: time for work in the background."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """Of a variant of this extension: values of conf.py beyond those that all variants have."""

    @property
    def is_ours(self) -> bool:
        """Whether it is this extension, in any variant."""
        return self.venv.of_project and self.name != PLAIN


def make_live_tools(variants: Mapping[str, Mapping[str, object]] = VARIANTS) -> list[LiveTool]:
    """Return the variants of this extension, nbsite.pyodide, and plain Sphinx, whose pages are never live."""
    # Installed as for `bench build`, into the same environments.
    builders = {tool.name: tool for tool in make_builders("bundle")}
    ours, theirs, plain = builders[LIVEVIZ], builders[NBSITE], builders[PLAIN]
    holoviews = "holoviews==1.23.2"
    nbsite = Venv("nbsite-live", (*theirs.venv.requirements, holoviews))
    return [
        *(
            LiveTool(name, ours.venv, ours.suffix, ours.write, _liveviz(settings), _press_liveviz, settings=settings)
            for name, settings in variants.items()
        ),
        LiveTool(NBSITE, nbsite, theirs.suffix, theirs.write, _nbsite, _press_nbsite, _nbsite_environment),
        LiveTool(PLAIN, plain.venv, plain.suffix, plain.write, _plain, _press_nothing),
    ]


def _liveviz(settings: Mapping[str, object]) -> Callable[[str], Mapping[str, object]]:
    values = {"extensions": ["sphinxext_liveviz"], **DISTRIBUTIONS["bundle"], **settings}
    return lambda _: values


def _press_liveviz(page: BrowserPage) -> None:
    page.locator(".live-run").click()


def _nbsite(public: str) -> Mapping[str, object]:
    setup = (
        f"import os; os.environ['PANEL_CDN_ROOT'] = '{public}/panel/'; "
        f"import micropip; micropip.set_index_urls(['{public}/simple'])"
    )
    scripts = [f"{public}/bokeh/bokeh{part}.min.js" for part in ("", "-widgets", "-tables", "-mathjax")]
    return {
        "extensions": ["myst_parser", "nbsite.pyodide"],
        "nbsite_pyodide_conf": {
            "PYODIDE_URL": f"{public}/pyodide/v{PYODIDE_VERSION}/full/pyodide.mjs",
            "scripts": [*scripts, f"{public}/panel/1.9.4/dist/panel.min.js"],
            "setup_code": setup,
        },
    }


def _nbsite_environment(public: str) -> Mapping[str, str]:
    return {"PANEL_CDN_ROOT": f"{public}/panel/"}


def _press_nbsite(page: BrowserPage) -> None:
    button = page.locator(".runbtn")
    if not button.count():
        # Where Panel has put es-module-shims into the page, the tool adds its buttons on the second DOMContentLoaded,
        # which those shims fire in old browsers only. Before anything is timed, we fire it.
        page.evaluate("document.dispatchEvent(new Event('DOMContentLoaded'))")
    button.click()  # it warns of the download
    button.click()


def _plain(_: str) -> Mapping[str, object]:
    return {"extensions": []}


def _press_nothing(page: BrowserPage) -> None:
    raise NotImplementedError("pages of plain Sphinx are never live")
