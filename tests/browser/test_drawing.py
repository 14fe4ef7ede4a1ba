"""While the scripts that draw are on their way: the page is ready without them, and nothing moves when they come."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Request, Route

from tests.browser.conftest import OpenSite
from tests.browser.live_page import LivePage
from tools.serve import SiteServer

LIBRARIES = "**/assets/{bokeh,panel}-*/**/*.js"
BLOCK = ".live-mime[data-mime*=bokeh]"
DRAWN = f"[...document.querySelectorAll('{BLOCK}')].every((block) => block.dataset.status === 'rendered')"

# Shifts of the layout with what moved; Chromium reports none of less than three pixels.
RECORD = """
globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    shifts.push([value, ...sources.map(({ node }) => `${node?.nodeName} ${node?.className}`)]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
DRAW = f"""async () => {{
  const block = document.querySelector('{BLOCK}');
  await liveviz.embedBokeh(JSON.parse(liveviz.localise(block.querySelector("script").textContent)), block);
}}"""
# Panel's style sheets come last, each into the shadow of what it is for.
STYLED = """() => {
  const styled = (root) => [...root.querySelectorAll("*")].every(
    (one) => (one.localName !== "link" || one.sheet) && (!one.shadowRoot || styled(one.shadowRoot)));
  return styled(document.body);
}"""
FRAMES = "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))))"


class Gate:
    """Holds a page's requests for the libraries' scripts back until it is opened."""

    def __init__(self, live: LivePage) -> None:
        self._is_open = False
        self._waiting: list[Route] = []
        live.page.route(LIBRARIES, self._hold)

    def _hold(self, route: Route) -> None:
        if self._is_open:
            route.fallback()
        else:
            self._waiting.append(route)

    def open(self) -> None:
        """Let all of them pass."""
        self._is_open = True
        for route in self._waiting:
            route.fallback()


def _open_without_libraries(live: LivePage, path: str) -> Gate:
    """Open a page as far as it comes, with its first picture painted."""
    gate = Gate(live)
    live.page.goto(live.base + path, wait_until="domcontentloaded")
    live.page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    live.page.evaluate(FRAMES)
    return gate


@pytest.mark.parametrize("path", ["index.html", "bokeh.html", "panel.html", "holoviews.html"])
def test_a_page_is_ready_without_the_libraries_and_nothing_moves_for_them(
    demo_site: SiteServer, open_site: OpenSite, path: str
) -> None:
    live = open_site(demo_site)
    live.page.set_viewport_size({"width": 1280, "height": 2000})  # what is not in view does not count
    live.page.add_init_script(RECORD)
    gate = _open_without_libraries(live, path)
    assert live.page.evaluate("typeof Bokeh") == "undefined"
    live.page.evaluate("shifts.length = 0")  # the theme's own
    block = live.page.locator(BLOCK).first
    kept = block.bounding_box()
    gate.open()
    live.page.wait_for_function(DRAWN)
    live.page.wait_for_function(STYLED)
    live.page.evaluate(FRAMES)
    drawn = block.bounding_box()
    assert live.page.evaluate("shifts") == []
    assert kept is not None
    assert drawn is not None
    assert drawn["height"] > 200
    assert abs(drawn["height"] - kept["height"]) < 3
    assert block.evaluate("(block) => block.style.minHeight") == ""


def test_scripts_of_the_site_itself_are_all_that_a_static_page_needs(
    sync_site: SiteServer, open_site: OpenSite
) -> None:
    live = open_site(sync_site)

    def strict(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, headers={**response.headers, "content-security-policy": "script-src 'self'"})

    live.page.route("**/*.html", strict)
    with live.expected_complaints("inline script"):  # the theme's
        live.open("sliders.html")
    live.page.wait_for_function(DRAWN)


def test_a_library_that_cannot_be_had_is_named_and_had_the_next_time(
    demo_site: SiteServer, open_site: OpenSite
) -> None:
    live = open_site(demo_site)
    abort: Callable[[Route, Request], None] = lambda route, _: route.abort()  # noqa: E731
    live.page.route("**/bokeh-widgets-*.js", abort)
    with live.expected_complaints("bokeh-widgets"):
        live.open("bokeh.html")
        note = live.output(1).locator(".live-note")
        note.wait_for()
    live.complaints.clear()  # what the failure broke in turn
    assert "could not be drawn" in note.inner_text()
    assert "bokeh-widgets" in note.inner_text()
    box = live.page.locator(BLOCK).bounding_box()
    assert box is not None
    assert box["height"] < 200, "room is kept for what will not come"
    live.cell(1).get_by_role("button", name="Run").wait_for()
    live.page.unroute("**/bokeh-widgets-*.js")
    live.page.evaluate("liveviz.ensure({ js: liveviz.manifest.scripts })")
    live.page.evaluate(DRAW)


def test_a_library_that_another_extension_brought_is_not_loaded_again(
    demo_site: SiteServer, open_site: OpenSite
) -> None:
    live = open_site(demo_site)
    scripts: list[str] = []

    def bring(route: Route) -> None:
        response = route.fetch()
        text = response.text()
        scripts.append(next(one for one in text.split('"') if re.search(r"/bokeh-[^/]*/bokeh-3[^/]*\.min\.js$", one)))
        route.fulfill(
            response=response, body=text.replace("</head>", f'<script async src="{scripts[0]}?v=1"></script></head>')
        )

    live.page.route("**/index.html", bring)
    live.open("index.html")
    live.page.wait_for_function(DRAWN)
    assert [url.rpartition("/")[2] for url in live.traffic.of(scripts[0])] == [f"{scripts[0].rpartition('/')[2]}?v=1"]
