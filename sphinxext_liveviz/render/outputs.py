"""One output of a notebook as docutils nodes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from docutils import nodes
from sphinx.builders import Builder
from sphinx.environment import BuildEnvironment

from ..errors import UserError
from ..kernel.tracebacks import relocate
from ..model import BOKEH, Cell
from ..store import Store
from .blocks import data_block
from .choice import IMAGE, IMAGES, choose
from .drawn import is_drawn
from .pictures import Pictures, size_of
from .room import height_of
from .text import shortened, shown
from .widgets import SavedWidgets

Output = Mapping[str, Any]


class Outputs:
    """Makes nodes of the outputs of a page's cells, for the builder at work.

    Parameters
    ----------
    env : BuildEnvironment
        Told of the images that Sphinx is to copy.
    builder : Builder
    store : Store
        Where those images are kept.
    cells : tuple of Cell
        All cells of the page: a traceback may lead through any of them.
    longest : int
        Characters of a text that are shown.
    notebook : dict
        The page's, with the state of its widgets.
    pictures : Pictures or None
        Where pictures of what scripts draw are, if there are any.
    """

    def __init__(
        self,
        env: BuildEnvironment,
        builder: Builder,
        store: Store,
        cells: tuple[Cell, ...],
        longest: int,
        notebook: Mapping[str, Any],
        pictures: Pictures | None = None,
    ) -> None:
        self._pictures = pictures
        self._env = env
        self._builder = builder
        self._store = store
        self._longest = longest
        self._widgets = SavedWidgets(cells[0].docname, notebook)
        self._origins = {cell.number: (cell.path, cell.line) for cell in cells}

    def of(self, cell: Cell, output: Output) -> list[nodes.Node]:
        """Return the nodes of an output.

        Raises
        ------
        UserError
            The output has nothing that the builder can show.
        """
        kind = output["output_type"]
        if kind == "stream":
            text = relocate(output["text"], self._origins)
            return self._block(text.removesuffix("\n"), "live-stream", f"live-{output['name']}")
        if kind == "error":
            text = relocate("\n".join(output["traceback"]), self._origins)
            return self._block(text, "live-error", language="pytb")
        output = self._with_picture(output)
        data = output["data"]
        chosen = choose(data, self._builder)
        if chosen is None:
            raise UserError(
                f"an output of cell {cell.number} is {', '.join(data) or 'empty'}, of which the builder "
                f"{self._builder.name!r} can show nothing; give it a text/plain representation"
            )
        if chosen == IMAGE:
            return [self._image(cell, data, output["metadata"])]
        if is_drawn(chosen):
            content = data[chosen]
            return [
                drawn(chosen, output, self._widgets),
                *self._captured(cell, content),
                *self._without_scripts(cell, output),
            ]
        if chosen == "text/html":
            return [_raw(chosen, data[chosen])]
        if chosen == "text/latex":
            return [self._latex(data[chosen])]
        return self._block(data[chosen], "live-text")

    def _captured(self, cell: Cell, content: Any) -> Iterator[nodes.Node]:
        # What an Output widget holds looks like the output of a cell, in the same markup; a script moves it in there.
        for opening, outputs in self._widgets.captured(content):
            yield nodes.raw("", opening, format="html")
            for output in outputs:
                yield from self.of(cell, output)
            yield nodes.raw("", "</div>\n", format="html")

    def _with_picture(self, output: Output) -> Output:
        """Return an output with the picture that was taken of what scripts draw."""
        path = self._pictures.find(output, self._widgets) if self._pictures else None
        if path is None:
            return output
        picture = path.read_bytes()
        return {
            "output_type": output["output_type"],
            "data": {**output["data"], "image/png": base64.b64encode(picture).decode("ascii")},
            "metadata": {**output["metadata"], "image/png": size_of(picture)},
        }

    def _without_scripts(self, cell: Cell, output: Output) -> list[nodes.Node]:
        """Return what takes the place of a drawn output where no script runs."""
        if "image/png" not in output["data"]:
            return []
        opening, closing = (nodes.raw("", tag, format="html") for tag in ("<noscript>", "</noscript>\n"))
        return [opening, self._image(cell, output["data"], output["metadata"]), closing]

    def _block(self, text: str, *classes: str, language: str = "none") -> list[nodes.Node]:
        text = shortened(shown(text), self._longest)
        if not text.strip():
            return []
        block = nodes.literal_block(text, text, language=language, force=True)
        return [nodes.container("", block, classes=list(classes))]

    def _image(self, cell: Cell, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> nodes.Node:
        candidates = {}
        for mime, suffix in IMAGES.items():
            if mime in data:
                candidates[mime] = str(self._store.file(_decode(cell, mime, data[mime]), suffix))
                self._env.images.add_file(cell.docname, candidates[mime])
        described = (metadata[mime] for mime in candidates if isinstance(metadata.get(mime), dict))
        hints: dict[str, Any] = next(described, {})
        # One of the two, so that the picture keeps its shape where the page is narrow.
        side = next((side for side in ("width", "height") if isinstance(hints.get(side), (int, float))), None)
        image = nodes.image(
            uri=next(iter(candidates.values())),
            candidates=candidates,
            alt=hints.get("alt") or f"Output of cell {cell.number}",
            classes=["no-scaled-link"],
            **({side: f"{hints[side]}px"} if side else {}),
        )
        return nodes.container("", image, classes=["live-image"])

    def _latex(self, text: str) -> nodes.Node:
        if self._builder.format == "latex":
            return nodes.raw("", text, format="latex")
        text = text.strip()
        plain = text.strip("$") if text.startswith("$") else text.removeprefix(r"\[").removesuffix(r"\]")
        # MathJax wraps what is not wrapped; an environment brings its own.
        return nodes.math_block(plain, plain, number=None, label=None, nowrap=text.startswith(r"\begin"))


def _decode(cell: Cell, mime: str, content: str) -> bytes:
    if mime == "image/svg+xml":
        return content.encode()
    try:
        return base64.b64decode(content)
    except ValueError as error:
        raise UserError(f"an output of cell {cell.number} says it is {mime}, but is not base64 text: {error}") from None


def drawn(mime: str, output: Output, widgets: SavedWidgets | None = None) -> nodes.Node:
    """Return what stands in a page for a script to draw; ``widgets`` are those of the page, if it has any."""
    content = output["data"][mime]
    height = height_of(content["doc"]) if mime == BOKEH else 0
    state, place = (widgets.state(content), widgets.place(content)) if widgets else ("", "")
    return _raw(mime, state + _data(content, output["metadata"].get(mime)), height, place)


def _data(content: Any, metadata: Any) -> str:
    """Return what a script of the page draws: the content, and hints in an attribute."""
    hints = f' data-metadata="{escape(json.dumps(metadata))}"' if metadata else ""
    return f'<script type="application/json"{hints}>{data_block(content)}</script>'


def _raw(mime: str, content: str, height: int = 0, attributes: str = "") -> nodes.Node:
    room = f' style="min-height: {height}px"' if height else ""
    html = f'<div class="live-mime" data-mime="{escape(mime)}"{attributes}{room}>{content}</div>\n'
    return nodes.raw("", html, format="html")
