"""The server of ``make demo`` and of the browser tests caches as the README says."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tools.serve import SiteServer, serving


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SiteServer]:
    """Serve a page and a file whose name tells its content."""
    (tmp_path / "_static/liveviz/immutable").mkdir(parents=True)
    (tmp_path / "_static/liveviz/immutable/kernel-1.zip").write_text("kernel")
    (tmp_path / "index.html").write_text("first")
    with serving(tmp_path) as server:
        yield server


def _get(site: SiteServer, path: str, tag: str | None = None) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", site.server_port)
    try:
        connection.request("GET", path, headers={"If-None-Match": tag} if tag else {})
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "cached"),
    [
        ("/", "no-cache"),
        ("/index.html", "no-cache"),
        ("/_static/liveviz/immutable/kernel-1.zip", "public, max-age=31536000, immutable"),
        ("/_static/liveviz/immutable/gone.zip", None),
    ],
)
def test_what_tells_its_content_may_be_kept_and_all_else_is_asked_for_again(
    site: SiteServer, path: str, cached: str | None
) -> None:
    assert _get(site, path)[0].headers["Cache-Control"] == cached


@pytest.mark.parametrize("path", ["/", "/index.html", "/_static/liveviz/immutable/kernel-1.zip"])
def test_who_has_the_file_is_told_so(site: SiteServer, path: str) -> None:
    tag = _get(site, path)[0].headers["ETag"]
    response, body = _get(site, path, tag)
    assert (response.status, body, response.headers["ETag"]) == (304, "", tag)


def test_a_file_that_was_rebuilt_at_once_is_another(site: SiteServer) -> None:
    tag = _get(site, "/")[0].headers["ETag"]
    (site.directory / "index.html").write_text("after")
    response, body = _get(site, "/", tag)
    assert (response.status, body) == (200, "after")
