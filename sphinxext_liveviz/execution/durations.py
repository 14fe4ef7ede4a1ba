"""How long pages took, remembered from build to build: what took longest goes first, and the rest can be foreseen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from ..model import PageResult
from ..store import write


class Durations:
    """Seconds by docname, in a small JSON file that several builds may share.

    Parameters
    ----------
    path : Path
        The file. What cannot be read is as good as not there: only the order of pages depends on it.
    say : callable
        Told when it cannot be read.
    """

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._path = path
        self._say = say
        self.seconds = self._read()

    def remember(self, results: Iterable[PageResult], docnames: Iterable[str]) -> None:
        """Add what results took, keep what is known of ``docnames``, and forget all other pages.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        kept = set(docnames)
        known = {docname: seconds for docname, seconds in self._read().items() if docname in kept}
        self.seconds = known | {result.page.docname: round(result.seconds, 3) for result in results if result.seconds}
        write(self._path, (json.dumps(self.seconds, indent=1, sort_keys=True) + "\n").encode("ascii"))

    def _read(self) -> dict[str, float]:
        try:
            content = json.loads(self._path.read_text(encoding="ascii"))
            return {str(docname): float(seconds) for docname, seconds in content.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            self._say(f"how long pages took last time is not known ({self._path}: {error})")
            return {}
