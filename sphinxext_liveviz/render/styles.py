"""Keeps the HTML of an output to itself: its style sheets hold for the output alone, and its tags end where it ends.

Each ``<style>`` is put in front, as a child of the output's element, with its rules in an ``@scope`` that has no root
of its own: then the parent of the ``<style>`` is the root. So nothing has to be named, ids and scripts work as they
did, and a browser that does not know ``@scope`` drops the rules instead of giving them to the page. ``live/styles.js``
does the same to live outputs.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser

_TOKEN = re.compile(
    r"""/\*.*?(?:\*/|\Z)|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\\.|<!--|-->|[{};]|[^{};"'\\/<-]+|.""", re.DOTALL
)
_ROOT = re.compile(
    r"""(?<![\w#.:\[="'-])(?:(?:html|:root)(?:\s*>\s*|\s+)body|html|body|:root)(?![\w-])""", re.IGNORECASE
)
_BACKGROUND = re.compile(r"(?<![\w-])background(?:-color)?\s*:\s*(?!none|transparent|inherit|initial|unset|\s)", re.I)
_COLOUR = re.compile(r"(?<![\w-])color\s*:", re.I)

_UNFINISHED = re.compile("<[a-z/!?]", re.IGNORECASE)

_PAGE = {"html", "head", "body"}
"""Tags that speak of the page: a parser gives their attributes to the page's own elements."""
_OPAQUE = {"template", "noscript"}
"""What is in them is not part of the page."""
_BLOCKS = {
    *("article", "aside", "blockquote", "center", "details", "div", "dl", "fieldset", "figure", "footer", "form"),
    *("header", "main", "nav", "ol", "pre", "section", "table", "ul"),
    *("button", "foreignobject", "iframe", "marquee", "noembed", "noframes", "object", "script", "select", "svg"),
    *("textarea", "title", "xmp", *_OPAQUE),
}
"""Elements that swallow what follows when they are not closed, and end the page's own when they are closed twice."""
_FORMATTING = {
    *("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"),
}
"""Elements that a parser opens again after the end of what they were opened in, until they are closed."""


def isolated(html: str) -> tuple[str, str]:
    """Return the HTML of an output that leaves the page around it alone.

    Parameters
    ----------
    html : str
        As Python made it.

    Returns
    -------
    html : str
        To be put into an element of its own.
    css : str
        Its style sheets.
    """
    parser = _Parts(html)
    parser.feed(html.replace("&", "+"))  # entities are nobody's concern here, and places stay what they are
    return parser.result()


def scoped(css: str) -> str:
    """Return a style sheet whose rules hold below the parent of its element only.

    What it says of ``html``, ``body`` and ``:root`` holds for that parent.
    """
    done: list[str] = []
    pending: list[str] = []
    depth = 0
    for token in _TOKEN.findall(css):
        if token in ("<!--", "-->"):
            continue
        if token == "}" and not depth:
            token = ""  # it would end the scope
        elif token == "}":
            depth -= 1
        elif token == "{":
            depth += 1
            prelude = "".join(pending)
            pending = [prelude if prelude.lstrip().startswith("@") else _ROOT.sub(":scope", prelude)]
        pending.append(token)
        if token in ("{", "}", ";"):
            done += pending
            pending = []
    return f"@scope {{\n{''.join(done + pending)}\n}}"


def needs_paper(css: str) -> bool:
    """Whether a style sheet has backgrounds and no colours of text: then it counts on dark text."""
    return _BACKGROUND.search(css) is not None and _COLOUR.search(css) is None


class _Parts(HTMLParser):
    """Finds what has to be moved or left out."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self._html = html
        self._lines = [0, *(match.end() for match in re.finditer("\n", html))]
        self._kept: list[str] = []
        self._sheets: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._formatting: Counter[str] = Counter()
        self._position = 0
        self._style: tuple[int, str] | None = None

    def result(self) -> tuple[str, str]:
        if self._style is not None:
            self._take(len(self._html), len(self._html))
        # What has not been read is a tag or a comment without an end; but for the text of a script, say.
        unread = len(self.rawdata) if _UNFINISHED.match(self.rawdata) and self.cdata_elem is None else 0
        self._cut(len(self._html) - unread, len(self._html))
        sheets = "".join(f"{tag}{scoped(css)}</style>\n" for tag, css in self._sheets)
        closing = "".join(f"</{tag}>" for tag in (*reversed(self._open), *self._formatting.elements()))
        return sheets + "".join(self._kept) + closing, "\n".join(css for _, css in self._sheets)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        begin = self._offset()
        text = self._html[begin : begin + len(self.get_starttag_text() or "")]
        if tag == "style" and not _OPAQUE & set(self._open) and dict(attrs).get("type") in (None, "", "text/css"):
            self._cut(begin, begin)
            self._style = (begin + len(text), re.sub(r"/>$", ">", text))
        elif tag in _PAGE:
            self._cut(begin, begin + len(text))
        elif tag in _BLOCKS:
            self._open.append(tag)
        elif tag in _FORMATTING:
            self._formatting[tag] += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "svg" and "svg" not in self._open:  # elsewhere the slash says nothing
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        begin = self._offset()
        end = self._html.find(">", begin) + 1 or len(self._html)
        if tag == "style" and self._style is not None:
            self._take(begin, end)
        elif tag in _PAGE:
            self._cut(begin, end)
        elif tag in _BLOCKS:
            if tag not in self._open:
                self._cut(begin, end)
            else:
                while self._open.pop() != tag:
                    pass
        elif self._formatting[tag]:
            self._formatting[tag] -= 1

    def handle_decl(self, decl: str) -> None:
        begin = self._offset()
        self._cut(begin, self._html.find(">", begin) + 1 or len(self._html))

    def _take(self, begin: int, end: int) -> None:
        assert self._style is not None
        start, tag = self._style
        self._style = None
        css = self._html[start:begin]
        if "svg" in self._open:  # there it is XML
            css = unescape(css.replace("<![CDATA[", "").replace("]]>", ""))
        self._sheets.append((tag, css))
        self._position = max(self._position, end)

    def _cut(self, begin: int, end: int) -> None:
        """Keep what comes before ``begin``, and go on at ``end``."""
        self._kept.append(self._html[self._position : begin])
        self._position = end

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column
