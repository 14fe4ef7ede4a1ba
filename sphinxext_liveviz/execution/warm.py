"""A zygote that stays for the next build: how it waits, and how that build finds it (``liveviz_keep_warm``).

It listens at a socket in the store's directory, which nobody but its user can open. It is only of use to a build in the
same environment, and only while every file that it has imported is as it was; otherwise the two part at once. When
another one takes its place at the door, it ends.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

_MESSAGE = 1 << 20
"""Longest message in bytes."""
_ANSWER = 2.0
"""Seconds within which a zygote that waits says what it is."""
_LOOK = 5.0
"""Seconds after which it looks whether it can still be found."""
_CLOCK = 20_000_000
"""Nanoseconds by which the clock of files may be behind."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Where and for how long a zygote waits for the next build."""

    directory: str
    """Where its socket is."""
    seconds: int
    """After which it ends."""


@dataclass(frozen=True, slots=True)
class Hello:
    """What a zygote that has waited says of itself, as the last build has told it."""

    environment: dict[str, str]
    """What it was started with."""
    modules: list[str]
    """What it was asked to import."""
    python: str = sys.version


def possible() -> bool:
    """Whether this system can do it: sockets with paths of any length, and waiting for what is no child."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


class Sources:
    """The files of imported modules, as they were when they were imported."""

    def __init__(self) -> None:
        self._states: dict[str, tuple[int, int] | None] = {}

    def note(self, began: int) -> None:
        """Take down those that were imported since ``began``, in nanoseconds since the epoch."""
        for path in {file for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))}:
            if path not in self._states:
                state = _state(path)
                # Of one that was written meanwhile nobody knows which version it was.
                self._states[path] = None if state is None or state[0] >= began - _CLOCK else state

    def changed(self) -> bool:
        """Whether one of them is not what it was, as far as is known."""
        return any(state is None or _state(path) != state for path, state in self._states.items())


def _state(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


# -- the zygote's side -------------------------------------------------------------------------------------------------


def wait(stay: Stay, hello: Hello, sources: Sources) -> socket.socket | None:
    """Leave the build that started this process, and wait; return the connection of the next one, if one came."""
    if os.fork():
        os._exit(0)  # so that the build that waits for its child need not wait longer
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (1, 2):
        os.dup2(nothing, standard)  # the terminal, or the pipe, belongs to the build
    os.close(nothing)
    try:
        build = _accept(stay)
    except OSError:
        return None  # the directory is gone, or cannot hold a socket: then the next build starts anew
    if build is None:
        return None
    if sources.changed():
        return None
    try:
        build.send(json.dumps(asdict(hello)).encode())
    except OSError:
        return None  # the build has not waited
    return build


def _accept(stay: Stay) -> socket.socket | None:
    """Wait for a build at the door, and for no other after it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door, _door(stay.directory) as path:
        new = path.with_suffix(f".{os.getpid()}")
        mask = os.umask(0o177)
        try:
            door.bind(str(new))
        finally:
            os.umask(mask)
        door.listen(1)
        ours = new.stat().st_ino
        new.replace(path)  # who finds it is heard
        end = time.monotonic() + stay.seconds
        try:
            while _is(path, ours) and (left := end - time.monotonic()) > 0:
                if select.select([door.fileno()], [], [], min(left, _LOOK))[0]:
                    return door.accept()[0]
            return None
        finally:
            if _is(path, ours):
                path.unlink()


def _is(path: Path, inode: int) -> bool:
    try:
        return path.stat().st_ino == inode
    except FileNotFoundError:
        return False


@contextmanager
def _door(directory: str) -> Iterator[Path]:
    """Give a path that is short enough for a socket."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield Path(f"/proc/self/fd/{handle}/warm.sock")
    finally:
        os.close(handle)


# -- the build's side --------------------------------------------------------------------------------------------------

_CREDENTIALS = struct.Struct("3i")
"""Pid, user and group of who listens, as Linux tells them."""


class Joined:
    """A process that is not our child, with the part of :class:`subprocess.Popen` that is needed."""

    def __init__(self, pid: int, handle: int) -> None:
        self.pid = pid
        self._handle = handle

    def kill(self) -> None:
        """End it."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end; how it ended only its parent can know."""
        select.select([self._handle], [], [])
        return 0

    def __del__(self) -> None:
        os.close(self._handle)


def join(directory: str, environment: dict[str, str]) -> tuple[Joined, socket.socket, list[str]] | None:
    """Return the zygote that waits in a directory, the connection to it, and what it has imported; None without one."""
    if not possible() or not Path(directory).is_dir():
        return None
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        with _door(directory) as path:
            control.connect(str(path))
        control.settimeout(_ANSWER)
        said = control.recv(_MESSAGE)
        control.settimeout(None)
        pid, user, _ = _CREDENTIALS.unpack(control.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
        hello = Hello(**json.loads(said)) if said else None
        # The pid is 0 where it runs in another container.
        if hello is not None and pid and user == os.getuid() and hello == Hello(environment, hello.modules):
            return Joined(pid, os.pidfd_open(pid)), control, hello.modules
    except (OSError, ValueError, TypeError):
        pass  # none is there, it has just ended, or it is one of another version
    control.close()
    return None
