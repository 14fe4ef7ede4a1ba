"""Changes of a Bokeh document on their way to the page."""

from __future__ import annotations

from collections.abc import Collection, Container
from typing import Any, NamedTuple

from bokeh.core.serialization import Buffer, Serializer
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

_OF_A_MODEL = ModelChangedEvent | ColumnDataChangedEvent | ColumnsStreamedEvent | ColumnsPatchedEvent


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


class Patch(NamedTuple):
    """Changes as Bokeh writes them."""

    events: list[Any]
    """JSON, with a reference in place of each buffer."""
    buffers: list[Buffer]
    known: set[Model]
    """Models that the page has when it has applied them."""
    failures: list[Exception]
    """Why the others could not be written."""


def write(events: Collection[DocumentPatchedEvent], known: set[Model], models: Collection[Model]) -> Patch:
    """Write all of some changes that can be written.

    Parameters
    ----------
    events : collection of DocumentPatchedEvent
    known : set of Model
        Those that the page has.
    models : collection of Model
        All that are in the document.
    """
    try:
        return _write(events, known, models)
    except Exception:
        # One by one, each with a serializer of its own: in that of one that fails, models count as written that
        # the page will never see.
        patch = Patch([], [], known, [])
        for event in events:
            try:
                one = _write([event], patch.known, models)
            except Exception as error:
                error.add_note(f"This was to be sent to the page: {_name(event)}")
                patch.failures.append(error)
            else:
                patch = Patch(patch.events + one.events, patch.buffers + one.buffers, one.known, patch.failures)
        return patch


def _write(events: Collection[DocumentPatchedEvent], known: set[Model], models: Collection[Model]) -> Patch:
    serializer = Serializer(references=known)
    written = []
    for event in events:
        # What changes a model that could not be sent is of no use to the page.
        if not isinstance(event, _OF_A_MODEL) or serializer.has_ref(event.model):
            written.append(serializer.encode(event))
    buffers = serializer.buffers
    if buffers:
        written = _with_references(written)
    return Patch(written, buffers, {model for model in models if serializer.has_ref(model)}, [])


def _with_references(value: Any) -> Any:
    """Return encoded changes with every buffer replaced by its reference."""
    if isinstance(value, Buffer):
        return value.ref
    if isinstance(value, dict):
        return {key: _with_references(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_references(item) for item in value]
    return value


def _name(event: DocumentPatchedEvent) -> str:
    """Return what a change changes, as the reader's code knows it."""
    model, attr = getattr(event, "model", None), getattr(event, "attr", None)
    return ".".join(str(part) for part in (model, attr) if part is not None) or event.kind


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
