"""A reader: Chromium with a profile of its own, opened and closed as often as the reader comes back."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Playwright, Request

from tools.find_browser import WAY_OUT, find_browser

from ..timing import BenchError

PROBE = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
LIMIT = 150.0
"""Seconds after which a page that is not live never will be."""

_FLAGS = [
    # What Chromium would ask of the world by itself is no request of ours.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    # Nothing but this machine is reached: who wants a public host gets a prompt no.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def chromium() -> str:
    """Return the path of the browser; to be called before playwright is started.

    Raises
    ------
    BenchError
        When there is none.
    """
    path = find_browser()
    if path is None:
        raise BenchError(WAY_OUT)
    return path


class Reader:
    """Someone with a browser.

    Parameters
    ----------
    playwright : Playwright
        Drives it.
    chromium : str
        Path of the browser; see `chromium`.
    profile : Path
        Directory of its profile, made anew: the reader has never been anywhere.
    """

    def __init__(self, playwright: Playwright, chromium: str, profile: Path) -> None:
        self._path = chromium
        self._playwright = playwright
        self.profile = profile
        shutil.rmtree(profile, ignore_errors=True)

    @contextmanager
    def browser(self) -> Iterator[Tab]:
        """Start the browser, with whatever its profile has kept; close it in the end."""
        flags = [*_FLAGS, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else _FLAGS
        context = self._playwright.chromium.launch_persistent_context(
            self.profile, executable_path=self._path, args=flags, viewport={"width": 1280, "height": 900}
        )
        try:
            context.set_default_timeout(60_000)
            context.add_init_script(PROBE)
            yield Tab(context)
        finally:
            context.close()


class Tab:
    """The browser's only tab.

    Parameters
    ----------
    context : BrowserContext
        The browser.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.pages[0] if context.pages else context.new_page()
        self.complaints: list[str] = []
        self._asked = 0
        self._pending: set[Request] = set()
        self.page.on("request", self._begin)
        self.page.on("requestfinished", lambda request: self._pending.discard(request))
        self.page.on("requestfailed", lambda request: self._pending.discard(request))
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self._note("error", error.message))

    def open(self, url: str, limit: float = LIMIT) -> None:
        """Open a page, and read until nothing more is loaded.

        Raises
        ------
        BenchError
            When it does not open.
        """
        try:
            self.page.goto(url, wait_until="load", timeout=limit * 1000)
            self._wait_until_quiet(time.monotonic() + limit)
        except Error as error:
            raise BenchError(f"the page does not open: {error.message.splitlines()[0]}") from error

    def _wait_until_quiet(self, end: float) -> None:
        """Wait until nothing is loaded for half a second.

        Playwright's ``networkidle`` may never come when a page computes for that long in the middle of its load.
        """
        seen = -1
        while self._pending or self._asked != seen:
            if time.monotonic() > end:
                raise BenchError(f"{self.page.url} still loads {[request.url for request in self._pending]}")
            seen = self._asked
            self.page.wait_for_timeout(500)

    def _begin(self, request: Request) -> None:
        self._asked += 1
        self._pending.add(request)

    def measure(self, call: str, *arguments: object, limit: float = LIMIT) -> Any:
        """Return what a function of the probe resolves to.

        Raises
        ------
        BenchError
            When it does not within ``limit`` seconds, with what the page says.
        """
        race = """async ([name, values, limit]) => {
            const late = new Promise((_, reject) => setTimeout(() => reject(new Error("too late")), limit));
            return Promise.race([bench[name](...values), late]);
        }"""
        try:
            return self.page.evaluate(race, [call, list(arguments), limit * 1000])
        except Error as error:
            said = "\n".join([error.message, *self.complaints[-10:], self.page.locator("body").inner_text()[-1500:]])
            raise BenchError(f"no {call} within {limit:.0f} s at {self.page.url}:\n{said}") from error

    def _note(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(text)
