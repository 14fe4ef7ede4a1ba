"""``requests`` in the browser; see :mod:`.urllib`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .urllib import applies

if TYPE_CHECKING:
    from ..core import Kernel


def install(kernel: Kernel) -> None:
    """Patch what has just been imported."""
    if applies(kernel):
        import pyodide_http

        pyodide_http.patch_requests()
