"""One output of a notebook as docutils nodes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence, Set
from html import escape
from typing import Any

from docutils import nodes
from sphinx.builders import Builder
from sphinx.environment import BuildEnvironment

from ..errors import UserError
from ..kernel.tracebacks import relocate
from ..model import Cell
from ..store import Store
from .ansi import PLAIN, html_of, runs
from .choice import IMAGE, IMAGES, choose, images, runs_scripts, unknown
from .drawn import is_drawn
from .json_tree import json_tree
from .pictures import Pictures, size_of
from .raw import drawn, element, literal, pdf, raw, script
from .text import plain, shortened
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
    converted : set of (str, str)
        Image types that extensions convert, and what to.
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
        converted: Set[tuple[str, str]],
        notebook: Mapping[str, Any],
        pictures: Pictures | None = None,
    ) -> None:
        self._pictures = pictures
        self._env = env
        self._builder = builder
        self._is_page = runs_scripts(builder)
        self._store = store
        self._longest = longest
        self._converted = converted
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
        chosen = choose(data, self._builder, self._converted)
        if chosen is None:
            raise UserError(
                f"an output of cell {cell.number} is {', '.join(data) or 'empty'}, of which the builder "
                f"{self._builder.name!r} can show nothing; give it a text/plain representation"
            )
        return self._display(cell, chosen, output)

    def _display(self, cell: Cell, chosen: str, output: Output) -> list[nodes.Node]:
        data, metadata = output["data"], output["metadata"]
        if chosen == IMAGE:
            return [self._image(cell, data, metadata)]
        content, hints = data[chosen], metadata.get(chosen)
        if is_drawn(chosen):
            # Before it, because what comes last in an output has no margin.
            still = self._without_scripts(cell, output)
            return [*still, drawn(chosen, output, self._widgets), *self._captured(cell, content)]
        if chosen == "text/html":
            return [raw(element(chosen, content))]
        if chosen == "text/markdown":
            return self._markdown(content)
        if chosen == "text/latex":
            return [self._latex(content)]
        if chosen == "application/javascript":
            return [raw(element(chosen, script(content)))]
        if chosen == "application/pdf":
            return [raw(element(chosen, pdf(content, f"Output of cell {cell.number}")))]
        nodes_ = self._text(chosen, content, hints if isinstance(hints, dict) else {})
        strange = unknown(data)
        return [_remark(strange), *nodes_] if self._is_page and strange else nodes_

    def _text(self, chosen: str, content: Any, hints: Mapping[str, Any]) -> list[nodes.Node]:
        if chosen == "text/plain":
            return self._block(content, "live-text")
        if self._is_page:
            return [raw(element(chosen, json_tree(content, hints)))]
        return self._block(json.dumps(content, indent=2, ensure_ascii=False), "live-text")

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
        data = output["data"]
        if "image/png" in data:
            still: nodes.Node = self._image(cell, data, output["metadata"])
        elif "text/plain" in data:
            still = raw(literal(escape(data["text/plain"], quote=False)))
        else:
            return []
        return [raw("<noscript>"), still, raw("</noscript>\n")]

    def _block(self, text: str, *classes: str, language: str = "none") -> list[nodes.Node]:
        pieces = shortened(runs(text), self._longest)
        text = plain(pieces)
        if not text.strip():
            return []
        # Who has coloured it meant it so; all other text gets the colours of the theme.
        if self._is_page and any(style != PLAIN for _, style in pieces):
            block: nodes.Node = raw(literal(html_of(pieces)))
        else:
            block = nodes.literal_block(text, text, language=language, force=True)
        return [nodes.container("", block, classes=list(classes))]

    def _image(self, cell: Cell, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> nodes.Node:
        candidates = {}
        for mime in images(data, self._builder, self._converted):
            candidates[mime] = str(self._store.file(_decode(cell, mime, data[mime]), IMAGES[mime]))
            self._env.images.add_file(cell.docname, candidates[mime])
        described = (metadata[mime] for mime in candidates if isinstance(metadata.get(mime), dict))
        hints: dict[str, Any] = next(described, {})
        # One of the two, so that the picture keeps its shape where the page is narrow.
        side = next((side for side in ("width", "height") if isinstance(hints.get(side), (int, float))), None)
        uri = next(iter(candidates.values()))
        image = nodes.image(
            uri=uri,
            # Of one whose type Sphinx does not know, the file is all that there is to choose.
            candidates={"*": uri} if candidates.keys() == {"image/webp"} else candidates,
            alt=hints.get("alt") or f"Output of cell {cell.number}",
            classes=["no-scaled-link"],
            **({side: f"{hints[side]}px"} if side else {}),
        )
        return nodes.container("", image, classes=["live-image"])

    def _markdown(self, source: str) -> list[nodes.Node]:
        from .markdown_nodes import formula, to_nodes  # most sites have no Markdown to parse

        if not self._is_page:
            return [nodes.container("", *to_nodes(source), classes=["live-markdown"])]
        from .markdown import PLACE, to_html

        html, formulas = to_html(source)
        # Formulas are nodes, so that Sphinx's own renderer has them, whichever it is.
        parts: Sequence[str] = PLACE.split(element("text/markdown", html))
        made: list[nodes.Node] = []
        for index, part in enumerate(parts):
            if index % 2 == 0:
                made.append(raw(part))
            else:
                math = formulas[int(part)]
                made.append(formula(math.text) if math.display else nodes.math(math.text, math.text))
        return made

    def _latex(self, text: str) -> nodes.Node:
        if self._builder.format == "latex":
            return nodes.raw("", text, format="latex")
        from .markdown_nodes import formula

        text = text.strip()
        return formula(text.strip("$") if text.startswith("$") else text.removeprefix(r"\[").removesuffix(r"\]"))


def _remark(types: Sequence[str]) -> nodes.Node:
    text = f"Nothing here shows {', '.join(types)}."
    return nodes.container("", nodes.paragraph("", text), classes=["live-remark"])


def _decode(cell: Cell, mime: str, content: str) -> bytes:
    if mime == "image/svg+xml":
        return content.encode()
    try:
        return base64.b64decode(content)
    except ValueError as error:
        raise UserError(f"an output of cell {cell.number} says it is {mime}, but is not base64 text: {error}") from None
