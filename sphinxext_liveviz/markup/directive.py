"""The ``live-cell`` directive."""

from __future__ import annotations

import hashlib
import os
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.statemachine import StateMachine, StringList
from sphinx.directives.code import CodeBlock

from ..model import Cell
from .domain import LiveDomain
from .nodes import live_cell
from .options import OPTIONS


class LiveCell(CodeBlock):
    """A Python cell: recorded here, run between Sphinx's read and write phases.

    The code block is made by Sphinx itself, so captions, ``:numref:``, line numbers and themes work as everywhere.
    """

    has_content = True
    optional_arguments = 0
    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = OPTIONS

    def run(self) -> list[nodes.Node]:
        """Record the cell and return its node around a code block."""
        path, line = self._locate()
        while self.content and not self.content[0].strip():
            self.content.trim_start()
            line += 1
        code = textwrap.dedent("\n".join(self.content)).rstrip()
        if not code:
            raise self.error("a live-cell without code; write Python below its options, after an empty line")
        domain = LiveDomain.of(self.env)
        index = len(domain.cells(self.env.docname))
        cell = Cell(
            docname=self.env.docname,
            index=index,
            id=cell_id(self.env.docname, index),
            code=code,
            path=path,
            line=line,
            static="static" in self.options,
            execute="no-exec" not in self.options,
            raises=self.options.get("raises"),
            timeout=self.options.get("timeout"),
            requirements=self.options.get("requirements", ()),
            depends=tuple(map(self._from_page, self.options.get("depends", ()))),
            reason=self.options.get("static", ""),
            files=tuple(map(self._from_page, self.options.get("files", ()))),
            # What is embedded is not what a live cell shows: its widgets are linked to Python.
            volatile="volatile" in self.options or "embed" in self.options,
            embed=self.options.get("embed", 0),
            tolerance=self.options.get("tolerance"),
        )
        domain.record(cell)
        node = live_cell(
            docname=cell.docname,
            index=index,
            cell=cell.id,
            static=cell.static,
            reason=self.options.get("static", ""),
            hide_code="hide-code" in self.options,
            hide_output="hide-output" in self.options,
            classes=self.options.pop("class", []),
        )
        self.set_source_info(node)
        # A cell may be there to show its SyntaxError: highlight what can be, without a warning.
        self.options["force"] = None
        self.arguments = ["python"]
        self.content = StringList(code.split("\n"), source=path)
        node += super().run()
        return [node]

    def _from_page(self, pattern: str) -> str:
        """Return a pattern as the page's directory sees it; one that begins with a slash counts from the source's."""
        here = self.env.doc2path(self.env.docname).parent
        return Path(os.path.relpath(self.env.relfn2path(pattern)[1], here)).as_posix()

    def _locate(self) -> tuple[str, int]:
        """Return path, relative to the source directory, and line, from 1, of the first line of content."""
        if isinstance(self.state_machine, StateMachine) and self.content.items:
            # docutils says of each line where it comes from, through include and tables.
            source, offset = self.content.items[0]
            line = offset + 1
        else:
            # Not docutils' own parser (MyST): offsets count from the line that opens the directive.
            source, line = self.get_source_info()
            line += self.content_offset + 1
        path = Path(os.path.relpath(source, self.env.srcdir)).as_posix()
        return path, line


def cell_id(docname: str, index: int) -> str:
    """Return an nbformat cell id: at most 64 of ``[A-Za-z0-9_-]``, unique in the site."""
    # Different docnames can share a readable form ("a/b" and "a-b"); the digest keeps them apart.
    readable = re.sub(r"[^A-Za-z0-9_-]", "-", docname)[-40:]
    return f"{readable}-{hashlib.sha256(docname.encode()).hexdigest()[:8]}-{index + 1}"
