"""What begins when a reader seems about to press Run, and what does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import OpenSite
from tests.browser.live_page import START_TIMEOUT, LivePage
from tools.serve import SiteServer

COUNT_WORKERS = """
globalThis.workers = 0;
globalThis.Worker = class extends Worker {
  constructor(...args) { super(...args); workers += 1; }
};
"""
SAVE_DATA = "Object.defineProperty(navigator, 'connection', {value: {saveData: true}});"

Approach = Callable[[LivePage], None]


def hover(live: LivePage) -> None:
    live.cell(1).get_by_role("button", name="Run").hover()


def focus(live: LivePage) -> None:
    live.cell(1).get_by_role("button", name="Run").focus()


def started_ahead(live: LivePage, approach: Approach) -> None:
    """Approach Run, and wait until Python is there."""
    with live.page.expect_console_message(lambda one: "Python started in" in one.text, timeout=START_TIMEOUT):
        approach(live)


def open_with_timers(live: LivePage) -> LivePage:
    """Open a page whose timers run when the test says so."""
    live.page.add_init_script(COUNT_WORKERS)
    live.page.clock.install()
    return live.open("plain.html")


def let_timers_run(live: LivePage) -> None:
    """Let the time pass that a pointer must stay, with the scripts there, and all that follows at once."""
    live.page.evaluate("import(new URL('session.js', new URL(liveviz.manifest.live, document.baseURI)).href)")
    live.page.clock.run_for(150)
    live.page.evaluate("() => {}")


@pytest.mark.parametrize("approach", [hover, focus])
def test_python_is_started_once_and_runs_nothing_until_run_is_pressed(
    demo_site: SiteServer, open_site: OpenSite, approach: Approach
) -> None:
    live = open_site(demo_site).open("plain.html")
    assert live.traffic.of("/live-") == []
    shown = live.cell(1).inner_html()
    started_ahead(live, approach)
    assert live.status(1) == "static"
    assert live.cell(1).inner_html() == shown
    live.run(1)
    assert "9 words" in live.output(1).inner_text()
    assert [len(live.traffic.of(name)) for name in ("/session.js", "/worker.js", "/memory.pack")] == [1, 1, 1]


def test_a_pointer_that_comes_near_loads_the_scripts_and_one_that_passes_no_more(
    demo_site: SiteServer, open_site: OpenSite
) -> None:
    live = open_with_timers(open_site(demo_site))
    box = live.cell(1).locator(".live-toolbar").bounding_box()
    assert box is not None
    with live.page.expect_response("**/session.js"):
        live.page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    hover(live)
    live.page.mouse.move(0, 0)
    let_timers_run(live)
    assert live.page.evaluate("workers") == 0


@pytest.mark.parametrize("saving", [False, True])
def test_readers_who_save_data_are_not_sent_python_unasked(
    demo_site: SiteServer, open_site: OpenSite, saving: bool
) -> None:
    live = open_site(demo_site)
    if saving:
        live.page.add_init_script(SAVE_DATA)
    open_with_timers(live)
    hover(live)
    let_timers_run(live)
    assert live.page.evaluate("workers") == (0 if saving else 1)


def test_a_start_ahead_that_fails_is_silent_and_run_tries_again(demo_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(demo_site).open("plain.html")
    live.page.context.route("**/worker.js", lambda route: route.abort())
    with live.page.expect_console_message(lambda one: "could not be started ahead" in one.text):
        hover(live)
    assert live.status(1) == "static"
    assert live.page.locator(".live-card").count() == 0
    with live.expected_complaints("worker.js"):
        live.press_run(1)
        live.wait_status(1, "failed")
    live.page.context.unroute("**/worker.js")
    live.cell(1).get_by_role("button", name="again").click()
    live.wait_status(1, "live", timeout=START_TIMEOUT)


def test_scripts_that_could_not_be_loaded_ahead_are_asked_for_again_by_run(
    demo_site: SiteServer, open_site: OpenSite
) -> None:
    live = open_site(demo_site).open("plain.html")
    live.page.context.route("**/session.js", lambda route: route.abort())
    with (
        live.expected_complaints("ERR_FAILED"),
        live.page.expect_console_message(lambda one: "could not be loaded ahead" in one.text),
    ):
        hover(live)
    assert live.status(1) == "static"
    live.run(1)
    assert live.page.locator(".live-card").count() == 0
