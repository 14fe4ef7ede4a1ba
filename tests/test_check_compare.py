"""When a live output counts as the static one."""

from __future__ import annotations

import base64
import gzip
import struct
from typing import Any

import pytest

from sphinxext_liveviz.check.compare import BOKEH, Far, compare, picture_pairs
from sphinxext_liveviz.check.documents import document_differences
from sphinxext_liveviz.check.tables import html_difference
from sphinxext_liveviz.check.text import same_text

EXACT = 1e-6


@pytest.mark.parametrize(
    ("static", "live"),
    [
        ("<Thing at 0x7f00aa11bb22>", "<Thing at 0x004f2a10>"),
        ("took 1.2 s", "took 31.5 s"),
        ("at 2026-01-02 03:04:05", "at 2027-11-12 13:14:15"),
        ("Figure(id='p1004', ...)", "Figure(id='p99', ...)"),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id 00000000-e89b-12d3-a456-426614174999"),
        ("mean 0.123456789", "mean 0.123456788"),
        ("a  1.0\nb 10.0", "a   1.0\nb  10.0"),
        ("/home/me/lib/thing.py:3: UserWarning", "/lib/python3.13/site-packages/lib/thing.py:3: UserWarning"),
        ("nan", "nan"),
    ],
)
def test_what_is_another_one_each_time_is_the_same_text(static: str, live: str) -> None:
    assert same_text(static, live, EXACT)


@pytest.mark.parametrize(
    ("static", "live"),
    [
        ("1.0", "1.1"),
        ("1.0", "one"),
        ("[1, 2]", "[1, 2, 3]"),
        ("x = 1", "y = 1"),
        ("linux", "emscripten"),
        ("", "DeprecationWarning"),
        ("0.0", "0.001"),
        ("numpy 2.4.6", "numpy 2.0.2"),
    ],
)
def test_all_else_is_another_text(static: str, live: str) -> None:
    assert not same_text(static, live, EXACT)


def test_a_tolerance_holds_for_numbers_only() -> None:
    assert same_text("1.00 kg", "1.04 kg", 0.05)
    assert not same_text("1.00 kg", "1.04 lb", 0.05)


TABLE = "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>{}</td></tr></table>"


def test_tables_are_compared_by_cell_and_the_cell_is_named() -> None:
    assert html_difference(TABLE.format("2.0000000"), TABLE.format("2.00000001"), EXACT) == ""
    assert html_difference(TABLE.format(2), TABLE.format(3), EXACT) == "table 1: row 2, column 2: '2' is '3' live"
    assert html_difference(TABLE.format(2), TABLE.replace("<td>1</td>", "").format(2), EXACT) == (
        "table 1: row 2: 2 cells are 1 live"
    )
    assert html_difference(TABLE.format(2), "<p>no table</p>", EXACT) == "1 tables are 0 live"


def test_of_other_html_texts_and_elements_count_but_neither_ids_nor_styles() -> None:
    static = '<div id="a1"><style>.x1 {color: red}</style><b>bold</b> text</div>'
    assert html_difference(static, static.replace("a1", "b7").replace("red", "blue"), EXACT) == ""
    assert html_difference(static, static.replace("bold", "fat"), EXACT) == "another text"
    assert html_difference(static, static.replace("b>", "i>"), EXACT) == "other elements"


def array(values: list[float], kind: str = "d", dtype: str = "float64", *, packed: bool = False) -> dict[str, Any]:
    raw = struct.pack(f"<{len(values)}{kind}", *values)
    data = base64.b64encode(gzip.compress(raw) if packed else raw).decode()
    return {
        "type": "ndarray",
        "array": {"type": "bytes", "data": data},
        "shape": [len(values)],
        "dtype": dtype,
        "order": "little",
    }


def document(y: Any, *, source: str = "p2", title: str = "A title", **more: Any) -> dict[str, Any]:
    data = {"type": "map", "entries": [["y", y]]}
    model = {"type": "object", "name": "ColumnDataSource", "id": source, "attributes": {"data": data}}
    renderer = {"type": "object", "name": "GlyphRenderer", "id": "p3", "attributes": {"data_source": {"id": source}}}
    attributes = {"title": title, "source": model, "renderers": [renderer], **more}
    return {"version": "3.9.2", "roots": [{"type": "object", "name": "Figure", "id": "p1", "attributes": attributes}]}


def test_documents_are_the_same_whatever_their_ids_and_however_their_arrays_are_packed() -> None:
    static = document(array([1.0, 2.0], packed=True))
    assert document_differences(static, document(array([1.0, 2.0 + 1e-9]), source="p1002"), EXACT) == []
    assert document_differences(static, document([1, 2]), EXACT) == []
    assert document_differences(static, document(array([1, 2], "i", "int32")), EXACT) == []
    assert document_differences(static, document([1, 2], subscribed_events=["pan"]), EXACT) == []


def test_a_difference_of_documents_is_named_by_its_path() -> None:
    static = document(array([1.0, 2.0]))
    assert document_differences(static, document(array([1.0, 3.0])), EXACT) == [
        "roots[0].Figure.source.ColumnDataSource.data[0][1]: 1 of 2 numbers differ; [1] 2.0 is 3.0 live"
    ]
    assert document_differences(static, document(array([1.0])), EXACT) == [
        "roots[0].Figure.source.ColumnDataSource.data[0][1]: 2 numbers are 1 live"
    ]
    assert document_differences(static, document(array([1.0, 2.0]), title="B"), EXACT) == [
        "roots[0].Figure.title: 'A title' is 'B' live"
    ]
    assert document_differences(static, document(array([1.0, 2.0]), width=300), EXACT) == [
        "roots[0].Figure: width is there live only (300)"
    ]


def test_a_reference_to_another_model_is_a_difference() -> None:
    live = document(array([1.0]))
    live["roots"][0]["attributes"]["renderers"][0]["attributes"]["data_source"]["id"] = "p1"
    assert document_differences(document(array([1.0])), live, EXACT) == [
        "roots[0].Figure.renderers[0].GlyphRenderer.data_source: refers to another model"
    ]


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(**data: Any) -> dict[str, Any]:
    mimes = {"plain": "text/plain", "html": "text/html", "png": "image/png", "bokeh": BOKEH}
    return {"output_type": "display_data", "data": {mimes[key]: value for key, value in data.items()}, "metadata": {}}


def whats(static: list[dict[str, Any]], live: list[dict[str, Any]], far: Far | None = None) -> list[str]:
    return [one.what for one in compare(static, live, tolerance=EXACT, far=far, distance=0.15)]


def test_streams_are_compared_as_a_whole_whatever_messages_they_came_in() -> None:
    assert whats([stream("a\nb\n")], [stream("a\n"), shown(plain="x"), stream("b\n")][::2]) == []
    assert whats([stream("a\n")], [stream("a\n"), stream("Warning\n", "stderr")]) == ["stderr"]
    assert whats([stream("a\n")], [stream("b\n")]) == ["stdout"]


def test_only_what_the_page_shows_of_an_output_is_compared() -> None:
    assert whats([shown(html="<b>x</b>", plain="<X at 1>")], [shown(html="<b>x</b>", plain="<Y>")]) == []
    assert whats([shown(html="<b>x</b>", plain="x")], [shown(plain="x")]) == ["MIME type"]
    assert whats([shown(plain="x")], []) == ["outputs"]
    assert whats([shown(plain="x")], [shown(plain="y")]) == ["text/plain"]


def test_errors_are_compared_by_name_and_words() -> None:
    error = {"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": ["one"]}
    assert whats([error], [{**error, "traceback": ["another"]}]) == []
    assert whats([error], [{**error, "evalue": "worse"}]) == ["error"]
    assert whats([error], []) == ["error"]


def test_pictures_may_be_a_little_apart() -> None:
    static, live = [shown(png="AAAA")], [shown(png="BBBB")]
    (pair,) = picture_pairs(static, live)
    assert pair == ("data:image/png;base64,AAAA", "data:image/png;base64,BBBB")
    assert whats(static, live, Far({pair: (0.1, ["4 × 4", "4 × 4"])})) == []
    assert whats(static, live, Far({pair: (0.2, ["4 × 4", "5 × 5"])})) == ["image/png"]
    assert picture_pairs(static, static) == []
    # Under Node nobody can look at them.
    assert whats(static, live, None) == []
