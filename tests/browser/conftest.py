"""Built sites, a server for each, and pages in a real Chromium."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.live_page import LivePage, Traffic
from tools.find_browser import WAY_OUT, find_browser
from tools.serve import SiteServer, serving

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "test-results"

FLAGS = [
    # What Chromium would ask of the world by itself is no request of ours.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    # A second wall behind the one in Traffic.guard: no name resolves.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

BuildSite = Callable[[Path], SiteServer]
OpenSite = Callable[[SiteServer | str], LivePage]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser, on sites whose first build asks package registries.

    Where several processes share the tests, one of them has all of these: sites are built once.
    """
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.network)
            item.add_marker(pytest.mark.xdist_group("browser"))


def sphinx(source: Path, doctrees: Path, output: Path, *options: str, cwd: Path = ROOT) -> None:
    """Build a documentation root as an author would, warnings being errors; the package in ``cwd`` comes first."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-d", str(doctrees)]
    done = subprocess.run(
        [*command, *options, str(source), str(output)], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"the build of {source.name} failed:\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="session")
def build_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuildSite]:
    """Build a documentation root and serve it."""
    with ExitStack() as stack:

        def build(source: Path) -> SiteServer:
            output = tmp_path_factory.mktemp(source.name)
            sphinx(source, output / "doctrees", output / "html")
            return stack.enter_context(serving(output / "html"))

        yield build


@pytest.fixture(scope="session")
def demo_site(build_site: BuildSite) -> SiteServer:
    """Serve ``demo_docs``, built as ``make demo`` builds it."""
    return build_site(ROOT / "demo_docs")


@pytest.fixture(scope="session")
def sync_site(build_site: BuildSite) -> SiteServer:
    """Serve ``tests/roots/sync``: every kind of traffic between Python and the page."""
    return build_site(ROOT / "tests" / "roots" / "sync")


@pytest.fixture(scope="session")
def pure_site(build_site: BuildSite) -> SiteServer:
    """Serve ``tests/roots/pure314``: Pyodide 314 with pure packages."""
    return build_site(ROOT / "tests" / "roots" / "pure314")


@pytest.fixture(scope="session")
def widgets_site(build_site: BuildSite) -> SiteServer:
    """Serve ``tests/roots/widgets``: Jupyter widgets of every kind."""
    return build_site(ROOT / "tests" / "roots" / "widgets")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium, or playwright's own.

    It ends with this package: as long as playwright's event loop lives in this thread, no other test can run one.
    """
    path = find_browser()
    if path is None:
        pytest.fail(WAY_OUT)
    # Chromium's sandbox cannot be had as root; everywhere else it stays on.
    flags = [*FLAGS, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def open_site(browser: Browser, request: pytest.FixtureRequest) -> Iterator[OpenSite]:
    """Give a fresh page on a site, or on a directory's ``file://`` address, and look after it.

    When the test ends, the page must not have asked another origin for anything, and nothing unexpected may stand in
    its console. A failed test leaves a picture of each page in ``test-results/``.
    """
    opened: list[LivePage] = []

    def open_page(site: SiteServer | str) -> LivePage:
        base = site if isinstance(site, str) else site.url
        parts = urlsplit(base)
        traffic = Traffic("" if parts.scheme == "file" else f"{parts.scheme}://{parts.netloc}")
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.route("**/*", traffic.guard)
        live = LivePage(context.new_page(), base, traffic)
        opened.append(live)
        return live

    yield open_page

    failed = any(report.failed for report in request.node.stash.get(REPORTS, []))
    outside, complaints = [], []
    for number, live in enumerate(opened):
        if failed:
            name = re.sub(r"[^\w.-]+", "-", request.node.name)
            live.page.screenshot(path=PICTURES / f"{name}-{number}.png", full_page=True)
        live.page.context.close()
        outside += live.traffic.outside
        complaints += live.complaints
    assert not outside, f"requests left the origin: {outside}"
    assert not complaints, "the console complains:\n" + "\n".join(complaints)


REPORTS = pytest.StashKey[list[pytest.TestReport]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep each phase's report where fixtures find it."""
    report = yield
    item.stash.setdefault(REPORTS, []).append(report)
    return report
