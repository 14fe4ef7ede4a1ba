"""Pictures, of ``IPython.display``."""

from __future__ import annotations

import os
from html import escape
from typing import Any

from .objects import DisplayObject, Repr

_BEGINNINGS = {"png": b"\x89PNG", "jpeg": b"\xff\xd8", "gif": b"GIF8", "webp": b"RIFF"}
"""Format of pictures -> how their files begin."""


class Image(DisplayObject):
    """A picture, as a part of the page or, with ``embed=False``, by its address.

    Parameters
    ----------
    data : str or bytes, optional
        The picture, its URL or the name of its file.
    format : str, optional
        ``png``, ``jpeg``, ``gif`` or ``webp``; as it begins or is called, by default.
    embed : bool, optional
        By default what was not given by ``url`` is a part of the page.
    width, height : int, optional
        Pixels of the page that it takes.
    retina : bool
        Two of its pixels are one of the page.
    unconfined : bool
        It may be wider than the text.
    alt : str, optional
        What it shows, in words.
    """

    _mode = "rb"

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: str | os.PathLike[str] | None = None,
        format: str | None = None,
        embed: bool | None = None,
        width: int | None = None,
        height: int | None = None,
        retina: bool = False,
        unconfined: bool = False,
        metadata: dict[str, Any] | None = None,
        alt: str | None = None,
    ) -> None:
        if data is None and url is None and filename is None:
            raise ValueError("No image data found. Expecting filename, url, or data.")
        self.embed = url is None if embed is None else embed
        super().__init__(data, url, filename, metadata)
        name = self.filename or self.url or ""
        self.format = {"jpg": "jpeg"}.get(kind := format or self._begins() or name.rpartition(".")[2].lower(), kind)
        if self.embed and self.format not in _BEGINNINGS:
            raise ValueError(f"Cannot embed the {self.format!r} image format")
        self.width = width or self.metadata.get("width")
        self.height = height or self.metadata.get("height")
        self.unconfined = unconfined
        self.alt = alt or self.metadata.get("alt")
        if retina and self.embed and (size := size_of(self.data)):
            self.width, self.height = size[0] // 2, size[1] // 2

    def reload(self) -> None:
        """Read it again, if it is a part of the page."""
        if self.embed:
            super().reload()

    def _begins(self) -> str | None:
        known = self.data if isinstance(self.data, bytes) else b""
        return next((kind for kind, start in _BEGINNINGS.items() if known.startswith(start)), None)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Repr:
        hints = {"width": self.width, "height": self.height, "unconfined": self.unconfined, "alt": self.alt}
        hints = {name: value for name, value in hints.items() if value}
        if self.embed:
            mime = f"image/{self.format}"
            metadata = {**self.metadata, **hints}
            return {mime: self.data}, {mime: metadata} if metadata else {}
        if hints.pop("unconfined", None):
            hints["class"] = "unconfined"
        attributes = "".join(f' {name}="{escape(str(value))}"' for name, value in hints.items())
        return {"text/html": f'<img src="{escape(self.url or self.filename or "")}"{attributes}/>'}


def size_of(picture: bytes) -> tuple[int, int] | None:
    """Return the pixels in width and height of a PNG, GIF or JPEG; None of others."""
    if picture.startswith(_BEGINNINGS["png"]):
        return int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])
    if picture.startswith(_BEGINNINGS["gif"]):
        return int.from_bytes(picture[6:8], "little"), int.from_bytes(picture[8:10], "little")
    place = 2 if picture.startswith(_BEGINNINGS["jpeg"]) else len(picture)
    while place + 9 < len(picture):  # one segment after the other, up to the frame's
        if picture[place + 1] in (0xC0, 0xC1, 0xC2):
            return int.from_bytes(picture[place + 7 : place + 9]), int.from_bytes(picture[place + 5 : place + 7])
        place += 2 + int.from_bytes(picture[place + 2 : place + 4])
    return None
