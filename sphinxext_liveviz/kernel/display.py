"""``display`` and its kin, with the names and arguments of IPython."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from .core import current
from .mime import Wanted


class DisplayHandle:
    """A display that can be changed later.

    Parameters
    ----------
    display_id : str, optional
        Name of the display; a new one by default.
    """

    def __init__(self, display_id: str | None = None) -> None:
        self.display_id = display_id or uuid.uuid4().hex

    def display(self, value: Any, **options: Any) -> None:
        """Show ``value`` as a new display with this handle's id."""
        display(value, display_id=self.display_id, **options)

    def update(self, value: Any, **options: Any) -> None:
        """Replace what every display of this id shows."""
        display(value, display_id=self.display_id, update=True, **options)


def display(
    *values: Any,
    include: Collection[str] | None = None,
    exclude: Collection[str] | None = None,
    metadata: dict[str, Any] | None = None,
    transient: dict[str, Any] | None = None,
    display_id: str | bool | None = None,
    raw: bool = False,
    clear: bool = False,
    update: bool = False,
) -> DisplayHandle | None:
    """Show values in the cell's output.

    Parameters
    ----------
    *values : object
        Shown in order, each by its richest representations.
    include, exclude : collection of str, optional
        MIME types to which the representations are limited, or that are left out.
    metadata, transient : dict, optional
        Put into those of the MIME bundle.
    display_id : str or bool, optional
        Id for later updates; True makes one.
    raw : bool
        ``values`` are MIME bundles already.
    clear : bool
        Empty the cell's output first, as :func:`clear_output` does that waits.
    update : bool
        Replace the existing displays of ``display_id``.

    Returns
    -------
    DisplayHandle or None
        A handle when ``display_id`` was given.
    """
    if update and not isinstance(display_id, str):
        raise TypeError("display(update=True) needs the display_id of what it updates")
    if clear:
        clear_output(wait=True)
    handle = DisplayHandle(display_id if isinstance(display_id, str) else None) if display_id else None
    kernel = current()
    for value in values:
        kernel.show(
            value,
            display_id=handle.display_id if handle else None,
            update=update,
            raw=raw,
            metadata=metadata,
            transient=transient,
            wanted=Wanted(include, exclude),
        )
    return handle


def update_display(value: Any, *, display_id: str, **options: Any) -> None:
    """Replace what every display of ``display_id`` shows."""
    display(value, display_id=display_id, update=True, **options)


def publish_display_data(
    data: dict[str, Any],
    metadata: dict[str, Any] | None = None,
    *,
    transient: dict[str, Any] | None = None,
    update: bool = False,
    **_: Any,
) -> None:
    """Show a MIME bundle."""
    current().show(data, raw=True, metadata=metadata, transient=transient, update=update)


def clear_output(wait: bool = False) -> None:
    """Empty the cell's output, at once or when the next output comes."""
    kernel = current()
    kernel.flush()
    kernel.publish("clear_output", {"wait": wait})
