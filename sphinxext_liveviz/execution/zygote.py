"""The process that page processes are forked from: ``python -m sphinxext_liveviz.execution.zygote FD``.

``FD`` is its end of a socket pair. Messages in it are ``{"preload": [modules]}``, as many as the build likes before its
first page; the answer to each is ``{"refused": {module: refusal}}``, see :mod:`.preload`. All further messages are any
text with three file descriptors: the page's request, the pipe for its messages, and its log. The answers are
``{"forked": pid}``, at once, and ``{"ended": pid, "code": exit_code}``. When the other end closes, all that runs is
killed: nothing outlives the build, unless its last message was ``{"stay", "hello"}`` (:mod:`.warm`).
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from ..kernel import adapters, display  # noqa: F401 - part of what every page needs
from .preload import preload
from .warm import Hello, Sources, Stay, wait
from .worker import die_with_parent, serve

_MESSAGE = 1 << 20
"""Longest message in bytes."""


def main() -> None:
    """Serve a build until it closes its end, and then perhaps the next."""
    # While it imports it does not listen. Later, when there are pages to end, it must outlive the build for a moment.
    die_with_parent(True)
    build: socket.socket | None = socket.socket(fileno=int(sys.argv[1]))
    sources = Sources()
    while build is not None:
        with build:
            last = _serve_build(build, sources)
        build = wait(Stay(**last["stay"]), Hello(**last["hello"]), sources) if last else None


def _serve_build(build: socket.socket, sources: Sources) -> dict[str, Any] | None:
    """Serve one build; return its last message, if it wants this process to stay."""
    running: set[int] = set()
    spoiled = False
    try:
        while True:
            text, descriptors = _receive(build)
            if descriptors or not text:
                break
            message: dict[str, Any] = json.loads(text)
            if "stay" in message:
                return None if spoiled else message
            began = time.time_ns()
            refused = preload(message["preload"])
            sources.note(began)
            spoiled = spoiled or any(refusal.spoils for refusal in refused.values())
            with suppress(ConnectionError):  # it does not wait for the answer; what it said last tells why
                _say(build, {"refused": {name: asdict(refusal) for name, refusal in refused.items()}})
        die_with_parent(False)
        # What is there now stays: a page that collects garbage need not look at it, nor copy the memory it is in.
        gc.freeze()
        return _serve(build, running, descriptors) if descriptors else None
    except ConnectionError:
        return None  # the build was killed
    finally:
        for pid in running:
            _kill(pid)


def _receive(build: socket.socket) -> tuple[bytes, list[int]]:
    """Wait for a message of the build; return its text, which is empty when there will be none, and its descriptors."""
    while True:
        select.select([build.fileno()], [], [])
        try:
            text, descriptors, _, _ = socket.recv_fds(build, _MESSAGE, 3)
        except BlockingIOError:
            continue  # on a busy machine the system says so now and then, although the socket is one that waits
        except ConnectionResetError:
            continue  # the build has not read all answers; what it said last can be read still
        return text, descriptors


def _serve(build: socket.socket, running: set[int], descriptors: list[int]) -> dict[str, Any] | None:
    """Fork pages and report their ends, until the build closes its end or says a last message, which is returned."""
    ended, ending = os.pipe()
    os.set_blocking(ending, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ending, warn_on_full_buffer=False)
    while True:
        if descriptors:
            pid = os.fork()
            if pid == 0:
                build.close()
                os.close(ended)
                _become_page(descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            with suppress(OSError):  # the page may be so far already, or gone
                os.setpgid(pid, pid)
            running.add(pid)
            _say(build, {"forked": pid})
        descriptors = []
        ready = select.select([build.fileno(), ended], [], [])[0]
        if ended in ready:
            os.read(ended, 4096)
            _reap(build, running)
        if build.fileno() in ready:
            text, descriptors = _receive(build)
            if not descriptors:
                signal.set_wakeup_fd(-1)
                os.close(ended)
                os.close(ending)
                return json.loads(text) if text else None


def _become_page(descriptors: list[int]) -> NoReturn:
    """Be the process of a page, in a group of its own, and never return to the zygote's code."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setpgid(0, 0)
        request, pipe, log = descriptors
        for standard in (1, 2):
            os.dup2(log, standard)
        sys.path.insert(0, "")  # the cells' own modules are found before all others
        _reseed()
        with os.fdopen(request, encoding="utf-8") as source:
            page = json.load(source)
        _forget_what_is_beside(Path(page["directory"]))
        serve(page, pipe)
        code = 0
    except BaseException:
        traceback.print_exc()  # into the log
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _forget_what_is_beside(directory: Path) -> None:
    """Let the page find its own modules where others, of the same names, were imported ahead for other pages."""
    beside = {path.stem for path in directory.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    beside -= {*sys.stdlib_module_names, "__main__", __name__.partition(".")[0]}
    for name in [name for name in sys.modules if name.partition(".")[0] in beside]:
        file = getattr(sys.modules[name], "__file__", None)
        if file is None or not Path(file).is_relative_to(directory):
            del sys.modules[name]


def _reseed() -> None:
    """Give the page a random state of its own; Python's ``random`` does so by itself after a fork."""
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _reap(build: socket.socket, running: set[int]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        running.discard(pid)
        _say(build, {"ended": pid, "code": os.waitstatus_to_exitcode(status)})


def _kill(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it ended a moment ago


def _say(build: socket.socket, message: dict[str, Any]) -> None:
    build.send(json.dumps(message).encode())


if __name__ == "__main__":
    main()
