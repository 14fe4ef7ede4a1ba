"""Build the pages with a tool."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from ..build.corpus import Page
from ..build.writers import configuration, index
from ..places import WORK
from ..timing import BenchError, timed
from .tools import LiveTool


def directory_of(tool: LiveTool) -> Path:
    """Return where a tool's site is made."""
    return WORK / "live" / re.sub(r"\W+", "-", tool.name)


def html_of(tool: LiveTool) -> Path:
    """Return the directory that is served."""
    return directory_of(tool) / "html"


def build(tool: LiveTool, pages: Iterable[Page], public: str) -> None:
    """Build the pages from nothing.

    Parameters
    ----------
    public : str
        Address of the stand-in for public hosts.

    Raises
    ------
    BenchError
        When the build fails, or a page is missing.
    """
    pages = list(pages)
    directory, html = directory_of(tool), html_of(tool)
    source = directory / "source"
    shutil.rmtree(directory, ignore_errors=True)
    source.mkdir(parents=True)
    values = {"project": "Bench", "html_theme": "alabaster", **tool.configure(public)}
    (source / "conf.py").write_text(configuration(values), encoding="utf-8")
    (source / "index.rst").write_text(index(pages), encoding="utf-8")
    for page in pages:
        (source / (page.name + tool.suffix)).write_text(tool.write(page), encoding="utf-8")
    environment = tool.venv.environment(WORK / tool.venv.name / "home")
    timed(
        [tool.venv.python, "-m", "sphinx", "-b", "html", "-d", directory / "doctrees", source, html],
        cwd=directory,
        environment={**os.environ, **environment, **tool.environment(public)},
        log=directory / "build.log",
    )
    missing = [page.name for page in pages if not (html / f"{page.name}.html").is_file()]
    if missing:
        raise BenchError(f"{tool.name} did not write {', '.join(missing)} (the log is {directory / 'build.log'})")
