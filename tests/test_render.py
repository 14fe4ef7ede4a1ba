"""Each builder shows of every output the best that it can, as standard nodes."""

from __future__ import annotations

import json
import re
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docutils import nodes
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.ext.imgconverter import ImagemagickConverter

from sphinxext_liveviz.model import BOKEH
from sphinxext_liveviz.render.ansi import attributes, runs
from sphinxext_liveviz.render.choice import IMAGE, choose, conversions, images
from sphinxext_liveviz.render.data_block import data_block
from sphinxext_liveviz.render.json_tree import json_tree
from sphinxext_liveviz.render.markdown import PLACE, to_html
from sphinxext_liveviz.render.markdown_nodes import to_nodes
from sphinxext_liveviz.render.styles import isolated, needs_paper, scoped
from sphinxext_liveviz.render.text import shown
from sphinxext_liveviz.render.transform import PlaceOutputs

from .conftest import BuildOnce, MakeDocs

HTML = SimpleNamespace(name="html", format="html", embedded=False, supported_image_types=["image/svg+xml", "image/png"])
EPUB = SimpleNamespace(name="epub", format="html", embedded=True, supported_image_types=["image/svg+xml", "image/png"])
LATEX = SimpleNamespace(name="latex", format="latex", supported_image_types=["application/pdf", "image/png"])
MAN = SimpleNamespace(name="man", format="man", supported_image_types=[])
TEXT = SimpleNamespace(name="text", format="text", supported_image_types=[])
OTHER = SimpleNamespace(name="wiki", format="wiki", supported_image_types=["image/png"])

TABLE = {"text/html": "<table></table>", "text/plain": "table"}
PLOT = {BOKEH: {}, "text/plain": "plot"}
PICTURE = {"image/png": "", "text/html": "<img>", "text/plain": "picture"}
DRAWING = {"image/svg+xml": "", "text/plain": "drawing"}


@pytest.mark.parametrize(
    ("data", "builder", "expected"),
    [
        (PLOT, HTML, BOKEH),
        (PLOT, EPUB, "text/plain"),
        (PLOT, LATEX, "text/plain"),
        (PLOT, TEXT, "text/plain"),
        (PLOT, OTHER, "text/plain"),
        (TABLE, HTML, "text/html"),
        (TABLE, EPUB, "text/html"),
        (TABLE, LATEX, "text/plain"),
        (PICTURE, HTML, "text/html"),
        (PICTURE, EPUB, IMAGE),
        (PICTURE, LATEX, IMAGE),
        (PICTURE, TEXT, "text/plain"),
        (DRAWING, HTML, IMAGE),
        (DRAWING, LATEX, "text/plain"),
        ({"text/html": "<br>", "text/plain": "not XML"}, EPUB, "text/plain"),
        ({"text/html": "<b/><script>1</script>", "text/plain": "scripted"}, EPUB, "text/plain"),
        ({"text/latex": "$x$", "text/plain": "x"}, HTML, "text/latex"),
        ({"text/latex": "$x$ and $y$", "text/plain": "x"}, HTML, "text/plain"),
        ({"text/latex": r"\begin{tabular}{l}x\end{tabular}", "text/plain": "x"}, HTML, "text/plain"),
        ({"text/latex": r"\begin{tabular}{l}x\end{tabular}", "text/plain": "x"}, LATEX, "text/latex"),
        ({"text/latex": "$x$", "image/png": "", "text/plain": "x"}, HTML, "text/latex"),
        ({"text/markdown": "*x*", "text/plain": "x"}, TEXT, "text/markdown"),
        ({"text/latex": "$x$", "text/plain": "x"}, TEXT, "text/plain"),
        ({"text/latex": "$x$", "text/plain": "<IPython.core.display.Math object>"}, TEXT, "text/latex"),
        ({"image/png": "", "text/latex": "x", "text/plain": "x"}, LATEX, IMAGE),
        ({"image/webp": "", "text/plain": "x"}, HTML, IMAGE),
        ({"image/webp": "", "text/plain": "x"}, LATEX, "text/plain"),
        ({"application/pdf": "", "text/plain": "x"}, HTML, "application/pdf"),
        ({"application/pdf": "", "text/plain": "x"}, LATEX, IMAGE),
        ({"application/javascript": "", "text/plain": "x"}, HTML, "application/javascript"),
        ({"application/javascript": "", "text/plain": "x"}, EPUB, "text/plain"),
        ({"application/json": {}, "text/plain": "x"}, HTML, "application/json"),
        ({"application/geo+json": {}, "text/plain": "x"}, HTML, "application/geo+json"),
        ({"application/vnd.x+json": {}, "text/plain": "x"}, HTML, "text/plain"),
        ({"application/vnd.x+json": {}}, HTML, "application/vnd.x+json"),
        ({"application/vnd.x+json": {}}, MAN, "application/vnd.x+json"),
        ({"application/x-unknown": "?"}, HTML, None),
        ({"image/png": ""}, TEXT, None),
    ],
)
def test_the_best_representation_is_chosen(data: dict[str, Any], builder: Any, expected: str | None) -> None:
    assert choose(data, builder) == expected


def cases(name: str) -> Any:
    """Return what the scripts of the page are tested with, too."""
    return json.loads((Path(__file__).parent / "cases" / f"{name}.json").read_bytes())


@pytest.mark.parametrize("case", cases("choice"), ids=lambda case: " ".join(case["data"]))
def test_a_static_page_shows_what_a_live_one_does(case: dict[str, Any]) -> None:
    html = SimpleNamespace(**{**vars(HTML), "supported_image_types": StandaloneHTMLBuilder.supported_image_types})
    chosen = choose(case["data"], html)  # type: ignore[arg-type]
    if chosen == IMAGE:
        mimes = images(case["data"], html, set())  # type: ignore[arg-type]
        chosen = next((mime for mime in html.supported_image_types if mime in mimes), mimes[0])
    assert chosen == case["shown"]


VECTOR = {("image/svg+xml", "application/pdf")}
PICTURES = {("image/svg+xml", "image/png"), ("image/gif", "image/png")}


@pytest.mark.parametrize(
    ("mimes", "converted", "expected"),
    [
        (["image/png", "application/pdf"], set(), ["application/pdf", "image/png"]),
        (["image/png", "image/svg+xml"], set(), ["image/png"]),
        (["image/png", "image/svg+xml"], VECTOR, ["image/svg+xml"]),
        (["image/png", "image/svg+xml"], PICTURES, ["image/png"]),
        (["image/svg+xml"], PICTURES, ["image/svg+xml"]),
        (["image/gif"], PICTURES, ["image/gif"]),
        (["image/gif"], set(), []),
    ],
)
def test_a_printed_page_gets_drawings_where_an_extension_converts_them(
    mimes: list[str], converted: set[tuple[str, str]], expected: list[str]
) -> None:
    data = dict.fromkeys(mimes, "")
    assert images(data, LATEX, converted) == expected  # type: ignore[arg-type]
    assert choose({**data, "text/plain": ""}, LATEX, converted) == (IMAGE if expected else "text/plain")  # type: ignore[arg-type]


def test_extensions_are_asked_what_they_convert() -> None:
    found = conversions([ImagemagickConverter, PlaceOutputs], LATEX)  # type: ignore[arg-type]
    assert ("image/svg+xml", "image/png") in found


def test_a_json_tree_is_as_large_as_a_reader_can_use() -> None:
    html = json_tree([list(range(100))] * 100, {})
    assert html.count("live-json-number") < 5000
    assert "more, not shown here" in html


@pytest.mark.parametrize("source", cases("markdown"))
def test_markdown_is_that_of_live_outputs(source: dict[str, str]) -> None:
    html, formulas = to_html(source["markdown"])
    shown = PLACE.sub(lambda match: f"[{formulas[int(match[1])].text}]", html)
    assert shown == source["html"]


def test_a_list_begins_with_its_number_in_documents_too() -> None:
    lists = [one for source in ("3. a\n4. b", "1. a", "0. a") for one in to_nodes(source)]
    assert [one.get("start") for one in lists if isinstance(one, nodes.enumerated_list)] == [3, None, 0]


@pytest.mark.parametrize("case", cases("terminal"), ids=lambda case: case["what"])
def test_terminal_output_is_shown_as_a_terminal_would(case: dict[str, Any]) -> None:
    assert [[text, *attributes(style)] for text, style in runs(case["text"])] == case["shown"]


@pytest.mark.parametrize("case", cases("styles"), ids=lambda case: case["what"])
def test_a_style_sheet_holds_for_its_output(case: dict[str, Any]) -> None:
    assert (scoped(case["css"]), needs_paper(case["css"])) == (case["scoped"], case["paper"])


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a<style>b {c: d}</style>e", "<style>@scope {\nb {c: d}\n}</style>\nae"),
        (
            "<!doctype html><html><head><style media='print'>b</style></head><body class=x>y</body></html>",
            "<style media='print'>@scope {\nb\n}</style>\ny",
        ),
        ("<svg><style><![CDATA[a>b]]></style><g/></svg>", "<style>@scope {\na>b\n}</style>\n<svg><g/></svg>"),
        ("<svg><style>a&gt;b</style></svg>", "<style>@scope {\na>b\n}</style>\n<svg></svg>"),
        ("<script>'<style>a</style>'</script>", "<script>'<style>a</style>'</script>"),
        ("<template><style>a</style></template>", "<template><style>a</style></template>"),
        ("<style type='text/x'>a</style>", "<style type='text/x'>a</style>"),
        ("<div></div></div></section>x", "<div></div>x"),
        ("<div><p>x<table><tr><td>y", "<div><p>x<table><tr><td>y</table></div>"),
        ("<div/>x<br/>", "<div/>x<br/></div>"),
        ("<b><i>x</b></i>", "<b><i>x</b></i>"),
        ("<style>a {b: c}", "<style>@scope {\na {b: c}\n}</style>\n"),
        ("<b><i>x</b>", "<b><i>x</b></i>"),
        ("<a href='x&amp;y'><div>x &#; &lt; y", "<a href='x&amp;y'><div>x &#; &lt; y</div></a>"),
        ("<div><code>x</div>", "<div><code>x</div></code>"),
        ("x<!-- y <b>", "x"),
        ("x<div a='y", "x"),
        ("<p>x < y &amp", "<p>x < y &amp"),
        ("<script>a < b", "<script>a < b</script>"),
        ("<script>if (a<b", "<script>if (a<b</script>"),
        ("<textarea>x", "<textarea>x</textarea>"),
        ("<svg><g>", "<svg><g></svg>"),
        ("<select><option>x</template>", "<select><option>x</select>"),
        ("<template><div></template>", "<template><div></template>"),
        ("&#;<style title='&amp;'>b {c: '&'}</style>", "<style title='&amp;'>@scope {\nb {c: '&'}\n}</style>\n&#;"),
    ],
)
def test_the_html_of_an_output_ends_where_the_output_does(html: str, expected: str) -> None:
    assert isolated(html)[0] == expected


@pytest.mark.parametrize("text", ["x", "\x1b]", "\x1b[0", "\r", "\x1b"])
def test_millions_of_characters_without_a_newline_do_not_hang_the_build(text: str) -> None:
    begin = time.monotonic()
    shown(text * 3_000_000)
    assert time.monotonic() - begin < 30  # a second, unless time grows with the square


def test_a_data_block_cannot_end_its_element() -> None:
    block = data_block({"a": "</script><!--"})
    assert "<" not in block
    assert json.loads(block) == {"a": "</script><!--"}
    with pytest.raises(ValueError, match="JSON"):
        data_block({"a": float("nan")})


# -- builders ---------------------------------------------------------------------------------------------------------


def test_html(build_once: BuildOnce) -> None:
    built = build_once("formats")
    assert built.warnings == ""
    html = built.text("rich.html")
    (name,) = re.findall(r'<img [^>]*src="_images/([^"]+)"', html)
    assert name.endswith(".svg")
    assert (built.out / "_images" / name).read_text().startswith("<svg")
    assert 'style="width: 10px;"' in html
    assert r"\[\alpha^2\]" in html
    assert "mathjax" in html
    assert "<div>script<script>1</script></div>" in html
    assert "<p><strong>prose</strong> as markdown</p>" in html
    index = built.text("index.html")
    assert '<div class="live-mime" data-mime="text/html"><table><tr><td>table as html</td></tr></table></div>' in index


def test_terminal_output_in_html(build_once: BuildOnce) -> None:
    html = build_once("formats").text("terminal.html")
    red = '<span></span><span class="ansi-fg ansi-red-fg ansi-bold">red</span>'
    assert f"{red} &lt;tag&gt; &amp; \\LaTeX{{}} end\n100% done\n</pre>" in html
    assert re.search(r'<div class="live-stream live-stderr[^>]*>\s*<div class="highlight-none notranslate">', html)
    assert "terminal.rst:16: UserWarning: take care" in html


def test_latex(build_once: BuildOnce) -> None:
    built = build_once("formats", "latex")
    assert built.warnings == ""
    tex = built.text("formats.tex")
    (name,) = re.findall(r"\\sphinxincludegraphics\[[^]]*\]\{\{([0-9a-f]+)\}\.png\}", tex)
    assert (built.out / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert r"$\alpha^2$" in tex
    assert r"red \PYGZlt{}tag\PYGZgt{} \PYGZam{} \PYGZbs{}LaTeX\PYGZob{}\PYGZcb{} end" in tex
    assert "table as text" in tex
    assert "live-cell" not in tex
    (pdf,) = set(re.findall(r"\{\{([0-9a-f]+)\}\.pdf\}", tex))
    assert (built.out / f"{pdf}.pdf").read_bytes().startswith(b"%PDF")
    assert r"\sphinxstylestrong{bold}" in tex
    assert r"\(y^2\)" in tex
    assert "$\\beta$" in tex


def test_epub(build_once: BuildOnce) -> None:
    built = build_once("formats", "epub")
    assert built.warnings == ""
    with zipfile.ZipFile(built.out / "formats.epub") as epub:
        names = epub.namelist()
        rich, index = (epub.read(f"{name}.xhtml").decode() for name in ("rich", "index"))
    assert sum(name.endswith(".svg") and "_images/" in name for name in names) == 2
    assert not any("liveviz" in name for name in names)
    assert "<td>table as html</td>" in index
    assert "script as text" in rich
    assert "liveviz" not in index.replace("liveviz-", "")


@pytest.mark.parametrize(("builder", "suffix"), [("text", "txt"), ("xml", "xml"), ("pseudoxml", "pseudoxml")])
def test_text_builders(build_once: BuildOnce, builder: str, suffix: str) -> None:
    built = build_once("formats", builder)
    assert built.warnings == ""
    rich = built.text(f"rich.{suffix}")
    for what in ("picture", "formula", "script"):
        assert f"{what} as text" in rich
    assert "as markdown" in rich
    assert "class Table" in built.text(f"index.{suffix}")
    kinds = built.text(f"kinds.{suffix}")
    for what in ("webp as text", "pdf as text", "script as text", "an example as text", "either as text", "figure"):
        assert what in kinds
    assert "object>" not in kinds.partition("Either")[2].replace("Math object>", "")
    assert "live_cell" not in rich


@pytest.mark.parametrize(("builder", "name"), [("man", "formats.1"), ("texinfo", "formats.texi")])
def test_manuals(build_once: BuildOnce, builder: str, name: str) -> None:
    built = build_once("formats", builder)
    assert built.warnings == ""
    text = built.text(name)
    for what in ("class Table", "table as text", "gif as text" if builder == "man" else "webp as text", "bare"):
        assert what in text


def test_singlehtml_gives_each_cell_the_output_of_its_own_page(build_once: BuildOnce) -> None:
    built = build_once("cells", "singlehtml")
    html = built.text("index.html")
    for name in ("one", "two", "three", "four", "five", "six"):
        assert html.count(f"printed by {name}\n") == 1
    assert len(set(re.findall(r'data-cell="([^"]+)"', html))) == 12
    manifest = built.manifest("index.html")
    assert (manifest["docname"], manifest["pyodide"], len(manifest["cells"])) == ("index", None, 12)
    assert "Several documents share this page" in manifest["reason"]


def test_an_output_that_cannot_be_shown_is_a_warning(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.write(
        "index.rst",
        "Blank\n=====\n\n.. live-cell::\n\n   display({'image/x-odd': ''}, raw=True)\n\n"
        ".. live-cell::\n\n   display({'image/png': 'A'}, raw=True)\n",
    )
    built = docs.build()
    assert (
        "index.rst:4: WARNING: an output of cell 1 is image/x-odd, of which the builder 'html' can show nothing; "
        "give it a text/plain representation [liveviz.output]" in built.warnings
    )
    assert "index.rst:8: WARNING: an output of cell 2 says it is image/png, but is not base64 text" in built.warnings


@pytest.mark.parametrize("builder", ["latex", "text"])
def test_what_refers_to_hidden_code_still_finds_it(build_once: BuildOnce, builder: str) -> None:
    built = build_once("markup", builder)
    assert built.warnings == ""
    if builder == "latex":
        tex = built.text("markup.tex")
        assert r"\label{\detokenize{options_rst:rst-hidden}}" in tex
        assert tex.count(r"\begin{sphinxVerbatim}") > 10
