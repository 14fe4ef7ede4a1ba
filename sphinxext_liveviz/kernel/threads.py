"""Which request is answered by what runs now, in threads too."""

from __future__ import annotations

import functools
import threading
from weakref import WeakKeyDictionary

from .messages import PARENT


class Threads:
    """Knows which request each thread was started by: threads do not inherit :data:`.messages.PARENT`.

    Attributes
    ----------
    last : str or None
        ``msg_id`` of the request that ran last, which speaks for threads of unknown origin.
    """

    def __init__(self) -> None:
        self.last: str | None = None
        self._parents: WeakKeyDictionary[threading.Thread, str] = WeakKeyDictionary()
        self._start = threading.Thread.start

    def watch(self) -> None:
        """Note from now on who starts threads."""
        start = self._start

        @functools.wraps(start)
        def noted(thread: threading.Thread) -> None:
            parent = self.parent()
            if parent is not None:
                self._parents[thread] = parent
            start(thread)

        threading.Thread.start = noted  # type: ignore[method-assign, assignment]

    def leave(self) -> None:
        """Stop watching."""
        threading.Thread.start = self._start  # type: ignore[method-assign]

    def parent(self) -> str | None:
        """Return the ``msg_id`` of the request that caused what runs now."""
        return PARENT.get() or self._parents.get(threading.current_thread(), self.last)
