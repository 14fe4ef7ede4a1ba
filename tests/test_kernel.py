"""What a cell prints, shows and raises becomes Jupyter messages, in order and with the right parent."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sphinxext_liveviz.kernel.messages import PARENT, to_json
from sphinxext_liveviz.kernel.tracebacks import cell_line, relocate

from .home import Home


@pytest.fixture
def home() -> Iterator[Home]:
    made = Home()
    yield made
    made.close()


def test_output_comes_in_order_and_idle_last(home: Home) -> None:
    home.cell("print('one')\ndisplay(2)\nprint('three', end='')\n4")
    kinds = [message["header"]["msg_type"] for message, _ in home.sent]
    assert kinds == [
        "status", "stream", "display_data", "stream", "execute_result", "execute_reply", "status",
    ]  # fmt: skip
    assert home.sent[-1][0]["content"] == {"execution_state": "idle"}
    assert {message["parent_header"]["msg_id"] for message, _ in home.sent} == {"m1"}
    texts = [message["content"]["text"] for message, _ in home.sent if message["header"]["msg_type"] == "stream"]
    assert texts == ["one\n", "three"]


def test_cells_share_a_namespace_and_future_imports_last(home: Home) -> None:
    home.cell("from __future__ import annotations\nx = 20")
    replies = home.cell("def f(a: Undefined): return a\nx + f(1)")
    assert replies[0][1]["data"] == {"text/plain": "21"}


@pytest.mark.parametrize(
    ("code", "shown"),
    [("1 + 1", True), ("1 + 1;", False), ("x = 1", False), ("None", False), ("'é';", False), ("'a;b'  # c;", True)],
)
def test_the_last_expression_is_shown_unless_silenced(home: Home, code: str, shown: bool) -> None:
    assert ("execute_result" in dict(home.cell(code))) is shown


def test_top_level_await(home: Home) -> None:
    replies = dict(home.cell("import asyncio\nawait asyncio.sleep(0, 'slept')"))
    assert replies["execute_result"]["data"] == {"text/plain": "'slept'"}


def test_a_task_that_outlives_its_cell_still_speaks_for_it(home: Home) -> None:
    async def page() -> None:
        await home.run("import asyncio\nasync def later():\n    print('late')\ntask = asyncio.create_task(later())")
        await home.run("await task")

    asyncio.run(page())
    late = [message for message, _ in home.sent if message["content"].get("text") == "late\n"]
    assert late[0]["parent_header"] == {"msg_id": "m1"}


def test_a_thread_speaks_for_the_cell_that_started_it(home: Home) -> None:
    home.cell(
        "import threading\n"
        "go, done = threading.Event(), threading.Event()\n"
        "def deeper():\n"
        "    print('deep')\n"
        "    display(3)\n"
        "def work():\n"
        "    print('early')\n"
        "    go.wait()\n"
        "    print('late')\n"
        "    inner = threading.Thread(target=deeper)\n"
        "    inner.start()\n"
        "    inner.join()\n"
        "thread = threading.Thread(target=work)\n"
        "thread.start()"
    )
    home.cell("go.set()\nthread.join()")
    home.cell("import _thread\n_thread.start_new_thread(lambda: (print('of nobody'), done.set()), ())\ndone.wait();")
    said: dict[str, str] = {}
    for message, _ in home.sent:
        if message["header"]["msg_type"] == "stream":
            parent = message["parent_header"]["msg_id"]
            said[parent] = said.get(parent, "") + message["content"]["text"]
    assert said == {"m1": "early\nlate\ndeep\n", "m3": "of nobody\n"}
    assert [m["parent_header"] for m, _ in home.sent if m["header"]["msg_type"] == "display_data"] == [{"msg_id": "m1"}]


def test_a_traceback_starts_in_the_cell_and_names_the_documents_line(home: Home) -> None:
    replies = home.cell("def f():\n    return 1 / 0\nf()", number=1, path="guide/page.rst", line=12)
    content = dict(replies)["error"]
    text = "\n".join(content["traceback"])
    assert content["ename"] == "ZeroDivisionError"
    assert 'File "guide/page.rst", line 14, in <module>\n    f()' in text
    assert 'File "guide/page.rst", line 13, in f\n    return 1 / 0' in text
    assert "sphinxext_liveviz" not in text
    assert dict(replies)["execute_reply"]["status"] == "error"


def test_a_syntax_error_shows_the_line_and_nothing_else(home: Home) -> None:
    content = dict(home.cell("x = = 2"))["error"]
    assert content["traceback"][0] == '  File "<cell 1>", line 1'
    assert content["traceback"][-1] == "SyntaxError: invalid syntax"


@pytest.mark.parametrize("code", ["import sys; sys.exit(3)", "raise KeyboardInterrupt", "exit()"])
def test_leaving_is_an_error_and_the_kernel_lives_on(home: Home, code: str) -> None:
    assert dict(home.cell(code))["execute_reply"]["status"] == "error"
    assert dict(home.cell("1"))["execute_reply"]["status"] == "ok"


def test_relocation_is_of_frames_and_warnings_of_known_cells_only() -> None:
    text = 'File "<cell 2>", line 3, in f\n<cell 2>:1: UserWarning: hm\nFile "<cell 9>", line 1'
    moved = relocate(text, {2: ("a.md", 10)})
    assert moved == 'File "a.md", line 12, in f\na.md:10: UserWarning: hm\nFile "<cell 9>", line 1'
    assert cell_line(text.splitlines(), 2) == 3
    assert cell_line(text.splitlines(), 5) is None


def test_representations_by_jupyters_rules(home: Home) -> None:
    home.cell(
        "class Rich:\n"
        "    def _repr_html_(self): return '<b>hi</b>'\n"
        "    def _repr_png_(self): return b'png', {'width': 3}\n"
        "    def _repr_latex_(self): return None\n"
        "    def _repr_markdown_(self): raise ValueError('no markdown')\n"
        "    def __repr__(self): return 'rich'\n"
        "class Bundled:\n"
        "    def _repr_mimebundle_(self, include=None, exclude=None):\n"
        "        return {'text/html': 'b'}, {'text/html': {'x': 1}}\n"
        "class Own:\n"
        "    def _ipython_display_(self): display('own')"
    )
    replies = home.cell("Rich()")
    assert replies[0][0] == "stream"
    assert "no markdown" in replies[0][1]["text"]
    assert replies[1][1]["data"] == {"text/html": "<b>hi</b>", "image/png": "cG5n", "text/plain": "rich"}
    assert replies[1][1]["metadata"] == {"image/png": {"width": 3}}
    bundled = dict(home.cell("Bundled()"))["execute_result"]
    assert bundled["data"]["text/html"] == "b"
    assert bundled["metadata"] == {"text/html": {"x": 1}}
    assert [kind for kind, _ in home.cell("Own()")] == ["display_data", "execute_reply"]
    assert "text/html" not in dict(home.cell("Rich"))["execute_result"]["data"], "a class is not its instances"
    mock = dict(home.cell("from unittest.mock import Mock\nMock()"))["execute_result"]["data"]
    assert list(mock) == ["text/plain"], "an object that answers to every name has no representation of its own"


@pytest.mark.parametrize(
    ("drawing", "shown"),
    [
        ("<svg/>", '<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("<?xml?>\n<svg a='>'>", """<?xml?>\n<svg xmlns="http://www.w3.org/2000/svg" a='>'>"""),
        ('<svg xmlns="s"><svg/></svg>', '<svg xmlns="s"><svg/></svg>'),
        ('<svg xmlns:xlink="x"><use xlink:href="#a"/></svg>',
         '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="x"><use xlink:href="#a"/></svg>'),
        ('<svg xmlns="s"><use xlink:href="#a"/></svg>',
         '<svg xmlns:xlink="http://www.w3.org/1999/xlink" xmlns="s"><use xlink:href="#a"/></svg>'),
        ("<svg:svg/>", "<svg:svg/>"),
    ],
)  # fmt: skip
def test_a_drawing_says_that_it_is_svg(home: Home, drawing: str, shown: str) -> None:
    home.cell(f"text = {drawing!r}\nclass Drawing:\n    def _repr_svg_(self): return text")
    made = home.cell("display({'image/svg+xml': text}, raw=True)\nDrawing()")
    assert [content["data"]["image/svg+xml"] for _, content in made[:2]] == [shown, shown]


@pytest.mark.parametrize(
    ("text", "told", "data"),
    [
        ("def _repr_pretty_(self, p, cycle): raise ValueError('hm')\n    def __repr__(self): return 'it'", True, "it"),
        ("def __repr__(self): raise ValueError('hm')", True, None),
        ("def _repr_mimebundle_(self, **_): return {'text/plain': '<It at 0x7f00beef>'}", False, "<It>"),
    ],
)
def test_other_representations_make_up_for_a_text_that_is_of_no_use(
    home: Home, text: str, told: bool, data: str | None
) -> None:
    replies = dict(home.cell(f"class It:\n    {text}\n    def _repr_html_(self): return 'b'\nIt()"))
    assert ("ValueError: hm" in replies.get("stream", {}).get("text", "")) is told
    assert replies["execute_result"]["data"] == {"text/html": "b", **({"text/plain": data} if data else {})}


def test_who_shows_may_choose_representations(home: Home) -> None:
    home.cell(
        "asked = []\n"
        "class Rich:\n"
        "    def _repr_mimebundle_(self, include=None, exclude=None):\n"
        "        asked.append((include, exclude))\n"
        "        return {'image/png': b'png', 'text/html': 'b'}, {'image/png': {'width': 1}}\n"
        "    def _repr_latex_(self): asked.append('latex')\n"
        "    def _repr_svg_(self): raise NotImplementedError\n"
        "    def _ipython_display_(self): raise NotImplementedError\n"
        "    def __repr__(self): return '<Rich at 0x7f00beef>'\n"
    )
    shown = [content for kind, content in home.cell(
        "display(Rich(), include=['image/png'])\n"
        "display(Rich(), exclude=['text/plain', 'text/latex'])\n"
        "display(Rich(), clear=True, transient={'a': 1})"
    )]  # fmt: skip
    assert shown[0]["data"] == {"image/png": "cG5n"}
    assert shown[0]["metadata"] == {"image/png": {"width": 1}}
    assert shown[1]["data"] == {"image/png": "cG5n", "text/html": "b"}
    assert shown[2] == {"wait": True}
    assert shown[3]["data"]["text/plain"] == "<Rich>", "an address is another one each time, and nobody sees it here"
    assert shown[3]["transient"] == {"a": 1}
    asked = home.cell("print(*asked)")[0][1]["text"]
    assert asked == "(['image/png'], None) (None, ['text/plain', 'text/latex']) (None, None) latex\n"
    raw = home.cell("display({'image/gif': b'gif'}, raw=True)")[0][1]
    assert raw["data"] == {"image/gif": "Z2lm"}


def test_what_json_has_not_is_sent_as_what_it_has(home: Home) -> None:
    shown = home.cell(
        "import numpy as np\n"
        "inf = float('inf')\n"
        "data = {'n': np.int64(3), 'x': [np.float32(0.5), float('nan'), (-inf,)], 'a': np.array([[1.5, inf]]),\n"
        "        'b': b'gif', np.int64(1): True, None: {1: 'one'}, (1, 2): {3}}\n"
        "display({'application/json': data}, raw=True)"
    )[0][1]
    assert json.loads(to_json(shown))["data"]["application/json"] == {
        "n": 3,
        "x": [0.5, None, [None]],
        "a": [[1.5, None]],
        "b": "Z2lm",
        "1": True,
        "null": {"1": "one"},
        "(1, 2)": "{3}",
    }


def test_displays_can_be_updated_and_output_cleared(home: Home) -> None:
    home.cell("handle = display('a', display_id=True)")
    replies = home.cell("handle.update('b')\nclear_output(wait=True)\nupdate_display('c', display_id='other')")
    assert [kind for kind, _ in replies[:3]] == ["update_display_data", "clear_output", "update_display_data"]
    assert replies[0][1]["transient"] == home.sent[1][0]["content"]["transient"]
    assert replies[1][1] == {"wait": True}


def test_much_printing_is_gathered_and_nothing_is_lost(home: Home) -> None:
    replies = home.cell("for i in range(10_000): print(i)")
    texts = [content["text"] for kind, content in replies if kind == "stream"]
    assert "".join(texts) == "".join(f"{i}\n" for i in range(10_000))
    assert len(texts) < 1_000


def test_comms_open_from_both_sides(home: Home) -> None:
    heard: list[Any] = []

    def opened(message: Any, buffers: Any) -> None:
        comm = home.kernel.comms.accept(message)
        comm.on_message = lambda data, buffers: heard.append((data, [bytes(item) for item in buffers]))
        comm.on_close = lambda: heard.append("closed")
        comm.send({"hello": message["content"]["data"]["who"]}, [b"\x00\x01"])

    home.kernel.comms.register_target("test", opened)

    home.receive("comm_open", {"comm_id": "1", "target_name": "test", "data": {"who": "page"}})
    sent = [(m["header"]["msg_type"], m["content"].get("data"), b) for m, b in home.sent]
    assert ("comm_msg", {"hello": "page"}, [b"\x00\x01"]) in sent
    home.receive("comm_msg", {"comm_id": "1", "data": {"n": 1}}, [b"abc"])
    home.receive("comm_close", {"comm_id": "1", "data": {}})
    home.receive("comm_msg", {"comm_id": "1", "data": {"n": 2}})
    assert heard == [({"n": 1}, [b"abc"]), "closed"]
    home.receive("comm_open", {"comm_id": "2", "target_name": "unknown", "data": {}})
    assert [m["header"]["msg_type"] for m, _ in home.sent][-2:] == ["comm_close", "status"]


def test_an_exception_in_a_comm_is_published_and_ends_there(home: Home) -> None:
    comm = home.kernel.comms.open("test")

    def fail(data: Any, buffers: Any) -> None:
        raise ValueError("in the callback")

    comm.on_message = fail
    for _ in range(2):
        home.receive("comm_msg", {"comm_id": comm.comm_id, "data": {}})
    kinds = [m["header"]["msg_type"] for m, _ in home.sent if m["parent_header"]]
    assert kinds == ["status", "error", "status"] * 2
    assert PARENT.get() is None


def test_what_fails_after_a_cell_is_shown_and_the_rest_is_done(home: Home) -> None:
    done: list[bool] = []
    home.kernel.after_request += [lambda: 1 // 0, lambda: done.append(True)]  # type: ignore[list-item]
    kinds = [kind for kind, _ in home.cell("1")]
    assert kinds == ["execute_result", "execute_reply", "error"]
    assert done == [True]
    assert home.sent[-1][0]["content"] == {"execution_state": "idle"}


def test_closing_gives_the_streams_back() -> None:
    before = (sys.stdout, sys.stderr, sys.modules["__main__"], threading.Thread.start)
    kernel = Home().kernel
    assert sys.stdout is not before[0]
    kernel.close()
    assert (sys.stdout, sys.stderr, sys.modules["__main__"], threading.Thread.start) == before
