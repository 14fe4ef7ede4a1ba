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
from tests.browser.live_page import START_TIMEOUT
from tests.browser.test_start import how_it_started, run_code
from tools.serve import SiteServer

TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}


def test_a_cell_is_live_with_files_of_public_hosts_and_next_time_from_a_snapshot(
    build_site: BuildSite, demo_site: SiteServer, open_site: OpenSite
) -> None:
    site = build_site(ROOT / "tests" / "roots" / "cdn")
    (lock_file,) = site.directory.rglob("pyodide-lock.json")
    lock = json.loads(lock_file.read_bytes())
    wheels = {
        package["file_name"].rpartition("/")[2]: Cache.of_user().find(
            package["sha256"], package["file_name"].rpartition("/")[2]
        )
        for package in lock["packages"].values()
    }
    asked: list[str] = []

    def answer(route: Route, request: Request) -> None:
        name = Path(urlsplit(request.url).path).name
        asked.append(request.url)
        copy = wheels.get(name) or next(demo_site.directory.rglob(name))
        body = copy.read_bytes()
        kind = TYPES.get(Path(name).suffix, "application/octet-stream")
        route.fulfill(body=body, headers={"Access-Control-Allow-Origin": "*", "Content-Type": kind})

    live = open_site(site)
    live.page.context.route(lambda url: not url.startswith(site.url), answer)
    live.open("index.html")
    with live.page.expect_console_message(lambda message: "a snapshot of" in message.text, timeout=START_TIMEOUT):
        live.wait_text(live.run(1), "'10 by 2.0.2'")
    names = {Path(urlsplit(url).path).name.partition("-")[0] for url in asked}
    assert {"pyodide.asm.wasm", "python_stdlib.zip", "numpy"} <= names
    assert not live.traffic.of("pyodide.asm.wasm")
    # Wheels that pip has from a directory of the author's are on no public host: they lie beside the lock.
    assert "param" in names or live.traffic.of("/param-")
    asked.clear()
    live.open("index.html")
    assert how_it_started(live) == "a snapshot of this browser's own"
    live.wait_text(live.output(1), "'10 by 2.0.2'")
    assert not any("numpy" in url for url in asked)
    # What lean wheels lack is in the snapshot of full ones.
    assert run_code(live, "import numpy\nprint('def ' in open(numpy.__file__ + 'i').read())").strip() == "True"
