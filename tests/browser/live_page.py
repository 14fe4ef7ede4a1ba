"""A page of a built site as a reader has it: open it, press Run, wait for what it says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Request, Route

START_TIMEOUT = 240_000
"""Milliseconds that Pyodide and a page's packages may take to start on a small, busy machine."""
REPLY_TIMEOUT = 60_000
"""Milliseconds that a round trip through Python may take there."""

# Runs before the page's own scripts. ALONE gives Python a worker of the page's own, whose requests can be seen and
# blocked: those of shared workers cannot. `bokehModel(name)` finds a BokehJS model in the newest document that has it,
# `bokehModels(type)` all of a type in the newest document.
ALONE = "delete globalThis.SharedWorker;"
SCRIPT = """
globalThis.bokehModels = (type) =>
  Bokeh.documents.at(-1).roots().flatMap((root) => [...root.references()]).filter((model) => model.type == type);
globalThis.bokehModel = (name) => {
  for (const doc of [...Bokeh.documents].reverse()) {
    const model = doc.get_model_by_name(name);
    if (model != null) return model;
  }
  throw new Error(`no BokehJS model is named ${name}`);
};
"""


@dataclass
class Traffic:
    """Every request of a page and its workers."""

    origin: str
    """Scheme, host and port of the site; empty for pages opened from disk."""
    inside: list[str] = field(default_factory=list)
    """Requests to the site's origin (or files), in order."""
    outside: list[str] = field(default_factory=list)
    """Requests to anywhere else: they were blocked."""

    def guard(self, route: Route, request: Request) -> None:
        """Let requests of the site through, note and block all others."""
        parts = urlsplit(request.url)
        at_home = f"{parts.scheme}://{parts.netloc}" == self.origin if self.origin else parts.scheme == "file"
        if at_home or parts.scheme in {"data", "blob"}:
            self.inside.append(request.url)
            route.fallback()
        else:
            self.outside.append(request.url)
            route.abort()

    def of(self, part: str) -> list[str]:
        """Return the requests inside whose address contains ``part``."""
        return [url for url in self.inside if part in url]


class LivePage:
    """One page in its own browser context.

    Parameters
    ----------
    page : Page
        A fresh page.
    base : str
        Address of the site, ending in a slash.
    traffic : Traffic
        What the page's context asks for.
    shared : bool
        Let pages share a worker.
    """

    def __init__(self, page: Page, base: str, traffic: Traffic, *, shared: bool = False) -> None:
        self.page = page
        self.base = base
        self.traffic = traffic
        self.complaints: list[str] = []
        page.set_default_timeout(REPLY_TIMEOUT)
        page.add_init_script(SCRIPT if shared else ALONE + SCRIPT)
        page.on("console", self._on_console)
        page.on("pageerror", self._on_page_error)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _on_page_error(self, error: Error) -> None:
        self.complaints.append(f"uncaught: {error.message}\n{error.stack or ''}")

    @contextmanager
    def expected_complaints(self, part: str) -> Iterator[None]:
        """Drop the console errors of the block that contain ``part``; there must be one."""
        before = len(self.complaints)
        yield
        new = self.complaints[before:]
        assert any(part in line for line in new), f"no console error says {part!r}: {new}"
        self.complaints[before:] = [line for line in new if part not in line]

    def open(self, path: str) -> LivePage:
        """Go to ``path`` of the site."""
        self.page.goto(self.base + path, wait_until="load")
        return self

    def cell(self, number: int) -> Locator:
        """Return the cell with this number on its page, from 1."""
        return self.page.locator(f'.live-cell[data-number="{number}"]')

    def output(self, number: int) -> Locator:
        """Return the output of a cell."""
        return self.cell(number).locator(".live-output")

    def press_run(self, number: int) -> None:
        """Press a cell's Run button."""
        self.cell(number).get_by_role("button", name="Run").click()

    def wait_status(self, number: int, *statuses: str, timeout: float = START_TIMEOUT) -> None:
        """Wait until a cell's ``data-status`` is one of ``statuses``."""
        self.page.wait_for_function(
            """([number, statuses]) => {
                const cell = document.querySelector(`.live-cell[data-number="${number}"]`);
                return statuses.includes(cell.dataset.status);
            }""",
            arg=[number, statuses],
            timeout=timeout,
        )

    def status(self, number: int) -> str | None:
        """Return a cell's ``data-status``."""
        return self.cell(number).get_attribute("data-status")

    def run(self, number: int) -> Locator:
        """Press Run, wait until the cell is live or failed, insist on live; return its output."""
        self.press_run(number)
        self.wait_status(number, "live", "failed", "error")
        assert self.status(number) == "live", self.cell(number).inner_text()
        return self.output(number)

    def wait_text(self, locator: Locator, part: str) -> None:
        """Wait until ``part`` is to be read in the element, or in a shadow tree in it."""
        locator.get_by_text(part).first.wait_for()

    def model_value(self, name: str, attribute: str) -> Any:
        """Return an attribute of a BokehJS model as JSON."""
        return self.page.evaluate("([name, attribute]) => bokehModel(name)[attribute]", [name, attribute])

    def wait_model(self, name: str, attribute: str, condition: str) -> Any:
        """Wait until ``condition``, JavaScript with ``value``, holds for a BokehJS model's attribute; return it."""
        self.page.wait_for_function(
            f"([name, attribute]) => {{ const value = bokehModel(name)[attribute]; return {condition}; }}",
            arg=[name, attribute],
        )
        return self.model_value(name, attribute)

    def click(self, number: int, label: str) -> None:
        """Click a Bokeh or Panel button in a cell's output."""
        self.output(number).get_by_role("button", name=label, exact=True).click()

    def slider(self, number: int, index: int = 0) -> Locator:
        """Return the handle of a Bokeh or Panel slider in a cell's output; it takes the arrow keys once focused."""
        return self.output(number).locator(".noUi-handle").nth(index)
