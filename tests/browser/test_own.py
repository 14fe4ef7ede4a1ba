"""Snapshots that the reader's browser makes, where the build has made no image."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage

from tests.browser.conftest import ROOT, BuildSite
from tests.browser.live_page import START_TIMEOUT, LivePage, Traffic
from tests.browser.test_start import DRAWN, how_it_started, run_code
from tools.serve import SiteServer

OWN = "a snapshot of this browser's own"
OTHER = "of-another.site.here"
NONE_YET = "packages, because this browser has no snapshot for this page yet"

FILES = """async () => {
    const root = await navigator.storage.getDirectory();
    const directory = await root.getDirectoryHandle("liveviz-snapshots", { create: true });
    const names = [];
    for await (const name of directory.keys()) names.push(name);
    return names;
}"""
WRITE = """async ([name, position, text]) => {
    const root = await navigator.storage.getDirectory();
    const directory = await root.getDirectoryHandle("liveviz-snapshots", { create: true });
    const file = await directory.getFileHandle(name, { create: true });
    const writable = await file.createWritable({ keepExistingData: true });
    await writable.write({ type: "write", position, data: text });
    await writable.close();
}"""
BEGIN = """async (name) => {
    const root = await navigator.storage.getDirectory();
    const directory = await root.getDirectoryHandle("liveviz-snapshots", { create: true });
    const file = await directory.getFileHandle(name, { create: true });
    self.begun = await file.createWritable();
}"""
OF_ANOTHER_FORMAT = """async (name) => {
    const root = await navigator.storage.getDirectory();
    const file = await (await root.getDirectoryHandle("liveviz-snapshots")).getFileHandle(name);
    const bytes = new Uint8Array(await (await file.getFile()).arrayBuffer());
    const start = 4 + new DataView(bytes.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
    const [offset, length] = header.parts.image;
    const image = bytes.subarray(start + offset, start + offset + length);
    const text = new TextDecoder().decode(image).replace('"format":1', '"format":9');
    image.set(new TextEncoder().encode(text));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", image));
    header.parts.image[2] = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    bytes.set(new TextEncoder().encode(JSON.stringify(header)), 4);
    const writable = await file.createWritable();
    await writable.write(bytes);
    await writable.close();
}"""


@pytest.fixture(scope="module")
def site(build_site: BuildSite) -> SiteServer:
    return build_site(ROOT / "tests" / "roots" / "own")


class Reader:
    """Someone who comes back: what a browser keeps stays from visit to visit."""

    def __init__(self, context: BrowserContext, site: SiteServer) -> None:
        self.context = context
        self.site = site

    def open(self, *, shared: bool = False) -> LivePage:
        traffic = Traffic(self.site.url.rstrip("/"))
        page = self.context.new_page()
        page.on("request", lambda request: traffic.inside.append(request.url))
        return LivePage(page, self.site.url, traffic, shared=shared).open("index.html")

    def visit(self, said: str) -> str:
        """Run the cell, wait until the debug log says something of a snapshot, and leave; return how Python started."""
        live = self.open()
        with live.page.expect_console_message(lambda message: said in message.text, timeout=START_TIMEOUT):
            how = how_it_started(live)
        assert live.status(1) == "live"
        live.page.close()
        return how


@pytest.fixture
def newcomer(browser: Browser, site: SiteServer) -> Iterator[Reader]:
    context = browser.new_context()
    yield Reader(context, site)
    context.close()


@pytest.fixture(scope="module")
def reader(browser: Browser, site: SiteServer) -> Iterator[Reader]:
    """Give a reader whose browser has made a snapshot."""
    context = browser.new_context()
    reader = Reader(context, site)
    assert reader.visit("a snapshot of ") == NONE_YET
    yield reader
    context.close()


def name_of_snapshot(reader: Reader) -> str:
    """Return the name that the snapshot of this site has in each reader's browser."""
    live = reader.open()
    names: list[str] = live.page.evaluate(FILES)
    live.page.close()
    return next(name for name in names if name != OTHER)


def test_the_second_visit_starts_from_the_snapshot_of_the_first(reader: Reader, site: SiteServer) -> None:
    live = reader.open()
    assert how_it_started(live) == OWN
    assert live.output(1).inner_text().strip() == "[ 5  7  9 11 13] 1.0"
    assert live.traffic.of("pyodide.asm.wasm")
    assert live.traffic.of(".whl") == []
    assert live.traffic.of("maker.js") == []
    # What is not in memory is there all the same.
    assert run_code(live, "import numpy.polynomial as p; print(p.Polynomial([1, 2])(3))").strip() == "7.0"
    live.page.close()


def test_readers_snapshots_repeat_nothing_that_was_drawn_at_random(reader: Reader) -> None:
    drawn = []
    for _ in range(2):
        live = reader.open()
        assert how_it_started(live) == OWN
        drawn.append(run_code(live, DRAWN).split())
        live.page.close()
    assert len(drawn[0]) == 6
    assert [one for one, other in zip(*drawn, strict=True) if one == other] == []


def test_the_next_page_of_a_visit_gets_what_is_here_already(reader: Reader) -> None:
    live = reader.open(shared=True)
    assert how_it_started(live) == OWN
    run_code(live, "import sys; sys.left_behind = 1")
    live.open("index.html")
    assert how_it_started(live) in {"an interpreter that was ready", f"{OWN} that was here"}
    assert run_code(live, "import sys; print(hasattr(sys, 'left_behind'))").strip() == "False"
    live.page.close()


def test_a_damaged_snapshot_is_done_without_and_made_anew(reader: Reader) -> None:
    live = reader.open()
    (name,) = live.page.evaluate(FILES)
    site, _, kind = name.split(".")
    live.page.evaluate(WRITE, [f"{site}.of-an-earlier-build.{kind}", 0, "old"])
    live.page.evaluate(WRITE, [OTHER, 0, "other"])
    live.page.evaluate(WRITE, [name, 9_000_000, "damage"])
    live.page.close()
    how = reader.visit("a snapshot of ")
    assert how.startswith("packages, because Damaged"), how
    live = reader.open()
    assert sorted(live.page.evaluate(FILES)) == sorted([name, OTHER])
    assert how_it_started(live) == OWN
    live.page.close()


def test_without_room_there_is_no_snapshot_and_the_log_says_so(newcomer: Reader, site: SiteServer) -> None:
    page = newcomer.context.new_page()
    session = newcomer.context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.url.rstrip("/"), "quotaSize": 2_000_000})
    assert newcomer.visit("no snapshot was made for the next visit: QuotaExceededError") == NONE_YET
    live = newcomer.open()
    how = how_it_started(live)
    assert how.startswith("packages, because this browser could not make a snapshot: QuotaExceededError"), how
    assert live.status(1) == "live"


def test_who_saves_data_gets_no_snapshot(newcomer: Reader) -> None:
    live = newcomer.open()
    session = newcomer.context.new_cdp_session(live.page)
    session.send("Emulation.setDataSaverOverride", {"dataSaverEnabled": True})
    with live.page.expect_console_message(lambda message: "the reader wants data to be saved" in message.text):
        assert how_it_started(live) == NONE_YET
    assert live.page.evaluate(FILES) == []


def test_an_attempt_that_did_not_end_is_no_snapshot_and_not_repeated(reader: Reader, newcomer: Reader) -> None:
    name = name_of_snapshot(reader)
    writer = newcomer.open()
    writer.page.evaluate(BEGIN, name)
    assert name in writer.page.evaluate(FILES)
    writer.page.evaluate("(name) => localStorage.setItem('liveviz-making', name)", name)
    assert newcomer.visit("for the next visit: Error: the last attempt did not end") == NONE_YET
    how = how_it_started(newcomer.open())
    assert how == "packages, because this browser could not make a snapshot: the last attempt did not end"


def test_a_snapshot_that_cannot_be_restored_is_not_tried_again(reader: Reader) -> None:
    live = reader.open()
    live.page.evaluate(OF_ANOTHER_FORMAT, name_of_snapshot(reader))
    reason = "SnapshotError: the image's format is 9, not 1"
    assert how_it_started(live) == f"packages, because {reason}"
    live.page.close()
    live = reader.open()
    assert how_it_started(live) == f"packages, because this browser could not make a snapshot: {reason}"
    live.page.close()


def test_of_two_tabs_one_makes_the_snapshot(newcomer: Reader) -> None:
    first, second = newcomer.open(), newcomer.open()

    def is_said(message: ConsoleMessage) -> bool:
        return "for the next visit" in message.text

    with (
        first.page.expect_console_message(is_said, timeout=START_TIMEOUT) as of_first,
        second.page.expect_console_message(is_said, timeout=START_TIMEOUT) as of_second,
    ):
        first.press_run(1)
        second.press_run(1)
    made, other = sorted([of_first.value.text, of_second.value.text])
    assert "a snapshot of" in made
    assert "another tab" in other
    assert len(first.page.evaluate(FILES)) == 1
    assert [first.status(1), second.status(1)] == ["live", "live"]
