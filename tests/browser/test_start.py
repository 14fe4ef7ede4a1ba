"""How Python starts: from an image where that can be, from one that is here already on the next page, and else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import OpenSite
from tests.browser.live_page import START_TIMEOUT, LivePage, Traffic
from tools.serve import SiteServer

DRAWN = """
import random, secrets, tempfile, time, uuid
import numpy as np
print(random.random(), np.random.rand(), np.random.default_rng().random(), secrets.token_hex(8), uuid.uuid4(),
      tempfile.mktemp())
"""


def how_it_started(live: LivePage) -> str:
    """Run the first cell, and return what the debug log says that Python was started from."""
    with live.page.expect_console_message(lambda message: "Python started in" in message.text) as said:
        live.press_run(1)
    live.wait_status(1, "live", "error", timeout=START_TIMEOUT)
    return said.value.text.partition(" s from ")[2]


def run_code(live: LivePage, code: str) -> str:
    """Run code in the place of the first cell's, and return what it printed."""
    live.page.evaluate("(code) => { liveviz.manifest.cells[0].code = code; }", code)
    live.press_run(1)
    live.wait_status(1, "live", "error", timeout=START_TIMEOUT)
    assert live.status(1) == "live", live.cell(1).inner_text()
    return live.output(1).inner_text()


@pytest.mark.parametrize("path", ["plain.html", "bokeh.html", "panel.html", "matplotlib.html"])
def test_python_starts_from_an_image_and_fetches_no_wheel(
    demo_site: SiteServer, open_site: OpenSite, path: str
) -> None:
    live = open_site(demo_site).open(path)
    assert how_it_started(live) == "an image"
    assert live.traffic.of("/memory.pack")
    assert live.traffic.of(".whl") == []


def test_nothing_that_was_drawn_at_random_is_the_same_for_two_readers(
    demo_site: SiteServer, open_site: OpenSite
) -> None:
    drawn = [run_code(open_site(demo_site).open("matplotlib.html"), DRAWN).split() for _ in range(2)]
    assert len(drawn[0]) == 6
    assert [one for one, other in zip(*drawn, strict=True) if one == other] == []


def test_time_is_that_of_the_reader(demo_site: SiteServer, browser: Browser) -> None:
    code = "import datetime; print(datetime.datetime(2026, 7, 1, 12).astimezone().utcoffset())"
    context = browser.new_context(timezone_id="Asia/Tokyo")
    live = LivePage(context.new_page(), demo_site.url, Traffic(""))
    assert run_code(live.open("plain.html"), code).strip() == "9:00:00"
    context.close()


def test_an_image_that_is_damaged_is_done_without(demo_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(demo_site)
    live.page.context.route("**/memory.pack", lambda route: route.fulfill(body=b"no gzip"))
    assert re.match(r"packages, because \w+", how_it_started(live.open("plain.html")))
    assert live.status(1) == "live"


MISSING = """
import matplotlib
try:
    from PIL import _tkinter_finder
except ImportError as error:
    missing = error
open(matplotlib.get_data_path() + "/sample_data/topobathy.npz")
"""


@pytest.mark.parametrize("image", [True, False])
def test_a_file_that_lean_wheels_lack_is_named_with_the_way_to_keep_it(
    demo_site: SiteServer, open_site: OpenSite, image: bool
) -> None:
    live = open_site(demo_site)
    if not image:
        live.page.context.route("**/memory.pack", lambda route: route.fulfill(body=b"no gzip"))
    live.open("matplotlib.html")
    cells = [MISSING, "raise missing"]
    live.page.evaluate("(cells) => cells.forEach((code, i) => { liveviz.manifest.cells[i].code = code; })", cells)
    live.page.evaluate("liveviz.manifest.cells[0].raises = ''")
    live.press_run(2)
    live.wait_status(2, "error", "failed", timeout=START_TIMEOUT)
    for number, pattern in ((1, "matplotlib/mpl-data/sample_data/topobathy.npz"), (2, "PIL/_tkinter_finder.*")):
        assert f'liveviz_keep = ["{pattern}"]' in live.output(number).locator(".live-error").inner_text()


def test_the_site_says_what_its_wheels_lack(demo_site: SiteServer) -> None:
    [record] = demo_site.directory.glob("_static/liveviz/immutable/dropped-*/liveviz-dropped.json")
    dropped = json.loads(record.read_text(encoding="utf-8"))
    assert "matplotlib/mpl-data/sample_data/topobathy.npz" in dropped["matplotlib"]
    assert "PIL/_tkinter_finder.py" in dropped["pillow"]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Give a profile in which pages may share a worker."""
    context = browser.new_context()
    yield context
    context.close()


def open_page(page: Page, site: SiteServer, path: str) -> LivePage:
    live = LivePage(page, site.url, Traffic(""), shared=True)
    return live.open(path)


def test_the_next_page_gets_an_interpreter_that_nobody_has_used(demo_site: SiteServer, context: BrowserContext) -> None:
    page = context.new_page()
    first = open_page(page, demo_site, "plain.html")
    assert how_it_started(first) == "an image"
    run_code(first, "import sys; sys.left_behind = 1; left_behind = 1")
    second = open_page(page, demo_site, "errors.html")
    assert how_it_started(second) in {"an interpreter that was ready", "an image that was here"}
    printed = run_code(second, "import sys; print(hasattr(sys, 'left_behind'), 'left_behind' in globals())")
    assert printed.strip() == "False False"


def test_two_tabs_do_not_share_an_interpreter(demo_site: SiteServer, context: BrowserContext) -> None:
    first = open_page(context.new_page(), demo_site, "plain.html")
    run_code(first, "import sys; sys.of_first = 1")
    second = open_page(context.new_page(), demo_site, "plain.html")
    assert run_code(second, "import sys; print(hasattr(sys, 'of_first'))").strip() == "False"
    assert run_code(first, "import sys; print(hasattr(sys, 'of_first'))").strip() == "True"


def test_a_page_that_leaves_python_computing_does_not_keep_the_next_one_waiting(
    demo_site: SiteServer, context: BrowserContext
) -> None:
    page = context.new_page()
    first = open_page(page, demo_site, "plain.html")
    first.page.evaluate("liveviz.manifest.cells[0].code = 'while True: pass'")
    first.press_run(1)
    first.wait_status(1, "running", timeout=START_TIMEOUT)
    second = open_page(page, demo_site, "errors.html")
    assert run_code(second, "print('here')").strip() == "here"
