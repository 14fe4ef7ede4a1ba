"""A process that imports ahead, begun as soon as somebody knows what; pages are forked from it later.

It is plainly started, without a thread or an event loop, so that Sphinx may read, and fork, meanwhile.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import weakref
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from ..memory import Answers
from ..model import Page
from ..runtime.imports import imports_of
from ..runtime.installed import Installed
from .environment import environment
from .preload import Refusal
from .warm import Hello, Joined, Stay, join, possible

_BOKEH = ("bokeh.embed.bundle", "bokeh.plotting", "numpy.ma", "numpy.random")
COMPANIONS = {
    "bokeh": _BOKEH,
    "panel": (*_BOKEH, "markdown", "markdown_it", "mdit_py_plugins.tasklists", "panel.io.browser"),
}
"""Library -> what it imports not when it is imported itself, but when a page uses it for the first time, as most do."""


def available() -> bool:
    """Whether forking is safe here: on macOS system libraries start threads, and Windows has no fork."""
    return hasattr(os, "fork") and hasattr(socket, "SOCK_SEQPACKET") and sys.platform != "darwin"


def modules_for(pages: Sequence[Page]) -> list[str]:
    """Return the modules that more than one page imports, or a single one, and their companions, sorted."""
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update(_modules_of(page))
    modules = {module for module, count in counts.items() if count > 1 or len(pages) == 1}
    libraries = {module.partition(".")[0] for module in modules}
    return sorted(modules.union(*(COMPANIONS.get(library, ()) for library in libraries)))


def mentioned(sources: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Return those libraries that have companions, and their companions, which source files seem to import, sorted.

    Nothing is parsed yet: a line that imports may belong to a code block that does not run. So only libraries count
    that take long to import and do no harm.
    """
    # In a notebook the line is a string of JSON.
    imports = re.compile(rf"""^[ \t"]*(?:from[ ]|import[ ](?:[^#\n]*,)?)[ ]*({"|".join(COMPANIONS)})\b""", re.MULTILINE)
    libraries: set[str] = set()
    for source in sources:
        with suppress(OSError):  # Sphinx will tell
            libraries.update(imports.findall(Path(source).read_text(encoding="utf-8", errors="replace")))
    return sorted(libraries.union(*(COMPANIONS[library] for library in libraries)))


def _modules_of(page: Page) -> set[str]:
    """Return what a page imports, without what lies beside it: other pages do not find that, or find other things."""
    modules = {found.module for cell in page.cells if cell.execute for found in imports_of(cell.code)}
    return {module for module in modules if not _is_beside(page, module)}


def _is_beside(page: Page, module: str) -> bool:
    """Whether the page finds the module in its own directory, before all others."""
    here = Path(page.directory, module.partition(".")[0])
    return here.exists() or here.with_suffix(".py").exists()


class Refusals:
    """Modules that earlier builds could not import ahead, and that this one need not try.

    Parameters
    ----------
    answers : Answers, optional
        Those of the last build: module to reason.
    installed : Installed, optional
        Only of what comes from an index the version tells that it is the same still.
    """

    def __init__(self, answers: Answers | None = None, installed: Installed | None = None) -> None:
        self._answers = answers or Answers({}, keep=True)
        self._installed = installed

    def among(self, modules: Iterable[str]) -> dict[str, str]:
        """Return which of some modules are known, and why they were refused."""
        return {module: reason for module in modules if (reason := self._answers.get(module)) is not None}

    def remember(self, module: str, refusal: Refusal) -> None:
        """Keep a refusal for the builds to come, if it will last."""
        if refusal.lasting and self._installed is not None:
            found = [self._installed.find(name) for name in self._installed.providers(module)]
            if found and not any(one is None or one.editable for one in found):
                self._answers.put(module, refusal.reason)


def start(
    pages: Sequence[Page],
    modules: Sequence[str] | None,
    refusals: Refusals,
    also: Sequence[str] = (),
    stay: Stay | None = None,
) -> Zygote | None:
    """Start a zygote for pages that will probably run; None where none is of use.

    Parameters
    ----------
    pages : sequence of Page
        As they were when they ran last.
    modules : sequence of str, optional
        What is to be imported; by default what several of the pages import, and of a single one all that it does.
    refusals : Refusals
    also : sequence of str
        What is imported besides, where that was not chosen.
    stay : Stay, optional
        Where the zygote waits for the next build when this one has ended, and where that of the last one may wait.
    """
    if modules is None:
        modules = sorted({*modules_for(pages), *also})
    refused = refusals.among(modules)
    wanted = [module for module in modules if module not in refused]
    if not wanted or not available():
        return None
    zygote = Zygote(stay)
    with suppress(OSError):  # it has died, which whoever wants to use it will find
        zygote.preload(wanted)
    return zygote


class Zygote:
    """The process (:mod:`.zygote`), until a :class:`.forked.ForkHost` takes it over.

    Parameters
    ----------
    stay : Stay, optional
        As for :func:`start`.

    Attributes
    ----------
    process : subprocess.Popen or Joined
    control : socket
        Our end of the connection to it.
    environment : dict of str to str
        What it was started with.
    modules : list of str
        What it was asked to import.
    warm : bool
        Whether it had waited for this build.
    questions : int
        How often it was asked by this build, and so how many answers it will give.
    end : callable
        Kills it, unless it was taken over; called by itself when nobody holds the object any more, or Python ends.
    """

    def __init__(self, stay: Stay | None = None) -> None:
        self.environment = environment()
        self.questions = 0
        self._stay = stay if possible() else None
        self.process: subprocess.Popen[bytes] | Joined
        joined = join(self._stay.directory, self.environment) if self._stay else None
        self.warm = joined is not None
        if joined is not None:
            self.process, self.control, self.modules = joined
        else:
            self.process, self.control = self._start()
            self.modules = []
        self.end = weakref.finalize(self, _end, self.process, self.control, os.getpid())

    def _start(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(  # asyncio's own cannot be waited for when its loop is ending
                [sys.executable, "-P", "-m", f"{__package__}.zygote", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=self.environment,
                start_new_session=True,
            )
        return process, ours

    def preload(self, modules: Iterable[str]) -> None:
        """Ask it to import modules, and do not wait for it.

        Raises
        ------
        OSError
            It has died.
        """
        wanted = [module for module in dict.fromkeys(modules) if module not in self.modules]
        if wanted or not self.questions:
            self.modules += wanted
            self.control.send(json.dumps({"preload": wanted}).encode())
            self.questions += 1

    @property
    def stays(self) -> bool:
        """Whether it is to stay for the next build."""
        return self._stay is not None

    def leave(self) -> None:
        """Take leave of it: it stays for the next build where that is wanted, and ends otherwise."""
        self.end.detach()
        if self._stay is not None:
            hello = Hello(self.environment, self.modules)
            with suppress(OSError):  # it has died
                self.control.send(json.dumps({"stay": asdict(self._stay), "hello": asdict(hello)}).encode())
        self.control.close()
        if not self.warm:  # what has waited is nobody's child, and may be importing still
            self.process.wait()


def _end(process: subprocess.Popen[bytes] | Joined, control: socket.socket, owner: int) -> None:
    if os.getpid() == owner:  # and not in what Sphinx has forked meanwhile
        control.close()
        process.kill()
        process.wait()
