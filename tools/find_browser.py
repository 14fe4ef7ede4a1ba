"""Find a Chromium for the browser tests; with ``--install``, get one where there is none.

A browser of the system is taken first, then playwright's own. Installing asks playwright's download host, and, as root
on a Debian-like system that cannot reach it, apt. The path goes to stdout, what is being done to stderr.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys

from sphinxext_liveviz.check.browsers import ON_PATH, VARIABLE, find_chromium

WAY_OUT = f"""\
No Chromium for the browser tests. Any one of these mends it:
  - install Chromium or Chrome so that one of {", ".join(ON_PATH)} is on PATH (Debian: apt-get install chromium);
  - python -m playwright install --with-deps chromium;
  - name a browser: {VARIABLE}=/path/to/chrome make test."""


def find_browser() -> str | None:
    """Return the path of a Chromium that starts, or None."""
    return find_chromium(_playwrights_own, _say)


def install_browser() -> str | None:
    """Get a Chromium from wherever it can be had; return its path, or None."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    _say("No Chromium found; asking playwright for its own")
    if _run(sys.executable, "-m", "playwright", "install", "chromium"):
        if root and shutil.which("apt-get"):
            _run(sys.executable, "-m", "playwright", "install-deps", "chromium")
        if found := find_browser():
            return found
    if root and shutil.which("apt-get"):
        _say("Playwright's cannot be had here; asking apt for chromium")
        # Package lists may be absent (containers) or old: refresh them, and let the install itself be the judge.
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")
        return find_browser()
    return None


def _playwrights_own() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path


def _run(*command: str) -> bool:
    _say("$ " + " ".join(command))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, stdout=sys.stderr, check=False).returncode == 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Print the browser's path; exit with 1 and the way out when there is none."""
    parser = argparse.ArgumentParser(description="Find a Chromium for the browser tests.")
    parser.add_argument("--install", action="store_true", help="get one where there is none")
    arguments = parser.parse_args()
    path = find_browser() or (install_browser() if arguments.install else None)
    if path is None:
        _say(WAY_OUT)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
