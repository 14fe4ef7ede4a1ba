"""What authors write is what is recorded, in rst and in MyST alike, and shown as a code block of Sphinx."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace

import pytest
from docutils import nodes

from sphinxext_liveviz.markup.directive import cell_id
from sphinxext_liveviz.markup.nodes import live_cell
from sphinxext_liveviz.markup.options import OPTIONS

from .conftest import BuildOnce, MakeDocs
from .docs import Built, Docs


@pytest.fixture
def built(build_once: BuildOnce) -> Built:
    return build_once("markup")


def test_rst_and_myst_record_the_same(built: Built) -> None:
    rst, md = (built.domain.cells(f"options_{kind}") for kind in ("rst", "md"))
    assert len(rst) == 4
    for one, other in zip(rst, md, strict=True):
        assert one == replace(other, docname=one.docname, id=one.id, path=one.path, line=one.line)


def test_every_option_is_recorded(built: Built) -> None:
    plain, full, hidden, _ = built.domain.cells("options_rst")
    assert (plain.code, plain.static, plain.execute, plain.raises) == ("x = 1\nprint(x)", False, True, None)
    assert (plain.timeout, plain.requirements) == (None, ())
    assert (full.static, full.execute, full.raises, full.timeout) == (True, False, "ZeroDivisionError", 1.5)
    assert full.requirements == ("numpy>=2,<3", "xarray")
    assert full.depends == ("conf.py", "*.r*", "index.rst")
    assert hidden.raises == ""


def test_the_line_of_the_first_line_of_code_is_known(built: Built) -> None:
    cells = (*built.domain.cells("lines_rst"), *built.domain.cells("lines_md"))
    assert len(cells) == 15
    assert [f'"{cell.location}"' for cell in cells] == [cell.code for cell in cells]


@pytest.mark.parametrize("kind", ["rst", "md"])
def test_the_code_block_is_sphinxs_own(built: Built, kind: str) -> None:
    html = built.text(f"options_{kind}.html")
    assert '<span class="caption-text">A <em>sine</em></span>' in html
    assert f'id="{kind}-sine"' in html
    assert '<span class="linenos">7</span>' in html
    assert '<span class="hll"><span class="linenos">8</span>' in html
    assert re.search(r'<div class="wide live-cell"[^>]*data-number="1"', html)
    assert 'data-live="false" data-number="2"' in html


@pytest.mark.parametrize("kind", ["rst", "md"])
def test_code_and_output_can_be_hidden(built: Built, kind: str) -> None:
    html = built.text(f"options_{kind}.html")
    assert html.count('class="highlight-python') == 3
    assert ">shown\n" in html
    assert f'id="{kind}-hidden"' in html
    assert "unseen\n" not in html


def test_captions_are_numbered_and_names_are_targets(built: Built) -> None:
    assert built.warnings == ""
    html = built.text("index.html")
    assert 'href="options_rst.html#rst-sine"><span class="std std-numref">Listing 1</span>' in html
    assert 'href="options_md.html#md-sine"><span class="std std-numref">Listing 3</span>' in html
    assert 'href="options_rst.html#rst-sine"><span class="std std-ref">A sine</span>' in html
    assert 'href="options_rst.html#rst-hidden"><span class="std std-ref">Hidden</span>' in html


def test_doctrees_hold_plain_values_only(built: Built) -> None:
    doctree = pickle.loads((built.out.parent / "doctrees/options_rst.doctree").read_bytes())
    found = list(doctree.findall(live_cell))
    assert len(found) == 4
    for node in found:
        values = [value for value in node.attributes.values() if not isinstance(value, list)]
        assert {type(value) for value in values} <= {str, int, bool}
        assert isinstance(node.children[0], nodes.Element)


UNKNOWN = [("rst", ":8: ERROR", 'unknown option: "colour"'), ("md", ":9: WARNING", "Unknown option key: 'colour'")]
BAD = [
    ("timeout", "soon", "'soon' is not a number of seconds above 0; write for instance 300"),
    ("timeout", "-1", "'-1' is not a number of seconds above 0"),
    ("embed", "many", "'many' is not a number of states from 1; write for instance 500, or nothing for 100"),
    ("raises", "two words", "'two words' is not the name of one exception; write for instance ZeroDivisionError"),
    ("requirements", "numpy>=", "'numpy>=' is not a requirement; write for instance numpy>=2 xarray"),
    ("depends", "", "no file is named; write for instance data/*.csv"),
    ("lineno-start", "x", "'x' is not the number of a line; write for instance 10"),
]
PAGE = {
    "rst": "Page\n====\n\n.. live-cell::\n\n   1\n\n.. live-cell::\n   {option}\n\n   2\n",
    "md": "# Page\n\n```{{live-cell}}\n\n1\n```\n\n```{{live-cell}}\n{option}\n\n2\n```\n",
}


def _page(docs: Docs, kind: str, option: str) -> Built:
    docs.write(f"page.{kind}", f"{PAGE[kind]}".format(option=option))
    docs.edit("index.rst", "=====", "=====\n\n.. toctree::\n\n   page\n")
    return docs.build()


@pytest.mark.parametrize(("kind", "place", "message"), UNKNOWN)
def test_an_unknown_option_is_an_ordinary_warning(make_docs: MakeDocs, kind: str, place: str, message: str) -> None:
    built = _page(make_docs("blank"), kind, ":colour: red")
    assert f"page.{kind}{place}" in built.warnings
    assert message in built.warnings


@pytest.mark.parametrize(("option", "value", "message"), BAD)
@pytest.mark.parametrize(("kind", "place"), [("rst", ":8: ERROR"), ("md", ":9: WARNING")])
def test_a_bad_value_is_named_with_what_is_allowed(
    make_docs: MakeDocs, kind: str, place: str, option: str, value: str, message: str
) -> None:
    built = _page(make_docs("blank"), kind, f":{option}: {value}")
    assert f"page.{kind}{place}" in built.warnings
    assert message in built.warnings


@pytest.mark.parametrize(("kind", "place"), [("rst", ":8: ERROR"), ("md", ":8: ERROR")])
def test_an_empty_cell_is_an_error(make_docs: MakeDocs, kind: str, place: str) -> None:
    docs = make_docs("blank")
    docs.write(f"page.{kind}", PAGE[kind].format(option="").replace("2\n", "\n"))
    docs.edit("index.rst", "=====", "=====\n\n.. toctree::\n\n   page\n")
    built = docs.build()
    assert f"page.{kind}{place}" in built.warnings
    assert "a live-cell without code; write Python below its options" in built.warnings


def test_every_option_rejects_nonsense_or_takes_any_text() -> None:
    assert set(OPTIONS) == {
        *("name", "caption", "class", "linenos", "lineno-start", "emphasize-lines", "hide-code", "hide-output"),
        *("static", "no-exec", "raises", "timeout", "requirements", "depends"),
        *("files", "embed", "volatile", "tolerance"),
    }


@pytest.mark.parametrize("docname", ["index", "a/b", "a-b", "ä/" + 80 * "x"])
def test_ids_are_cell_ids_of_nbformat(docname: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", cell_id(docname, 999))


def test_ids_are_unique_in_the_site() -> None:
    assert len({cell_id(docname, index) for docname in ("a/b", "a-b", "a_b") for index in (0, 1)}) == 6


def test_an_excluded_cell_is_not_shown(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.edit("index.rst", "=====", "=====\n\n.. only:: latex\n\n   .. live-cell::\n\n      print('paper')\n")
    assert "live-cell" not in docs.build().text("index.html")
    assert "paper" in docs.build("latex").text("blank.tex")
