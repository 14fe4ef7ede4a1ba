"""Sounds and films, of ``IPython.display``."""

from __future__ import annotations

import base64
import os
from html import escape
from typing import Any

from .objects import DisplayObject


class Audio(DisplayObject):
    """A sound: samples, a file's content, or its address.

    Parameters
    ----------
    data : str, bytes, list or array, optional
        Samples between -1 and 1, two rows of them for stereo, or the content, URL or name of a file.
    embed : bool, optional
        Whether it is a part of the page; by default what was not given by ``url`` is.
    rate : int, optional
        Samples in a second.
    autoplay : bool
        Play it when it is shown.
    normalize : bool
        Make the loudest sample 1.
    """

    _mode = "rb"
    _module = "IPython.lib.display"

    def __init__(
        self,
        data: Any = None,
        filename: str | None = None,
        url: str | None = None,
        embed: bool | None = None,
        rate: int | None = None,
        autoplay: bool = False,
        normalize: bool = True,
        *,
        element_id: str | None = None,
    ) -> None:
        if data is None and url is None and filename is None:
            raise ValueError("No audio data found. Expecting filename, url, or data.")
        if embed is False and url is None:
            raise ValueError("No url found. Expecting url when embed=False")
        self.embed = url is None or embed is True
        self.autoplay = autoplay
        self.element_id = element_id
        samples = data if data is not None and not isinstance(data, (str, bytes, os.PathLike)) else None
        super().__init__(None if samples is not None else data, url, filename)
        self.mimetype = _mime_of(self.filename or self.url) or "audio/wav"
        if samples is not None:
            if rate is None:
                raise ValueError("rate must be specified when data is a numpy array or list of audio samples.")
            self.data = _wav(samples, rate, normalize)

    def reload(self) -> None:
        """Read it again, if it is a part of the page."""
        if self.embed:
            super().reload()

    def _repr_html_(self) -> str:
        source = _data_url(self.mimetype, self.data) if self.data is not None else escape(self.url or "")
        name = f' id="{escape(self.element_id)}"' if self.element_id else ""
        plays = ' autoplay="autoplay"' if self.autoplay else ""
        return (
            f'<audio{name} controls="controls"{plays}>\n'
            f'    <source src="{source}" type="{self.mimetype}" />\n'
            "    Your browser does not support the audio element.\n</audio>"
        )


def _wav(samples: Any, rate: int, normalize: bool) -> bytes:
    """Return a file of 16 bits a sample."""
    import array
    import io
    import sys
    import wave

    rows = samples.tolist() if hasattr(samples, "tolist") else list(samples)
    channels = rows if rows and isinstance(rows[0], (list, tuple)) else [rows]
    most = max((abs(float(sample)) for channel in channels for sample in channel), default=0.0)
    if not normalize and most > 1:
        raise ValueError("Audio data must be between -1 and 1 when normalize=False.")
    scale = 32767 / ((most or 1.0) if normalize else 1.0)
    frames = array.array("h", (int(sample * scale) for frame in zip(*channels, strict=True) for sample in frame))
    if sys.byteorder == "big":
        frames.byteswap()
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(len(channels))
        file.setframerate(rate)
        file.setsampwidth(2)
        file.writeframes(frames.tobytes())
    return made.getvalue()


class Video(DisplayObject):
    """A film, by its address or, with ``embed=True``, as a part of the page."""

    _mode = "rb"

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: str | None = None,
        embed: bool = False,
        mimetype: str | None = None,
        width: int | None = None,
        height: int | None = None,
        html_attributes: str = "controls",
    ) -> None:
        self.embed = embed
        super().__init__(data, url, filename)
        if self.data is not None and not embed:
            raise ValueError("To embed videos, you must pass embed=True. Consider passing Video(url='...')")
        self.mimetype = mimetype or _mime_of(self.filename or self.url)
        self.width = width
        self.height = height
        self.html_attributes = html_attributes

    def reload(self) -> None:
        """Read it again, if it is a part of the page."""
        if self.embed and self.filename is not None:
            super().reload()

    def _repr_html_(self) -> str:
        sides = (("width", self.width), ("height", self.height))
        size = "".join(f' {side}="{pixels}"' for side, pixels in sides if pixels)
        if not self.embed:
            address = escape(self.url or self.filename or "")
            return (
                f'<video src="{address}" {self.html_attributes}{size}>\n'
                "    Your browser does not support the <code>video</code> element.\n</video>"
            )
        return (
            f'<video {self.html_attributes}{size}>\n    <source src="{_data_url(self.mimetype, self.data)}" '
            f'type="{self.mimetype}">\n    Your browser does not support the video tag.\n</video>'
        )


def _mime_of(name: str | None) -> str | None:
    import mimetypes

    return mimetypes.guess_type(name)[0] if name else None


def _data_url(mime: str | None, content: str | bytes) -> str:
    """Return a content as an address; text is base64 already."""
    text = content if isinstance(content, str) else base64.b64encode(content).decode("ascii")
    return f"data:{mime};base64,{text}"
