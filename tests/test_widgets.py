"""Jupyter widgets in the kernel, in a page's notebook and in the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sphinxext_liveviz.execution.notebook import PageNotebook
from sphinxext_liveviz.model import WIDGET_STATE, WIDGET_VIEW, Cell, Page
from sphinxext_liveviz.render.widgets import SavedWidgets

from .home import Home

ONE = "import ipywidgets as w\n"


@pytest.fixture(params=[False, True], ids=["build", "live"])
def home(request: pytest.FixtureRequest) -> Iterator[Home]:
    made = Home(live=request.param)
    yield made
    made.close()


def saved(home: Home) -> dict[str, Any]:
    """Return the notebook that a front end makes of all that a home has sent."""
    cells = tuple(
        Cell(docname="page", index=number, id=f"m{number + 1}", code="", path="page.rst", line=1)
        for number in range(home.number)
    )
    made = PageNotebook(Page("page", "", cells))
    for message, buffers in home.sent:
        made.receive(json.loads(json.dumps({**message, "buffers": [one.hex() for one in buffers]})))
    return made.notebook


def models(notebook: dict[str, Any]) -> dict[str, dict[str, Any]]:
    state: dict[str, dict[str, Any]] = notebook["metadata"]["widgets"][WIDGET_STATE]["state"]
    return state


def outputs_of(home: Home) -> Any:
    """Return what the Output widget ``out`` holds."""
    return [
        {key: value for key, value in output.items() if key in ("name", "text", "ename")}
        for output in home.kernel.namespace["out"].outputs
    ]


def test_what_is_shown_in_an_output_widget_goes_there_and_nowhere_else(home: Home) -> None:
    replies = home.cell(
        ONE + "out = w.Output()\nprint('before')\nwith out:\n    print('in')\n    print('it')\nprint('after')"
    )
    assert [content["text"] for kind, content in replies if kind == "stream"] == ["before\n", "after\n"]
    assert outputs_of(home) == [{"name": "stdout", "text": "in\nit\n"}]
    home.cell("@out.capture(clear_output=True, wait=True)\ndef f(n):\n    print(n)\nf(1); f(2)")
    assert outputs_of(home) == [{"name": "stdout", "text": "2\n"}]
    home.cell("with out:\n    handle = display(1, display_id='one')\nhandle.update(2)")
    assert home.kernel.namespace["out"].outputs[-1]["data"] == {"text/plain": "2"}
    home.cell(
        "out.clear_output()\n"
        "with out:\n    print('a')\n    out.append_stdout('b')\n    out.append_stderr('c')\n    print('d')"
    )
    assert outputs_of(home) == [
        {"name": "stdout", "text": "a\nb"}, {"name": "stderr", "text": "c"}, {"name": "stdout", "text": "d\n"},
    ]  # fmt: skip
    home.cell("out.clear_output()")
    assert outputs_of(home) == []


def test_tasks_show_where_they_were_started(home: Home) -> None:
    replies = home.cell(
        ONE + "import asyncio\nout = w.Output()\n"
        "async def talk(word):\n    await asyncio.sleep(0)\n    print(word)\n"
        "with out:\n    inner = asyncio.create_task(talk('in'))\n"
        "outer = asyncio.create_task(talk('outside'))\nawait inner\nawait outer"
    )
    assert [content["text"] for kind, content in replies if kind == "stream"] == ["outside\n"]
    assert outputs_of(home) == [{"name": "stdout", "text": "in\n"}]


def test_an_error_in_an_output_widget_stands_there_and_fails_the_build(home: Home) -> None:
    replies = dict(home.cell(ONE + "out = w.Output()\nwith out:\n    1 / 0\nprint('on')"))
    assert replies["stream"]["text"] == "on\n"
    assert "error" not in replies
    assert [output["ename"] for output in outputs_of(home)] == ["ZeroDivisionError"]
    assert replies["execute_reply"]["status"] == ("ok" if home.live else "error")


def test_callbacks_are_called_and_their_errors_shown() -> None:
    home = Home(live=True)
    home.cell(
        ONE + "slider = w.IntSlider()\nlabel = w.Label()\nslider.observe(lambda change: 1 / change['new'], 'value')"
    )
    comm_id = home.kernel.namespace["slider"].model_id

    def move(value: int) -> list[str]:
        start = len(home.sent)
        home.receive("comm_msg", {"comm_id": comm_id, "data": {"method": "update", "state": {"value": value}}})
        return [message["header"]["msg_type"] for message, _ in home.sent[start:]]

    assert move(4) == ["status", "comm_msg", "status"], "an echo is all that comes back"
    assert move(0) == ["status", "comm_msg", "error", "status"]
    assert home.of_type("error")[-1][0]["ename"] == "ZeroDivisionError"
    assert home.kernel.namespace["slider"].value == 0
    home.close()


def test_the_state_of_what_is_shown_is_saved_under_ids_that_do_not_change() -> None:
    code = (
        ONE + "n = w.IntSlider(value=1)\nlabel = w.Label()\nunseen = w.Text()\n"
        "tie = w.jslink((n, 'value'), (label, 'value'))\nloose = w.jslink((n, 'value'), (unseen, 'value'))\n"
        "out = w.Output()\nwith out:\n    display(w.Image(value=b'\\x00\\xff'))\n"
        "gone = w.Text()\ndisplay(gone)\ngone.close()\nw.VBox([n, label, out])"
    )
    notebooks = []
    for _ in range(2):
        home = Home()
        home.cell(code)
        home.cell("n.value = 7")
        notebooks.append(saved(home))
        home.close()
    notebook = notebooks[0]
    assert json.dumps(notebook) == json.dumps(notebooks[1])
    state = models(notebook)
    by_name = {model["model_name"]: (name, model) for name, model in state.items()}
    assert "TextModel" not in by_name
    assert by_name["IntSliderModel"][1]["state"]["value"] == 7
    assert len([model for model in state.values() if model["model_name"] == "LinkModel"]) == 1
    assert by_name["ImageModel"][1]["buffers"] == [{"path": ["value"], "encoding": "base64", "data": "00ff"}]
    shown = by_name["OutputModel"][1]["state"]["outputs"][0]["data"][WIDGET_VIEW]["model_id"]
    assert shown == by_name["ImageModel"][0]
    closed, view = (output["data"].get(WIDGET_VIEW) for output in notebook["cells"][0]["outputs"])
    assert closed is None
    assert view["model_id"] == by_name["VBoxModel"][0] == "w1"
    assert set(by_name["VBoxModel"][1]["state"]["children"]) <= {f"IPY_MODEL_{name}" for name in state}


def test_what_a_page_may_need_is_kept_beside_the_state_of_widgets() -> None:
    home = Home()
    home.kernel.may_need.append(lambda: ["https://some.example/x.js"])
    home.cell(ONE + "w.Text()")
    metadata = saved(home)["metadata"]
    home.close()
    assert metadata["liveviz"] == {"assets": ["https://some.example/x.js"]}
    assert "widgets" in metadata


def test_a_page_has_the_state_once_and_captured_outputs_beside_the_first_view() -> None:
    home = Home()
    home.cell(ONE + "out = w.Output()\nwith out:\n    print('in it')\nbox = w.VBox([out])\ndisplay(box)\nbox")
    notebook = saved(home)
    home.close()
    widgets = SavedWidgets("a/b", notebook)
    views = [output["data"][WIDGET_VIEW] for output in notebook["cells"][0]["outputs"]]
    states = [widgets.state(view) for view in views]
    assert [state.count(f'type="{WIDGET_STATE}" data-document="a/b"') for state in states] == [1, 0]
    assert "in it" not in states[0]
    assert [widgets.place(view) for view in views] == [' data-document="a/b"'] * 2
    assert widgets.place({"doc": {"roots": []}}) == ""
    captured = [list(widgets.captured(view)) for view in views]
    assert captured[0][0][1][0]["text"] == "in it\n"
    assert captured[1] == []


def test_models_are_reached_by_each_kind_of_reference() -> None:
    states = {"w1": {"parts": [{"one": "anywidget:w2"}]}, "w2": {"other": "IPY_MODEL_w3"}, "w3": {}, "w4": {}}
    held = {"state": {name: {"model_name": "Model", "state": state} for name, state in states.items()}}
    widgets = SavedWidgets("a", {"metadata": {"widgets": {WIDGET_STATE: held}}})
    assert list(widgets.reached({"model_id": "w1"})) == ["w1", "w2", "w3"]
