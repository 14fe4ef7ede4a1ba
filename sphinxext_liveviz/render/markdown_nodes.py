"""Markdown outputs as docutils nodes, for builders that write no web pages."""

from __future__ import annotations

from collections.abc import Callable

from docutils import nodes
from markdown_it.tree import SyntaxTreeNode

from .markdown import ENVIRONMENT, parser

_ELEMENTS: dict[str, Callable[[], nodes.Element]] = {
    "paragraph": nodes.paragraph,
    "blockquote": nodes.block_quote,
    "bullet_list": nodes.bullet_list,
    "list_item": nodes.list_item,
    "heading": nodes.rubric,
    "em": nodes.emphasis,
    "strong": nodes.strong,
    "s": nodes.inline,
    "thead": nodes.thead,
    "tbody": nodes.tbody,
    "tr": nodes.row,
}


def to_nodes(source: str) -> list[nodes.Node]:
    """Return Markdown as nodes. Raw HTML, which no other builder reads, is left out."""
    tree = SyntaxTreeNode(parser().parse(source))
    return _children(tree)


def _children(node: SyntaxTreeNode) -> list[nodes.Node]:
    return [made for child in node.children for made in _nodes(child)]


def _nodes(node: SyntaxTreeNode) -> list[nodes.Node]:
    kind = node.type
    if kind == "inline":
        return _children(node)
    if kind in _ELEMENTS:
        element = _ELEMENTS[kind]()
        element.extend(_children(node))
        return [element]
    if kind == "ordered_list":
        start = int(node.attrs.get("start", 1))
        numbers = {"enumtype": "arabic", "prefix": "", "suffix": ".", **({"start": start} if start != 1 else {})}
        return [nodes.enumerated_list("", *_children(node), **numbers)]
    if kind == "table":
        return [_table(node)]
    if kind in ("th", "td"):
        return [nodes.entry("", nodes.paragraph("", "", *_children(node)))]
    if kind == "link":
        return [nodes.reference("", "", *_children(node), refuri=str(node.attrs["href"]), internal=False)]
    if kind == "image":
        return [nodes.reference("", node.content or "image", refuri=str(node.attrs["src"]), internal=False)]
    return _leaf(kind, node.content)


def _leaf(kind: str, content: str) -> list[nodes.Node]:
    if kind == "text":
        return [nodes.Text(content)]
    if kind in ("softbreak", "hardbreak"):
        return [nodes.Text("\n")]
    if kind == "code_inline":
        return [nodes.literal(content, content)]
    if kind in ("fence", "code_block"):
        content = content.removesuffix("\n")
        return [nodes.literal_block(content, content, language="none", force=True)]
    if kind == "math_inline":
        return [nodes.math(content, content)]
    if kind == "math_block":
        return [formula(content)]
    return []


def formula(text: str) -> nodes.math_block:
    """Return a displayed formula; an environment brings its own delimiters, and nothing has to be put around it."""
    is_whole = ENVIRONMENT.match(text) is not None
    return nodes.math_block(text, text, number=None, label=None, **{"no-wrap": is_whole, "nowrap": is_whole})


def _table(node: SyntaxTreeNode) -> nodes.table:
    rows = [child for part in node.children for child in part.children]
    columns = max(len(row.children) for row in rows)
    group = nodes.tgroup("", cols=columns)
    widths = [max(len(_text(row.children[column])) for row in rows) for column in range(columns)]
    group.extend(nodes.colspec(colwidth=width + 2) for width in widths)
    group.extend(_children(node))
    table = nodes.table("", group)
    table["classes"] += ["colwidths-auto"]
    return table


def _text(node: SyntaxTreeNode) -> str:
    return "".join(child.content for child in node.children)
