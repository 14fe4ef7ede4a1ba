"""Live Bokeh and Panel documents: Python and the page agree, in both directions, whatever happens."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from tests.browser.conftest import OpenSite
from tools.serve import SiteServer


def patterns(seed: int) -> np.ndarray:
    """Make the column that ``arrays.rst`` makes."""
    values = np.random.default_rng(seed).integers(0, 2**64, size=100_000, dtype=np.uint64).view(np.float64)
    values[:6] = [np.nan, np.inf, -np.inf, -0.0, 5e-324, -2.2250738585072009e-308]
    return values


def digest(values: np.ndarray) -> str:
    return hashlib.sha256(values.astype("<f8").tobytes()).hexdigest()


# Looks at what crosses between page and worker: `open`, patches that Python has not answered yet, and the most there
# ever were; `came`, patches of Python; `frames` that were painted.
WIRE = """
globalThis.wire = {open: new Set(), most: 0, sent: 0, came: 0, frames: 0};
const count = () => { wire.frames += 1; requestAnimationFrame(count); };
requestAnimationFrame(count);
globalThis.Worker = class extends Worker {
  constructor(...args) {
    super(...args);
    this.addEventListener("message", ({data}) => {
      if (data.type !== "message") return;
      const {header, parent_header: parent, content} = JSON.parse(data.message);
      if (header.msg_type === "comm_msg" && content.data.patch) wire.came += 1;
      if (header.msg_type === "status" && content.execution_state === "idle") wire.open.delete(parent.msg_id);
    });
  }
  postMessage(data, transfer) {
    super.postMessage(data, transfer);
    if (data.type !== "message") return;
    const {header, content} = JSON.parse(data.message);
    if (header.msg_type !== "comm_msg" || !content.data.patch) return;
    wire.sent += 1;
    wire.open.add(header.msg_id);
    wire.most = Math.max(wire.most, wire.open.size);
  }
};
"""

CHANGES = """
import asyncio, time
from bokeh.layouts import column
from bokeh.models import Button, Div

many, fast = Button(label="Many"), Button(label="Fast")
shown = Div(text="nothing yet", name="shown")

def change():
    began = time.monotonic()
    for i in range(20):
        shown.text, shown.width = str(i), 100 + i
    shown.text = f"{time.monotonic() - began} s"

async def run(first=1):
    for i in range(first, first + 500):
        shown.text = f"step {i}"
        await asyncio.sleep(0)

many.on_click(change)
fast.on_click(lambda: asyncio.ensure_future(run()))
shown.on_change("tags", lambda attr, old, new: asyncio.ensure_future(run(501)))
column(many, fast, shown)
"""

PAGE_DIGEST = """async () => {
    const y = bokehModel("source").data.y;
    const bytes = new Uint8Array(y.buffer, y.byteOffset, y.byteLength);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return [y.length, Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("")];
}"""


def test_a_panel_slider_moved_in_the_page_changes_the_text_of_python(
    demo_site: SiteServer, open_site: OpenSite
) -> None:
    live = open_site(demo_site).open("panel.html")
    output = live.run(1)
    years = live.slider(1, 1)
    years.focus()
    for _ in range(5):
        live.page.keyboard.press("ArrowLeft")
    live.wait_text(output, "25 years")
    live.wait_text(output, f"{100 * 1.04**25:,.0f}")


def test_a_callback_in_python_reaches_the_plot(demo_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(demo_site).open("bokeh.html")
    live.run(1)
    points = "bokehModels('Figure')[0].renderers[0].data_source.get_length()"
    assert live.page.evaluate(points) == 51
    live.click(1, "Walk on")
    live.page.wait_for_function(f"{points} == 101")

    live.slider(1).focus()
    live.page.keyboard.press("ArrowRight")
    live.page.wait_for_function("bokehModels('Title').some((title) => title.text == 'Tailwind')")


def test_the_slider_of_the_first_page_redraws_the_sine(demo_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(demo_site).open("index.html")
    live.run(1)
    value = "bokehModels('ColumnDataSource')[0].data.y[100]"
    assert abs(live.page.evaluate(value) - np.sin(100 * 4 * np.pi / 399)) < 1e-12
    live.slider(1).focus()
    for _ in range(5):
        live.page.keyboard.press("ArrowRight")
    wanted = float(np.sin(1.5 * 100 * 4 * np.pi / 399))
    live.page.wait_for_function(f"(wanted) => Math.abs({value} - wanted) < 1e-9", arg=wanted)


def test_holoviews_counts_what_is_in_view(demo_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(demo_site).open("holoviews.html")
    output = live.run(1)
    titles = "bokehModels('Title').map((title) => title.text)"
    assert "1200 points in view" in live.page.evaluate(titles)
    # Zoom in with the wheel over the middle of the cloud, once it is drawn: before, there is nothing to zoom.
    live.page.wait_for_function("Bokeh.documents.at(-1).is_idle")
    output.locator(".bk-events").first.hover()
    for _ in range(5):
        live.page.mouse.wheel(0, -120)
    live.page.wait_for_function(
        f"{titles}.some((text) => text.endsWith(' points in view') && parseInt(text) > 0 && parseInt(text) < 1000)"
    )


def test_a_column_of_any_bits_crosses_unchanged(sync_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(sync_site).open("arrays.html")
    live.run(1)
    # In the document.
    assert live.page.evaluate(PAGE_DIGEST) == [100_000, digest(patterns(1))]
    assert live.model_value("from-python", "text") == digest(patterns(1))
    # In a patch from Python.
    live.click(1, "Send")
    live.wait_model("from-python", "text", f'value == "{digest(patterns(2))}"')
    assert live.page.evaluate(PAGE_DIGEST) == [100_000, digest(patterns(2))]
    # And back, the other way round. Whole words are moved, so no engine gets to touch a NaN.
    live.page.evaluate(
        """() => {
            const source = bokehModel("source");
            const {y} = source.data;
            const bits = new BigUint64Array(y.slice().buffer).reverse();
            source.data = {y: new y.constructor(bits.buffer, [bits.length])};
        }"""
    )
    text = live.wait_model("from-page", "text", 'value != "nothing yet"')
    assert text == f"ndarray {digest(patterns(2)[::-1])}"


def test_two_hundred_rapid_moves_end_in_agreement(sync_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(sync_site).open("sliders.html")
    live.run(1)
    live.slider(1).focus()
    for _ in range(200):
        live.page.keyboard.press("ArrowRight")
    live.wait_model("seen", "text", 'value == "seen 200"')
    live.click(1, "Report")
    reported = live.wait_model("reported", "text", 'value != ""')
    assert reported.startswith("Python has 200 after ")
    assert live.model_value("busy", "value") == 200
    assert int(reported.split()[-2]) < 200, "moves were not coalesced while Python was busy"


def test_python_never_has_more_than_one_patch_to_work_on(sync_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(sync_site)
    live.page.add_init_script(WIRE)
    live.open("sliders.html")
    live.run(1)
    live.page.evaluate(
        """async () => {
            for (let value = 1; value <= 120; value++) {
                bokehModel("busy").value = value;
                await new Promise(requestAnimationFrame);
            }
        }"""
    )
    live.wait_model("seen", "text", 'value == "seen 120"')
    live.page.wait_for_function("wire.open.size == 0")
    assert live.page.evaluate("wire.most") == 1
    assert 10 < live.page.evaluate("wire.sent") < 120


def test_python_sends_one_patch_for_a_frame_and_waits_until_it_is_painted(
    sync_site: SiteServer, open_site: OpenSite
) -> None:
    live = open_site(sync_site)
    live.page.add_init_script(WIRE)
    live.open("sliders.html")
    live.page.evaluate("(code) => { liveviz.manifest.cells[0].code = code; }", CHANGES)
    live.run(1)
    start = live.page.evaluate("wire.came")
    live.click(1, "Many")
    text = live.wait_model("shown", "text", 'value.endsWith(" s")')
    assert live.page.evaluate("wire.came") - start <= 1 + float(text.removesuffix(" s")) * 60

    start, frames = live.page.evaluate("[wire.came, wire.frames]")
    live.click(1, "Fast")
    live.page.evaluate("() => { const until = performance.now() + 300; while (performance.now() < until); }")
    live.wait_model("shown", "text", 'value == "step 500"')
    came, passed = live.page.evaluate("[wire.came, wire.frames]")
    assert came - start <= passed - frames + 1
    assert came - start < 200

    # A hidden page has no frames to wait for. Python is told at once: its patience would last for ten seconds.
    live.page.evaluate(
        """() => {
            globalThis.requestAnimationFrame = () => 0;
            Object.defineProperty(document, "hidden", {value: true});
            bokehModel("shown").tags = ["run"];
        }"""
    )
    live.page.wait_for_function('bokehModel("shown").text == "step 1000"', polling=50, timeout=8000)


def test_a_change_that_cannot_be_sent_fails_its_cell_and_the_kernel_goes_on(
    sync_site: SiteServer, open_site: OpenSite
) -> None:
    live = open_site(sync_site).open("sliders.html")
    change = "(code) => { liveviz.manifest.cells[1].code = code; }"
    live.run(1)
    live.page.evaluate(change, 'reported.text = "on its way"\nseen.tags = [object()]')
    live.press_run(2)
    live.wait_status(2, "live", "failed", "error")
    assert "SerializationError" in live.cell(2).locator(".live-error").inner_text()
    live.wait_model("reported", "text", 'value == "on its way"')
    live.page.evaluate(change, 'seen.tags = ["good"]\nprint("and on")')
    live.wait_text(live.run(2), "and on")
    live.wait_model("seen", "tags", 'value[0] == "good"')
    live.click(1, "Report")
    live.wait_model("reported", "text", 'value == "Python has 0 after 0 calls"')


def test_a_failing_callback_is_shown_and_the_next_move_works(sync_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(sync_site).open("sliders.html")
    live.run(2)
    live.slider(2).focus()
    for value, text in ((1, "60 / -2 = -30"), (2, "60 / -1 = -60")):
        live.page.keyboard.press("ArrowRight")
        live.wait_model("quotient", "text", f'value == "{text}"')
        assert live.model_value("fragile", "value") == value
    live.page.keyboard.press("ArrowRight")
    error = live.cell(2).locator(".live-error")
    error.wait_for(state="visible")
    assert "ZeroDivisionError" in error.inner_text()
    assert 'sliders.rst", line ' in error.inner_text()
    live.page.keyboard.press("ArrowRight")
    live.wait_model("quotient", "text", 'value == "60 / 1 = 60"')
    assert live.model_value("fragile", "value") == 4


def test_sources_stream_and_patch_in_both_directions(sync_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(sync_site).open("sources.html")
    live.run(1)

    columns = "Object.entries(bokehModel('points').data).map(([name, values]) => [name, Array.from(values)])"

    def compact(wanted: dict[str, list[float]]) -> str:
        return json.dumps(list(wanted.items()), separators=(",", ":"))

    def agreed(wanted: dict[str, list[float]]) -> None:
        text = json.dumps({name: [float(value) for value in values] for name, values in wanted.items()})
        live.wait_model("state", "text", f"value == {json.dumps(text)}")
        live.page.wait_for_function(f"(wanted) => JSON.stringify({columns}) == wanted", arg=compact(wanted))

    live.click(1, "Stream")
    agreed({"x": [1, 2, 3, 4], "y": [0, 0, 0.5, 0.25]})
    live.click(1, "Patch")
    agreed({"x": [1, 2, 3, 4], "y": [-1, 7, 8, 0.25]})
    live.page.evaluate('bokehModel("points").stream({x: [5], y: [-0.5]}, 4)')
    agreed({"x": [2, 3, 4, 5], "y": [7, 8, 0.25, -0.5]})
    live.page.evaluate('bokehModel("points").patch({y: [[3, 9]]})')
    agreed({"x": [2, 3, 4, 5], "y": [7, 8, 0.25, 9]})
    # And Python streams on from there.
    live.click(1, "Stream")
    agreed({"x": [4, 5, 6, 7], "y": [0.25, 9, 0.5, 0.25]})
    # Rows that are streamed to columns that were just replaced come once.
    live.page.evaluate(
        """() => {
            const source = bokehModel("points");
            source.data = {x: [1], y: [1]};
            source.stream({x: [2], y: [2]});
            source.patch({y: [[0, 3]]});
        }"""
    )
    agreed({"x": [1, 2], "y": [3, 2]})


def test_events_periodic_and_async_callbacks(sync_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(sync_site).open("events.html")
    live.run(1)
    live.wait_model("ticking", "text", "parseInt(value) > 3")
    live.click(1, "Click")
    live.wait_model("clicked", "text", 'value == "1 clicks, button_click"')
    live.click(1, "Click")
    live.wait_model("clicked", "text", 'value == "2 clicks, button_click"')
    live.click(1, "Later")
    live.wait_model("waited", "text", 'value.startsWith("waited while the clock went from ")')
    ticks = int(live.model_value("ticking", "text").split()[0])
    live.wait_model("ticking", "text", f"parseInt(value) > {ticks + 3}")


def test_panels_async_functions_buttons_and_clock(sync_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(sync_site).open("app.html")
    output = live.run(1)
    live.wait_text(output, "the square is 4")
    live.slider(1).focus()
    live.page.keyboard.press("ArrowRight")
    live.wait_text(output, "the square is 9")
    live.click(1, "Press")
    live.wait_text(output, "pressed 1 times")
    live.click(1, "Press")
    live.wait_text(output, "pressed 2 times")
    live.wait_text(output, "ticks: 1")
