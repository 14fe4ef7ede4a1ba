"""Changes of a Bokeh document on their way to the page."""

from __future__ import annotations

from collections.abc import Container

from bokeh.document.events import (
    ColumnDataChangedEvent,
    ColumnsPatchedEvent,
    ColumnsStreamedEvent,
    DocumentPatchedEvent,
    ModelChangedEvent,
)
from bokeh.model import Model
from bokeh.model.util import visit_value_and_its_immediate_references
from bokeh.models.sources import ColumnarDataSource


class Changes:
    """Changes that wait to be sent, in order; of several changes of one property only the last.

    What else happens to a document, such as a streamed row or a new model, is a barrier: it stays between the changes
    before and after it. Bokeh writes new models, and columns that were replaced, as they are when they are sent: rows
    that were streamed to them meanwhile are in them then, and are not sent once more.
    """

    def __init__(self) -> None:
        self._events: dict[object, DocumentPatchedEvent] = {}
        self._barriers = 0
        self._replaced: set[str] = set()
        """Ids of the sources some of whose columns were replaced."""

    def __bool__(self) -> bool:
        return bool(self._events)

    def add(self, event: DocumentPatchedEvent) -> None:
        """Gather one more change."""
        if isinstance(event, ColumnsStreamedEvent | ColumnsPatchedEvent) and event.model.id in self._replaced:
            event = ColumnDataChangedEvent(event.document, event.model, event.attr, setter=event.setter)
        what = _what(event)
        if what is None:
            self._barriers += 1
        key = (self._barriers, what)
        self._events.pop(key, None)
        self._events[key] = event
        if what is None:
            self._barriers += 1
        self._replaced |= _replaced(event)

    def take(self, known: Container[Model]) -> list[DocumentPatchedEvent]:
        """Return all that was gathered since the last call.

        Parameters
        ----------
        known : container of Model
            Those that the page has.
        """
        events = [
            event
            for event in self._events.values()
            if not isinstance(event, ColumnsStreamedEvent | ColumnsPatchedEvent) or event.model in known
        ]
        self._events.clear()
        self._replaced.clear()
        return events


def _what(event: DocumentPatchedEvent) -> tuple[str, str] | None:
    """Return the model and the property that a change gives a new value; None when order matters."""
    if isinstance(event, ModelChangedEvent):
        models: list[Model] = []
        visit_value_and_its_immediate_references(event.new, models.append)
        return None if models else (event.model.id, event.attr)
    if isinstance(event, ColumnDataChangedEvent) and event.cols is None:
        return event.model.id, event.attr
    return None


def _replaced(event: DocumentPatchedEvent) -> set[str]:
    """Return the id of the source whose columns, or some of them, a change replaces."""
    if isinstance(event, ModelChangedEvent):
        return {event.model.id} if event.attr == "data" and isinstance(event.model, ColumnarDataSource) else set()
    return {event.model.id} if isinstance(event, ColumnDataChangedEvent) else set()
