"""What a script of the page draws: outputs that stand in a page as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..model import BOKEH, WIDGET_VIEW


@dataclass(frozen=True)
class Drawer:
    """A script that bundles what draws some MIME types; a page loads it when it shows one of them."""

    script: str
    """Its name, without suffix, among the bundled scripts."""
    mimes: str
    """Regular expression of the MIME types, in what Python and JavaScript have in common."""
    packages: frozenset[str]
    """Distributions whose live cells are likely to show them."""
    library: str | None = None
    """Name of the installed library whose own front end does the work."""


DRAWERS = (
    Drawer("vega", r"application/vnd\.vega(lite)?\.v\d+(\.json|\+json)", frozenset({"altair"})),
    Drawer("plotly", r"application/vnd\.plotly\.v1\+json", frozenset({"plotly"}), library="plotly"),
    Drawer("widgets", re.escape(WIDGET_VIEW).replace(r"\-", "-"), frozenset({"ipywidgets"})),
)


def drawer_of(mime: str) -> Drawer | None:
    """Return the script that draws a MIME type; None for all others, Bokeh's among them."""
    return next((drawer for drawer in DRAWERS if re.fullmatch(drawer.mimes, mime)), None)


def is_drawn(mime: str) -> bool:
    """Whether the page draws a MIME type from JSON."""
    return mime == BOKEH or drawer_of(mime) is not None


def likely(mimes: Iterable[str], packages: Iterable[str]) -> Iterator[Drawer]:
    """Yield the scripts that a page uses, or is likely to use once it is live.

    Parameters
    ----------
    mimes : iterable of str
        What its outputs are.
    packages : iterable of str
        What its live cells load.
    """
    shown, live = list(mimes), set(packages)
    for drawer in DRAWERS:
        if drawer.packages & live or any(re.fullmatch(drawer.mimes, mime) for mime in shown):
            yield drawer
