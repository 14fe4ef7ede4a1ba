"""Outputs of every kind look and behave the same, static and live, and leave the page around them alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import ROOT, BuildSite, OpenSite
from tools.serve import SiteServer

CELLS = 9

# The DOM of a cell's static and live output, without what tells the two apart.
COMPARE = """(number) => {
  const cell = document.querySelector(`.live-cell[data-number="${number}"]`);
  const look = (output) => {
    const copy = output.cloneNode(true);
    for (const one of copy.querySelectorAll(".live-display")) one.replaceWith(...one.childNodes);
    for (const one of copy.querySelectorAll("[data-live-id], [id]")) {
      const id = one.dataset.liveId ?? one.id;
      one.removeAttribute("id"); // which puts it last
      one.id = id;
    }
    for (const one of [copy, ...copy.querySelectorAll("*")]) {
      one.classList.remove("docutils", "container", "no-scaled-link", "live-leaving");
      for (const name of ["data-live-id", "src"]) one.removeAttribute(name);
      if (!one.className) one.removeAttribute("class");
      if (one.matches(".live-text, .live-image")) delete one.dataset.mime;
      if (one.matches("p.live-remark, div.live-remark, pre > span:empty")) one.remove();
      if (one.matches(".highlight") || !one.closest(".highlight")) {
        for (const text of [...one.childNodes]) if (text.nodeType === 3 && !text.data.trim()) text.remove();
      }
    }
    // Pygments colours the code in a traceback too, and moves what is below it.
    for (const one of copy.querySelectorAll(".highlight-pytb pre")) {
      one.textContent = one.textContent.replace(/^ +/gm, "");
    }
    copy.normalize();
    return copy.innerHTML.trim();
  };
  return [".live-static", ".live-output"].map((name) => look(cell.querySelector(`:scope > ${name}`)));
}"""
STYLE = """(element, names) => names.map((name) => getComputedStyle(element)[name])"""


@pytest.fixture(scope="module")
def outputs_site(build_site: BuildSite, tmp_path_factory: pytest.TempPathFactory) -> SiteServer:
    """Serve ``tests/roots/outputs``, with a MathJax of its own."""
    source = tmp_path_factory.mktemp("source") / "outputs"
    shutil.copytree(ROOT / "tests/roots/outputs", source)
    shutil.copytree(ROOT / "node_modules/mathjax", source / "_static/mathjax")
    return build_site(source)


def test_all_kinds_are_the_same_static_and_live(outputs_site: SiteServer, open_site: OpenSite) -> None:
    live = open_site(outputs_site).open("kinds.html")
    press = live.cell(8).get_by_role("button", name="press", exact=True)
    order = live.page.locator("#order")
    assert order.get_attribute("data-module") == "ran"
    assert order.inner_text() == "one two three"
    assert not live.traffic.of("markdown"), "the parser is loaded although nothing live shows Markdown"
    for number in range(1, CELLS + 1):
        live.press_run(number)
        live.wait_status(number, "live")
        static, shown = live.page.evaluate(COMPARE, number)
        assert shown == static, f"cell {number}"
        assert shown, f"cell {number} shows nothing"
    assert len(live.traffic.of("/markdown.js")) == 1
    widths = "[...document.images].filter((one) => one.width === 30).map((one) => one.naturalWidth)"
    live.page.wait_for_function(f"{widths}.join() === '30,30'")  # it is a drawing by what the kernel has added
    # In the live output: its own elements, found by id although the static ones are still there.
    live.page.wait_for_function("document.querySelector('.live-output #order')?.dataset.module === 'ran'")
    assert order.inner_text() == "one two three"
    assert live.output(7).inner_text() == "</script> from true"
    assert live.output(8).locator("em").inner_text() == "written"
    press.click()
    live.cell(8).get_by_role("button", name="pressed").wait_for()
    # A tree is worked with the keyboard.
    tree = live.output(5).locator("details").first
    tree.locator("summary").first.focus()
    live.page.keyboard.press("Enter")
    assert tree.get_attribute("open") is None
    assert (
        live.output(5).locator(".live-remark").all_inner_texts()
        == ["Nothing here shows application/vnd.example+json."] * 2
    )


def _check_styles(page: Page) -> None:
    one, two = (page.locator(f".live-output #T_{name}") for name in ("one", "two"))
    assert one.evaluate(STYLE, ["color", "outlineColor"]) == ["rgb(1, 2, 3)", "rgb(7, 8, 9)"]
    assert one.locator("td").evaluate(STYLE, ["textTransform"]) == ["uppercase"]
    output = one.locator("xpath=..")
    assert output.evaluate(STYLE, ["backgroundColor"]) == ["rgb(4, 5, 6)"], "body is the output"
    # The second one has backgrounds and says nothing of its text: that is dark, whatever the page's is.
    cell = two.locator("td")
    assert cell.evaluate(STYLE, ["backgroundColor", "color", "textTransform"]) == [
        "rgb(255, 255, 0)",
        "rgb(27, 27, 27)",
        "none",
    ]
    # The page knows nothing of all that.
    theirs = page.locator("table.docutils")
    for element in (page.locator("body"), page.locator("section > h1"), theirs, theirs.locator("td").first):
        color, outline, background, transform = element.evaluate(
            STYLE, ["color", "outlineColor", "backgroundColor", "textTransform"]
        )
        assert color != "rgb(1, 2, 3)"
        assert outline != "rgb(7, 8, 9)"
        assert background != "rgb(4, 5, 6)"
        assert transform == "none"
    assert page.get_by_text("Text after it.").evaluate("(p) => p.closest('.live-cell')") is None


@pytest.mark.parametrize("width", [360, 1280])
def test_styles_of_an_output_are_its_own(outputs_site: SiteServer, open_site: OpenSite, width: int) -> None:
    live = open_site(outputs_site)
    live.page.set_viewport_size({"width": width, "height": 900})
    live.open("styles.html")
    _check_styles(live.page)
    if width > 1000:
        for number in (1, 2, 3):
            live.run(number)
        _check_styles(live.page)
    wide = live.output(3).locator(".live-mime")
    assert wide.evaluate("(one) => one.scrollWidth > one.clientWidth")
    assert live.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_formulas_of_a_live_cell_are_typeset_by_the_sites_mathjax(
    outputs_site: SiteServer, open_site: OpenSite
) -> None:
    live = open_site(outputs_site).open("math.html")
    assert not live.traffic.of("mathjax")
    output = live.run(1)
    assert output.locator("mjx-container").count() == 3
    assert live.traffic.of("mathjax/tex-svg.js")
    assert live.page.evaluate("MathJax.config.options.enableMenu") is False
    live.run(1)
    assert output.locator("mjx-container").count() == 3
    # A page that Sphinx gave MathJax to: formulas of static outputs.
    assert Path(outputs_site.directory, "kinds.html").read_text(encoding="utf-8").count("mathjax/tex-svg.js") == 1
