"""Every ``liveviz_*`` value: declared, validated and read here, once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import config_checks as checks
from .errors import UserError


def _option(default: Any, check: checks.Check, rebuild: str, help: str) -> Any:
    return dataclasses.field(default=default, metadata={"check": check, "rebuild": rebuild, "help": help})


@dataclass(frozen=True)
class LiveConfig:
    """The extension's settings. Field ``x`` is ``liveviz_x`` in ``conf.py``."""

    pyodide_version: str = _option("314.0.7", checks.version, "html", "Pyodide that live cells run on.")
    distribution: str = _option(
        "cdn",
        checks.one_of("cdn", "bundle"),
        "html",
        '`"cdn"`: readers fetch Pyodide and packages from their public hosts. '
        '`"bundle"`: all of it is copied into the site, which then needs no other origin.',
    )
    mirrors: tuple[str, ...] = _option(
        (),
        checks.strings,
        "html",
        "Where else to look for Pyodide's files, in order: directories, URL prefixes, or a requirement such as "
        '`"name==1.0"` whose wheel contains them. A file is accepted only when its sha256 is the official lock\'s. '
        '`"cdn"` in the list gives the public host its place; otherwise it is tried last.',
    )
    requirements: tuple[str, ...] = _option(
        (), checks.requirements, "html", "Requirements of every page's live cells, beyond what their imports tell."
    )
    exclude: tuple[str, ...] = _option(
        (),
        checks.strings,
        "html",
        "Distributions that live cells do without, although something in the lock depends on them.",
    )
    lean: bool = _option(
        True,
        checks.flag,
        "html",
        "Pack the wheels of a bundle anew: compiled, and without what no live cell reads. It takes Node. Otherwise "
        "they are served as they are, and live cells start slower.",
    )
    keep: tuple[str, ...] = _option(
        (),
        checks.strings,
        "html",
        "Files of packages that a bundle keeps although live cells rarely read them, as patterns of paths below "
        "site-packages: `numpy/tests/*`.",
    )
    snapshot: str = _option(
        "build",
        checks.one_of("build", "browser", "off"),
        "html",
        "Who stores Python as it is when a page's imports are done, so that the next start need not wait for them. "
        '`"build"`: the build, in a bundle of lean wheels, and where it cannot, the reader\'s browser. `"browser"`: '
        'the reader\'s browser, after the first visit. `"off"`: nobody.',
    )
    local: tuple[str, ...] = _option(
        (),
        checks.strings,
        "html",
        "Directories, seen from `conf.py`, of the projects that the site documents: live cells import what their "
        "source says now.",
    )
    lock: str | None = _option(
        None,
        checks.path("file"),
        "html",
        "Lock to commit, seen from `conf.py`: live cells get exactly the files that it names. A build writes it when "
        "it is not there.",
    )
    drift: str = _option(
        "note",
        checks.one_of("note", "warn"),
        "html",
        'Live cells get another version of what they import than the build had: `"note"` says so in the log and below '
        'the live cell; `"warn"` is a warning too.',
    )
    offline: bool = _option(
        False,
        checks.flag,
        "html",
        'Let live pages work offline, by a service worker, for readers who have run a cell. Needs `"bundle"`. `False` '
        "also removes an earlier build's worker from readers' browsers.",
    )
    timeout: float = _option(120.0, checks.seconds, "", "Seconds that a cell may run at build time.")
    memory: int | None = _option(
        4096,
        checks.count("megabytes", "no limit"),
        "",
        "Megabytes that the process of a page may hold; beyond, its cell gets a `MemoryError`. `None`: no limit. "
        "Only Linux can enforce it.",
    )
    output_limit: int = _option(
        10_000_000,
        checks.count("characters"),
        "",
        "Characters that a cell may print at build time; one that prints more is ended.",
    )
    output_shown: int = _option(
        20_000,
        checks.count("characters"),
        "",
        "Characters of one text output that a page shows; of a longer one it shows the beginning and the end.",
    )
    snapshots: bool = _option(
        False,
        checks.flag,
        "",
        "Take pictures of what scripts of a page draw (Bokeh, Panel and the like), with a headless browser, for PDF, "
        "EPUB and other builders, for readers without scripts, and as a page's picture in social media. Needs the "
        "extra `check`.",
    )
    execution: str = _option(
        "auto",
        checks.one_of("auto", "force", "cache", "off"),
        "",
        '`"auto"`: pages run whose result is not stored. `"force"`: all pages run. `"cache"`: none runs; one whose '
        'result is not stored shows its code, and is a warning. `"off"`: none runs, and all show their code only.',
    )
    jobs: int | None = _option(
        None,
        checks.count("pages", "as many as sphinx-build -j"),
        "",
        "Pages that run at the same time; as many as `-j` by default.",
    )
    preload: tuple[str, ...] | None = _option(
        None,
        checks.modules,
        "",
        "Modules that are imported once, ahead of the pages; by default what several of them import. "
        "`[]`: none, and each page gets a new process.",
    )
    keep_warm: int | None = _option(
        None,
        checks.count("seconds", "not at all"),
        "",
        "Seconds for which the process that has imported what pages need stays after a build, so that the next one, "
        "of an author who goes on writing, need not import it again (on Linux).",
    )
    executor: str | None = _option(
        None,
        checks.factory,
        "",
        '`"module:callable"` that makes a `concurrent.futures.Executor` to run pages on, for instance Dask\'s; '
        "by default they run on this machine.",
    )
    depends: tuple[str, ...] = _option(
        (),
        checks.strings,
        "",
        "Files, as glob patterns seen from `conf.py`, whose content can alter the output of any cell: all pages run "
        "again when one changes.",
    )
    files: tuple[str, ...] = _option(
        (),
        checks.strings,
        "html",
        "Files, as glob patterns seen from `conf.py`, that cells read: live cells find them where the build does, as "
        "seen from the page, and all pages run again when one changes.",
    )
    matplotlib_format: tuple[str, ...] = _option(
        ("png",),
        checks.formats,
        "",
        'What Matplotlib figures are: `"png"`, with two pixels for each of the page, `"svg"` or `"pdf"`, or a list. '
        "Of several each builder shows the one that it can show best; HTML pages prefer SVG.",
    )
    check_engine: str = _option(
        "chromium",
        checks.one_of(*checks.ENGINES),
        "",
        'What `livecheck` runs cells in: a browser, or `"node"` for a quick answer without one.',
    )
    check_workers: int | None = _option(
        None,
        checks.count("pages", "as many as there are processors, at most 4"),
        "",
        "Pages that `livecheck` has open at a time.",
    )
    check_timeout: float = _option(
        120.0,
        checks.seconds,
        "",
        "Seconds that a live cell may run in `livecheck`; `:timeout:` of a cell may give it more.",
    )
    check_tolerance: float = _option(
        1e-6,
        checks.fraction,
        "",
        "Relative difference of numbers that `livecheck` lets pass; `:tolerance:` of a cell comes first.",
    )
    check_ignore: tuple[str, ...] = _option(
        (),
        checks.patterns,
        "",
        "Pages (`guide/start`) and cells (`guide/start:2`) that `livecheck` leaves out, as regular expressions.",
    )
    check_only: tuple[str, ...] = _option(
        (), checks.strings, "", "Pages that `livecheck` looks at, as patterns (`guide/*`); by default all."
    )
    environment: tuple[str, ...] = _option(
        (), checks.variables, "", "Environment variables whose value can alter the output of any cell."
    )
    cache_dir: str | None = _option(
        None, checks.path("directory"), "", "Directory of stored results; inside the doctree directory by default."
    )
    cache_size: int | None = _option(
        512,
        checks.count("megabytes", "no limit"),
        "",
        "Megabytes of stored results; beyond, those go that were not used for longest. `None`: no limit.",
    )

    @property
    def kernel_settings(self) -> dict[str, Any]:
        """What the kernel is told. Only what is not as by default, so that results stay that nothing alters."""
        default = next(item.default for item in dataclasses.fields(self) if item.name == "matplotlib_format")
        formats = self.matplotlib_format
        return {} if formats == default else {"matplotlib_format": list(formats)}

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> LiveConfig:
        """Validate all values at once.

        Parameters
        ----------
        values : mapping of str to object
            ``liveviz_*`` name to the value found in ``conf.py``.

        Raises
        ------
        UserError
            With one line per fault, so that an author mends all of them at once.
        """
        good, faults = {}, []
        for item in dataclasses.fields(cls):
            name = f"liveviz_{item.name}"
            try:
                good[item.name] = item.metadata["check"](name, values[name])
            except UserError as error:
                faults.append(str(error))
        if faults:
            raise UserError("\n".join(faults))
        return cls(**good)


def declarations() -> Iterator[tuple[str, Any, str, str]]:
    """Yield ``(name, default, rebuild, help)`` of each value, for ``setup`` and for the README's table."""
    for item in dataclasses.fields(LiveConfig):
        yield f"liveviz_{item.name}", item.default, item.metadata["rebuild"], item.metadata["help"]


def sphinx_default(default: Any) -> Any:
    """Return a default in the form in which Sphinx leaves to us what ``-D`` gives: text, or for a list its items."""
    if isinstance(default, tuple):
        return list(default)
    if isinstance(default, (int, float)):
        return lambda _: default  # Sphinx would convert the text to an int, and refuse what becomes a float
    return default
