"""A small world to make runtimes in: no test in it needs a network."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sphinxext_liveviz.config import LiveConfig
from sphinxext_liveviz.memory import Memory
from sphinxext_liveviz.model import Cell, Runtime
from sphinxext_liveviz.runtime import Outcome, make_runtime
from sphinxext_liveviz.runtime.checkout import Documents

from .wheels import PLATFORM, VERSION, entry, install, make_pyodide, make_wheel


class World:
    """A Pyodide, a package index, an environment, and a site to make a runtime for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.index = root / "index"
        self.site = root / "site"
        self.official: dict[str, dict[str, Any]] = {}
        self.said: list[str] = []
        self.index.mkdir()

    def publish(self, name: str, version: str = "1.0", *, installed: bool = False, **options: Any) -> Path:
        """Put a wheel on the package index, and into the environment."""
        wheel = make_wheel(self.index, name, version, **options)
        if installed:
            install(wheel, self.site)
        return wheel

    def compile(self, name: str, version: str = "1.0", *, depends: Sequence[str] = (), **options: Any) -> Path:
        """Put a binary wheel into the official lock, and its file on the mirror."""
        wheel = make_wheel(self.root / "mirror", name, version, tag=f"cp312-cp312-{PLATFORM}")
        self.official[name] = entry(wheel, depends=depends, **options)
        return wheel

    def pyodide(self) -> None:
        """Write the mirror's core, if its lock would change."""
        lock = self.root / "mirror/pyodide-lock.json"
        if not lock.exists() or json.loads(lock.read_bytes())["packages"] != self.official:
            make_pyodide(self.root / "mirror", self.official.values())

    def make(
        self,
        *code: str,
        pages: Mapping[str, Sequence[Cell]] | None = None,
        distribution: str = "bundle",
        memory: Memory | None = None,
        documents: Documents | None = None,
        **config: Any,
    ) -> Outcome:
        self.pyodide()
        config.setdefault("lean", False)  # this Pyodide has no Python to compile with
        options = {"pyodide_version": VERSION, "mirrors": ("mirror",), "distribution": distribution, **config}
        pages = pages or {"page": cells("page", *code)}
        return make_runtime(
            LiveConfig(**options), pages, self.said.append, base=self.root, memory=memory, documents=documents
        )

    def runtime(self, *code: str, **options: Any) -> Runtime:
        made = self.make(*code, **options)
        assert not made.problems
        return made.runtime


def cells(docname: str, *code: str, **options: Any) -> list[Cell]:
    return [
        Cell(docname, number, f"{docname}{number}", text, f"{docname}.rst", 10 * number + 1, **options)
        for number, text in enumerate(code)
    ]
