"""Cells that are well when the site is built, and not in the reader's browser, each in a way of its own."""

project = "hostile"
extensions = ["sphinxext_liveviz"]
exclude_patterns = ["_build"]
html_theme = "basic"

liveviz_distribution = "bundle"
liveviz_pyodide_version = "314.0.7"
liveviz_snapshot = "off"
liveviz_lean = False
liveviz_files = ["shared.txt"]
liveviz_check_timeout = 15
liveviz_check_ignore = ["ignored", "choice:2"]
