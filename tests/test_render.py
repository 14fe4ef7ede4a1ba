"""Each builder shows of every output the best that it can, as standard nodes."""

from __future__ import annotations

import json
import re
import time
import zipfile
from types import SimpleNamespace
from typing import Any

import pytest

from sphinxext_liveviz.model import BOKEH
from sphinxext_liveviz.render.blocks import data_block
from sphinxext_liveviz.render.choice import IMAGE, choose
from sphinxext_liveviz.render.text import shown

from .conftest import BuildOnce, MakeDocs

HTML = SimpleNamespace(name="html", format="html", embedded=False, supported_image_types=["image/svg+xml", "image/png"])
EPUB = SimpleNamespace(name="epub", format="html", embedded=True, supported_image_types=["image/svg+xml", "image/png"])
LATEX = SimpleNamespace(name="latex", format="latex", supported_image_types=["application/pdf", "image/png"])
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
        ({"application/x-unknown": "?"}, HTML, None),
        ({"image/png": ""}, TEXT, None),
    ],
)
def test_the_best_representation_is_chosen(data: dict[str, Any], builder: Any, expected: str | None) -> None:
    assert choose(data, builder) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x07", "link"),
        (" 10%\r 50%\r100%\ndone", "100%\ndone"),
        ("dos\r\nlines\r\n", "dos\nlines\n"),
        ("kept\r", "kept"),
        ("nul\x00, bell\x07, tab\t, line\n", "nul, bell, tab\t, line\n"),
    ],
)
def test_text_is_shown_as_a_terminal_would(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize("text", ["x", "\x1b]", "\x1b[0", "\r", "\x1b"])
def test_millions_of_characters_without_a_newline_do_not_hang_the_build(text: str) -> None:
    begin = time.monotonic()
    shown(text * 3_000_000)
    assert time.monotonic() - begin < 30  # a second, unless time grows with the square


def test_a_data_block_cannot_end_its_element() -> None:
    block = data_block({"a": "</script><!--"})
    assert "<" not in block
    assert json.loads(block) == {"a": "</script><!--"}


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
    assert "**prose** as markdown\n" in html
    index = built.text("index.html")
    assert '<div class="live-mime" data-mime="text/html"><table><tr><td>table as html</td></tr></table></div>' in index


def test_terminal_output_in_html(build_once: BuildOnce) -> None:
    html = build_once("formats").text("terminal.html")
    assert "<span></span>red &lt;tag&gt; &amp; \\LaTeX{} end\n100% done\n</pre>" in html
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


def test_epub(build_once: BuildOnce) -> None:
    built = build_once("formats", "epub")
    assert built.warnings == ""
    with zipfile.ZipFile(built.out / "formats.epub") as epub:
        names = epub.namelist()
        rich, index = (epub.read(f"{name}.xhtml").decode() for name in ("rich", "index"))
    assert sum(name.endswith(".svg") and "_images/" in name for name in names) == 1
    assert not any("liveviz" in name for name in names)
    assert "<td>table as html</td>" in index
    assert "script as text" in rich
    assert "liveviz" not in index.replace("liveviz-", "")


@pytest.mark.parametrize(("builder", "suffix"), [("text", "txt"), ("xml", "xml"), ("pseudoxml", "pseudoxml")])
def test_text_builders(build_once: BuildOnce, builder: str, suffix: str) -> None:
    built = build_once("formats", builder)
    assert built.warnings == ""
    rich = built.text(f"rich.{suffix}")
    for what in ("picture", "formula", "script", "prose"):
        assert f"{what} as text" in rich
    assert "class Table" in built.text(f"index.{suffix}")
    assert "live_cell" not in rich


@pytest.mark.parametrize(("builder", "name"), [("man", "formats.1"), ("texinfo", "formats.texi")])
def test_manuals(build_once: BuildOnce, builder: str, name: str) -> None:
    built = build_once("formats", builder)
    assert built.warnings == ""
    assert "class Table" in built.text(name)
    assert "table as text" in built.text(name)


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
