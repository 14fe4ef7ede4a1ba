"""Takes pictures of pages on disk: a program of its own, so that a browser that hangs costs the build nothing.

``python -m sphinxext_liveviz.check.screenshots DIRECTORY`` writes ``x.png`` beside each ``x.html`` that it finds there,
of the first output in it, and a line of JSON for each: ``{"page": "x.html", "error": null}``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ..errors import UserError
from ..render.pictures import SCALE
from .browsers import NO_PLAYWRIGHT, launch

_MODULES = "--allow-file-access-from-files"
"""Lets a page on disk import the modules beside it, which components of some libraries are."""
_LIMIT = 30_000
"""Milliseconds in which an output must be drawn."""
_WIDTH = 800
"""Pixels of the page, about what themes give to text."""
_DRAWN = """
() =>
  document.querySelector(".live-mime")?.dataset.status &&
  (globalThis.Bokeh?.documents ?? []).every((one) => one.is_idle)
"""
_PAINTED = """
async () => {
  await document.fonts.ready;
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}
"""
_SMALLEST = """
(block) => {
  const seen = (element) => [...element.children].filter((one) => one.clientWidth && one.clientHeight);
  for (let children = seen(block); children.length === 1; children = seen(block)) block = children[0];
  return block;
}
"""
"""The innermost element that holds all of an output: a block takes the width of the page, though a chart is narrow."""


def main(directory: Path) -> int:
    """Take the pictures; return 2 when there is no browser, with the way out on the standard error."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return _give_up(NO_PLAYWRIGHT)
    with sync_playwright() as playwright:
        try:
            options = launch(lambda: playwright.chromium.executable_path)
            browser = playwright.chromium.launch(**{**options, "args": [*options["args"], _MODULES]})
        except UserError as error:
            return _give_up(str(error))
        except Error as error:
            return _give_up(error.message)
        context = browser.new_context(
            viewport={"width": _WIDTH, "height": 600}, device_scale_factor=SCALE, reduced_motion="reduce"
        )
        for path in sorted(directory.glob("*.html")):
            page = context.new_page()
            page.set_default_timeout(_LIMIT)
            failure = None
            try:
                page.goto(path.as_uri(), wait_until="load")
                page.wait_for_function(_DRAWN)
                page.evaluate(_PAINTED)
                block = page.locator(".live-mime").first
                if block.get_attribute("data-status") == "failed":
                    failure = block.inner_text().strip()
                else:
                    element = block.evaluate_handle(_SMALLEST).as_element()
                    assert element is not None
                    element.screenshot(path=path.with_suffix(".png"), animations="disabled")
            except Error as error:
                failure = error.message.strip().splitlines()[0]
            finally:
                page.close()
            sys.stdout.write(json.dumps({"page": path.name, "error": failure}) + "\n")
            sys.stdout.flush()
        browser.close()
    return 0


def _give_up(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
