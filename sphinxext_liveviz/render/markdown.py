"""Markdown outputs: CommonMark with tables, strikethrough and formulas; raw HTML as in Jupyter.

``frontend/markdown/parser.js`` does the same to live outputs, with the parser that this one was made after.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_INLINE = re.compile(r"\$\$([^$]+)\$\$|\$(?![\s$])((?:\\.|[^$\\`])+)(?<!\s)\$(?!\d)", re.DOTALL)
ENVIRONMENT = re.compile(r"\\begin\{((?:equation|align|alignat|gather|multline|eqnarray)\*?)\}")
"""The beginning of a formula that needs nothing around it."""


@dataclass(frozen=True)
class Math:
    """A formula, without delimiters; an environment has its own."""

    text: str
    display: bool


@cache
def parser() -> MarkdownIt:
    """Return the parser. Its tokens ``math_inline`` and ``math_block`` are formulas."""
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    markdown.inline.ruler.before("escape", "math_inline", _math_inline)
    ends = ["paragraph", "reference", "blockquote", "list"]
    markdown.block.ruler.before("fence", "math_block", _math_block, {"alt": ends})
    for kind in ("fence", "code_block"):
        markdown.add_render_rule(kind, _code)
    for kind in ("math_inline", "math_block"):
        markdown.add_render_rule(kind, _placeholder)
    return markdown


def to_html(source: str) -> tuple[str, Sequence[Math]]:
    """Return Markdown as HTML in which the place of each formula is marked, and the formulas."""
    env: dict[str, Any] = {"math": []}
    return parser().render(source, env), env["math"]


PLACE = re.compile("\0([0-9]+)\0")
"""The place of a formula; Markdown cannot hold its characters."""


def _placeholder(
    _: RendererHTML, tokens: Sequence[Token], index: int, _options: Mapping[str, Any], env: dict[str, Any]
) -> str:
    token = tokens[index]
    env["math"].append(Math(token.content, token.type == "math_block"))
    return f"\0{len(env['math']) - 1}\0"


def _code(_: RendererHTML, tokens: Sequence[Token], index: int, *_rest: Any) -> str:
    """Return code in the markup that Sphinx gives to literal blocks."""
    content = escapeHtml(tokens[index].content)
    return (
        '<div class="highlight-none notranslate"><div class="highlight">'
        f"<pre><span></span>{content}</pre></div></div>\n"
    )


def _math_inline(state: StateInline, silent: bool) -> bool:
    match = _INLINE.match(state.src, state.pos)
    if match is None or match.end() > state.posMax:
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = match[2] if match[1] is None else rf"\displaystyle {match[1].strip()}"
    state.pos = match.end()
    return True


def _math_block(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    if state.is_code_block(begin):
        return False
    first = _line(state, begin)
    environment = ENVIRONMENT.match(first)
    if environment is None and not first.startswith("$$"):
        return False
    closing = rf"\end{{{environment[1]}}}" if environment else "$$"
    opening = environment[0] if environment else "$$"
    lines = [first.removeprefix(opening)]
    line = begin
    while not lines[-1].endswith(closing):
        line += 1
        if line >= end or state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            return False
        lines.append(_line(state, line))
    text = "\n".join(lines).removesuffix(closing)
    if not text.strip() or (environment is None and closing in text):
        return False
    if not silent:
        state.line = line + 1
        token = state.push("math_block", "math", 0)
        token.block = True
        token.content = f"{opening}{text}{closing}" if environment else text.strip()
        token.map = [begin, state.line]
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].rstrip()
