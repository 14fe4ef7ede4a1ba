"""Frames, links and programs, of ``IPython.display``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from html import escape
from typing import Any

from .objects import DisplayObject, TextDisplayObject


class IFrame:
    """Another page in a frame; further keywords become parameters of its address."""

    def __init__(
        self, src: str, width: int | str, height: int | str, extras: Iterable[str] | None = None, **params: Any
    ) -> None:
        self.src = src
        self.width = width
        self.height = height
        self.extras = list(extras or ())
        self.params = params

    def __repr__(self) -> str:
        return f"<IPython.lib.display.{type(self).__name__} object>"

    def _repr_html_(self) -> str:
        from urllib.parse import urlencode

        address = escape(str(self.src)) + (f"?{urlencode(self.params)}" if self.params else "")
        return (
            f'<iframe width="{escape(str(self.width))}" height="{escape(str(self.height))}" src="{address}" '
            'frameborder="0" allowfullscreen referrerpolicy="strict-origin-when-cross-origin" '
            f"{' '.join(self.extras)}></iframe>"
        )


class YouTubeVideo(IFrame):
    """A film of YouTube."""

    def __init__(
        self, id: str, width: int = 400, height: int = 300, allow_autoplay: bool = False, **params: Any
    ) -> None:
        self.id = id
        extras = ['allow="autoplay"'] if allow_autoplay else []
        super().__init__(f"https://www.youtube.com/embed/{id}", width, height, extras, **params)


class VimeoVideo(IFrame):
    """A film of Vimeo."""

    def __init__(self, id: str, width: int = 400, height: int = 300, **params: Any) -> None:
        super().__init__(f"https://player.vimeo.com/video/{id}", width, height, **params)


class FileLink:
    """A link to a file.

    Parameters
    ----------
    path : str
        As seen from the page.
    url_prefix, result_html_prefix, result_html_suffix : str
        What stands before the path, and around the link.
    """

    def __init__(
        self, path: str, url_prefix: str = "", result_html_prefix: str = "", result_html_suffix: str = "<br>"
    ) -> None:
        if os.path.isdir(path):
            raise ValueError(f"Cannot display a directory using FileLink: {path!r}")
        self.path = os.fsdecode(path)
        self.url_prefix = url_prefix
        self.result_html_prefix = result_html_prefix
        self.result_html_suffix = result_html_suffix

    def __repr__(self) -> str:
        return os.path.abspath(self.path)

    def _repr_html_(self) -> str:
        if not os.path.exists(self.path):
            return f"Path (<tt>{escape(self.path)}</tt>) doesn't exist."
        link = f"<a href='{self.url_prefix}{escape(self.path)}' target='_blank'>{escape(self.path, quote=False)}</a>"
        return f"{self.result_html_prefix}{link}{self.result_html_suffix}"


class Code(TextDisplayObject):
    """A program, in colours where Pygments is.

    Parameters
    ----------
    language : str, optional
        Name of a Pygments lexer; guessed by default.
    """

    def __init__(
        self, data: Any = None, url: str | None = None, filename: str | None = None, language: str | None = None
    ) -> None:
        self.language = language
        super().__init__(data, url, filename)

    def _is_file(self, data: str) -> bool:
        return DisplayObject._is_file(self, data)

    def __repr__(self) -> str:
        return str(self.data)

    def _repr_html_(self) -> str:
        try:
            from pygments import formatters, highlight
        except ImportError:  # live, where a page loads nothing for the sake of colours alone
            return f'<div class="highlight"><pre>{escape(self.data)}</pre></div>'
        style = formatters.HtmlFormatter()
        return f"<style>{style.get_style_defs('.output_html')}</style>{highlight(self.data, self._lexer(), style)}"

    def _repr_latex_(self) -> str:
        try:
            from pygments import formatters, highlight
        except ImportError as error:
            raise NotImplementedError from error
        return str(highlight(self.data, self._lexer(), formatters.LatexFormatter()))

    def _lexer(self) -> Any:
        from pygments import lexers

        if self.language:
            return lexers.get_lexer_by_name(self.language)
        return lexers.get_lexer_for_filename(self.filename) if self.filename else lexers.guess_lexer(self.data)
