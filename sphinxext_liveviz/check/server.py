"""A static site on the loopback interface, sent as a plain static host would send it.

The standard library's server with what live pages need: the right type for ``.wasm`` and ``.mjs`` whatever the system's
tables say, caching as the README advises it for every host, and a thread per connection.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from ..html.layout import IMMUTABLE, ROOT

_LASTING = f"/{ROOT}{IMMUTABLE}"
"""What lies below never changes under its name, so browsers need not ask for it again. Of all else they ask each time,
so that a rebuilt site shows."""


class SiteHandler(SimpleHTTPRequestHandler):
    """Files of one directory, as a plain static host would send them."""

    protocol_version = "HTTP/1.1"
    server: SiteServer
    # Ours win over the system's tables.
    extensions_map = {  # noqa: RUF012 - the base class declares it so
        **SimpleHTTPRequestHandler.extensions_map,
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".mjs": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".wasm": "application/wasm",
        ".whl": "application/zip",
        ".zip": "application/zip",
    }

    _status = 0
    _tag: str | None = None

    def send_head(self) -> BytesIO | BinaryIO | None:
        """Answer that nothing has changed to whoever has this very file."""
        self._tag = None
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if path.is_file():
            status = path.stat()
            self._tag = f'"{status.st_size:x}-{status.st_mtime_ns:x}"'
        if self._tag is not None and self._tag in self.headers.get("If-None-Match", ""):
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self.end_headers()
            return None
        return super().send_head()

    def send_response(self, code: int, message: str | None = None) -> None:
        self._status = code
        super().send_response(code, message)

    def end_headers(self) -> None:
        if self._status in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
            lasting = _LASTING in self.path
            self.send_header("Cache-Control", "public, max-age=31536000, immutable" if lasting else "no-cache")
            if self._tag is not None:
                self.send_header("ETag", self._tag)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the terminal for what the user has to read."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        self.server.requests.append((self.path, int(code)))


class SiteServer(ThreadingHTTPServer):
    """A static site on the loopback interface.

    Parameters
    ----------
    directory : Path
        The built site.
    port : int
        0 takes any free one.

    Attributes
    ----------
    directory : Path
        The same, resolved.
    requests : list of (str, int)
        Path and status of every request answered, in order.
    """

    daemon_threads = True

    def __init__(self, directory: Path, port: int = 0) -> None:
        self.directory = directory.resolve()
        self.requests: list[tuple[str, int]] = []
        super().__init__(("127.0.0.1", port), partial(SiteHandler, directory=str(self.directory)))

    @property
    def url(self) -> str:
        """Address of the site, with a final slash."""
        return f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let pass a browser that hangs up in the middle of a file; report all else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(directory: Path, port: int = 0) -> Iterator[SiteServer]:
    """Serve ``directory`` from a thread for as long as the context lasts."""
    with SiteServer(directory, port) as server:
        thread = threading.Thread(target=server.serve_forever, name=f"serve {directory.name}", daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
