"""What the plotting libraries leave in a build: MIME types, warnings, files of the site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sphinxext_liveviz.html.assets import absent, asked_by, libraries, used
from sphinxext_liveviz.kernel.adapters.bokeh_ids import renumber

from .conftest import MakeDocs
from .docs import Built
from .home import Home

EMBEDDED = """
Embedded
========

.. live-cell::
   :embed: 20

   import panel as pn

   number = pn.widgets.IntSlider(name="n", start=1, end=10)
   other = pn.widgets.IntSlider(name="m", start=1, end={end})
   pn.Column(number, other, pn.bind(lambda n, m: f"{{n}} times {{m}} is {{n * m}}", number, other))
"""


@pytest.fixture
def home() -> Iterator[Home]:
    home = Home()
    yield home
    home.close()


def _state(built: Built) -> str:
    return json.dumps(json.loads(built.text("index.html").split('<script type="application/json">')[1].split("<")[0]))


def test_states_are_embedded_and_the_same_each_time(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.write("index.rst", EMBEDDED.format(end=2))
    built = docs.build(strict=True)
    assert "index.rst:8: 20 states are embedded, " in built.status
    document = _state(built)
    assert "10 times 2 is 20" in document
    again = docs.build(strict=True, liveviz_execution="force")
    assert _state(again) == document


def test_more_states_than_allowed_are_a_warning_and_a_plain_output(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.write("index.rst", EMBEDDED.format(end=3))
    built = docs.build()
    assert "index.rst:8: WARNING: cell 1 has widgets with 30 states together, and :embed: allows 20" in built.warnings
    assert "[liveviz.limit]" in built.warnings
    document = _state(built)
    assert "1 times 1 is 1" in document
    assert "10 times 2 is 20" not in document


def test_a_state_whose_callback_raises_fails_the_cell(home: Home) -> None:
    code = (
        "import panel as pn\nnumber = pn.widgets.IntSlider(start=-2, end=2, value=1)\n"
        "pn.Column(number, pn.bind(lambda n: f'{1 / n}', number))"
    )
    replies = dict(home.cell(code, embed=20))
    assert replies["execute_reply"]["ename"] == "ZeroDivisionError"
    traceback = "\n".join(replies["error"]["traceback"])
    assert "1 / n" in traceback
    assert "Raised while :embed: tried 5 states, in 1 of them." in traceback
    assert "execute_result" not in replies


def test_ids_in_recorded_changes_are_counted_anew() -> None:
    patch = json.dumps({"events": [{"model": {"id": "p1001"}}, {"new": {"id": "p1009"}}]})
    roots = [{"id": "p1001"}, {"name": "panel.models.state.State", "id": "p1002", "state": patch}]
    content, _ = renumber({"doc": {"roots": roots}, "roots": ["p1001", "p1002"]}, "")
    renamed = json.loads(content["doc"]["roots"][1]["state"])
    assert renamed == {"events": [{"model": {"id": "p1"}}, {"new": {"id": "p3"}}]}


def _of(home: Home, kind: str, code: str) -> list[dict[str, Any]]:
    return [content for sent, content in home.cell(code) if sent == kind]


def test_plotly_and_altair_give_what_scripts_of_the_page_draw(home: Home) -> None:
    home.cell("import plotly.express as px\nimport altair as alt")
    (figure,) = _of(home, "execute_result", "px.bar(x=[1], y=[2])")
    assert figure["data"]["application/vnd.plotly.v1+json"]["data"][0]["type"] == "bar"
    (shown,) = _of(home, "display_data", "px.bar(x=[1], y=[2]).show('browser', width=90, config={'scrollZoom': True})")
    content = shown["data"]["application/vnd.plotly.v1+json"]
    assert (content["layout"]["width"], content["config"]) == (90, {"scrollZoom": True})
    chart = "alt.Chart(alt.Data(values=[{'a': 1}])).mark_bar().encode(x='a:Q')"
    (result,) = _of(home, "execute_result", chart)
    (drawn,) = [mime for mime in result["data"] if "vegalite" in mime]
    assert drawn.endswith("+json")
    (again,) = _of(home, "display_data", f"{chart}.show()")
    assert again["data"][drawn]["mark"] == result["data"][drawn]["mark"]
    home.cell("alt.renderers.register('own', lambda _: {'image/png': b'png'}); alt.renderers.enable('own')")
    (picture,) = _of(home, "execute_result", chart)
    assert picture["data"]["image/png"] == "cG5n"


def test_what_an_extension_may_show_is_in_the_site_and_not_on_the_page() -> None:
    (panel,) = [library for library in libraries() if library.name == "panel"]
    address = f"{panel.prefix}bundled/modal/a11y-dialog@7/dist/a11y-dialog.min.js"
    told = {"liveviz": {"assets": [address, "https://other.example/x.js"]}}
    asked = asked_by({"cells": [], "metadata": told})
    assert (asked["js"], asked["files"]) == ([], [address])


def test_a_figure_brings_plotlys_own_script() -> None:
    output: dict[str, Any] = {"data": {"application/vnd.plotly.v1+json": {"data": []}}}
    asked = asked_by({"cells": [{"outputs": [output]}]})
    assert [library.name for library in used(asked, ())] == ["plotly"]


@pytest.mark.parametrize("bundle", [False, True])
def test_what_no_library_brings_is_told(bundle: bool) -> None:
    (panel,) = [library for library in libraries() if library.name == "panel"]
    gone, there = f"{panel.prefix}bundled/none/x.js", f"{panel.prefix}panel.min.js"
    asked = {"js": [gone, there], "css": [], "modules": ["https://other.example/m.js#M"], "files": [], "mimes": []}
    assert absent(asked, bundle=bundle) == [gone, *(["https://other.example/m.js"] if bundle else [])]
