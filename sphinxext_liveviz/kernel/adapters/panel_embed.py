"""``:embed:``: what a Panel object shows for each value of its widgets, computed beforehand, for pages without Python.

Panel tries the values and records the changes of models in one of its own, which replays them in the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bokeh.document import Document

_LARGEST = 10_000_000
"""Characters of recorded changes that a page may get for one output."""


class Refused(Exception):
    """Nothing is embedded; says why, as the rest of a sentence about the cell."""


def embed(viewable: Any, most: int) -> tuple[Document, dict[str, Any]]:
    """Return a document that holds the states of a Panel object, and their number and size.

    Parameters
    ----------
    viewable : panel.viewable.Viewable
    most : int
        States that there may be, and values that are tried of one widget.

    Raises
    ------
    Refused
        When there are more, or none.
    Exception
        The first that a callback raised for one of the states: a page without Python would show nothing for it.
    """
    from bokeh.document import Document
    from panel.config import config
    from panel.io import embed as panel
    from panel.io.state import set_curdoc
    from pyviz_comms import Comm

    document = Document()
    counted: list[int] = []

    def bounded(*values: Iterable[Any]) -> Iterator[Any]:
        tried = [list(some) for some in values]
        counted.append(math.prod(map(len, tried)))
        if counted[0] > most:
            raise Refused(f"has widgets with {counted[0]:,} states together, and :embed: allows {most:,}")
        return product(*tried)

    failures: list[Exception] = []
    names = vars(panel)
    always_changed = names["always_changed"]

    @contextmanager
    def watched(enable: bool) -> Iterator[None]:
        with always_changed(enable):
            try:
                yield
            except Exception as error:  # Panel leaves out the state, and tells nobody
                failures.append(error)
                raise

    names.update(product=bounded, always_changed=watched)
    try:
        with set_curdoc(document), config.set(embed=True):
            model = viewable.get_root(document, Comm())
            recorded = names["embed_state"](viewable, model, document, most, most, progress=False)
    finally:
        names.update(product=product, always_changed=always_changed)
    if failures:
        failures[0].add_note(f"Raised while :embed: tried {counted[0]:,} states, in {len(failures):,} of them.")
        raise failures[0]
    if recorded is None:
        raise Refused("has no widgets whose values can be tried beforehand, or none that changes anything")
    size = _size(recorded.state)
    if size > _LARGEST:
        raise Refused(f"has {counted[0]:,} states of {size / 1e6:.1f} MB together, and {_LARGEST / 1e6:.0f} MB may be")
    return document, {"states": counted[0], "size": size}


def _size(state: Any) -> int:
    return len(state) if isinstance(state, str) else sum(map(_size, state.values()))
