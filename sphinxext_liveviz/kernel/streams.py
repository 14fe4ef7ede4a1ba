"""``sys.stdout`` and ``sys.stderr`` as ``stream`` messages."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections.abc import Callable

_BURST = 20
"""Lines that are sent at once in each window; a loop that prints faster is gathered."""
_WINDOW = 0.05
"""Length of a window, in seconds."""

Publish = Callable[[str, str, str | None], None]
"""``(name, text, parent)``"""


class Stream(io.TextIOBase):
    """A text stream that publishes whole lines at once and gathers them when they come too fast.

    Parameters
    ----------
    name : {"stdout", "stderr"}
    publish : callable
        Takes stream name, text and the parent's ``msg_id``.
    parent : callable
        Returns the parent of what is written now.
    """

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, publish: Publish, parent: Callable[[], str | None]) -> None:
        self.name = f"<{name}>"
        self._stream = name
        self._publish = publish
        self._parent_of_now = parent
        self._lock = threading.RLock()  # cells may print from threads
        self._parts: list[str] = []
        self._parent: str | None = None
        self._window = 0.0
        self._sent = 0
        self._scheduled = False

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Publish ``text``, or keep it until its line is complete."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if not text:
            return 0
        parent = self._parent_of_now()
        with self._lock:
            if parent != self._parent:
                self.flush()
                self._parent = parent
            self._parts.append(text)
            if text.endswith(("\n", "\r")) and self._may_send():
                self.flush()
            elif not self._scheduled:
                self._schedule()
        return len(text)

    def flush(self) -> None:
        """Publish what is kept."""
        with self._lock:
            if self._parts:
                text, self._parts = "".join(self._parts), []
                self._publish(self._stream, text, self._parent)

    def _may_send(self) -> bool:
        now = time.monotonic()
        if now - self._window > _WINDOW:
            self._window, self._sent = now, 0
        self._sent += 1
        return self._sent <= _BURST

    def _schedule(self) -> None:
        """A cell that awaits shows its unfinished line meanwhile; one that computes shows it when it ends."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._scheduled = True
        loop.call_soon(self._flush_scheduled)

    def _flush_scheduled(self) -> None:
        self._scheduled = False
        self.flush()
