"""The second visit: what a reader's browser keeps, when it lets go of it, and what works without a network."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error

from tests.browser.conftest import ROOT, sphinx
from tests.browser.live_page import REPLY_TIMEOUT, LivePage, Traffic
from tools.serve import SiteServer, serving

WORKER = "liveviz-sw.js"
PACKAGE = ROOT / "sphinxext_liveviz"


class Project:
    """A copy of ``tests/roots/offline`` and its site, served below a path as hosts of many projects do.

    Parameters
    ----------
    directory : Path
        Holds ``source``, ``doctrees`` and, in ``host``, the site.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.site = directory / "host" / "project"
        self._stack = ExitStack()
        self._server: SiteServer | None = None

    def build(self, *options: str, package: Path | None = None) -> None:
        """Build anew, in place; with the copy of the package that lies in ``package``, where one is given."""
        sphinx(self.directory / "source", self.directory / "doctrees", self.site, *options, cwd=package or ROOT)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text in a document."""
        path = self.directory / "source" / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    @property
    def server(self) -> SiteServer:
        """The host, started when it is first asked for."""
        if self._server is None:
            self._server = self._stack.enter_context(serving(self.site.parent))
        return self._server

    @property
    def url(self) -> str:
        """Address of the site."""
        return f"{self.server.url}project/"

    def stop(self) -> None:
        """Take the host from the network."""
        self._stack.close()

    def asked(self, part: str) -> list[str]:
        """Return the requests so far whose path contains ``part``."""
        return [path for path, _ in self.server.requests if part in path]


class Reader:
    """Someone with a browser profile of their own.

    The traffic is not routed through the test, as it is elsewhere: what a service worker answers or asks for would not
    pass there.
    """

    def __init__(self, browser: Browser, project: Project) -> None:
        self.context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 900})
        self.project = project
        self.said: list[str] = []
        self.pages: list[LivePage] = []

    def open(self, path: str) -> LivePage:
        """Open a page of the site in a new tab."""
        live = LivePage(self.context.new_page(), self.project.url, Traffic(""))
        live.page.on("console", lambda message: self.said.append(message.text) if message.type == "debug" else None)
        self.pages.append(live)
        return live.open(path)

    def visit_live(self, path: str, number: int = 1) -> tuple[LivePage, str]:
        """Open a page, run a cell, and wait until the page says what is stored; return that too."""
        live = self.open(path)
        with live.page.expect_console_message(lambda message: "for offline use" in message.text) as said:
            live.run(number)
        return live, said.value.text

    def close_tabs(self) -> None:
        """Close all tabs."""
        for live in self.pages:
            live.page.close()

    def leave(self) -> list[str]:
        """Close the profile; return what the console complained of."""
        complaints = [line for live in self.pages for line in live.complaints]
        self.context.close()
        return complaints


def state(live: LivePage) -> dict[str, Any]:
    """Return the registrations and the names of the caches of the page's origin."""
    found: dict[str, Any] = live.page.evaluate(
        """async () => ({
            workers: (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope),
            caches: await caches.keys(),
        })"""
    )
    return found


def stored(live: LivePage) -> list[str]:
    """Return what the caches hold, as paths in the site."""
    urls: list[str] = live.page.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async (name) => {
            const cache = await caches.open(name);
            return (await cache.keys()).map(({ url }) => url);
        }))).flat()"""
    )
    return [url.removeprefix(live.base) for url in urls]


def wait_until(live: LivePage, condition: str) -> None:
    """Wait until an asynchronous function of the page gives something true; playwright's own way awaits none."""
    live.page.evaluate(
        f"""async () => {{
            const began = performance.now();
            while (!(await ({condition})())) {{
                if (performance.now() - began > {REPLY_TIMEOUT}) throw new Error("it is not so in time");
                await new Promise(requestAnimationFrame);
            }}
        }}"""
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site once."""
    directory = tmp_path_factory.mktemp("offline")
    shutil.copytree(ROOT / "tests" / "roots" / "offline", directory / "source")
    Project(directory).build()
    return directory


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Iterator[Project]:
    """Give a site of its own to a test."""
    shutil.copytree(built, tmp_path / "project")
    project = Project(tmp_path / "project")
    yield project
    project.stop()


@pytest.fixture
def reader(browser: Browser, project: Project) -> Iterator[Reader]:
    """Give a fresh browser profile; nothing unexpected may stand in its console."""
    reader = Reader(browser, project)
    yield reader
    complaints = reader.leave()
    assert not complaints, "the console complains:\n" + "\n".join(complaints)


def go_offline(reader: Reader) -> None:
    """Close all tabs, and take both the reader and the host from the network."""
    reader.close_tabs()
    reader.context.set_offline(True)
    reader.project.stop()


def test_after_one_live_visit_the_page_and_its_like_are_live_without_a_network(
    project: Project, reader: Reader
) -> None:
    _, said = reader.visit_live("index.html")
    assert " MB more stored" in said
    go_offline(reader)

    live = reader.open("index.html")
    assert "first on emscripten" in live.run(1).inner_text()
    live = reader.open("more.html")  # never seen before
    live.page.wait_for_function("document.querySelector('img').naturalWidth === 40")
    assert "second on emscripten" in live.run(1).inner_text()
    assert reader.open("").page.title() == reader.open("index.html").page.title()
    # Of what the reader has never run, nothing was stored on suspicion.
    assert not any("/packages/" in name or "/assets/" in name for name in stored(live))
    with pytest.raises(Error, match="ERR_"):
        live.open("plot.html")


def test_a_page_that_needs_more_brings_along_those_that_need_less(project: Project, reader: Reader) -> None:
    project.build("-D", "liveviz_snapshot=off")  # an image is for the pages of one family
    reader.visit_live("plot.html")
    go_offline(reader)
    live = reader.open("plot.html")
    live.output(1).locator("canvas").first.wait_for()
    live.run(1)
    assert live.wait_model("plot", "width", "value === 300") == 300
    assert "second on emscripten" in reader.open("more.html").run(1).inner_text()


def test_a_reader_who_runs_nothing_is_asked_for_nothing(project: Project, reader: Reader) -> None:
    live = reader.open("index.html")
    reader.open("plot.html").output(1).locator("canvas").first.wait_for()
    assert state(live) == {"workers": [], "caches": []}
    assert project.asked(WORKER) == project.asked("/immutable/live-") == []


def test_on_the_second_visit_nothing_of_python_is_fetched_again(project: Project, reader: Reader) -> None:
    reader.visit_live("index.html")
    reader.close_tabs()
    before = len(project.server.requests)
    reader.open("index.html").run(1)
    assert [path for path, _ in project.server.requests[before:] if "/immutable/" in path] == []


def test_two_deploys_are_never_mixed(project: Project, reader: Reader, tmp_path: Path) -> None:
    of_first, _ = reader.visit_live("more.html")
    reader.open("index.html").page.evaluate(
        "caches.open('not ours').then((cache) => cache.put('/x', new Response('')))"
    )
    # The image holds the kernel, and so is another one when that is.
    first = project.asked("/memory.pack")[0]
    (old,) = [name for name in state(of_first)["caches"] if name != "not ours"]

    project.edit("more.rst", "Of the first deploy", "Of the second deploy")
    project.edit("more.rst", '"second on"', '"anew on"')
    project.edit("dot.svg", 'width="40"', 'width="50"')
    shutil.copytree(PACKAGE, tmp_path / "new" / PACKAGE.name)
    with (tmp_path / "new" / PACKAGE.name / "kernel" / "core.py").open("a") as kernel:
        kernel.write("\n# of the second deploy\n")
    project.build(package=tmp_path / "new")
    assert not (project.site.parent / first.lstrip("/")).exists()

    # The host has the new one: a new tab gets it, whole, while the old worker still serves the tab of the old one.
    of_second = reader.open("more.html")
    of_second.wait_text(of_second.page.locator("p"), "Of the second deploy")
    of_second.page.wait_for_function("document.querySelector('img').naturalWidth === 50")
    assert "anew on emscripten" in of_second.run(1).inner_text()
    assert project.asked("/memory.pack")[-1] != first
    # The host has the old kernel no more, but its tab does.
    assert of_first.page.evaluate("fetch(liveviz.manifest.kernel).then(({ ok }) => ok)")
    assert old in state(of_first)["caches"]

    # Without a network, the old worker shows its own deploy, in all its parts.
    reader.context.set_offline(True)
    back = reader.open("more.html")
    back.wait_text(back.page.locator("p"), "Of the first deploy")
    back.page.wait_for_function("document.querySelector('img').naturalWidth === 40")
    reader.context.set_offline(False)
    assert "second on emscripten" in back.run(1).inner_text()

    # When nobody needs it any longer, it leaves, and what is the same in both deploys is not fetched again.
    reader.close_tabs()
    live = reader.open("about.html")
    wait_until(live, f"async () => !(await caches.keys()).includes({old!r})")
    assert len(state(live)["caches"]) == 2
    assert "not ours" in state(live)["caches"]
    assert any(name.endswith("pyodide.asm.wasm") for name in stored(live))
    assert not any("kernel-" in name and name in first for name in stored(live))
    fetched = len(project.asked("pyodide.asm.wasm"))
    live, _ = reader.visit_live("more.html")
    assert len(project.asked("pyodide.asm.wasm")) == fetched
    go_offline(reader)
    live = reader.open("more.html")
    live.wait_text(live.page.locator("p"), "Of the second deploy")
    live.page.wait_for_function("document.querySelector('img').naturalWidth === 50")
    assert "anew on emscripten" in live.run(1).inner_text()


def test_switched_off_it_removes_itself_and_nothing_else(project: Project, reader: Reader) -> None:
    live, _ = reader.visit_live("index.html")
    live.page.evaluate("caches.open('not ours')")
    assert state(live)["workers"] == [project.url]
    assert len(state(live)["caches"]) == 2

    project.build("-D", "liveviz_offline=0")
    live.open("about.html")  # any page will do, in the tab that is open
    wait_until(live, "async () => (await navigator.serviceWorker.getRegistrations()).length === 0")
    assert state(live) == {"workers": [], "caches": ["not ours"]}
    reader.close_tabs()
    asked = len(project.asked(WORKER))
    live = reader.open("index.html")
    live.run(1)
    assert state(live) == {"workers": [], "caches": ["not ours"]}
    assert len(project.asked(WORKER)) == asked


def test_a_site_that_never_had_it_costs_no_request(project: Project, reader: Reader) -> None:
    project.build("-D", "liveviz_offline=False")
    live = reader.open("index.html")
    live.run(1)
    assert state(live) == {"workers": [], "caches": []}
    assert project.asked(WORKER) == project.asked("offline.js") == []


Break = Callable[[Project, Reader], None]


def _no_script(project: Project, reader: Reader) -> None:
    (project.site / WORKER).write_text("throw new Error('broken');", encoding="utf-8")


def _no_workers(project: Project, reader: Reader) -> None:
    reader.context.add_init_script("Object.defineProperty(Navigator.prototype, 'serviceWorker', { value: undefined })")


@pytest.mark.parametrize("break_it", [_no_script, _no_workers])
def test_a_run_does_not_mind_that_there_is_no_worker(project: Project, reader: Reader, break_it: Break) -> None:
    break_it(project, reader)
    live, said = reader.visit_live("index.html")
    assert "nothing is stored for offline use" in said
    assert live.status(1) == "live"


def test_without_room_the_site_works_online_and_says_why(project: Project, reader: Reader) -> None:
    live = reader.open("index.html")
    protocol = reader.context.new_cdp_session(live.page)
    origin = project.server.url.rstrip("/")
    protocol.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 5_000_000})
    with live.page.expect_console_message(lambda message: "for offline use" in message.text) as said:
        live.run(1)
    assert "0.0 MB more stored" in said.value.text
    assert re.search("QuotaExceededError|bytes are more than", said.value.text)
    assert stored(live) == []
    reader.close_tabs()
    assert "first on emscripten" in reader.open("index.html").run(1).inner_text()


def test_when_the_store_is_lost_the_network_serves(project: Project, reader: Reader) -> None:
    live, _ = reader.visit_live("index.html")
    live.page.evaluate("caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))")
    live.open("index.html")
    assert live.page.evaluate("navigator.serviceWorker.controller !== null")
    assert "first on emscripten" in live.run(1).inner_text()
