"""Pyodide 314 with pure packages: what can be had of it from package registries alone."""

project = "pure314"
extensions = ["sphinxext_liveviz"]
exclude_patterns = ["_build"]

liveviz_distribution = "bundle"
liveviz_matplotlib_format = ["svg", "png"]
liveviz_pyodide_version = "314.0.7"
