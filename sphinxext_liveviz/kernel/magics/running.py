"""What magics do while a cell runs."""

from __future__ import annotations

import ast
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..messages import PARENT, Buffer, Message
from .reading import Magic, Reading
from .usage import TEXTS

if TYPE_CHECKING:
    from ..core import Kernel

TIMER = "__liveviz_timer__"
"""Name of :class:`Timer` in cells that take the time of a line."""
_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


class Timer:
    """Prints how long something took: a block, as a context, or an expression, as its value goes through a call."""

    def __init__(self) -> None:
        self._wall = time.perf_counter()
        self._cpu = time.process_time()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self(None)

    def __call__(self, value: Any) -> Any:
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        sys.stdout.write(f"CPU times: total: {_duration(cpu)}\nWall time: {_duration(wall)}\n")
        return value


def _duration(seconds: float) -> str:
    """Return a time with one unit, so that it is one word to who compares what two runs print."""
    size, unit = next((pair for pair in _UNITS if seconds >= pair[0]), _UNITS[-1])
    number = seconds / size
    return f"{number:.0f} {unit}" if number >= 100 else f"{number:.3g} {unit}"


def timed(tree: ast.Module, magics: Sequence[Magic]) -> ast.Module:
    """Let statements take their time that stand in lines of ``%time``."""
    columns = {magic.line: magic.column for magic in magics if magic.mark == "%" and magic.name == "time"}
    return _Timing(columns).visit(tree) if columns else tree


class _Timing(ast.NodeTransformer):
    def __init__(self, columns: dict[int, int]) -> None:
        self._columns = columns

    def visit(self, node: ast.AST) -> Any:
        if not isinstance(node, ast.stmt) or (moved := self._columns.pop(node.lineno, None)) is None:
            return self.generic_visit(node)
        for part in ast.walk(node):  # back to the columns in which the author sees it
            if getattr(part, "lineno", None) == node.lineno:
                part.col_offset += moved  # type: ignore[attr-defined]
            if getattr(part, "end_lineno", None) == node.end_lineno == node.lineno:
                part.end_col_offset += moved  # type: ignore[attr-defined]
        timer = ast.Call(ast.Name(TIMER, ast.Load()), [], [])
        made: ast.stmt
        if isinstance(node, ast.Expr):
            made = ast.Expr(ast.Call(timer, [node.value], []))
        else:
            made = ast.With([ast.withitem(timer)], [node])
        return ast.fix_missing_locations(ast.copy_location(made, node))


@contextmanager
def around(kernel: Kernel, reading: Reading) -> Iterator[None]:
    """Run a cell in this context: ``%%capture`` keeps what it shows."""
    capture = next((magic for magic in reading.cell if magic.name == "capture"), None)
    if capture is None:
        yield
        return
    words = capture.rest.split()
    names = [word for word in words if not word.startswith("-")]
    kept = Captured()
    with _caught(kernel, kept, {word.removeprefix("--no-") for word in words if word.startswith("--no-")}):
        yield
    if names:
        kernel.namespace[names[0]] = kept


def show_text(kernel: Kernel, reading: Reading) -> None:
    """Show the body of a cell magic that has no code."""
    from ..ipython import display

    for magic in reading.cell:
        if magic.name in TEXTS:
            kernel.show(getattr(display, TEXTS[magic.name])(reading.body))


class Captured:
    """What a cell printed and showed, by the names of IPython."""

    def __init__(self) -> None:
        self.stdout = ""
        self.stderr = ""
        self.outputs: list[Output] = []

    def show(self) -> None:
        """Print and show it after all."""
        sys.stdout.write(self.stdout)
        sys.stderr.write(self.stderr)
        for output in self.outputs:
            output.display()

    __call__ = show

    def __str__(self) -> str:
        return self.stdout


class Output:
    """One thing that was shown."""

    def __init__(self, content: dict[str, Any], *, update: bool) -> None:
        self.data: dict[str, Any] = content["data"]
        self.metadata: dict[str, Any] = content["metadata"]
        self.transient: dict[str, Any] = content.get("transient", {})
        self.update = update

    def display(self) -> None:
        """Show it after all, linked to the page if it was, or change what it was to change."""
        from ..display import publish_display_data

        publish_display_data(self.data, self.metadata, transient=self.transient, update=self.update)

    _ipython_display_ = display


@contextmanager
def _caught(kernel: Kernel, kept: Captured, let_through: set[str]) -> Iterator[None]:
    """Keep what the request that is running now prints and shows."""
    mine, send = PARENT.get(), kernel.send
    kernel.flush()

    def take(message: Message, buffers: Sequence[Buffer]) -> None:
        kind, content = message["header"]["msg_type"], message["content"]
        stream = content.get("name", "display") if kind == "stream" else "display"
        shown = kind in ("stream", "display_data", "execute_result", "update_display_data", "clear_output")
        if not shown or stream in let_through or message["parent_header"].get("msg_id") != mine:
            send(message, buffers)
        elif kind == "stream":
            setattr(kept, stream, getattr(kept, stream) + content["text"])
        elif kind != "clear_output":
            kept.outputs.append(Output(content, update=kind == "update_display_data"))

    kernel.send = take
    try:
        yield
    finally:
        kernel.flush()
        kernel.send = send
