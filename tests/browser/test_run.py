"""Pressing Run: what becomes live, in which order, and what happens when something cannot be had."""

from __future__ import annotations

import pytest
from playwright.sync_api import Request, Route

from tests.browser.conftest import OpenSite
from tests.browser.live_page import START_TIMEOUT
from tools.serve import SiteServer

CELLS = {"index.html": 1, "plain.html": 3, "matplotlib.html": 2, "bokeh.html": 1, "panel.html": 1, "holoviews.html": 1}


@pytest.mark.parametrize("path", CELLS)
def test_every_demo_page_runs_live_without_leaving_its_origin(
    demo_site: SiteServer, open_site: OpenSite, path: str
) -> None:
    live = open_site(demo_site).open(path)
    live.run(CELLS[path])
    assert {live.status(number) for number in range(1, CELLS[path] + 1)} == {"live"}
    assert len(live.traffic.inside) > 0
    assert live.traffic.of("pyodide.asm.wasm"), "the worker's requests are not among those that were counted"
    assert live.traffic.outside == []


def test_a_live_cell_says_which_versions_are_not_those_of_the_build(demo_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(demo_site).open("index.html")
    note = live.cell(1).locator(".live-drift")
    assert note.count() == 0
    live.run(1)
    drift = live.page.evaluate("liveviz.manifest.cells[0].drift")
    assert "numpy" in [name for name, _, _ in drift]
    said = "; ".join(f"Built with {name} {built}, live runs {now}" for name, built, now in drift)
    assert note.inner_text() == said
    live.cell(1).get_by_role("button", name="Run").click()
    live.wait_status(1, "live")
    assert note.count() == 1


def test_cells_above_run_first(demo_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(demo_site).open("plain.html")
    output = live.run(2)
    assert live.status(1) == "live"
    assert live.status(3) == "static"
    assert "'quick', 'brown'" in output.inner_text()


def test_a_page_of_plain_python_loads_neither_bokeh_nor_panel(demo_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(demo_site).open("plain.html")
    live.run(3)
    assert [url for part in ("/assets/", "bokeh-", "panel-", "numpy-") for url in live.traffic.of(part)] == []


def test_an_expected_error_is_shown_and_the_next_cell_runs(demo_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(demo_site).open("errors.html")
    live.run(2)
    assert live.output(2).inner_text().strip() == "3.0"
    assert "the mean of no values is..." in live.output(1).inner_text()
    error = live.output(1).locator(".live-error").inner_text()
    assert "ZeroDivisionError: division by zero" in error
    # The traceback speaks of the document, as the one of the build does.
    assert 'errors.rst", line ' in error


def test_the_live_error_is_the_static_one(demo_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(demo_site).open("errors.html")
    static = live.output(1).locator(".live-error").inner_text()
    live.press_run(1)
    live.wait_status(1, "live", "error")
    assert live.output(1).locator(".live-error").inner_text().splitlines()[-1] == static.splitlines()[-1]
    assert [line for line in static.splitlines() if "errors.rst" in line] == [
        line for line in live.output(1).locator(".live-error").inner_text().splitlines() if "errors.rst" in line
    ]


def test_output_streams_while_the_cell_runs(sync_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(sync_site).open("output.html")
    live.page.evaluate(
        """() => {
            const cell = document.querySelector('.live-cell[data-number="1"]');
            const look = () => seen.push([cell.dataset.status, cell.querySelector(".live-output")?.innerText ?? ""]);
            globalThis.seen = [];
            new MutationObserver(look)
                .observe(cell, {attributes: true, childList: true, characterData: true, subtree: true});
        }"""
    )
    output = live.run(1)
    seen = [text for status, text in live.page.evaluate("seen") if status != "live"]
    assert any("one" in text and "two" not in text for text in seen)
    assert any("two" in text and "three" not in text for text in seen)
    assert output.locator(".live-stdout").first.inner_text().strip() == "one"
    assert output.locator(".live-stderr").inner_text().strip() == "two"


def test_a_static_cell_is_never_live(sync_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(sync_site).open("output.html")
    assert live.cell(3).get_by_role("button", name="Run").count() == 0
    live.run(4)
    assert live.status(3) == "static"
    assert "this one is never live" in live.output(3).inner_text()
    assert "this one is, 3.12" in live.output(4).inner_text()


def test_running_again_replaces_the_output(sync_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(sync_site).open("output.html")
    first = live.run(4).inner_text()
    assert live.run(4).inner_text() == first


def test_front_ends_that_the_build_never_saw_come_from_the_site_too(sync_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(sync_site).open("unseen.html")
    assert live.traffic.of("/assets/") == []
    output = live.run(2)
    live.wait_text(live.output(1), "number")
    live.wait_text(output, "hello world")
    assert live.traffic.outside == []


@pytest.mark.parametrize("path", ["index.html", "panel.html", "errors.html"])
def test_nothing_below_jumps_when_live_output_takes_its_place(
    demo_site: SiteServer, open_site: OpenSite, path: str
) -> None:
    live = open_site(demo_site).open(path)
    live.output(1).locator("canvas, .live-error").first.wait_for()
    live.page.evaluate(
        """() => {
            const below = document.querySelector('.live-cell[data-number="1"] ~ p');
            globalThis.tops = [];
            const look = () => { tops.push(below.getBoundingClientRect().top + scrollY); requestAnimationFrame(look); };
            look();
        }"""
    )
    live.press_run(1)
    live.wait_status(1, "live", "error")
    live.page.wait_for_function("(count) => tops.length > count + 10", arg=live.page.evaluate("tops.length"))
    tops = live.page.evaluate("tops")
    assert max(tops) - min(tops) <= 8


def test_a_missing_wheel_is_named_and_retry_works(demo_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(demo_site).open("matplotlib.html")
    blocked: list[str] = []

    def block(route: Route, request: Request) -> None:
        blocked.append(request.url)
        route.abort()

    picture = live.output(1).locator("img").get_attribute("src")
    # Without its image the page starts from packages.
    live.page.context.route("**/memory.pack", block)
    live.page.context.route("**/numpy-*.whl", block)
    with live.expected_complaints("numpy"):
        live.press_run(1)
        live.wait_status(1, "failed")
    assert blocked
    assert "numpy" in live.cell(1).inner_text(), "the card does not say what could not be had"
    assert live.output(1).locator("img").first.get_attribute("src") == picture, "the static output is gone"

    live.page.context.unroute("**/numpy-*.whl", block)
    live.cell(1).get_by_role("button", name="again").click()
    live.wait_status(1, "live", timeout=START_TIMEOUT)
    assert live.output(1).locator("img").first.get_attribute("src") != picture


def test_pure_python_is_live_on_pyodide_314(pure_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(pure_site).open("index.html")
    output = live.run(2)
    assert "area 48" in output.inner_text()
    assert "Python 3.14 on emscripten" in live.output(1).inner_text()
    # Settings of the site, magics, and what stands in for IPython, which the page does not load.
    settings = "{'matplotlib_format': ['svg', 'png']}"
    assert live.output(3).locator("b").inner_text() == settings
    output = live.run(3)
    assert output.locator("b").inner_text() == settings
    assert "Wall time: " in output.inner_text()
    assert live.traffic.of("ipython") == []
    assert [url for part in ("/assets/", "bokeh-", "panel-") for url in live.traffic.of(part)] == []


def test_json_that_a_bundled_script_draws_is_drawn_before_and_after_run(
    pure_site: SiteServer, open_site: OpenSite
) -> None:
    live = open_site(pure_site).open("drawn.html")
    bars = live.output(1).locator("svg path[aria-roledescription=bar]")
    bars.first.wait_for()
    assert bars.count() == 5
    assert len(live.traffic.of("/vega.js")) == 1
    live.run(1)
    bars.first.wait_for()
    assert bars.count() == 5
    assert len(live.traffic.of("/vega.js")) == 1
    plain = open_site(pure_site).open("index.html")
    assert plain.traffic.of("/vega.js") == []
    plain.run(1)
    assert plain.traffic.of("/vega.js") == []
