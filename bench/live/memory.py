"""What the processes of a browser hold, and have held."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

_PROC = Path("/proc")


def peak_memory(profile: Path) -> int | None:
    """Return the peak memory of the browser that runs on a profile, in bytes; None where there is no ``/proc``.

    It is the processes' proportional set size now, which counts shared pages once, and what the resident set of each
    was higher at its own peak, which the kernel remembers. So nothing has to watch while something is measured.
    """
    if not (_PROC / "self" / "smaps_rollup").is_file():
        return None
    total = 0
    for process in _tree(profile):
        try:
            status = _fields((_PROC / str(process) / "status").read_text())
            rollup = _fields((_PROC / str(process) / "smaps_rollup").read_text())
        except OSError:
            continue  # it ended
        total += peak(status, rollup)
    return total


def peak(status: Mapping[str, int], rollup: Mapping[str, int]) -> int:
    """Return the share of one process, from what ``status`` and ``smaps_rollup`` say of it, in bytes."""
    if "VmHWM" not in status:
        return 0  # it is a zombie
    return rollup["Pss"] + max(0, status["VmHWM"] - status["VmRSS"])


def _fields(text: str) -> dict[str, int]:
    return {name: 1024 * int(value) for name, value in re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE)}


def _tree(profile: Path) -> Iterator[int]:
    """Yield the process that was started with a profile, and its descendants."""
    children: dict[int, list[int]] = {}
    waiting = []
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int(re.search(r"^PPid:\s+(\d+)$", (entry / "status").read_text(), re.MULTILINE)[1])  # type: ignore[index]
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry.name))
        if str(profile) in command and "--type=" not in command:
            waiting.append(int(entry.name))
    seen: set[int] = set()
    while waiting:
        process = waiting.pop()
        if process not in seen:
            seen.add(process)
            yield process
            waiting.extend(children.get(process, ()))
