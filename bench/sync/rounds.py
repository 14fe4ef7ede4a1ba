"""The measurement itself: sliders that are moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..figures import rotated
from ..live.pages import BUSY, COLUMN, NO_COLUMN, STARTS, LivePage
from ..live.stage import Stage, Tell
from ..live.tools import LiveTool

MOVED: Mapping[str, LivePage] = {
    "Bokeh": STARTS["numpy + Bokeh"][0],
    "Panel": STARTS["Panel + HoloViews"][0],
    "column": COLUMN,
    "no column": NO_COLUMN,
}
"""Pages whose slider is moved step by step."""

DRAG_SECONDS = 2.0
DRAG_RATE = 60


@dataclass(frozen=True, slots=True)
class Moves:
    """A slider that was moved step by step."""

    round: int
    """From 0."""
    tool: str
    """`LiveTool.name`."""
    page: str
    """Key of `MOVED`."""
    milliseconds: Sequence[float]
    """From each move to the change of the DOM that shows Python's answer."""


@dataclass(frozen=True, slots=True)
class Drag:
    """A slider that was dragged faster than Python could follow."""

    round: int
    """From 0."""
    tool: str
    """`LiveTool.name`."""
    moves: int
    """Steps of the slider."""
    messages: int
    """Messages with a change that were posted to Python."""
    calls: int
    """Calls of the callback."""
    longest: int
    """Most messages that waited at a time, the one that Python worked on not counted."""
    settled: bool
    """Whether Python's text ended on the slider's last value."""
    milliseconds: float
    """From the last move to that text."""


def measure(stage: Stage, rounds: int, moves: int, tell: Tell) -> tuple[list[Moves], list[Drag]]:
    """Run all rounds."""
    moved: list[Moves] = []
    dragged: list[Drag] = []
    for number in range(rounds):
        for name, page in MOVED.items():
            for tool in rotated(stage.tools, number):
                times = _run(stage, tool, page, "moves", [page.first, page.says, moves])
                moved.append(Moves(number, tool.name, name, times))
                tell(f"round {number + 1}/{rounds}  {name}  {tool.name}  {sorted(times)[len(times) // 2]:.1f} ms")
        for tool in rotated(stage.tools, number):
            steps = round(DRAG_SECONDS * DRAG_RATE)
            found = _run(stage, tool, BUSY, "drag", [BUSY.first, BUSY.says, steps, 1000 / DRAG_RATE])
            dragged.append(Drag(number, tool.name, steps, **found))
            tell(f"round {number + 1}/{rounds}  busy  {tool.name}  queue of {found['longest']}")
    return moved, dragged


def _run(stage: Stage, tool: LiveTool, page: LivePage, call: str, arguments: list[object]):  # type: ignore[no-untyped-def]
    """Run a page's cell, then a function of the probe."""
    with stage.reader().browser() as tab:
        tab.open(stage.url(tool, page.name))
        tool.press(tab.page)
        tab.measure("live", page.mark, page.draws)
        return tab.measure(call, *arguments)
