"""Pictures of what scripts draw, for builders and readers without scripts: taken once, by a real browser."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import MakeDocs
from .docs import Docs

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PLOT = """
.. live-cell::

   from bokeh.plotting import figure

   plot = figure(width=300, height=200, toolbar_location=None, background_fill_color="#10a0f0")
   plot.line([1, 2], [3, 4])
   plot
"""
WIDGET = """
.. live-cell::

   import ipywidgets

   ipywidgets.IntSlider(value=3, description="n")
"""
MODULE = """
<div class="live-mime"></div>
<script>
  const block = document.querySelector("div");
  import("./size.js").then(
    ({ size }) => Object.assign(block.style, size) && (block.dataset.status = "rendered"),
    (error) => (block.append(error), (block.dataset.status = "failed")),
  );
</script>
"""
BROKEN = """
.. live-cell::

   class Chart:
       def _repr_mimebundle_(self, include=None, exclude=None):
           return {"application/vnd.vegalite.v6+json": {"mark": 5}, "text/plain": "a chart"}

   Chart()
"""


@pytest.fixture
def docs(make_docs: MakeDocs) -> Docs:
    docs = make_docs("blank")
    docs.write("index.rst", f"Title\n=====\n{PLOT}")
    return docs


def _size(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def test_a_plot_has_its_picture_in_pdf_and_for_pages_without_scripts(docs: Docs) -> None:
    built = docs.build("latex", strict=True, liveviz_snapshots=True)
    (name,) = re.findall(r"includegraphics\[[^]]*\]\{\{(\w+)\}\.png\}", built.text("blank.tex"))
    assert _size(built.out / f"{name}.png") == (600, 400)  # two pixels for each of the page
    assert "taking pictures... [1 of 1]" in built.status

    again = docs.build(strict=True, liveviz_snapshots=True, html_baseurl="https://docs.example/x/")
    assert "taking pictures" not in again.status
    page = again.text("index.html")
    fallback = re.search(r"<noscript>(.*?)</noscript>", page, re.DOTALL)
    assert fallback is not None
    (source,) = re.findall(r'<img [^>]*src="([^"]+)" style="width: 300px;', fallback[1])
    assert _size(again.out / source) == (600, 400)
    assert f'<meta property="og:image" content="https://docs.example/x/{source}" />' in page


def test_widgets_have_pictures_too(docs: Docs) -> None:
    docs.write("index.rst", f"Title\n=====\n{WIDGET}")
    built = docs.build("latex", strict=True, liveviz_snapshots=True)
    (name,) = re.findall(r"includegraphics\[[^]]*\]\{\{(\w+)\}\.png\}", built.text("blank.tex"))
    width, height = _size(built.out / f"{name}.png")
    assert width > 200
    assert height > 40


def test_pages_on_disk_import_modules(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(MODULE, encoding="utf-8")
    (tmp_path / "size.js").write_text('export const size = { width: "30px", height: "20px" };', encoding="utf-8")
    command = [sys.executable, "-m", "sphinxext_liveviz.check.screenshots", str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == {"page": "page.html", "error": None}
    assert _size(tmp_path / "page.png") == (60, 40)


def test_without_being_asked_nothing_is_taken(docs: Docs) -> None:
    built = docs.build(strict=True)
    assert "taking pictures" not in built.status
    assert '<noscript><div class="highlight' in built.text("index.html")  # words instead


def test_what_cannot_be_drawn_is_a_warning_and_the_others_are_taken(docs: Docs) -> None:
    docs.write("index.rst", f"Title\n=====\n{BROKEN}{PLOT}")
    built = docs.build("latex", liveviz_snapshots=True)
    assert "index.rst:6: WARNING: no picture could be taken of an output of cell 1" in built.warnings
    assert "[liveviz.picture]" in built.warnings
    assert built.text("blank.tex").count("includegraphics") == 1


def test_without_a_browser_one_warning_says_how_to_get_one(docs: Docs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEVIZ_CHROMIUM", "/nowhere/chromium")
    built = docs.build("latex", liveviz_snapshots=True)
    assert built.warnings.count("WARNING") == 1
    assert "playwright install --with-deps chromium" in built.warnings
