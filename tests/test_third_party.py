"""Adapters of other distributions, by entry points: found, installed after the import, in the key and in the lock."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sphinxext_liveviz.execution.key import Keys
from sphinxext_liveviz.kernel.third_party import ThirdParty, _in, third_party
from sphinxext_liveviz.model import Cell, Page
from sphinxext_liveviz.runtime.imports import needs_of
from sphinxext_liveviz.runtime.installed import Installed

from .home import Home
from .wheels import install, make_wheel

ADAPTER = """
from sphinxext_liveviz.kernel.mime import Bundle

def install(kernel):
    from measures import Length

    def adapt(value):
        if isinstance(value, Length):
            return Bundle({"text/html": f"<b>{value.metres}</b> m", "text/plain": f"{value.metres} m"})

    kernel.adapters.insert(0, adapt)
"""
LIBRARY = "class Length:\n    def __init__(self, metres):\n        self.metres = metres\n"
POINTS = "[sphinxext_liveviz.adapters]\nmeasures = liveviz_measures\n"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory on the path, with a library and a distribution that knows how to show its objects."""
    site = tmp_path / "site"
    install(make_wheel(tmp_path, "measures", files={"measures.py": LIBRARY}), site)
    install(_adapter(tmp_path, "1.0"), site)
    monkeypatch.syspath_prepend(site)
    _in.cache_clear()
    yield site
    _in.cache_clear()
    for name in ("measures", "liveviz_measures"):
        sys.modules.pop(name, None)


def _adapter(directory: Path, version: str) -> Path:
    files = {"liveviz_measures.py": ADAPTER, f"liveviz_measures-{version}.dist-info/entry_points.txt": POINTS}
    return make_wheel(directory, "liveviz_measures", version, files=files)


def _page(code: str) -> Page:
    return Page("a", "/nowhere", (Cell("a", 0, "c1", code, "a.rst", 4),))


def test_most_environments_have_none_and_nothing_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    _in.cache_clear()
    monkeypatch.setattr("sphinxext_liveviz.kernel.third_party._read", lambda _: 1 / 0)
    assert third_party() == []
    _in.cache_clear()


def test_an_adapter_is_found_and_shows_what_its_library_makes(site: Path) -> None:
    assert third_party() == [ThirdParty("measures", "liveviz_measures", "liveviz_measures")]
    home = Home()
    assert home.cell("import measures\nmeasures.Length(3)")[0][1]["data"]["text/html"] == "<b>3</b> m"
    home.close()


def test_another_version_of_it_runs_pages_again(site: Path, tmp_path: Path) -> None:
    page = _page("import measures")
    before = Keys(Installed()).of(page)
    assert Keys(Installed()).of(page) == before
    for path in site.glob("liveviz_measures-*"):
        for file in path.iterdir():
            file.unlink()
        path.rmdir()
    install(_adapter(tmp_path, "2.0"), site)
    _in.cache_clear()
    assert Keys(Installed()).of(page) != before


def test_live_cells_get_it_with_the_library(site: Path) -> None:
    needs, problems = needs_of(_page("import sys\nfrom measures import Length").cells, Installed(), {})
    assert not problems
    assert [(need.requirement, need.origin) for need in needs] == [
        ("measures", "a.rst:5"),
        ("liveviz-measures", "a.rst:5"),
    ]
