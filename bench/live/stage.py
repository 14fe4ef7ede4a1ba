"""All that a bench of live pages needs before it measures: tools installed, sites built, hosts serving them."""

from __future__ import annotations

import argparse
import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from playwright.sync_api import Playwright, sync_playwright

from sphinxext_liveviz.runtime.cache import Cache

from ..build.corpus import Page
from ..places import WORK
from .host import Answer, Host, hosting
from .reader import Reader, chromium
from .shelf import fill
from .sites import build, html_of
from .tools import LIVEVIZ, NBSITE, VARIANTS, LiveTool, make_live_tools

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """What is ready."""

    tools: list[LiveTool]
    """The tools, in the order in which they were asked for."""
    hosts: Mapping[str, Host]
    """The host of each tool's site, by the tool's name."""
    public: Host
    """The stand-in for public hosts."""
    playwright: Playwright
    """Drives browsers."""
    chromium: str
    """Path of the browser."""

    def url(self, tool: LiveTool, name: str) -> str:
        """Return the address of a document of a tool's site."""
        return f"{self.hosts[tool.name].url}/{name}.html"

    def reader(self) -> Reader:
        """Return a reader who has never been anywhere."""
        return Reader(self.playwright, self.chromium, WORK / "live" / "profile")

    def take(self, tool: LiveTool) -> list[Answer]:
        """Return what was sent to the reader of a tool's site since the last call."""
        return self.hosts[tool.name].take() + self.public.take()

    @contextmanager
    def offline(self, tool: LiveTool) -> Iterator[None]:
        """Let no host answer."""
        hosts = (self.hosts[tool.name], self.public)
        for host in hosts:
            host.silent = True
        try:
            yield
        finally:
            for host in hosts:
                host.silent = False


@contextmanager
def staged(tools: Sequence[LiveTool], pages: Sequence[Page], tell: Tell) -> Iterator[Stage]:
    """Install the tools, build the pages with each of them, and serve all of it."""
    shelf = WORK / "live" / "shelf"
    shelf.mkdir(parents=True, exist_ok=True)
    for tool in tools:
        tool.venv.prepare(tell)
    with ExitStack() as stack:
        public = stack.enter_context(hosting(shelf, public=True))
        for tool in tools:
            tell(f"building the site of {tool.name}")
            build(tool, pages, public.url)
        others = [tool for tool in tools if tool.name == NBSITE]
        ours = next((tool for tool in tools if tool.is_ours), None)
        if ours and others:
            tell("putting Pyodide and wheels on the shelf")
            fill(shelf, public.url, ours.venv, [Cache.of_user().root], others[0].venv)
        hosts = {tool.name: stack.enter_context(hosting(html_of(tool))) for tool in tools}
        browser = chromium()
        yield Stage(list(tools), hosts, public, stack.enter_context(sync_playwright()), browser)


def add_tools(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose tools."""
    parser.add_argument(
        "--variant", action="append", nargs="+", default=[], metavar="WORD",
        help="a variant of this extension more: its name, and values of conf.py, as in "
        "--variant offline liveviz_offline=True",
    )  # fmt: skip
    parser.add_argument("--tools", nargs="+", metavar="NAME", help="tools and variants to measure (default: all)")


def chosen_tools(options: argparse.Namespace, *further: str) -> list[LiveTool]:
    """Return the tools that `add_tools` let the user choose; those named in ``further`` too."""
    variants = {**VARIANTS, **dict(map(parse_variant, options.variant))}
    tools = [tool for tool in make_live_tools(variants) if tool.is_ours or tool.name in (NBSITE, *further)]
    if options.tools:
        tools = [tool for tool in tools if tool.name in {*options.tools, *further}]
    return tools


def parse_variant(words: Sequence[str]) -> tuple[str, dict[str, object]]:
    """Return a variant's name and settings: what follows an equals sign is read as Python, or else as text."""
    name, *settings = words

    def read(value: str) -> object:
        try:
            return ast.literal_eval(value)
        except (SyntaxError, ValueError):
            return value

    return name, {key: read(value) for key, _, value in (setting.partition("=") for setting in settings)}


def reference_of(tools: Sequence[str]) -> str:
    """Return the tool that ratios compare with: nbsite.pyodide, or what is there."""
    return next((name for name in (NBSITE, LIVEVIZ) if name in tools), tools[0])
