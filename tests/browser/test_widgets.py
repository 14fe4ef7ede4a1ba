"""Jupyter widgets: their own front end draws what the build has saved, and Python is behind it once a cell is live."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenSite
from tests.browser.live_page import LivePage
from tools.serve import SiteServer

# Loads BokehJS, and shows what the first output shows once more: in a Bokeh document that held another widget.
LATE_BOKEH = """async ([js, block]) => {
  if (globalThis.Bokeh) throw new Error("the page has BokehJS already");
  await liveviz.ensure({ js });
  const output = document.querySelector("[data-mime*=widget-view]");
  const { model_id } = JSON.parse(output.querySelector("script[type='application/json']").textContent);
  const text = liveviz.localise(block).replace(/IPY_MODEL_w\\d+/g, `IPY_MODEL_${model_id}`);
  await liveviz.embedBokeh(JSON.parse(text), output);
}"""


def start(site: SiteServer, how: str) -> SiteServer | str:
    return site if how == "http" else f"{site.directory.as_uri()}/"


@pytest.mark.parametrize("how", ["http", "file"])
def test_saved_widgets_work_without_python(widgets_site: SiteServer, open_site: OpenSite, how: str) -> None:
    live = open_site(start(widgets_site, how)).open("index.html")
    output = live.output(1)
    twin = output.get_by_label("twin")
    assert twin.input_value() == "5", "the state is not that of the page's end"
    live.slider(1).focus()
    live.page.keyboard.press("ArrowRight")
    assert twin.input_value() == "6", "jslink needs no Python"
    assert output.get_by_text("seen 5").is_visible()
    inside = output.locator(".widget-output")
    assert inside.get_by_text("captured at first").is_visible()
    assert inside.get_by_text("out saw 5").is_visible()
    inside.get_by_text("inside").click()
    assert inside.get_by_role("checkbox").is_checked()
    assert not output.get_by_role("button", name="Go").is_visible()
    output.get_by_role("tab", name="Buttons").click()
    output.get_by_role("button", name="Go").wait_for()

    live.output(3).get_by_text("one: 4").wait_for()
    assert live.output(4).locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 1

    live.open("custom.html")
    counter = live.output(1).locator(".counter")
    counter.wait_for()
    assert counter.inner_text() == "count 10 of 2 bytes, first 255"
    assert counter.evaluate("button => getComputedStyle(button).borderLeftColor") == "rgb(1, 2, 3)"
    counter.click()
    assert counter.inner_text() == "count 11 of 3 bytes, first 7"
    live.wait_text(live.output(3), "text of a string")
    assert live.page.evaluate("begun") == 10
    assert not live.traffic.of("pyodide")


def test_live_controls_call_python_and_python_moves_them(widgets_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(widgets_site).open("index.html")
    live.press_run(4)
    live.wait_status(4, "live", "failed", "error")
    assert live.status(4) == "live"
    output = live.output(1)
    # The second cell changed what the first one shows, before it and after.
    assert output.get_by_label("twin").input_value() == "5"
    live.slider(1).focus()
    live.page.keyboard.press("ArrowRight")
    live.wait_text(output, "seen 6")
    live.wait_text(output.locator(".widget-output"), "out saw 6")
    assert output.get_by_label("twin").input_value() == "6"
    output.get_by_text("inside").click()

    output.get_by_role("tab", name="Buttons").click()
    output.get_by_role("button", name="Go").click()
    output.locator(".widget-output #bold").wait_for()
    assert "out saw" not in output.locator(".widget-output").inner_text()
    live.wait_text(output, "the cell hears of it")
    output.get_by_role("button", name="Later").click()
    live.wait_text(output, "seen later")
    output.get_by_role("button", name="Fail").click()
    live.wait_text(output.locator(".live-error"), "ZeroDivisionError")
    assert "index.rst" in output.locator(".live-error").inner_text()

    # interact
    live.slider(3).focus()
    live.page.keyboard.press("ArrowRight")
    live.wait_text(live.output(3), "one: 8")
    live.output(3).get_by_label("word").select_option("two")
    live.wait_text(live.output(3), "two: 8")
    assert live.output(3).get_by_text("one: 8").count() == 0

    # Bytes to Python, and dates.
    files = live.output(4)
    with live.page.expect_file_chooser() as chooser:
        files.get_by_role("button", name="Upload").click()
    chooser.value.set_files({"name": "x", "mimeType": "x/x", "buffer": b"\x00\xff\x10"})
    live.wait_text(files, "00ff10")
    files.locator("input[type=date]").fill("2027-01-02")
    live.wait_text(files, "02.01.2027")

    # Another run starts anew, and what it replaces is gone.
    live.run(1)
    live.wait_text(live.output(1), "captured at first")
    assert live.output(1).locator(".widget-output").count() == 1
    assert live.output(1).get_by_label("twin").input_value() == "4"
    assert [len(live.traffic.of(name)) for name in ("/widgets.js", "/widgets.css")] == [1, 1]


def test_a_live_widget_of_ones_own_exchanges_state_bytes_and_messages(
    widgets_site: SiteServer, open_site: OpenSite
) -> None:
    live = open_site(widgets_site).open("custom.html")
    live.press_run(3)
    live.wait_status(3, "live", "failed", "error")
    counter = live.output(1).locator(".counter")
    assert counter.inner_text() == "count 10 of 2 bytes, first 255"
    counter.click()
    live.wait_text(live.output(1), "{'hello': 'Python'} 2 11 [7, 8, 9]")
    live.page.wait_for_function("document.querySelector('.live-output [data-heard]')?.dataset.heard == 'thanks 5'")
    assert counter.inner_text() == "count 11 of 3 bytes, first 7"
    live.page.evaluate("() => { liveviz.manifest.cells[1].code = 'counter.data = bytes([200])'; }")
    live.run(2)
    live.page.wait_for_function(
        "document.querySelector('.live-output .counter').textContent == 'count 11 of 1 bytes, first 200'"
    )
    assert live.page.evaluate("document.body.dataset.cleaned") is None
    live.run(1)
    live.page.wait_for_function("document.body.dataset.cleaned == 'yes'")
    assert live.output(1).locator(".counter").inner_text() == "count 1 of 5 bytes, first 5"


def test_bokeh_objects_and_widgets_hold_each_other(widgets_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(f"{widgets_site.directory.as_uri()}/").open("bokeh.html")
    live.wait_text(live.output(1).locator(".live-widgets"), "changed by another cell")
    assert live.output(1).get_by_label("number").is_visible()
    live.output(3).get_by_label("inner").wait_for()
    live.output(4).get_by_role("button", name="in Panel").wait_for()

    # BokehJS may come to a page that has drawn widgets without it.
    block = live.output(3).locator("[data-mime*=bokeh] > script").first.text_content()
    scripts = live.page.evaluate("liveviz.manifest.scripts")
    live.open("index.html")
    live.output(1).get_by_label("twin").wait_for()
    live.page.evaluate(LATE_BOKEH, [scripts, block])
    expect(live.output(1).get_by_label("twin")).to_have_count(2)

    live = open_site(widgets_site).open("bokeh.html")
    live.press_run(4)
    live.wait_status(4, "live", "failed", "error")
    output = live.output(1)
    live.wait_text(output, "changed by another cell")
    live.slider(1).focus()
    live.page.keyboard.press("ArrowRight")
    live.wait_model("text", "text", 'value == "n is 2 after 1 calls"')
    number = output.get_by_label("number")
    expect(number).to_have_value("2")
    number.fill("7")
    number.press("Enter")
    live.wait_model("slider", "value", "value == 7")
    live.wait_model("text", "text", 'value == "n is 7 after 2 calls"')

    # Widgets inside layouts of Bokeh and Panel.
    inner = live.output(3).get_by_label("inner")
    inner.fill("8")
    inner.press("Enter")
    live.wait_model("echo", "text", 'value == "inner is 8"')
    toggle = live.output(4).get_by_role("button", name="in Panel")
    toggle.click()
    live.wait_text(live.output(4), "on")
    toggle.click()
    live.wait_text(live.output(4).locator(".live-error"), "ValueError: not again")


def unharmed(live: LivePage) -> None:
    assert live.traffic.of("/widgets.") == []


def test_pages_without_widgets_load_nothing_of_them(demo_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(demo_site)
    for path in ("matplotlib.html", "bokeh.html", "plain.html"):
        unharmed(live.open(path))
    live.run(1)
    unharmed(live)
