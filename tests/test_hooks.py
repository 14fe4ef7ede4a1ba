"""What is to be done after a module's first import is done then: not before, not twice, and not never."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sphinxext_liveviz.kernel.hooks import AfterImport

NAME = "awaited_by_test_hooks"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module that somebody waits for."""
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / f"{NAME}.py"
    path.write_text("answer = 42\n", encoding="utf-8")
    yield path
    sys.modules.pop(NAME, None)


@pytest.fixture
def calls() -> Iterator[list[str]]:
    calls: list[str] = []
    hook = AfterImport({NAME: lambda: calls.append(NAME)})
    hook.install()
    yield calls
    hook.remove()


def test_who_only_asks_for_a_module_does_not_use_it_up(module: Path, calls: list[str]) -> None:
    assert importlib.util.find_spec(NAME) is not None
    assert importlib.util.find_spec(NAME) is not None
    assert calls == []
    assert importlib.import_module(NAME).answer == 42
    assert calls == [NAME]
    importlib.reload(sys.modules[NAME])
    assert calls == [NAME]


def test_an_import_that_fails_is_none(module: Path, calls: list[str]) -> None:
    module.write_text("raise RuntimeError('not now')\n", encoding="utf-8")
    with pytest.raises(RuntimeError):
        importlib.import_module(NAME)
    assert calls == []
    module.write_text("answer = 7  # and another size\n", encoding="utf-8")
    importlib.invalidate_caches()
    assert importlib.import_module(NAME).answer == 7
    assert calls == [NAME]
