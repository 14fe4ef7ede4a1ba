"""``python -m bench`` lists the benches, ``python -m bench NAME --help`` tells how to run one."""

from __future__ import annotations

import signal
import sys
from importlib import import_module

from .timing import BenchError

BENCHES = ("build", "livecheck", "startup", "sync", "weight")


def listing() -> str:
    """Return a line per bench: its name and the first line of its docstring."""
    lines = ["python -m bench NAME [--help], where NAME is one of", ""]
    for name in BENCHES:
        first = (import_module(f"bench.{name}").__doc__ or "").partition("\n")[0]
        lines.append(f"  {name:<12} {first}")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Run the bench that the first argument names."""
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.stdout.write(listing())
        return 0
    name, *rest = arguments
    if name not in BENCHES:
        sys.stderr.write(f"There is no bench {name!r}.\n\n{listing()}")
        return 2
    # Ended from outside, we end what we have started.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        status: int = import_module(f"bench.{name}").main(rest)
    except BenchError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
