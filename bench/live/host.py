"""A static host on the loopback interface, as real ones are: it knows its files' ages and says how long they keep.

Two of them serve a bench: one has the site, the other stands in for public hosts (see `shelf`).
"""

from __future__ import annotations

import hashlib
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tools.serve import SiteHandler

SIMPLE = "application/vnd.pypi.simple.v1+json"
FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "public, max-age=0, must-revalidate"

_HASH = re.compile(r"(?=[0-9a-f]*\d)[0-9a-f]{8,}")


def cache_control(target: str) -> str:
    """Return how long an answer keeps.

    What has a hash in its path or query never changes; what else there is may do so before the reader comes again, and
    is asked for with its ETag. So hosts of static sites have it, and a second visit means the same for all tools.

    Parameters
    ----------
    target : str
        Path and query of a request.
    """
    parts = urlsplit(target)
    return FOREVER if _HASH.search(f"{parts.path}?{parts.query}") else REVALIDATE


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host sent."""

    target: str
    """Path and query that were asked for."""
    status: int
    """200, 304 or 404."""
    size: int
    """Bytes of the body."""


class Host(ThreadingHTTPServer):
    """Serves a directory from a thread.

    Parameters
    ----------
    directory : Path
        What it serves; it may be filled later.
    public : bool
        Whether it stands in for public hosts: files are named by version there, so all but the index of packages keeps
        for ever, and any origin may read it.

    Attributes
    ----------
    silent : bool
        While true, it hangs up on everybody: the reader is offline.
    """

    daemon_threads = True

    def __init__(self, directory: Path, *, public: bool = False) -> None:
        self.directory = directory.resolve()
        self.public = public
        self.silent = False
        self._answers: list[Answer] = []
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Address, without a final slash."""
        return f"http://127.0.0.1:{self.server_port}"

    def note(self, answer: Answer) -> None:
        """Remember what was sent."""
        with self._lock:
            self._answers.append(answer)

    def take(self) -> list[Answer]:
        """Return what was sent since the last call."""
        with self._lock:
            answers, self._answers = self._answers, []
        return answers

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Hang up when silent."""
        return not self.silent

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let pass a browser that hangs up in the middle of a file; report all else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def hosting(directory: Path, *, public: bool = False) -> Iterator[Host]:
    """Serve ``directory`` for as long as the context lasts."""
    with Host(directory, public=public) as host:
        thread = threading.Thread(target=host.serve_forever, name=f"host {directory.name}", daemon=True)
        thread.start()
        try:
            yield host
        finally:
            host.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are written one after the other: together with delayed acknowledgements that costs 40 ms an answer.
    disable_nagle_algorithm = True
    server: Host

    def do_GET(self) -> None:
        if self.server.silent:
            self.close_connection = True
            return
        file = self._file()
        if file is None:
            self.server.note(Answer(self.path, HTTPStatus.NOT_FOUND, 0))
            self._head(HTTPStatus.NOT_FOUND, {"Content-Length": "0"})
            return
        state = file.stat()
        tag = '"' + hashlib.sha256(f"{file}{state.st_mtime_ns}{state.st_size}".encode()).hexdigest()[:20] + '"'
        known = self.server.public and file.name != "index.json"
        headers = {
            "ETag": tag,
            "Last-Modified": formatdate(state.st_mtime, usegmt=True),
            "Cache-Control": FOREVER if known else cache_control(self.path),
        }
        if self.headers.get("If-None-Match") == tag:
            self.server.note(Answer(self.path, HTTPStatus.NOT_MODIFIED, 0))
            self._head(HTTPStatus.NOT_MODIFIED, headers)
            return
        kind = SIMPLE if file.name == "index.json" else SiteHandler.extensions_map.get(file.suffix.lower())
        headers |= {"Content-Type": kind or "application/octet-stream", "Content-Length": str(state.st_size)}
        if file.suffix == ".html":
            headers["Content-Type"] = "text/html; charset=utf-8"
        # Before it is sent: who has it all must find it counted.
        self.server.note(Answer(self.path, HTTPStatus.OK, state.st_size))
        self._head(HTTPStatus.OK, headers)
        with file.open("rb") as content:
            self.connection.sendfile(content)

    def _file(self) -> Path | None:
        path = self.server.directory / unquote(urlsplit(self.path).path).lstrip("/")
        if ".." in path.parts:
            return None
        candidates = (path / "index.html", path / "index.json") if path.is_dir() else (path,)
        return next((file for file in candidates if file.is_file()), None)

    def _head(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.server.public:
            self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the terminal for what the user has to read."""
