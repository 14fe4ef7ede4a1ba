"""A site of a corpus: its sources, its build, and the proof that its cells ran."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from ..places import WORK
from ..timing import BenchError, Took, timed
from .corpus import Corpus, Page
from .tools import Tool
from .writers import configuration, index

_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Site:
    """Where one tool builds one corpus."""

    tool: Tool
    """Who builds it."""
    corpus: Corpus
    """What it holds."""

    @property
    def directory(self) -> Path:
        """The directory of everything below."""
        return WORK / self.tool.venv.name / re.sub(r"\W+", "-", self.tool.name) / self.corpus.name

    def write_sources(self) -> None:
        """Begin from nothing: the sources, and neither outputs nor results of an earlier build."""
        shutil.rmtree(self.directory, ignore_errors=True)
        source = self.directory / "source"
        source.mkdir(parents=True)
        (source / "conf.py").write_text(configuration(self.tool.configuration), encoding="utf-8")
        (source / "index.rst").write_text(index(self.corpus.pages), encoding="utf-8")
        for page in self.corpus.pages:
            self.write(page)

    def write(self, page: Page) -> None:
        """Write the source of a page."""
        file = self.directory / "source" / (page.name + self.tool.suffix)
        file.write_text(self.tool.write(page), encoding="utf-8")

    def build(self, jobs: int) -> Took:
        """Build it, as an author would, into what is there already."""
        # jupyter-sphinx also writes beside the output directory: so that it is the only one in its parent.
        return timed(
            [self.tool.venv.python, "-m", "sphinx", "-j", str(jobs), "-b", "html", "-d", "build/doctrees", "source",
             "build/html"],
            cwd=self.directory,
            environment=self.tool.venv.environment(WORK / self.tool.venv.name / "home"),
            log=self.directory / "build.log",
        )  # fmt: skip

    def verify(self, corpus: Corpus) -> None:
        """Make sure that each page holds the output of each of its cells.

        Parameters
        ----------
        corpus : Corpus
            What the pages should be now: the site's own corpus, or the one after its edit.

        Raises
        ------
        BenchError
            When an output is missing, is not rich though it should be, or is there though nothing runs.
        """
        faults = []
        for page in corpus.pages:
            html = (self.directory / "build" / "html" / f"{page.name}.html").read_text(encoding="utf-8")
            faults += [f"{page.name}: {fault}" for fault in missing(page, html, self.tool.shows)]
        if faults:
            raise BenchError(
                f"{self.tool.name} did not build what it should, so its time means nothing "
                f"(the log is {self.directory / 'build.log'}):\n  " + "\n  ".join(faults[:20])
            )


def missing(page: Page, html: str, shows: str | None) -> list[str]:
    """Return what is wrong with the outputs in a built page; see `Tool.shows`."""
    # Highlighters may put tags into text; scripts hold text with "<" that is no tag. So both forms are looked at.
    visible = _TAG.sub("", html)
    marks = [cell.mark for cell in page.cells if cell.mark is not None]
    found = [mark for mark in marks if mark in html or mark in visible]
    if shows is None:
        return [f"{mark!r} is there, although cells do not run" for mark in found]
    faults = [f"no output with {mark!r}" for mark in marks if mark not in found]
    rich = sum(cell.rich for cell in page.cells)
    documents = len(re.findall(shows, html))
    if documents != rich:
        faults.append(f"{documents} Bokeh documents instead of {rich}")
    return faults
