"""Finds a browser: one of the system for Chromium, else playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import UserError

ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "LIVEVIZ_CHROMIUM"
NO_PLAYWRIGHT = (
    "playwright is not installed, which opens the pages: pip install sphinxext-liveviz[check]; "
    'without any browser, liveviz_check_engine = "node" runs the cells alone'
)


_FLAGS = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
"""What Chromium would ask of the world by itself is no request of the page."""


def launch(own: Callable[[], str | None]) -> dict[str, Any]:
    """Return the options with which playwright starts a Chromium.

    Parameters
    ----------
    own : callable
        See :func:`find_chromium`.

    Raises
    ------
    UserError
        When there is none, with the way out.
    """
    path = find_chromium(own)
    if path is None:
        raise UserError(way_out("chromium"))
    # Chromium's sandbox cannot be had as root; everywhere else it stays on.
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return {"executable_path": path, "args": [*_FLAGS, *(["--no-sandbox"] if root else [])]}


def way_out(engine: str) -> str:
    """Say how to get a browser."""
    ways = [f"`python -m playwright install --with-deps {engine}`"]
    if engine == "chromium":
        ways.append(f"a Chromium or Chrome on PATH ({', '.join(ON_PATH)})")
        ways.append(f"{VARIABLE}=/path/to/chrome")
    return f'there is no {engine} here. Any of these helps: {"; ".join(ways)}; or liveviz_check_engine = "node"'


def find_chromium(own: Callable[[], str | None], say: Callable[[str], object] = bool) -> str | None:
    """Return the path of a Chromium that starts, or None.

    Parameters
    ----------
    own : callable
        Gives the path of playwright's own, asked when the system has none.
    say : callable
        Told of each that does not start.
    """
    named = os.environ.get(VARIABLE)
    if named:
        # What somebody asked for by name is not silently replaced.
        return named if _starts(named, say) else None
    for program in ON_PATH:
        path = shutil.which(program)
        if path and _starts(path, say):
            return path
    path = own()
    return path if path and Path(path).exists() and _starts(path, say) else None


def _starts(path: str, say: Callable[[str], object]) -> bool:
    # Ubuntu's chromium-browser may be a stub that only says to install a snap.
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"{path} does not start: {error}")
        return False
    if answer.returncode != 0 or "Chrom" not in answer.stdout:
        say(f"{path} does not start: {answer.stderr.strip()[-500:]}")
        return False
    return True
