"""``python -m sphinxext_liveviz``: what is looked after between builds.

``prune DIR [--size MB]`` removes the stored results that were not used for longest; ``lock [--update] [SOURCEDIR]``
makes the lock that ``liveviz_lock`` names, or looks whether it has all that live cells need; ``check [SOURCEDIR]
[OUTPUTDIR]`` runs all live cells in a browser.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .config import LiveConfig
from .config_checks import ENGINES
from .store import Store

MEGABYTE = 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m sphinxext_liveviz", description="Look after stored results and the lock of live cells."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    prune = commands.add_parser(
        "prune",
        help="remove the results that were not used for longest",
        description="Remove the results that were not used for longest, until the rest fits. "
        "Those of the last hour stay: a build may be using them.",
    )
    prune.add_argument("directory", metavar="DIR", help="liveviz_cache_dir, or `liveviz` in the doctree directory")
    prune.add_argument(
        "--size", metavar="MB", type=float, default=LiveConfig.cache_size, help="that may stay (default: %(default)s)"
    )
    lock = commands.add_parser(
        "lock",
        help="make the lock that liveviz_lock names, or look whether it is up to date",
        description="Read the documents and look whether the lock that liveviz_lock names has all that live cells "
        "need; a lock that is not there is made.",
    )
    lock.add_argument("source", metavar="SOURCEDIR", nargs="?", default=".", help="of the documents (default: .)")
    lock.add_argument("--update", action="store_true", help="make the lock anew")
    check = commands.add_parser(
        "check",
        help="run every live cell in a browser, and compare it with the static page",
        description="Build the site with the builder livecheck: sphinx-build -b livecheck SOURCEDIR OUTPUTDIR.",
    )
    check.add_argument("source", metavar="SOURCEDIR", nargs="?", default=".", help="of the documents (default: .)")
    check.add_argument(
        "output",
        metavar="OUTPUTDIR",
        nargs="?",
        default="_livecheck",
        help="for site and reports (default: _livecheck)",
    )
    check.add_argument(
        "--only", metavar="PAGE", action="append", help="look at these pages alone: guide/start, guide/*"
    )
    check.add_argument("--engine", choices=ENGINES, help="what to run cells in (default: liveviz_check_engine)")
    check.add_argument("--workers", metavar="N", help="pages that are open at a time")
    check.add_argument(
        "-E", dest="fresh", action="store_true", help="run all pages, also those that were good last time"
    )
    for parser_of in (lock, check):
        parser_of.add_argument(
            "-c", metavar="DIR", dest="configuration", help="that holds conf.py, if SOURCEDIR does not"
        )
        parser_of.add_argument(
            "-D",
            metavar="NAME=VALUE",
            dest="overrides",
            action="append",
            default=[],
            help="overrides a value of conf.py",
        )
    chosen = parser.parse_args(arguments)
    if chosen.command == "prune":
        return _prune(prune, chosen.directory, chosen.size)
    if chosen.command == "check":
        return _check(chosen)
    faulty = [item for item in chosen.overrides if "=" not in item]
    if faulty:
        lock.error(f"-D {faulty[0]}: must be NAME=VALUE")
    from .locking import lock as run  # with all of Sphinx

    overrides = dict(item.split("=", 1) for item in chosen.overrides)
    return run(chosen.source, chosen.configuration, overrides, update=chosen.update)


def _check(chosen: argparse.Namespace) -> int:
    from .checking import run  # with all of Sphinx

    values = [*chosen.overrides]
    values += [f"liveviz_check_only={','.join(chosen.only)}"] if chosen.only else []
    values += [f"liveviz_check_engine={chosen.engine}"] if chosen.engine else []
    values += [f"liveviz_check_workers={chosen.workers}"] if chosen.workers else []
    options = [part for value in values for part in ("-D", value)]
    options += ["-c", chosen.configuration] if chosen.configuration else []
    return run(chosen.source, chosen.output, options=[*options, *(["-E"] if chosen.fresh else [])])


def _prune(parser: argparse.ArgumentParser, directory: str, size: float) -> int:
    store = Store(directory)
    if not store.exists:
        parser.error(f"{directory} holds no results")
    done = store.prune(int(size * MEGABYTE))
    sys.stdout.write(
        f"{done.removed} files removed ({done.freed / MEGABYTE:.1f} MB), {done.left / MEGABYTE:.1f} MB left\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
