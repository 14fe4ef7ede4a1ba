"""What Python in a browser cannot do, and which cells ask for it: read from their code. Standard library only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from .kernel.magics.reading import parse

NETWORK = "network"
"""What browsers have, but not everywhere: in a checking machine, or at a reader who is offline."""
ABSENT = {
    "threads": "Pyodide cannot start threads",
    "processes": "a browser has no other programs to start",
    "sockets": "a browser opens no sockets, only HTTP requests",
}
"""What no live cell gets, and why."""
KNOWN = (*ABSENT, NETWORK)

_CALLS = {
    "threading.Thread": "threads",
    "threading.Timer": "threads",
    "_thread.start_new_thread": "threads",
    "concurrent.futures.ThreadPoolExecutor": "threads",
    "concurrent.futures.thread.ThreadPoolExecutor": "threads",
    "asyncio.to_thread": "threads",
    "multiprocessing.pool.ThreadPool": "threads",
    "concurrent.futures.ProcessPoolExecutor": "processes",
    "concurrent.futures.process.ProcessPoolExecutor": "processes",
    "multiprocessing.Process": "processes",
    "multiprocessing.Pool": "processes",
    "os.fork": "processes",
    "os.popen": "processes",
    "os.system": "processes",
    "subprocess.Popen": "processes",
    "subprocess.call": "processes",
    "subprocess.check_call": "processes",
    "subprocess.check_output": "processes",
    "subprocess.getoutput": "processes",
    "subprocess.run": "processes",
    "asyncio.create_subprocess_exec": "processes",
    "asyncio.create_subprocess_shell": "processes",
    "socket.socket": "sockets",
    "socket.create_connection": "sockets",
    "socket.create_server": "sockets",
    "socket.socketpair": "sockets",
    "asyncio.open_connection": "sockets",
    "asyncio.start_server": "sockets",
    "http.server.HTTPServer": "sockets",
    "http.server.ThreadingHTTPServer": "sockets",
}
"""What a call is of, by its full name, and what it takes. To import these modules is no harm."""


class Use(NamedTuple):
    """A call that cannot work live."""

    line: int
    """Of the cell's code, from 1."""
    call: str
    """Full name of what is called."""
    needs: str
    """One of :data:`ABSENT`."""


class Text(NamedTuple):
    """A text in the code that may name something outside of it."""

    line: int
    value: str


def uses_of(code: str) -> list[Use]:
    """Return the calls in a cell that Python in a browser cannot answer; none of code that does not parse."""
    tree = _parse(code)
    if tree is None:
        return []
    names = dict(_imported(tree))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _full_name(node.func, names)
            if name in _CALLS:
                found.append(Use(node.lineno, name, _CALLS[name]))
    return sorted(found)


def texts_of(code: str) -> list[Text]:
    """Return the short texts in a cell that can be paths or addresses."""
    tree = _parse(code)
    return [
        Text(node.lineno, node.value)
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and len(node.value) < 250
        and ("." in node.value or "/" in node.value)
        and "\n" not in node.value
    ]


def written_by(code: str) -> list[str]:
    """Return the paths that a cell writes to, as far as its code names them: they need not be there before."""
    tree = _parse(code)
    return sorted({path for node in (ast.walk(tree) if tree else ()) if (path := _target(node)) is not None})


def _target(node: ast.AST) -> str | None:
    """Return the path that a call writes to: `open(path, "w")`, `frame.to_csv(path)`, `Path(path).write_text(...)`."""
    if not isinstance(node, ast.Call):
        return None
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    holder = getattr(node.func, "value", None)
    # What Path("...") is asked to do has its path there, and not among its own arguments.
    arguments = [*holder.args, *node.args] if isinstance(holder, ast.Call) else node.args
    if not arguments:
        return None
    path, *more = arguments
    if name == "open":
        modes = [*more[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
        writes = any(isinstance(mode, ast.Constant) and set("wax") & set(str(mode.value)) for mode in modes)
    else:
        writes = name.startswith(("to_", "save", "write", "dump", "touch"))
    return path.value if writes and isinstance(path, ast.Constant) and isinstance(path.value, str) else None


def reads_urls(code: str) -> bool:
    """Whether a cell names an address of the web, or imports what reads some."""
    if "http" not in code and "urllib" not in code and "requests" not in code:
        return False  # most cells; parsing takes time
    tree = _parse(code)
    if tree is None:
        return False
    names = {name for _, name in _imported(tree)}
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    if "urllib.request" in modules or any(name.startswith(("requests", "urllib.request")) for name in names):
        return True
    return any(text.value.startswith(("http://", "https://")) for text in texts_of(code)) and _reads(names)


def _reads(names: set[str]) -> bool:
    """Whether some of what is imported opens addresses by itself."""
    return any(name.partition(".")[0] in ("pandas", "polars", "xarray", "imageio", "skimage") for name in names)


def needed(reason: str) -> tuple[str, ...]:
    """Return what a reason of ``:static:`` says that the cell needs; nothing where it says something else.

    A reason that begins with ``needs`` is a claim that can be tried out.
    """
    words = reason.replace(",", " ").split()
    return tuple(words[1:]) if words[:1] == ["needs"] else ()


def _parse(code: str) -> ast.Module | None:
    try:
        return parse(code)
    except (SyntaxError, ValueError):
        return None  # the build says so where the cell runs


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each name that imports bind, and the full name of what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _full_name(node: ast.expr, names: dict[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return ""
    return ".".join([names[node.id], *reversed(parts)])
