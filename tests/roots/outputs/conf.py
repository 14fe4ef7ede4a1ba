"""Outputs of all kinds, which have to look and behave the same static and live."""

project = "outputs"
extensions = ["sphinxext_liveviz"]
exclude_patterns = ["_build"]

liveviz_distribution = "bundle"
liveviz_pyodide_version = "314.0.7"

# The test puts it there.
html_static_path = ["_static"]
mathjax_path = "mathjax/tex-svg.js"
mathjax4_config = {"options": {"enableMenu": False}}
