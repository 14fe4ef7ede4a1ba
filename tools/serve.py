"""Serve a built site on this machine: ``python tools/serve.py DIRECTORY [--port N]``; the browser tests use it too."""

from __future__ import annotations

import argparse
import errno
import sys
from pathlib import Path

from sphinxext_liveviz.check.server import SiteHandler, SiteServer, serving

__all__ = ["SiteHandler", "SiteServer", "serving"]


def main() -> int:
    """Serve until interrupted; take a free port when the wanted one is taken."""
    parser = argparse.ArgumentParser(description="Serve a built site on this machine.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--port", type=int, default=8000, help="wanted port (default: %(default)s)")
    arguments = parser.parse_args()
    try:
        server = SiteServer(arguments.directory, arguments.port)
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        print(f"Port {arguments.port} cannot be had ({error.strerror}); taking a free one.")
        server = SiteServer(arguments.directory)
    with server:
        print(f"\n  {arguments.directory} is served at {server.url}\n  Ctrl+C stops it.\n", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
