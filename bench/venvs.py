"""A virtual environment per tool, made once and kept until its requirements change."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from .places import REPOSITORY, VENVS
from .timing import BenchError

_VERSIONS = """
import importlib.metadata, json, sys
print(json.dumps({name: importlib.metadata.version(name) for name in sys.argv[1:]}))
"""
_EVERYTHING = """
import importlib.metadata, json
print(json.dumps({each.name: each.version for each in importlib.metadata.distributions()}))
"""


@dataclass(frozen=True, slots=True)
class Venv:
    """Packages that are installed together."""

    name: str
    """Directory below ``bench/.venvs``."""
    requirements: tuple[str, ...]
    """Arguments of ``pip install``, run in the root of the repository."""
    of_project: bool = False
    """Whether this project is among them: then it is made again when what the project depends on changes."""

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return VENVS / self.name / "bin" / "python"

    def prepare(self, tell: Callable[[str], None]) -> None:
        """Make it, unless it is there already.

        Raises
        ------
        BenchError
            When Python cannot make virtual environments, or pip cannot install what is asked for.
        """
        directory = VENVS / self.name
        stamp = directory / "stamp"
        state = self._state()
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == state:
            return
        tell(f"installing {self.name}: {' '.join(self.requirements)}")
        shutil.rmtree(directory, ignore_errors=True)
        run(sys.executable, "-m", "venv", str(directory))
        run(str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *self.requirements)
        # Last, so that an interrupted installation is made again.
        stamp.write_text(state, encoding="utf-8")

    def versions(self, names: Iterable[str]) -> dict[str, str]:
        """Return the installed version of each distribution."""
        versions: dict[str, str] = json.loads(run(str(self.python), "-c", _VERSIONS, *names))
        return versions

    def everything(self) -> dict[str, str]:
        """Return the version of every distribution that is installed."""
        versions: dict[str, str] = json.loads(run(str(self.python), "-c", _EVERYTHING))
        return versions

    @property
    def site_packages(self) -> Path:
        """Where its packages lie."""
        return Path(run(str(self.python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())

    def environment(self, home: Path) -> dict[str, str]:
        """Return environment variables for programs that run in it.

        Parameters
        ----------
        home : Path
            Keeps Jupyter's and IPython's files, so that kernels and settings of the user do not take part.
        """
        foreign = {"PYTHONPATH", "PYTHONHOME", "PYTHONHASHSEED", "VIRTUAL_ENV"}
        environment = {name: value for name, value in os.environ.items() if name not in foreign}
        environment["PATH"] = os.pathsep.join([str(self.python.parent), os.environ.get("PATH", os.defpath)])
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            environment[name] = str(home / name.lower())
        return environment

    def _state(self) -> str:
        known: list[object] = [sys.version, self.requirements]
        if self.of_project:
            project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
            known += [project["dependencies"], project["optional-dependencies"]]
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def run(*command: str) -> str:
    """Run a command in the root of the repository; return its standard output, or say why it failed."""
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{' '.join(command)}\nfailed ({done.returncode}):\n\n{done.stdout}{done.stderr}")
    return done.stdout
