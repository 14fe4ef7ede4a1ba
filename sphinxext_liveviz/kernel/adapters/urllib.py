"""``urllib.request`` in the browser: pyodide-http lets it ask by the browser's own requests."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..core import Kernel


def applies(kernel: Kernel) -> bool:
    """Whether this is a page that has pyodide-http: the build sees which cells read addresses."""
    return kernel.live and "pyodide" in sys.modules and importlib.util.find_spec("pyodide_http") is not None


def install(kernel: Kernel) -> None:
    """Patch what has just been imported."""
    if applies(kernel):
        # Within its own import the package does not know it yet.
        sys.modules["urllib"].request = sys.modules["urllib.request"]  # type: ignore[attr-defined]
        import pyodide_http

        pyodide_http.patch_urllib()
