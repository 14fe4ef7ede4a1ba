"""A project that documents itself: what live cells import is its source."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

project = "measured"
extensions = ["sphinxext_liveviz"]
exclude_patterns = ["_build"]

liveviz_distribution = "bundle"
liveviz_pyodide_version = "314.0.7"
liveviz_local = [".."]
