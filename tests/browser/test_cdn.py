"""``liveviz_distribution = "cdn"``: readers fetch Pyodide and packages from their public hosts.

The hosts' answers are played by the very files: packages out of the download cache, where the demo's build put them,
and the core out of the demo's bundle.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Request, Route

from sphinxext_liveviz.runtime.cache import Cache
from tests.browser.conftest import ROOT, BuildSite, OpenSite
from tools.serve import SiteServer

TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}


def test_a_cell_is_live_with_files_of_public_hosts(
    build_site: BuildSite, demo_site: SiteServer, open_site: OpenSite
) -> None:
    site = build_site(ROOT / "tests" / "roots" / "cdn")
    lock = json.loads((site.directory / "_static" / "liveviz" / "pyodide-lock.json").read_bytes())
    wheels = {
        package["file_name"].rpartition("/")[2]: Cache.of_user().find(
            package["sha256"], package["file_name"].rpartition("/")[2]
        )
        for package in lock["packages"].values()
    }
    core = demo_site.directory / "_static" / "liveviz" / "pyodide" / "0.27.7"
    asked: list[str] = []

    def answer(route: Route, request: Request) -> None:
        name = Path(urlsplit(request.url).path).name
        asked.append(request.url)
        body = (wheels.get(name) or core / name).read_bytes()
        kind = TYPES.get(Path(name).suffix, "application/octet-stream")
        route.fulfill(body=body, headers={"Access-Control-Allow-Origin": "*", "Content-Type": kind})

    live = open_site(site)
    live.page.context.route(lambda url: not url.startswith(site.url), answer)
    live.open("index.html")
    live.wait_text(live.run(1), "'10 by 2.0.2'")
    names = {Path(urlsplit(url).path).name.partition("-")[0] for url in asked}
    assert {"pyodide.asm.wasm", "python_stdlib.zip", "numpy"} <= names
    assert not live.traffic.of("pyodide.asm.wasm")
    # Wheels that pip has from a directory of the author's are on no public host: they lie beside the lock.
    assert "param" in names or live.traffic.of("/param-")
