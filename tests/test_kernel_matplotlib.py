"""Matplotlib figures: each once, in the formats that the site wants, and never with the repr of what made them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from .home import Home


@pytest.fixture
def home() -> Iterator[Home]:
    made = Home()
    made.cell("import matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd")
    yield made
    made.close()


def _shown(home: Home, code: str, *formats: str) -> list[tuple[str, dict[str, Any]]]:
    settings = {"matplotlib_format": list(formats)} if formats else {}
    return [(kind, content) for kind, content in home.cell(code, settings=settings) if kind != "execute_reply"]


@pytest.mark.parametrize(
    "code",
    [
        "plt.plot([1, 2])",
        "plt.hist([1, 2, 2])",
        "plt.bar([1, 2], [3, 4])",
        "fig, ax = plt.subplots()\nax.set_title('title')",
        "plt.subplots(2, 2)",
        "fig, ax = plt.subplots()\nax.boxplot([1, 2, 3])",
        "pd.DataFrame({'a': [1, 2], 'b': [1, 2]}).plot(subplots=True)",
        "pd.Series([1, 2]).plot()",
        "left, right = plt.figure().subfigures(1, 2)\nax = left.subplots()\nright.subplots()\nax.plot([1, 2])",
        "plt.plot([1, 2])\nplt.gcf()",
        "plt.plot([1, 2])\nplt.show()",
    ],
)
def test_a_figure_is_shown_once_and_alone(home: Home, code: str) -> None:
    shown = _shown(home, code)
    assert [[*content["data"]] for _, content in shown] == [["image/png", "text/plain"]]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("plt.plot([1, 2])\n[1, 2]", "[1, 2]"),
        ("plt.plot([1, 2])\nnp.array([1, None])", "array([1, None], dtype=object)"),
        ("from matplotlib.lines import Line2D\nplt.plot([1])\nLine2D([1], [2])", "<matplotlib.lines.Line2D object"),
        ("line, = plt.plot([1])\nplt.close()\nline", "<matplotlib.lines.Line2D object"),
    ],
)
def test_what_is_in_no_figure_of_the_cell_is_shown_as_ever(home: Home, code: str, text: str) -> None:
    kind, content = _shown(home, code)[0]
    assert kind == "execute_result"
    assert content["data"]["text/plain"].startswith(text)


def test_the_site_chooses_formats(home: Home) -> None:
    code = "plt.figure(figsize=(2, 1))\nplt.plot([1, 2])"
    both = _shown(home, code, "svg", "png")[0][1]
    assert [*both["data"]] == ["image/svg+xml", "image/png", "text/plain"]
    assert both["data"]["image/svg+xml"].startswith("<svg ")
    drawing, picture = (both["metadata"][mime] for mime in ("image/svg+xml", "image/png"))
    assert abs(drawing["width"] - picture["width"]) <= 2
    assert abs(drawing["height"] - picture["height"]) <= 2
    pdf = _shown(home, code, "pdf")[0][1]["data"]
    assert base64.b64decode(pdf["application/pdf"]).startswith(b"%PDF")


@pytest.mark.parametrize("name", ["png", "svg", "pdf"])
def test_a_figure_is_the_same_each_time(home: Home, name: str) -> None:
    code = "plt.figure(figsize=(2, 1))\nplt.plot([1, 2], 'o-')\nplt.title('$x^2$')"
    first, second = (_shown(home, code, name)[0][1]["data"] for _ in range(2))
    assert {mime: first[mime] for mime in first if mime != "text/plain"} == {
        mime: second[mime] for mime in second if mime != "text/plain"
    }


def test_styled_tables_have_ids_of_their_cells(home: Home) -> None:
    code = "frame = pd.DataFrame({'a': [1, 2]})\ndisplay(frame.style.highlight_max(), frame.style.highlight_min())"

    def tables(cell: str) -> list[str]:
        return [content["data"]["text/html"] for kind, content in home.cell(code, cell=cell) if kind == "display_data"]

    first, again, other = tables("one"), tables("one"), tables("two")
    assert first == again
    assert len({first[0].split('"')[3], first[1].split('"')[3], other[0].split('"')[3], other[1].split('"')[3]}) == 4
    own = home.cell("frame.style.set_uuid('mine')", cell="one")[0][1]["data"]
    assert 'id="T_mine"' in own["text/html"]
    assert own["text/plain"] == "<pandas.io.formats.style.Styler object>", "no address where nobody reads it"
