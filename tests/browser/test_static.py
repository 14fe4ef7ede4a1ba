"""What a reader sees before pressing anything, from a server and from disk."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenSite
from tests.browser.live_page import LivePage
from tools.serve import SiteServer

# page -> (what must be visible in which cell)
PAGES = {
    "index.html": [(1, "canvas"), (1, ".noUi-handle")],
    "plain.html": [(1, "text=9 words"), (1, "text=this line goes to stderr"), (2, "text=quick"), (3, "text=lift-off")],
    "gallery.html": [
        (1, "text=11.3"),
        (2, "img"),
        (3, "td"),
        (4, "summary"),
        (7, "audio"),
        (8, "canvas"),
        (9, "text=Strongest"),
    ],
    "matplotlib.html": [(1, "img"), (2, "text=standard deviation 4.8")],
    "bokeh.html": [(1, "canvas"), (1, ".noUi-handle"), (1, "button:has-text('Walk on')")],
    "panel.html": [(1, "text=30 years"), (1, "canvas"), (1, ".noUi-handle")],
    "holoviews.html": [(1, "canvas")],
    "widgets.html": [(1, "img"), (1, ".noUi-handle"), (2, "text=Python has seen nothing yet")],
    "errors.html": [(1, "text=ZeroDivisionError"), (1, "text=the mean of no values is"), (2, "text=3.0")],
}


def look(live: LivePage, path: str) -> None:
    live.open(path)
    for number, selector in PAGES[path]:
        shown = live.output(number).locator(selector).first
        shown.wait_for(state="visible")
        box = shown.bounding_box()
        assert box is not None
        assert box["width"] > 5
        assert box["height"] > 5
    for cell in live.page.locator(".live-cell").all():
        assert cell.get_attribute("data-status") == "static"


@pytest.mark.parametrize("path", PAGES)
def test_every_cell_shows_its_output_before_any_run(demo_site: SiteServer, open_site: OpenSite, path: str) -> None:
    live = open_site(demo_site)
    look(live, path)
    assert not live.traffic.of("pyodide"), "the page loads Pyodide unasked"


@pytest.mark.parametrize("path", PAGES)
def test_every_cell_shows_its_output_from_disk(demo_site: SiteServer, open_site: OpenSite, path: str) -> None:
    look(open_site(f"{demo_site.directory.as_uri()}/"), path)


def test_a_page_without_cells_loads_nothing_of_ours(demo_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(demo_site).open("about.html")
    assert live.traffic.inside
    assert live.traffic.of("liveviz") == []
    assert live.page.evaluate("[typeof globalThis.liveviz, typeof globalThis.Bokeh]") == ["undefined", "undefined"]
    html = (demo_site.directory / "about.html").read_text(encoding="utf-8")
    assert "_static/liveviz" not in html


@pytest.mark.parametrize("path", ["genindex.html", "search.html"])
def test_pages_without_a_document_load_nothing_of_ours(demo_site: SiteServer, open_site: OpenSite, path: str) -> None:
    assert open_site(demo_site).open(path).traffic.of("liveviz") == []


def test_bokehjs_is_loaded_only_where_it_is_shown(demo_site: SiteServer, open_site: OpenSite) -> None:
    wanted = {"plain.html": (0, 0), "matplotlib.html": (0, 0), "bokeh.html": (1, 0), "panel.html": (1, 1)}
    for path, (bokeh, panel) in wanted.items():
        live = open_site(demo_site).open(path)
        assert bool(live.traffic.of("/assets/bokeh-")) == bool(bokeh), path
        assert bool(live.traffic.of("/assets/panel-")) == bool(panel), path


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways(demo_site: SiteServer, open_site: OpenSite, path: str, width: int) -> None:
    live = open_site(demo_site)
    live.page.set_viewport_size({"width": width, "height": 800})
    look(live, path)
    assert live.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
