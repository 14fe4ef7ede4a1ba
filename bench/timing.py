"""Run a command, and say what it took."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class BenchError(Exception):
    """Something did not do what the bench measures, so there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Took:
    """What a command took."""

    seconds: float
    """Wall time."""
    cpu: float
    """User and system time of the process and of those of its descendants that were waited for, in seconds."""


def timed(
    command: Sequence[str | Path], *, cwd: Path, environment: Mapping[str, str], log: Path, limit: float = 3600.0
) -> Took:
    """Run a command to its end.

    Parameters
    ----------
    log : Path
        Receives its standard output and standard error.
    limit : float
        Seconds after which it is killed.

    Raises
    ------
    BenchError
        When it fails or takes too long, with the end of its log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    before = _cpu()
    with log.open("wb") as output:
        start = time.perf_counter()
        # A session of its own: what it started ends with it when we are interrupted.
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
        try:
            status: int | str = process.wait(limit)
            seconds = time.perf_counter() - start
        except subprocess.TimeoutExpired:
            status = f"no end within {limit:.0f} s"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if status != 0:
        raise BenchError(f"{' '.join(map(str, command))}\nfailed ({status}). The end of its log:\n\n{_tail(log)}")
    return Took(seconds, _cpu() - before)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _tail(log: Path, lines: int = 30) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
