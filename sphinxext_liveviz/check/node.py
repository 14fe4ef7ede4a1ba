"""Runs the cells of pages in Pyodide under Node: a quick answer, without a browser and without pictures."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from ..errors import UserError
from ..model import Cell
from ..runtime.programs import node_command
from .judge import Settings, judge
from .records import Observed, Record, Seen, Subject

_SCRIPT = Path(__file__).parent / "check.mjs"
_LINE = 1 << 28
"""Longest line in bytes: a message may hold a picture or a document."""


class NodeEngine:
    """Checks pages of a site that brings all that its cells need.

    Parameters
    ----------
    site : Path
        The built site.
    settings : Settings
    """

    name = "node"

    def __init__(self, site: Path, settings: Settings) -> None:
        self._site = site.resolve()
        self._settings = settings
        self._command = node_command()

    async def check(self, subject: Subject) -> list[Record]:
        """Run the cells of a page in a process of its own, and say what came of them."""
        return judge(subject, await self.observe(subject), self._settings, None, self.name)

    async def observe(self, subject: Subject) -> Observed:
        """Run the cells of a page in a process of its own."""
        observed = Observed({cell.id: Seen() for cell in subject.cells})
        await self._run(subject, observed)
        return observed

    async def _run(self, subject: Subject, observed: Observed) -> None:
        live = [cell for cell in subject.cells if not cell.static]
        pyodide = subject.manifest.get("pyodide")
        if not live or pyodide is None:
            return
        if "://" in pyodide["indexURL"]:
            raise UserError(
                'liveviz_check_engine = "node" runs what the site itself serves; build the check with '
                "-D liveviz_distribution=bundle, or use a browser"
            )
        process = await asyncio.create_subprocess_exec(
            *self._command,
            str(_SCRIPT),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        said = asyncio.ensure_future(process.stderr.read())
        process.stdin.write(json.dumps(self._job(subject, live)).encode())
        process.stdin.close()
        current = observed.cells[live[0].id]
        limit = self._settings.start
        try:
            while line := await asyncio.wait_for(process.stdout.readline(), limit):
                entry = json.loads(line)
                seen = observed.cells.get(entry.get("cell", ""))
                if seen is not None:
                    current = seen
                    limit = self._settings.limit(_cell(live, entry["cell"]))
                _take(entry, observed, current)
        except TimeoutError:
            current.is_late = True
            process.kill()
        except BaseException:
            process.kill()
            raise
        # One that has ended by itself must not be killed: that would take its status from who waits for it.
        await process.wait()
        words = (await said).decode(errors="replace").strip()
        if not current.is_late and process.returncode:
            current.failure = words.splitlines()[0] if words else f"Node ended with status {process.returncode}"

    def _job(self, subject: Subject, live: list[Cell]) -> dict[str, Any]:
        manifest = subject.manifest
        return {
            "page": (self._site / subject.address).as_uri(),
            "indexURL": manifest["pyodide"]["indexURL"],
            "lockFileURL": manifest["pyodide"]["lockFileURL"],
            "kernel": manifest["kernel"],
            "packages": manifest["packages"],
            "directory": manifest.get("directory", ""),
            "files": manifest.get("files", []),
            "settings": manifest.get("settings", {}),
            "mount": manifest["live"] + "mount.js",
            "cells": [
                {"id": cell.id, "number": cell.number, "code": cell.code, "raises": cell.raises} for cell in live
            ],
        }


def _take(entry: dict[str, Any], observed: Observed, seen: Seen) -> None:
    kind = entry["type"]
    if kind == "ready":
        observed.startup = entry["seconds"]
    elif kind == "request":
        seen.begun = True
    elif kind == "message":
        seen.messages.append({**entry["message"], "parent_header": {"msg_id": entry["cell"]}})
    elif kind == "reply":
        seen.reply, seen.seconds = entry["reply"], entry["seconds"]
    elif kind == "end":
        observed.memory = entry["memory"]


def _cell(live: list[Cell], cell_id: str) -> Cell:
    return next(cell for cell in live if cell.id == cell_id)
