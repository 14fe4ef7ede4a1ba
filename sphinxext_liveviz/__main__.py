"""``python -m sphinxext_liveviz prune DIR [--size MB]``: remove stored results that were not used for longest."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .config import LiveConfig
from .store import Store

MEGABYTE = 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m sphinxext_liveviz", description="Look after stored results.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
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
    chosen = parser.parse_args(arguments)
    store = Store(chosen.directory)
    if not store.exists:
        prune.error(f"{chosen.directory} holds no results")
    done = store.prune(int(chosen.size * MEGABYTE))
    sys.stdout.write(
        f"{done.removed} files removed ({done.freed / MEGABYTE:.1f} MB), {done.left / MEGABYTE:.1f} MB left\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
