"""The plotting libraries, static and live, in the page, and what each page loads for them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import ROOT, BuildSite, OpenSite
from tests.browser.live_page import LivePage
from tools.serve import SiteServer

DRAWN = """() => [...document.querySelectorAll(".live-mime[data-mime]")].every(
  (one) => !one.querySelector(':scope > script[type="application/json"]') || one.dataset.status === "rendered")"""
PLOTLY = ".js-plotly-plot .bars .point"


@pytest.fixture(scope="module")
def charts_site(build_site: BuildSite) -> SiteServer:
    """Serve ``tests/roots/charts``."""
    return build_site(ROOT / "tests" / "roots" / "charts")


def _scripts(live: LivePage) -> set[str]:
    """Return the names of the libraries' scripts that a page has loaded."""
    return {url.rpartition("/")[2].partition("?")[0] for url in live.traffic.of("/immutable/") if ".js" in url}


def test_a_page_loads_the_scripts_of_what_it_shows_only(charts_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(charts_site).open("matplotlib.html")
    live.page.wait_for_function("globalThis.liveviz !== undefined")
    assert live.output(1).locator("img").is_visible()
    assert _scripts(live) == set()

    live = open_site(charts_site).open("bokeh.html")
    live.page.wait_for_function(DRAWN)
    (script,) = _scripts(live)
    assert script.startswith("bokeh-3")


def test_charts_are_the_same_static_and_live(charts_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(charts_site).open("index.html")
    live.page.wait_for_function(DRAWN)
    _see(live)
    assert not live.traffic.of("tabulator.min.js")

    for number in range(1, 7):
        live.run(number)
    _see(live)

    # The page had no Tabulator. What draws it is in the site all the same, and comes when Python asks for it.
    live.click(3, "More")
    live.output(3).locator(".tabulator-cell[tabulator-field=rain]").first.wait_for()
    assert live.traffic.of("tabulator.min.js")
    # Python draws the curve of the phase that the slider has.
    live.slider(4).focus()
    live.page.keyboard.press("ArrowRight")
    live.wait_text(live.output(4), "phase: 1")
    # A tap reaches Python as a place in the plot.
    live.page.mouse.click(*_middle(live, 6))
    live.page.wait_for_function("() => bokehModels('Title').some(({ text }) => /^At [0-26]$/.test(text))")
    # Panel's Plotly pane is resized when its place is hidden, which may be before it has drawn anything.
    live.complaints[:] = [line for line in live.complaints if "resize_layout" not in line]


def _see(live: LivePage) -> None:
    """Look at what is there with and without Python."""
    assert live.output(1).locator(PLOTLY).count() == 2 * 3
    assert live.output(1).get_by_text("Hours of sun").is_visible()
    assert live.output(2).locator("svg.marks").is_visible()
    assert live.output(2).locator(".vega-actions").count() == 0
    button = live.output(3).get_by_role("button", name="More", exact=True)
    button.wait_for()
    assert button.evaluate("(one) => getComputedStyle(one).letterSpacing") == "3px"
    live.wait_text(live.output(4), "phase: 0")
    live.output(5).locator(".js-plotly-plot").wait_for()
    live.wait_text(live.output(5), "By Plotly")
    live.output(6).locator("canvas").first.wait_for()


def _middle(live: LivePage, number: int) -> tuple[float, float]:
    canvas = live.output(number).locator(".bk-Canvas, canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 3, box["y"] + box["height"] / 2


def test_vega_needs_no_code_made_of_text(charts_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(charts_site)

    def strict(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, headers={**response.headers, "content-security-policy": "script-src 'self'"})

    live.page.route("**/index.html", strict)
    live.page.goto(f"{live.base}index.html")
    live.output(2).locator("svg.marks").wait_for()
    live.complaints.clear()  # of the theme's scripts, and of other libraries


def test_embedded_states_need_no_python_not_even_a_server(charts_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(charts_site.directory.as_uri() + "/").open("embed.html")
    live.page.wait_for_function(DRAWN)
    for number, text in ((1, "2 squared is 4"), (2, "prime: 3")):
        live.slider(number).focus()
        live.page.keyboard.press("ArrowRight")
        live.wait_text(live.output(number), text)

    live = open_site(charts_site).open("embed.html")
    live.run(1)
    live.slider(1).focus()
    for _ in range(6):
        live.page.keyboard.press("ArrowRight")
    live.wait_text(live.output(1), "7 squared is 49")


def test_what_the_page_tells_python_of_plots_arrives(charts_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(charts_site).open("more.html")
    live.page.wait_for_function(DRAWN)
    live.wait_text(live.output(2), "16")
    live.wait_text(live.output(3), "5001")
    live.output(4).locator("img").wait_for()
    live.output(5).locator(".bk-DataTable").first.wait_for()
    assert live.traffic.of("/bokeh-mathjax-")

    live.run(6)
    for number in range(1, 6):
        assert live.status(number) == "live"
    assert live.output(1).locator(".live-stderr").count() == 0
    left, top = _middle(live, 1)
    live.page.mouse.move(left, top - 80)
    live.page.mouse.down()
    live.page.mouse.move(left + 150, top + 80, steps=4)
    live.page.mouse.up()
    live.output(1).get_by_text("seen: True").first.wait_for()
    live.output(1).get_by_text(re.compile(r"^chosen: [1-9]")).first.wait_for()
    live.slider(2).focus()
    live.page.keyboard.press("ArrowRight")
    live.wait_text(live.output(2), "25")
    live.wait_text(live.output(3), "6001")
    live.output(5).locator(".slick-cell.r1").nth(1).click()
    live.wait_text(live.output(5), "picked: [1]")
    assert live.output(6).locator(".bars .point").count() == 3
    live.click(6, "add")
    live.output(6).locator(".bars .point").nth(3).wait_for(state="attached")
