"""Fixtures of all tests."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sphinxext_liveviz.config import LiveConfig
from sphinxext_liveviz.model import Cell, Runtime
from sphinxext_liveviz.runtime import Outcome, make_runtime

from .docs import Built, Docs
from .world import World


def pytest_configure(config: pytest.Config) -> None:
    """Warnings are errors; those that released extensions cause inside Sphinx are not ours to mend."""
    for module in ("myst_parser", "sphinxcontrib"):
        for category in ("DeprecationWarning", "PendingDeprecationWarning"):
            config.addinivalue_line("filterwarnings", f"ignore::{category}:{module}.*")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Make a Pyodide, a package index and an environment, and let nothing else be reached."""
    world = World(tmp_path)
    monkeypatch.setenv("SPHINXEXT_LIVEVIZ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(world.index))
    monkeypatch.syspath_prepend(world.site)

    def urlopen(*_: object, **__: object) -> None:
        raise OSError("no network in this test")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    # Builds make their runtime from it, also after tests of which the fixture `runtime` is for the whole session.
    monkeypatch.setattr("sphinxext_liveviz.preparing.make_runtime", make_runtime)
    return world


MakeDocs = Callable[[str], Docs]
BuildOnce = Callable[..., Built]


@pytest.fixture
def make_docs(tmp_path: Path, runtime: None) -> MakeDocs:
    """Copy a root of documents by name; building it asks no network for Pyodide."""
    return lambda name: Docs.copy(name, tmp_path / name)


@pytest.fixture(scope="session")
def build_once(tmp_path_factory: pytest.TempPathFactory, runtime: None) -> BuildOnce:
    """Build a root, for tests that only look at the result: each root and builder is built once."""

    @cache
    def build(name: str, builder: str = "html") -> Built:
        return Docs.copy(name, tmp_path_factory.mktemp("built") / name).build(builder)

    return build


@pytest.fixture(scope="session")
def runtime() -> Iterator[None]:
    """Let builds find a runtime at once: every page loads the packages that its cells import in their first line."""

    def make_runtime(config: LiveConfig, pages: Mapping[str, Sequence[Cell]], *_: Any, **__: Any) -> Outcome:
        packages = {
            docname: tuple(cell.code.split()[1].partition(".")[0] for cell in cells if cell.code.startswith("import "))
            for docname, cells in pages.items()
        }
        lock = {"info": {"python": "3.12.7"}, "packages": {}}
        index_url = "https://pyodide.example/full/"
        return Outcome(Runtime(config.pyodide_version, "3.12.7", index_url, lock, packages), (), ())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sphinxext_liveviz.preparing.make_runtime", make_runtime)
        yield
