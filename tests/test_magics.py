"""IPython's syntax in cells: what there is works as in notebooks, and all else is refused by its name and line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from sphinxext_liveviz.kernel.magics.pip import requirements
from sphinxext_liveviz.kernel.magics.reading import parse, read
from sphinxext_liveviz.runtime.imports import imports_of

from .home import Home


@pytest.fixture
def home() -> Iterator[Home]:
    made = Home()
    yield made
    made.close()


@pytest.mark.parametrize(
    "code",
    [
        "x = (1\n% 2)",
        "x = 1 \\\n% 2",
        'text = """\n%time\n!ls\nwhat?\n"""',
        "text = 'a\\\n%time'",
        "# really?\nx = 1",
        "x = 7 % 2  # = %",
    ],
)
def test_python_is_left_as_it_is(code: str) -> None:
    assert read(code).python == code
    assert not read(code).magics


@pytest.mark.parametrize(
    ("code", "python"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("if x:\n    %time y = f()\n    z = 1", "if x:\n    y = f()\n    z = 1"),
        ("text = '''\n%keep\n'''\n%autoreload 2", "text = '''\n%keep\n'''\npass"),
        ("x = f(')')\n!ls (\ny = [\n1]\nf?", "x = f(')')\npass\ny = [\n1]\npass"),
        ("files = !ls\na, b = %who", "files = None\na, b = None"),
        ("%%time\n%%capture out\nx = 1", "\n\nx = 1"),
        ("\n%%capture\nx = '?\n%time f()", "\n\nx = '?\nf()"),
    ],
)
def test_each_statement_keeps_its_line(code: str, python: str) -> None:
    assert read(code).python == python


def test_what_looks_into_code_sees_the_python_in_it() -> None:
    assert len(parse("%%time\n%load_ext autoreload\nimport numpy").body) == 2
    assert parse("%%html\n<script>import numpy</script>").body == []
    assert requirements("x = 1\n%pip install -q 'numpy>=2' xarray  # both\n!pip install a\n%pip list") == [
        ("numpy>=2", 2), ("xarray", 2), ("a", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("--index-url https://index.example/simple -U foo", ["foo"]),
        ("--index-url=https://index.example/simple foo[a,b]==1.*", ["foo[a,b]==1.*"]),
        ("numpy>=2 'foo; python_version < \"4\"'", ["numpy>=2", 'foo; python_version < "4"']),
        ("foo -r requirements.txt", []),
        ("-rrequirements.txt", []),
        ("--constraint=c.txt foo", []),
        ("-e .", []),
        ("foo ./bar", []),
        ("foo-1.0-py3-none-any.whl", []),
        ("foo | tail -1", []),
        ("foo;ls", []),
        ("foo && ls", []),
        ("foo > log.txt", []),
        ("$foo", []),
    ],
)
def test_of_pips_words_those_are_requirements_that_pip_takes_for_them(words: str, wanted: list[str]) -> None:
    assert [one for one, _ in requirements(f"%pip install {words}")] == wanted


@pytest.mark.parametrize(
    ("code", "line", "says"),
    [
        ("x = 1\n%foo bar", 2, "%foo is a magic that cells do not have"),
        ("%%timeit\n1", 1, "%%timeit is a magic that cells do not have"),
        ("x = %pwd", 1, "the value of %pwd cannot be had"),
        ("\n\n!ls -l", 3, "!ls is a program of the system"),
        ("files = !ls", 1, "!ls is a program of the system"),
        ("print?", 1, "write help(print)"),
        ("??print", 1, "write help(print)"),
        ("%matplotlib widget", 1, "%matplotlib widget: figures are pictures here"),
        ("%load_ext sql", 1, "%load_ext sql: cells have autoreload and holoviews.ipython only"),
        ("%pip install there-is-no-such", 1, "there-is-no-such is not here. Cells install nothing"),
        ("%pip install git+https://host/a", 1, "cells take names of distributions"),
        ("%pip install -r requirements.txt", 1, "%pip install … -r: cells take names of distributions"),
        ("!pip install numpy | tail -1", 1, "!pip install … |: cells take names of distributions"),
        ("%pip freeze", 1, "of pip's commands cells have `%pip install`"),
        ("%time", 1, "%time is followed by what is to be timed"),
    ],
)
def test_what_there_is_not_is_refused_before_anything_runs(home: Home, code: str, line: int, says: str) -> None:
    replies = home.cell("print('ran')\n" + code if not code.startswith("%%") else code)
    moved = 0 if code.startswith("%%") else 1
    assert [kind for kind, _ in replies] == ["error", "execute_reply"]
    error = replies[0][1]
    assert error["ename"] == "UsageError"
    assert says in error["evalue"]
    assert error["traceback"][0] == f'  File "<cell 1>", line {line + moved}'
    assert error["traceback"][-1].startswith("UsageError: ")


def test_what_is_for_notebooks_only_does_nothing(home: Home) -> None:
    code = "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n%pip install pytest -q\n!pip install 'pytest>1'\n5"
    assert [kind for kind, _ in home.cell(code)] == ["execute_result", "execute_reply"]


def test_time_is_taken_and_the_value_still_shown(home: Home) -> None:
    lines = [content.get("text") for _, content in home.cell("%time x = 2\n%time x + 1")]
    assert len([text for text in lines if text]) == 2
    printed = home.cell("import asyncio\nif True:\n    %time y = await asyncio.sleep(0, 4)\n%time x + y")
    number = r"\d+(\.\d+)?(e[+-]\d+)? (ns|µs|ms|s)"
    assert re.fullmatch(rf"CPU times: total: {number}\nWall time: {number}\n", printed[0][1]["text"])
    assert printed[2][1]["data"] == {"text/plain": "6"}
    whole = home.cell("%%time\nx")
    assert [kind for kind, _ in whole] == ["stream", "execute_result", "execute_reply"]


def test_a_traceback_points_at_what_the_author_wrote(home: Home) -> None:
    plain = home.cell("x = 0\nif True:\n    y = 1 / x", number=1)[0][1]["traceback"]
    timed = home.cell("x = 0\nif True:\n    %time y = 1 / x", number=1)[0][1]["traceback"]
    moved = " " * len("%time ")
    assert timed == [*plain[:2], "    %time y = 1 / x", moved + plain[3], *plain[4:]]
    assert plain[3].strip() == "~~^~~"


def test_capture_keeps_what_is_shown(home: Home) -> None:
    assert [kind for kind, _ in home.cell("%%capture kept\nprint('a')\ndisplay('b')\n'c'")] == ["execute_reply"]
    assert home.cell("kept.stdout, len(kept.outputs)")[0][1]["data"]["text/plain"] == "('a\\n', 2)"
    again = home.cell("kept.show()")
    assert again[0][1] == {"name": "stdout", "text": "a\n"}
    assert [content["data"]["text/plain"] for _, content in again[1:3]] == ["'b'", "'c'"]
    home.cell("handle = display('old', display_id='d')")
    home.cell("%%capture kept\nhandle.update('new')\ndisplay('b', transient={'liveviz': {'comm_id': 'c'}})")
    changed, linked = home.cell("kept()\n")[:2]
    assert (changed[0], changed[1]["data"], changed[1]["transient"]) == (
        "update_display_data", {"text/plain": "'new'"}, {"display_id": "d"},
    )  # fmt: skip
    assert linked[1]["transient"] == home.cell("kept.outputs[1]")[0][1]["transient"] == {"liveviz": {"comm_id": "c"}}
    some = home.cell("%%capture --no-stderr\nimport sys\nprint('gone')\nprint('said', file=sys.stderr)")
    assert [content.get("text") for kind, content in some if kind == "stream"] == ["said\n"]
    assert home.cell("%%capture\n1 / 0")[0][1]["ename"] == "ZeroDivisionError"
    assert home.cell("print('back')")[0][1]["text"] == "back\n"


@pytest.mark.parametrize(
    ("magic", "mime"),
    [
        ("html", "text/html"),
        ("markdown", "text/markdown"),
        ("latex", "text/latex"),
        ("js", "application/javascript"),
        ("javascript", "application/javascript"),
    ],
)
def test_a_cell_may_be_no_code_at_all(home: Home, magic: str, mime: str) -> None:
    shown = home.cell(f"%%{magic}\nwhat % is ? here\n  !so")
    assert shown[0][0] == "display_data"
    assert shown[0][1]["data"][mime] == "what % is ? here\n  !so"


def test_the_holoviews_extension_is_loaded(home: Home) -> None:
    assert [one.module for one in imports_of("if True:\n    %load_ext holoviews.ipython")] == ["holoviews", "bokeh"]
    assert home.cell("%load_ext holoviews.ipython\nimport holoviews\nlist(holoviews.Store.renderers)")[0][1][
        "data"
    ] == {"text/plain": "['bokeh']"}
