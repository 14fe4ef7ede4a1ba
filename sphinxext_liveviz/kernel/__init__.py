"""The kernel: runs a cell and emits Jupyter messages. Standard library only; the same files run in every home.

Homes are the build worker (CPython), the reader's Pyodide worker and a Jupyter kernel. It works as follows:

1. A home creates one :class:`Kernel` per page with a function that takes a message and its buffers away.
2. An ``execute_request`` compiles the cell (:mod:`.cells`), runs it in the page's namespace and streams what it
   prints (:mod:`.streams`); its last expression and every :func:`.display.display` become MIME bundles (:mod:`.mime`).
3. Libraries get their say through :mod:`.adapters`, each installed when its library is first imported.
4. Objects that stay alive open a comm (:mod:`.comms`); ``comm_msg`` requests from the page end there.
5. Whatever was requested, a ``status: idle`` with the request as its parent comes last.

The message format is that of the Jupyter messaging documentation, version 5.4, with buffers beside the message.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .core import Kernel, current

__all__ = ["SCHEMA", "Kernel", "current", "source_digest"]

SCHEMA = 1
"""Raised when stored results of an older kernel can no longer be shown."""


def __getattr__(name: str) -> Any:
    """Import the kernel when it is asked for: a build that runs nothing asks for schema and digest alone."""
    if name in ("Kernel", "current"):
        from . import core

        return getattr(core, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def source_digest() -> str:
    """Return a hex digest of the kernel's own source files, by which stored results and served files are keyed."""
    import hashlib
    from pathlib import Path

    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
