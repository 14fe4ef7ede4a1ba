"""Bokeh documents as the kernel shows and links them; the page's end is played by a second Bokeh document."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from .home import Home

pytest.importorskip("bokeh")

MIME = "application/vnd.liveviz.bokeh+json"
SLIDER = """\
from bokeh.models import Slider, Div, Button, ColumnDataSource
from bokeh.layouts import column
slider = Slider(start=0, end=100, value=1, title="n")
text = Div(text="1")
seen = []
def moved(attr, old, new):
    seen.append(new)
    if new == 13:
        raise ValueError("unlucky")
    text.text = str(new)
slider.on_change("value", moved)
layout = column(slider, text)
layout
"""


@pytest.fixture
def home() -> Iterator[Home]:
    made = Home(live=True)
    yield made
    made.close()


class View:
    """What the page does with one display of a document."""

    def __init__(self, home: Home, content: dict[str, Any]) -> None:
        from bokeh.document import Document

        self.home = home
        self.comm_id = content["transient"]["liveviz"]["comm_id"]
        self.document = Document.from_json(json.loads(json.dumps(content["data"][MIME]["doc"])))
        self.read = len(home.sent)

    def send(self, events: list[dict[str, Any]], buffers: dict[str, bytes] | None = None) -> None:
        buffers = buffers or {}
        data = {"patch": {"events": events}, "buffer_ids": list(buffers)}
        self.home.receive("comm_msg", {"comm_id": self.comm_id, "data": data}, list(buffers.values()))

    def change(self, model: Any, attr: str, new: Any, buffers: dict[str, bytes] | None = None) -> None:
        self.send([{"kind": "ModelChanged", "model": {"id": model.id}, "attr": attr, "new": new}], buffers)

    def update(self) -> int:
        """Apply what came since the last call, and say that it is painted if that was asked; return how many came."""
        from bokeh.core.serialization import Buffer, Serialized

        count = 0
        start, self.read = self.read, len(self.home.sent)
        asked = None
        for message, buffers in self.home.sent[start : self.read]:
            content = message["content"]
            if message["header"]["msg_type"] == "comm_msg" and content["comm_id"] == self.comm_id:
                ids = content["data"]["buffer_ids"]
                named = [Buffer(name, item) for name, item in zip(ids, buffers, strict=True)]
                patch = json.loads(json.dumps(content["data"]["patch"]))
                self.document.apply_json_patch(Serialized(patch, named))
                count += 1
                asked = content["data"].get("ask", asked)
        if asked is not None:
            self.home.receive("comm_msg", {"comm_id": self.comm_id, "data": {"event": "painted", "ask": asked}})
        return count

    def find(self, model: Any) -> Any:
        return self.document.get_model_by_id(model.id)


async def shown(home: Home, code: str) -> View:
    replies = dict(await home.run(code))
    assert "error" not in replies, replies["error"]["traceback"]
    return View(home, replies.get("execute_result") or replies["display_data"])


def test_static_and_live_bundles_are_the_same_but_for_the_comm() -> None:
    bundles = []
    for live in (False, True):
        home = Home(live=live)
        content = dict(home.cell("from bokeh.plotting import figure\np = figure()\np.line([1, 2], [3, 4])\np"))
        home.close()
        result = content["execute_result"]
        assert ("transient" in result) is live
        document = result["data"][MIME]
        kinds = [name for name in json.dumps(document["doc"]).split('"') if name in ("Figure", "Line", "LinearAxis")]
        bundles.append((kinds, document["resources"], list(result["data"])))
    assert bundles[0] == bundles[1]
    assert [url.rpartition("/")[2].partition("-3")[0] for url in bundles[0][1]["js"]] == ["bokeh"]


def test_a_static_bundle_does_not_depend_on_what_ran_before() -> None:
    pytest.importorskip("panel")
    code = "import panel as pn\npn.Column(pn.widgets.IntSlider(label='n', end=3), pn.Row('text', name='mine'))"
    plot = "from bokeh.plotting import figure\nfigure()"
    bundles = []
    for before in (
        "",
        "from bokeh.models import Div\nimport param\nfor _ in range(99): Div(), param.Parameterized()\n",
    ):
        home = Home(live=False)
        home.cell(before)
        results = [dict(home.cell(each))["execute_result"]["data"] for each in (code, plot)]
        bundles.append(json.dumps(results))
        home.close()
    assert bundles[0] == bundles[1]
    assert '"name": "mine"' in bundles[0]


@pytest.mark.parametrize(
    "code",
    [
        "pn.widgets.DiscreteSlider(options=[2, 4, 8])",
        "pn.widgets.EditableFloatSlider(start=0, end=1)",
        "one, two = pn.widgets.IntSlider(), pn.widgets.IntSlider()\none.jslink(two, value='value')\npn.Row(one, two)",
    ],
)
def test_a_static_document_with_callbacks_of_its_own_is_whole_and_the_same_each_time(code: str) -> None:
    pytest.importorskip("panel")
    from bokeh.document import Document

    documents = []
    for before in ("", "kept = [object() for _ in range(1000)]\n"):
        home = Home(live=False)
        content = dict(home.cell(f"import panel as pn\npn.extension()\n{before}{code}"))
        home.close()
        documents.append(content["execute_result"]["data"][MIME]["doc"])
    Document.from_json(json.loads(json.dumps(documents[0])))  # all that it refers to is in it
    assert json.dumps(documents[0]) == json.dumps(documents[1])


def test_a_change_in_the_page_runs_callbacks_and_their_changes_come_back(home: Home) -> None:
    async def page() -> None:
        view = await shown(home, SLIDER)
        names = home.kernel.namespace
        view.change(names["slider"], "value", 7)
        assert names["seen"] == [7]
        assert view.update() == 1, "the slider's own change does not come back"
        assert view.find(names["text"]).text == "7"

    asyncio.run(page())


def test_a_failing_callback_is_reported_and_the_rest_of_the_patch_still_applies(home: Home) -> None:
    async def page() -> None:
        view = await shown(home, SLIDER)
        names = home.kernel.namespace
        events = [
            {"kind": "ModelChanged", "model": {"id": names["slider"].id}, "attr": "value", "new": 13},
            {"kind": "ModelChanged", "model": {"id": names["text"].id}, "attr": "visible", "new": False},
        ]
        view.send(events)
        [(error, _)] = home.of_type("error")
        assert error["ename"] == "ValueError"
        assert error["traceback"][1].strip() == 'File "<cell 1>", line 9, in moved'
        assert names["text"].visible is False
        view.change(names["slider"], "value", 14)
        view.update()
        assert view.find(names["text"]).text == "14"
        from bokeh.io import curdoc

        assert curdoc() is not names["layout"].document, "the failure left no document behind as the current one"

    asyncio.run(page())


def test_columns_cross_bit_exactly_both_ways(home: Home) -> None:
    import numpy as np

    special = [np.nan, np.inf, -np.inf, -0.0, 5e-324, 1 / 3]
    column = np.concatenate([special, np.random.default_rng(0).standard_normal(100_000)])

    async def page() -> None:
        view = await shown(home, SLIDER.replace("layout\n", "source = ColumnDataSource({'x': [0.]})\nlayout\n", 1))
        names = home.kernel.namespace
        names["layout"].document.add_root(names["source"])
        names["column"] = column
        await home.run("source.data = {'x': column}")
        view.update()
        assert view.find(names["source"]).data["x"].tobytes() == column.tobytes()
        back = column[::-1].copy()
        array = {
            "type": "ndarray", "shape": [len(back)], "dtype": "float64", "order": "little",
            "array": {"type": "bytes", "data": {"id": "0"}},
        }  # fmt: skip
        data = {"type": "map", "entries": [["x", array]]}
        view.change(names["source"], "data", data, {"0": back.tobytes()})
        assert names["source"].data["x"].tobytes() == back.tobytes()

    asyncio.run(page())


def test_streams_patches_and_events(home: Home) -> None:
    code = (
        "from bokeh.models import Button, ColumnDataSource\n"
        "source = ColumnDataSource({'x': [0, 1, 2]})\n"
        "button = Button()\n"
        "button.on_click(lambda: (source.stream({'x': [3]}), source.patch({'x': [(0, 9)]})))\n"
        "button"
    )

    async def page() -> None:
        view = await shown(home, code)
        names = home.kernel.namespace
        names["button"].document.add_root(names["source"])
        click = {
            "type": "event", "name": "button_click",
            "values": {"type": "map", "entries": [["model", {"id": names["button"].id}]]},
        }  # fmt: skip
        view.send([{"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": click}])
        view.update()
        assert list(view.find(names["source"]).data["x"]) == [9, 1, 2, 3]

    asyncio.run(page())


@pytest.fixture
def endless_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all that a test does happen within one frame, however slow the machine."""
    monkeypatch.setattr("sphinxext_liveviz.kernel.adapters.bokeh_link._FRAME", 1e9)


@pytest.mark.usefixtures("endless_frame")
def test_many_changes_of_one_callback_are_one_patch_with_the_last_values(home: Home) -> None:
    async def page() -> None:
        view = await shown(home, SLIDER)
        start = len(home.sent)
        await home.run("for i in range(200): text.text, text.width, slider.title = str(i), i, 'n' * i")
        [events] = [
            m["content"]["data"]["patch"]["events"]
            for m, _ in home.sent[start:]
            if m["header"]["msg_type"] == "comm_msg"
        ]
        assert [event["attr"] for event in events] == ["text", "width", "title"]
        assert view.update() == 1
        assert view.find(home.kernel.namespace["text"]).text == "199"

    asyncio.run(page())


def test_code_that_computes_for_long_shows_its_changes_on_the_way(home: Home) -> None:
    code = """
import time
end = time.monotonic() + 0.2
while time.monotonic() < end: text.width = (text.width or 0) + 1
"""

    async def page() -> None:
        view = await shown(home, SLIDER)
        await home.run(code)
        assert 3 < view.update() < 15

    asyncio.run(page())


def test_the_first_change_of_a_slow_callback_does_not_wait_for_the_rest(home: Home) -> None:
    code = """
import time
def slow(attr, old, new):
    text.width = new
    before.append(len(sent))
    time.sleep(0.05)
    slider.title = f"{new} of 100"
before = []
slider.on_change("value", slow)
"""

    async def page() -> None:
        view = await shown(home, SLIDER)
        names = home.kernel.namespace
        names["sent"] = home.sent
        await home.run(code)
        first: list[object] = []
        second: list[object] = []
        for value, early in ((7, first), (8, second)):
            start = len(home.sent)
            view.change(names["slider"], "value", value)
            early += [m for m, _ in home.sent[start : names["before"][-1]] if m["header"]["msg_type"] == "comm_msg"]
        assert (len(first), len(second)) == (0, 1)
        assert view.update() == 3
        assert view.find(names["slider"]).title == "8 of 100"

    asyncio.run(page())


@pytest.mark.usefixtures("endless_frame")
def test_python_sends_what_nobody_asked_for_only_when_the_page_has_painted(home: Home) -> None:
    code = """
import asyncio
async def work():
    for i in range(1, 101):
        text.text = str(i)
        await asyncio.sleep(0)
    source.stream({"x": [1]})
    await asyncio.sleep(0)
    source.stream({"x": [2]})
task = asyncio.create_task(work())
"""

    async def page() -> None:
        view = await shown(home, SLIDER.replace("layout\n", "source = ColumnDataSource({'x': [0]})\nlayout\n", 1))
        names = home.kernel.namespace
        names["layout"].document.add_root(names["source"])
        await home.run(code)
        await names["task"]
        await asyncio.sleep(0)
        view.update()  # and so says that it is painted
        text, source = view.find(names["text"]), view.find(names["source"])
        assert int(text.text) < 5
        assert source.data["x"] == [0]
        assert view.update() == 1
        assert (text.text, source.data["x"]) == ("100", [0, 1, 2])
        assert view.update() == 0

    asyncio.run(page())


@pytest.mark.usefixtures("endless_frame")
def test_a_view_that_is_never_painted_is_not_waited_for(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sphinxext_liveviz.kernel.adapters.bokeh_link._PATIENCE", 0.01)

    async def page() -> None:
        await shown(home, SLIDER)
        start = len(home.sent)
        await home.run("import asyncio\nfor i in range(2, 5):\n    text.text = str(i)\n    await asyncio.sleep(0.1)")
        patches = [m["content"]["data"]["patch"] for m, _ in home.sent[start:] if m["header"]["msg_type"] == "comm_msg"]
        assert [event["new"] for patch in patches for event in patch["events"]] == ["2", "3", "4"]

    asyncio.run(page())


BAD = "source.data = {'x': [object()], 'y': [3]}"
SOURCE = SLIDER.replace("layout\n", "source = ColumnDataSource({'x': [0], 'y': [0]})\nlayout\n", 1)


async def with_source(home: Home) -> View:
    view = await shown(home, SOURCE)
    await home.run("layout.document.add_root(source)")
    view.update()
    return view


def test_a_change_that_cannot_be_sent_fails_its_cell_and_takes_no_other_along(home: Home) -> None:
    async def page() -> None:
        view = await with_source(home)
        names = home.kernel.namespace
        replies = dict(await home.run(f"text.text = 'before'\n{BAD}\nslider.title = 'after'"))
        assert replies["error"]["ename"] == "SerializationError"
        assert f"{names['source']}.data" in replies["error"]["traceback"][-1]
        assert replies["execute_reply"]["status"] == "error"
        assert view.update() == 1
        assert (view.find(names["text"]).text, view.find(names["slider"]).title) == ("before", "after")
        replies = dict(await home.run("source.data = {'x': [5], 'y': [6]}"))
        assert replies["execute_reply"]["status"] == "ok"
        view.update()
        assert view.find(names["source"]).data == {"x": [5], "y": [6]}

    asyncio.run(page())


def test_models_that_could_not_be_sent_are_sent_with_the_next_change_that_can(home: Home) -> None:
    async def page() -> None:
        view = await with_source(home)
        names = home.kernel.namespace
        bad = "new = ColumnDataSource({'x': [object()]})\nlayout.tags = [new, Div(text='lost')]\ntext.text = 'sent'"
        assert dict(await home.run(bad))["execute_reply"]["status"] == "error"
        await home.run("new.name = 'of no use to the page'\nslider.title = 'sent too'")
        view.update()
        assert (view.find(names["text"]).text, view.find(names["slider"]).title) == ("sent", "sent too")
        await home.run("new.data = {'x': [1]}\nlayout.tags = [new]")
        view.update()
        assert view.find(names["new"]).data == {"x": [1]}

    asyncio.run(page())


@pytest.mark.usefixtures("endless_frame")
def test_a_task_whose_change_cannot_be_sent_is_told_so_in_its_cell(home: Home) -> None:
    async def page() -> None:
        view = await with_source(home)
        names = home.kernel.namespace
        work = f"async def work():\n    await asyncio.sleep(0)\n    {BAD}\n"
        await home.run(f"import asyncio\n{work}task = asyncio.create_task(work())")
        cell = f"m{home.number}"
        await names["task"]
        await asyncio.sleep(0)
        [parent] = [m["parent_header"]["msg_id"] for m, _ in home.sent if m["header"]["msg_type"] == "error"]
        assert parent == cell
        names["source"].data = {"x": [object()], "y": [0]}
        view.change(names["slider"], "value", 5)
        assert names["seen"] == [5], "what waited to be sent does not make the reader's own change fail"
        assert len(home.of_type("error")) == 2

    asyncio.run(page())


def test_a_document_may_be_changed_from_a_thread(home: Home) -> None:
    code = """
import threading
def work():
    text.text = "from a thread"
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""

    async def page() -> None:
        view = await shown(home, SLIDER)
        assert await home.run(code) == [("execute_reply", home.of_type("execute_reply")[-1][0])]
        await asyncio.sleep(0)  # handed over to the loop,
        await asyncio.sleep(0)  # and sent when it turns
        assert view.update() == 1
        assert view.find(home.kernel.namespace["text"]).text == "from a thread"

    asyncio.run(page())


@pytest.mark.usefixtures("endless_frame")
def test_a_view_that_paints_late_is_not_believed_to_have_painted_what_came_since(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = "sphinxext_liveviz.kernel.adapters.bokeh_link._PATIENCE"

    async def page() -> None:
        view = await shown(home, SLIDER)

        def asked() -> list[int]:
            return [content["data"]["ask"] for content, _ in home.of_type("comm_msg") if "ask" in content["data"]]

        async def change(value: str) -> None:
            home.kernel.namespace["text"].text = value
            for _ in range(3):  # sent when the loop turns, and patience has an end when it turns again
                await asyncio.sleep(0)

        def paint(number: int) -> None:
            home.receive("comm_msg", {"comm_id": view.comm_id, "data": {"event": "painted", "ask": number}})

        monkeypatch.setattr(patience, 0)
        await change("one")
        monkeypatch.setattr(patience, 1e6)
        await change("two")
        await change("three")
        first, second = asked()
        paint(first)
        assert asked() == [first, second]
        paint(second)
        assert len(asked()) == 3

    asyncio.run(page())


@pytest.mark.usefixtures("endless_frame")
@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("source.data = {'x': [5]}; source.stream({'x': [6]})", [5, 6]),
        ("source.data['x'] = [5, 6]; source.stream({'x': [7]}, 2)", [6, 7]),
        ("source.stream({'x': [6]}); source.data = {'x': [7]}; source.patch({'x': [(0, 8)]})", [8]),
        ("source.stream({'x': [6]}); source.stream({'x': [7]})", [0, 6, 7]),
    ],
)
def test_rows_that_are_streamed_to_replaced_columns_come_once(home: Home, code: str, wanted: list[int]) -> None:
    async def page() -> None:
        view = await shown(home, "from bokeh.models import ColumnDataSource, Div\ndiv = Div()\ndiv")
        names = home.kernel.namespace
        await home.run("source = ColumnDataSource({'x': [0]})\ndiv.document.add_root(source)")
        view.update()
        await home.run(code)
        assert view.update() == 1
        assert list(view.find(names["source"]).data["x"]) == wanted
        await home.run("new = ColumnDataSource({'x': [1]})\ndiv.document.add_root(new)\nnew.stream({'x': [2]})")
        view.update()
        assert list(view.find(names["new"]).data["x"]) == [1, 2]

    asyncio.run(page())


def test_a_spinner_turns_before_what_it_is_about_begins(home: Home) -> None:
    pytest.importorskip("panel")
    code = (
        "import panel as pn\n"
        "pn.extension()\n"
        "pane = pn.pane.Str('text')\n"
        "pane"
    )  # fmt: skip

    async def page() -> None:
        await shown(home, code)
        start = len(home.sent)
        home.kernel.namespace["sent"] = home.sent
        await home.run("pane.loading = True\ncount = len(sent)\npane.loading = False")
        began = home.sent[start : home.kernel.namespace["count"]]
        assert any("pn-loading" in str(message["content"]) for message, _ in began)

    asyncio.run(page())


def test_two_views_of_one_document_follow_each_other(home: Home) -> None:
    async def page() -> None:
        first = await shown(home, SLIDER)
        second = await shown(home, "layout")
        names = home.kernel.namespace
        first.change(names["slider"], "value", 5)
        assert first.update() == 1
        assert second.update() == 2
        assert second.find(names["slider"]).value == 5
        assert second.find(names["text"]).text == "5"
        home.receive("comm_close", {"comm_id": first.comm_id, "data": {}})
        second.change(names["slider"], "value", 6)
        assert names["seen"] == [5, 6]

    asyncio.run(page())


def test_new_models_name_the_scripts_that_they_need(home: Home) -> None:
    async def page() -> None:
        view = await shown(home, "from bokeh.layouts import column\nlayout = column()\nlayout")
        start = len(home.sent)
        await home.run("from bokeh.models import Slider\nlayout.children = [Slider(start=0, end=1, value=0)]")
        [data] = [m["content"]["data"] for m, _ in home.sent[start:] if m["header"]["msg_type"] == "comm_msg"]
        assert any("bokeh-widgets" in url for url in data["resources"]["js"])
        view.update()

    asyncio.run(page())


def test_session_callbacks_run_and_end_with_the_last_view(home: Home) -> None:
    code = SLIDER + (
        "\nfrom bokeh.document import Document\n"
        "import asyncio\n"
        "ticks, done, failed = [], asyncio.Event(), []\n"
        "def tick():\n"
        "    ticks.append(1)\n"
        "    text.text = f'tick {len(ticks)}'\n"
        "    if len(ticks) == 2: raise RuntimeError('second tick')\n"
        "    if len(ticks) == 3: done.set()\n"
        "async def soon():\n"
        "    await asyncio.sleep(0)\n"
        "    slider.title = 'soon'\n"
        "document = Document()\n"
        "document.add_root(layout)\n"
        "document.add_periodic_callback(tick, 1)\n"
        "document.add_next_tick_callback(soon)\n"
        "layout"
    )

    async def page() -> None:
        view = await shown(home, code)
        names = home.kernel.namespace
        await asyncio.wait_for(names["done"].wait(), 10)
        while view.update():
            pass
        assert view.find(names["text"]).text == "tick 3"
        assert view.find(names["slider"]).title == "soon"
        assert [content["ename"] for content, _ in home.of_type("error")] == ["RuntimeError"]
        home.receive("comm_close", {"comm_id": view.comm_id, "data": {}})
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        count = len(names["ticks"])
        assert not (asyncio.all_tasks() - {asyncio.current_task()})
        assert len(names["ticks"]) == count

    asyncio.run(page())


def test_show_and_output_notebook_show_in_the_cell(home: Home) -> None:
    code = (
        "from bokeh.io import show, output_notebook\n"
        "from bokeh.plotting import figure\n"
        "output_notebook()\n"
        "p = figure()\n"
        "p.line([1], [1])\n"
        "show(p)"
    )
    assert MIME in dict(home.cell(code))["display_data"]["data"]


def test_panel_follows_both_ways_and_async_callbacks_run(home: Home) -> None:
    pytest.importorskip("panel")
    code = (
        "import asyncio\n"
        "import panel as pn\n"
        "pn.extension()\n"
        "slider = pn.widgets.IntSlider(label='n', start=0, end=10, value=1)\n"
        "finished = asyncio.Event()\n"
        "async def slow(event):\n"
        "    await asyncio.sleep(0)\n"
        "    note.object = f'slow {event.new}'\n"
        "    finished.set()\n"
        "note = pn.pane.Str('')\n"
        "slider.param.watch(slow, 'value')\n"
        "pn.Column(slider, pn.bind(lambda n: f'value {n}', slider), note)"
    )

    async def page() -> None:
        view = await shown(home, code)
        model: Any = next(model for model in view.document.models if type(model).__name__ == "Slider")
        view.change(model, "value", 3)
        await asyncio.wait_for(home.kernel.namespace["finished"].wait(), 10)
        await asyncio.sleep(0)
        view.update()
        texts = [model.text for model in view.document.models if hasattr(model, "text")]
        assert any("value 3" in text for text in texts)
        assert any("slow 3" in text for text in texts)
        await home.run("slider.value = 8")
        view.update()
        assert model.value == 8

    asyncio.run(page())


def test_holoviews_objects_are_shown_once_an_extension_is_loaded(home: Home) -> None:
    pytest.importorskip("holoviews")
    home.cell("import holoviews as hv")
    result = dict(home.cell("hv.extension('bokeh')\nhv.Curve([1, 2, 3])"))["execute_result"]
    assert MIME in result["data"]
    assert result["data"]["text/plain"].startswith(":Curve")


def test_matplotlib_figures_are_shown_once(home: Home) -> None:
    pytest.importorskip("matplotlib")
    replies = home.cell("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2]);")
    assert [kind for kind, _ in replies] == ["display_data", "execute_reply"]
    assert replies[0][1]["data"]["image/png"].startswith("iVBOR")
    assert 300 < replies[0][1]["metadata"]["image/png"]["width"] < 700
    assert [kind for kind, _ in home.cell("fig")] == ["execute_result", "execute_reply"]
    assert [kind for kind, _ in home.cell("plt.plot([1]); plt.show()\n1")][:2] == ["display_data", "execute_result"]
