"""Output widgets: what is shown inside ``with out:`` goes into the widget, by Python alone.

In Jupyter the page picks it out of what comes, and tells Python. Here no page is asked, so that a widget holds its
outputs when the site is built, too, and nothing that was shown meanwhile can get lost.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ipywidgets import Output

from .. import display
from ..core import current
from ..messages import OUTLET

if TYPE_CHECKING:
    from ..core import Kernel
    from ..messages import Message

_FRAME = 0.05
"""Seconds between updates of a widget while code shows more and more in it."""

_captures: weakref.WeakSet[Capture] = weakref.WeakSet()


def install(kernel: Kernel) -> None:
    """Replace what asks a Jupyter page."""
    names = {
        "__enter__": _enter,
        "__exit__": _exit,
        "clear_output": _clear_output,
        "_append_stream_output": _append_stream_output,
        "append_display_data": _append_display_data,
        "_repr_keys": _repr_keys,
    }
    for name, function in names.items():
        setattr(Output, name, function)
    kernel.on_update.append(_update)


class Capture:
    """Where the outputs go of what runs inside a widget.

    Parameters
    ----------
    widget : Output
        Gets them in its ``outputs``, at once or a little later.
    """

    def __init__(self, widget: Output) -> None:
        self._widget: Output = weakref.proxy(widget)
        self._outputs: list[dict[str, Any]] | None = None
        """What the widget will hold; None when it does."""
        self._clears = False
        """Whether the next output replaces all others."""
        self._sent = 0.0
        self._scheduled = False
        self.around: list[Any] = []
        """What outputs went to where the widget was entered, which may happen inside itself."""
        _captures.add(self)

    def __call__(self, message: Message) -> None:
        """Take an output message."""
        kind, content = message["header"]["msg_type"], message["content"]
        outputs = self._held()
        if kind == "clear_output":
            self._clears = content["wait"]
            if self._clears:
                return
            outputs = []
        else:
            if self._clears:
                outputs, self._clears = [], False
            _add(outputs, kind, content)
        self._change(outputs)

    def update(self, content: dict[str, Any]) -> None:
        """Take an ``update_display_data``."""
        name = content["transient"]["display_id"]
        outputs = self._held()
        found = [number for number, one in enumerate(outputs) if one.get("transient", {}).get("display_id") == name]
        for number in found:
            outputs[number] = {**outputs[number], **content}
        if found:
            self._change(outputs)

    def send(self) -> None:
        """Let the widget hold what has come."""
        if self._outputs is not None:
            self._sent = time.monotonic()
            outputs, self._outputs = self._outputs, None
            self._widget.outputs = tuple(outputs)

    def _held(self) -> list[dict[str, Any]]:
        return list(self._widget.outputs) if self._outputs is None else self._outputs

    def _change(self, outputs: list[dict[str, Any]]) -> None:
        self._outputs = outputs
        if time.monotonic() - self._sent >= _FRAME:
            self.send()
        elif not self._scheduled:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:  # a thread's doing
                self.send()
                return
            self._scheduled = True
            loop.call_soon(self._send_scheduled)

    def _send_scheduled(self) -> None:
        self._scheduled = False
        self.send()


def _add(outputs: list[dict[str, Any]], kind: str, content: dict[str, Any]) -> None:
    last = outputs[-1] if outputs else {}
    if kind == "stream" and last.get("output_type") == "stream" and last["name"] == content["name"]:
        outputs[-1] = {**last, "text": last["text"] + content["text"]}
    else:
        outputs.append({"output_type": kind, **content})


def _capture(widget: Output) -> Capture:
    made = vars(widget).get("_liveviz_capture")
    if made is None:
        made = widget._liveviz_capture = Capture(widget)
    found: Capture = made
    return found


def _update(content: dict[str, Any]) -> None:
    for capture in list(_captures):
        capture.update(content)


# -- methods of Output -----------------------------------------------------------


def _enter(self: Output) -> Output:
    current().flush()
    capture = _capture(self)
    capture.around.append(OUTLET.get())
    OUTLET.set(capture)
    return self


def _exit(self: Output, _kind: Any, error: BaseException | None, _traceback: Any) -> bool:
    kernel, capture = current(), _capture(self)
    is_shown = isinstance(error, Exception)
    if isinstance(error, Exception):
        kernel.report(error)
    kernel.flush()
    OUTLET.set(capture.around.pop())
    capture.send()
    return is_shown


def _clear_output(self: Output, *arguments: Any, **options: Any) -> None:
    with self:
        display.clear_output(*arguments, **options)


def _append_stream_output(self: Output, text: str, stream_name: str) -> None:
    with self:
        current().publish("stream", {"name": stream_name, "text": text})


def _append_display_data(self: Output, value: Any) -> None:
    with self:
        display.display(value)


def _repr_keys(self: Output) -> Iterator[str]:
    """Tell of the widget, but not of all that it holds."""
    return (key for key in super(Output, self)._repr_keys() if key not in ("outputs", "msg_id"))
