"""The measurement itself: pages that are opened, run, and opened on a slow line."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..figures import rotated
from ..live.host import Answer
from ..live.pages import STARTS, WITHOUT_CELLS
from ..live.stage import Stage, Tell
from ..live.tools import PLAIN

WITH_CELL = STARTS["Panel + HoloViews"][0]
PAGES = {"without cells": WITHOUT_CELLS.name, "with a cell": WITH_CELL.name}

FAST_3G = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1.6 * 1024 * 1024 / 8 * 0.9,
    "uploadThroughput": 0.75 * 1024 * 1024 / 8 * 0.9,
}
"""As the developer tools have it: milliseconds, and bytes a second."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a reader loads for a page."""

    tool: str
    """`LiveTool.name`."""
    what: str
    """Key of `PAGES`, or ``"live"``: from Run on."""
    files: int
    """Bytes of files that plain Sphinx's page does not load."""
    document: int
    """Bytes that the HTML has more than plain Sphinx's."""
    requests: int
    """Requests for those files."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A page that was opened on a slow line."""

    round: int
    """From 0."""
    tool: str
    """`LiveTool.name`."""
    page: str
    """Key of `PAGES`."""
    paint: float
    """Seconds until the first contentful paint."""
    parsed: float
    """Seconds until DOMContentLoaded."""
    still: float
    """Seconds until the last shift of the layout, or until the first contentful paint when there was none."""


def own(answers: Iterable[Answer], shared: Collection[str]) -> list[Answer]:
    """Return the answers with files that are the tool's: neither the document, nor what plain Sphinx has too."""
    return [answer for answer in answers if _path(answer) not in shared and not _path(answer).endswith(".html")]


def _path(answer: Answer) -> str:
    return urlsplit(answer.target).path


def weights(stage: Stage, tell: Tell) -> list[Weight]:
    """Open each page of each tool once, and run its cell."""
    plain = next(tool for tool in stage.tools if tool.name == PLAIN)
    found = []
    shared, documents = {}, {}
    for tool in [plain, *(tool for tool in stage.tools if tool is not plain)]:
        for what, name in PAGES.items():
            with stage.reader().browser() as tab:
                stage.take(tool)
                tab.open(stage.url(tool, name))
                answers = stage.take(tool)
                document = sum(answer.size for answer in answers if _path(answer).endswith(f"/{name}.html"))
                if tool is plain:
                    # Browsers look for it by themselves, sooner or later.
                    shared[what] = {*map(_path, answers), "/favicon.ico"}
                    documents[what] = document
                files = own(answers, shared[what])
                size = sum(answer.size for answer in files)
                found.append(Weight(tool.name, what, size, document - documents[what], len(files)))
                tell(f"{what}  {tool.name}  {size} bytes")
                if what == "with a cell" and tool is not plain:
                    tool.press(tab.page)
                    tab.measure("live", WITH_CELL.mark, WITH_CELL.draws)
                    files = own(stage.take(tool), shared[what])
                    size = sum(answer.size for answer in files)
                    found.append(Weight(tool.name, "live", size, 0, len(files)))
                    tell(f"live  {tool.name}  {size} bytes")
    return found


def readable(stage: Stage, rounds: int, tell: Tell) -> list[Reading]:
    """Open each page of each tool on a slow line, once per round."""
    found = []
    for number in range(rounds):
        for what, name in PAGES.items():
            for tool in rotated(stage.tools, number):
                with stage.reader().browser() as tab:
                    session = tab.page.context.new_cdp_session(tab.page)
                    session.send("Network.enable")
                    session.send("Network.emulateNetworkConditions", FAST_3G)
                    tab.open(stage.url(tool, name))
                    times = tab.measure("readable")
                reading = Reading(number, tool.name, what, *(times[key] / 1000 for key in ("paint", "parsed", "still")))
                found.append(reading)
                tell(f"round {number + 1}/{rounds}  {what}  {tool.name}  painted {reading.paint:.2f} s")
    return found
