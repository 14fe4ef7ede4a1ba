"""``urllib`` and ``requests`` in the browser: pyodide-http lets them ask by the browser's own requests."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..core import Kernel


def install(kernel: Kernel) -> None:
    """Patch what has been imported, where the page has pyodide-http."""
    if not kernel.live or "pyodide" not in sys.modules or importlib.util.find_spec("pyodide_http") is None:
        return
    import pyodide_http

    if "urllib.request" in sys.modules:
        # Within its own import the package does not know it yet.
        sys.modules["urllib"].request = sys.modules["urllib.request"]  # type: ignore[attr-defined]
        pyodide_http.patch_urllib()
    if "requests" in sys.modules:
        pyodide_http.patch_requests()
