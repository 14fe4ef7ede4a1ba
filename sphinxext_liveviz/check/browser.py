"""Opens pages in a headless browser and runs their cells, as a reader would."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import UserError
from ..limits import needed
from ..model import Cell
from .browsers import NO_PLAYWRIGHT, launch, way_out
from .compare import Far, Pair
from .judge import Settings, judge, pairs_of
from .records import Observed, Record, Seen, Status, Subject

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, BrowserType, ConsoleMessage, Page, Request

_OBSERVER = Path(__file__).parent / "observer.js"
_MEMORY = "import pyodide_js; print(pyodide_js._module.HEAP8.length)"
_VIEW = 20.0
"""Seconds in which a page, and a picture of it, must be there."""


@asynccontextmanager
async def open_browser(
    engine: str, site: str, hosts: Collection[str], settings: Settings, pictures: Path
) -> AsyncIterator[BrowserEngine]:
    """Start a browser.

    Parameters
    ----------
    engine : {"chromium", "firefox", "webkit"}
    site : str
        Address of the site, with a final slash.
    hosts : collection of str
        Other origins that live cells are meant to ask.
    settings : Settings
    pictures : Path
        Directory for pictures of what differs.

    Raises
    ------
    UserError
        When there is no such browser.
    """
    try:
        from playwright.async_api import Error, async_playwright
    except ImportError:
        raise UserError(NO_PLAYWRIGHT) from None
    async with async_playwright() as playwright:
        kind: BrowserType = getattr(playwright, engine)
        options: dict[str, Any] = {}
        if engine == "chromium":
            options = await asyncio.to_thread(launch, lambda: kind.executable_path)
        try:
            browser = await kind.launch(**options)
        except Error as error:
            raise UserError(f"{way_out(engine)} ({error.message.strip().splitlines()[0]})") from error
        try:
            # One context, so that all pages have what one has fetched.
            context = await browser.new_context(viewport={"width": 1280, "height": 900})
            await context.add_init_script(path=_OBSERVER)
            yield BrowserEngine(engine, context, site, hosts, settings, pictures)
        finally:
            await browser.close()


class BrowserEngine:
    """Checks pages in tabs of one browser; made by :func:`open_browser`."""

    def __init__(
        self,
        name: str,
        context: BrowserContext,
        site: str,
        hosts: Collection[str],
        settings: Settings,
        pictures: Path,
    ) -> None:
        self.name = name
        self._context = context
        self._site = site
        self._hosts = {origin_of(site), *hosts}
        self._settings = settings
        self._pictures = pictures

    async def check(self, subject: Subject) -> list[Record]:
        """Run the cells of a page."""
        from playwright.async_api import Error

        page = await self._context.new_page()
        tab = _Tab(page, subject, self._site, self._hosts, self._settings)
        try:
            await page.goto(self._site + subject.address, wait_until="load", timeout=_VIEW * 1000)
            await tab.run()
            far = await _distances(page, pairs_of(subject, tab.observed))
            records = judge(subject, tab.observed, self._settings, far, self.name)
            for record in records:
                if record.status is Status.DIFFERS and not tab.is_stuck:
                    record.pictures = await self._photograph(page, record)
            return records
        except Error as error:
            # The tab has crashed, or the page is not there.
            tab.current.failure = tab.current.failure or error.message
            return judge(subject, tab.observed, self._settings, None, self.name)
        finally:
            await page.close()

    async def _photograph(self, page: Page, record: Record) -> list[str]:
        self._pictures.mkdir(parents=True, exist_ok=True)
        names = []
        for which, kind in (("static", "live-static"), ("live", "live-output")):
            await page.evaluate("([id, shown]) => livecheck.showStatic(id, shown)", [record.id, which == "static"])
            part = page.locator(f'.live-cell[data-cell="{record.id}"] > .{kind}')
            box = await part.first.bounding_box() if await part.count() else None
            # What shows nothing has no picture.
            if box and box["width"] and box["height"]:
                name = re.sub(r"[^\w.-]+", "-", f"{record.docname}-{record.cell}-{which}.png")
                await part.first.screenshot(path=self._pictures / name, timeout=_VIEW * 1000)
                names.append(f"{self._pictures.name}/{name}")
        return names


class _Tab:
    """A page while its cells run."""

    def __init__(self, page: Page, subject: Subject, site: str, hosts: Collection[str], settings: Settings) -> None:
        self._page = page
        self._site = site
        self._subject = subject
        self._hosts = hosts
        self._settings = settings
        self._live = [cell for cell in subject.cells if not cell.static]
        self._position = 0
        self._began = 0.0
        self.is_stuck = False
        """Python does not answer any more."""
        self.observed = Observed({cell.id: Seen() for cell in subject.cells})
        self.current = self.observed.cells[(self._live or list(subject.cells))[0].id]
        """What is seen now, is seen of this cell."""
        self._has_begun = False
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.current.complaints.append(f"uncaught: {error.message}"))
        page.on("request", self._on_request)
        page.on("requestfailed", self._on_request_failed)
        page.on("crash", lambda _: setattr(self.current, "failure", "the tab has crashed"))

    async def run(self) -> None:
        """Press Run, then try what cannot be live as its author says."""
        self._has_begun = True
        if self._live:
            target = self._live[-1].id
            # As a click would do; a page may have something lie over its cells.
            button = self._page.locator(f'.live-cell[data-cell="{target}"] .live-run')
            if not await button.count():
                self.current.failure = str(self._subject.manifest.get("reason") or "the page offers no Run")
                return
            await button.dispatch_event("click")
            await self._follow(target)
        for cell in self._subject.cells:
            if cell.static and needed(cell.reason) and not self.is_stuck:
                await self._try(cell)
        if not self.is_stuck and self.observed.startup is not None:
            await self._measure()

    async def _follow(self, target: str) -> None:
        was_busy = False
        limit = self._settings.start
        while (entries := await self._more(limit)) is not None:
            states = {entry["cell"]: entry["status"] for entry in entries if entry["type"] == "status"}
            was_busy = was_busy or states.get(target) in ("waiting", "starting", "running")
            if "failed" in states.values():
                self.is_stuck = True
                return
            if states.get(target) in ("live", "error") or (was_busy and states.get(target) == "static"):
                return
            begun = [entry["cell"] for entry in entries if entry["type"] == "request"]
            if begun:
                limit = self._settings.limit(next(cell for cell in self._subject.cells if cell.id == begun[-1]))
        self.current.is_late = self.is_stuck = True

    async def _try(self, cell: Cell) -> None:
        seen = self.current = self.observed.cells[cell.id]
        if not self._subject.manifest.get("pyodide"):
            return
        try:
            await asyncio.wait_for(self._page.evaluate("livecheck.start()"), self._settings.start)
        except TimeoutError:
            self.is_stuck = True
            return
        await self._page.evaluate("(all) => livecheck.execute(...all)", [cell.id, cell.number, cell.code])
        while seen.reply is None and not seen.failure:
            if await self._more(self._settings.limit(cell)) is None:
                seen.is_late = self.is_stuck = True
                return
        self.is_stuck = bool(seen.failure)

    async def _measure(self) -> None:
        seen = self.observed.cells["memory"] = self.current = Seen()
        await self._page.evaluate("(all) => livecheck.execute(...all)", ["memory", 0, _MEMORY])
        while seen.reply is None:
            if await self._more(self._settings.timeout) is None:
                return
        printed = "".join(m["content"]["text"] for m in seen.messages if m["header"]["msg_type"] == "stream")
        self.observed.memory = int(printed) if printed.strip().isdigit() else None
        del self.observed.cells["memory"]

    async def _more(self, limit: float) -> list[dict[str, Any]] | None:
        """Wait for what comes next; None when nothing came in time."""
        try:
            entries: list[dict[str, Any]] = await asyncio.wait_for(
                self._page.evaluate("(position) => livecheck.after(position)", self._position), limit
            )
        except TimeoutError:
            return None
        self._position += len(entries)
        for entry in entries:
            self._take(entry)
        return entries

    def _take(self, entry: dict[str, Any]) -> None:
        kind = entry["type"]
        if kind == "ready":
            self.observed.startup = entry["seconds"]
        elif kind == "request":
            self.current = self.observed.cells[entry["cell"]]
            self.current.begun = True
            self._began = entry["time"]
        elif kind == "message":
            seen, message = self.observed.cells[entry["cell"]], entry["message"]
            seen.messages.append({**message, "parent_header": {"msg_id": entry["cell"]}})
            if message["header"]["msg_type"] == "execute_reply":
                seen.reply, seen.seconds = message["content"], (entry["time"] - self._began) / 1000
        elif kind == "fail":
            text = f"{entry['name']}: {entry['message']}"
            if entry["fatal"]:
                self.current.failure = text
            else:
                self.current.complaints.append(text)

    # -- what the browser tells -------------------------------------------------

    def _on_console(self, message: ConsoleMessage) -> None:
        # Before a cell runs, what is not ours is the theme's business.
        where = message.location.get("url", "").removeprefix(self._site)
        if where == "favicon.ico":
            return  # browsers ask for it where a site names none
        if message.type == "error" and (self._has_begun or message.text.startswith("liveviz")):
            self.current.complaints.append(f"{message.text} ({where})" if where else message.text)

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and origin_of(request.url) not in self._hosts:
            # What a theme fetches from elsewhere is its own business.
            self.current.left += [request.url] if self._has_begun else []

    def _on_request_failed(self, request: Request) -> None:
        if request.url in self.current.left:
            self.observed.unreachable.append(request.url)


async def _distances(page: Page, pairs: Sequence[Pair]) -> Far:
    far = Far()
    for pair in pairs:
        found = await page.evaluate("([one, other]) => livecheck.distance(one, other)", list(pair))
        far[pair] = found["distance"], found["sizes"]
    return far


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
