"""The objects of ``IPython.display`` that are text, or made of it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any, Self

from ..display import DisplayHandle, display

Repr = Any
"""What a representation method returns: a content, or a content and its metadata."""


class DisplayObject:
    """Something to show, given as it is, or by the file or the URL that has it.

    Parameters
    ----------
    data : str or bytes, optional
        The content, or the URL of it.
    url, filename : str, optional
        Where the content is.
    metadata : dict, optional
        Of its representation.
    """

    _mode = "r"
    _module = "IPython.core.display"

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: str | os.PathLike[str] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        data = os.fspath(data) if isinstance(data, os.PathLike) else data
        if isinstance(data, str) and url is None and filename is None:
            if data.startswith(("http://", "https://")):
                data, url = None, data
            elif self._is_file(data):
                data, filename = None, data
        self.url = url
        self.filename = None if filename is None else os.fspath(filename)
        self.metadata = dict(metadata or {})
        self.data = data
        self.reload()

    def reload(self) -> None:
        """Read the content again where it came from."""
        if self.filename is not None:
            with open(self.filename, self._mode, encoding=None if "b" in self._mode else "utf-8") as file:
                self.data = file.read()
        elif self.url is not None:
            from urllib.request import urlopen

            with urlopen(self.url) as answer:
                content = answer.read()
            self.data = content if "b" in self._mode else content.decode()

    def _is_file(self, data: str) -> bool:
        """Whether what was given as content is the name of a file."""
        return len(data) < 1000 and "\n" not in data and os.path.isfile(data)

    def _with_metadata(self) -> Repr:
        return (self.data, dict(self.metadata)) if self.metadata else self.data

    def __repr__(self) -> str:
        return f"<{self._module}.{type(self).__name__} object>"


class TextDisplayObject(DisplayObject):
    """Something that is text."""

    def _is_file(self, data: str) -> bool:
        return False


class Pretty(TextDisplayObject):
    """Plain text."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.data)


class HTML(TextDisplayObject):
    """HTML."""

    def _repr_html_(self) -> Repr:
        return self._with_metadata()

    def __html__(self) -> Repr:
        return self._repr_html_()


class Markdown(TextDisplayObject):
    """Markdown."""

    def _repr_markdown_(self) -> Repr:
        return self._with_metadata()


class Math(TextDisplayObject):
    """A formula, with or without dollar signs."""

    def _repr_latex_(self) -> Repr:
        formula = rf"$\displaystyle {self.data.strip('$')}$"
        return (formula, dict(self.metadata)) if self.metadata else formula


class Latex(TextDisplayObject):
    """LaTeX: text with formulas, or an environment."""

    def _repr_latex_(self) -> Repr:
        return self._with_metadata()


class SVG(DisplayObject):
    """A drawing: of the document, the first ``svg`` element."""

    _mode = "rb"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        from xml.dom import minidom

        found = minidom.parseString(self.data).getElementsByTagName("svg")
        if found:
            self.data = found[0].toxml()
        elif isinstance(self.data, bytes):
            self.data = self.data.decode(errors="replace")

    def _repr_svg_(self) -> Repr:
        return self._with_metadata()


class JSON(DisplayObject):
    """A dict or list, which readers can fold.

    Parameters
    ----------
    data : dict, list or str
        A string is parsed.
    expanded : bool
        Whether it is unfolded at the beginning.
    root : str
        What the outermost object is called.
    """

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: str | None = None,
        expanded: bool = False,
        metadata: dict[str, Any] | None = None,
        root: str = "root",
        **hints: Any,
    ) -> None:
        super().__init__(data, url, filename, {"expanded": expanded, "root": root, **(metadata or {}), **hints})
        if isinstance(self.data, str):
            self.data = json.loads(self.data)
        if not isinstance(self.data, (dict, list)):
            raise TypeError(f"{type(self).__name__} expects a dict or a list, not {self.data!r}")

    def _repr_json_(self) -> Repr:
        return self.data, dict(self.metadata)


class GeoJSON(JSON):
    """Something on a map."""

    def _ipython_display_(self) -> None:
        mime = "application/geo+json"
        data = {mime: self.data, "text/plain": "<IPython.display.GeoJSON object>"}
        display(data, metadata={mime: self.metadata}, raw=True)


class Javascript(TextDisplayObject):
    """A script, which runs when it is shown.

    Parameters
    ----------
    lib, css : str or sequence of str
        URLs of scripts and style sheets that it needs.
    """

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: str | None = None,
        lib: str | Sequence[str] = (),
        css: str | Sequence[str] = (),
    ) -> None:
        self.lib = [lib] if isinstance(lib, str) else list(lib or ())
        self.css = [css] if isinstance(css, str) else list(css or ())
        super().__init__(data, url, filename)

    def _repr_javascript_(self) -> str:
        script = str(self.data)
        for address in reversed(self.lib):
            script = (
                "new Promise((resolve, reject) => {\n"
                f"  const made = {{onload: resolve, onerror: reject, src: {json.dumps(address)}}};\n"
                '  document.head.append(Object.assign(document.createElement("script"), made));\n'
                f"}}).then(() => {{\n{script}\n}});"
            )
        for address in reversed(self.css):
            made = f'{{rel: "stylesheet", href: {json.dumps(address)}}}'
            script = f'document.head.append(Object.assign(document.createElement("link"), {made}));\n{script}'
        return script


class ProgressBar(DisplayObject):
    """A bar that grows with ``progress``, or step by step when it is iterated over."""

    html_width = "60ex"
    text_width = 60

    def __init__(self, total: int) -> None:
        self.total = total
        self._progress = 0
        self._handle = DisplayHandle()

    def __repr__(self) -> str:
        filled = int(self.text_width * (self._progress / self.total if self.total else 0))
        return f"[{'=' * filled}{' ' * (self.text_width - filled)}] {self._progress}/{self.total}"

    def _repr_html_(self) -> str:
        return f"<progress style='width:{self.html_width}' max='{self.total}' value='{self._progress}'></progress>"

    def display(self) -> None:
        """Show it."""
        self._handle.display(self)

    def update(self) -> None:
        """Show how far it is now."""
        self._handle.update(self)

    @property
    def progress(self) -> int:
        """How far it is, of ``total``."""
        return self._progress

    @progress.setter
    def progress(self, value: int) -> None:
        self._progress = value
        self.update()

    def __iter__(self) -> Self:
        self.display()
        self._progress = -1
        return self

    def __next__(self) -> int:
        self.progress += 1
        if self._progress >= self.total:
            raise StopIteration
        return self._progress
