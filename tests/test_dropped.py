"""Errors that come of files left out of lean packages say so, and how to keep them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sphinxext_liveviz.kernel.dropped import LIST

from .home import Home

WAY_OUT = "Its author can keep it, in conf.py: liveviz_keep = "


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home in whose site-packages the package ``sparse`` lacks some files."""
    package = tmp_path / "sparse"
    package.mkdir()
    (package / "__init__.py").write_text("try:\n    from sparse import fast\nexcept ImportError:\n    fast = None\n")
    (package / "typed.pyi").touch()
    (tmp_path / "sparse-1.0.dist-info").mkdir()
    left_out = ["sparse/_fast.so", "sparse/data/one.csv", "sparse/stub.pyi", "sparse/tests/test_one.py"]
    (tmp_path / "sparse-1.0.dist-info" / LIST).write_text("".join(f"{path}\n" for path in left_out))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sparse", raising=False)
    made = Home()
    yield made
    made.close()


def last_lines(home: Home, code: str) -> list[str]:
    lines: list[str] = dict(home.cell(code))["error"]["traceback"]
    return lines[-2:]


@pytest.mark.parametrize(
    ("code", "pattern"),
    [
        ("import sparse.tests.test_one", "sparse/tests/*"),
        ("import importlib\nimportlib.import_module('sparse._fast')", "sparse/_fast.*"),
        ("import os, sparse\nopen(os.path.dirname(sparse.__file__) + '/data/one.csv')", "sparse/data/one.csv"),
        ("from importlib import resources\nresources.files('sparse').joinpath('data/one.csv').read_text()",
         "sparse/data/one.csv"),
        ("try:\n    import sparse._fast\nexcept ImportError as error:\n    raise RuntimeError('too slow') from error",
         "sparse/_fast.*"),
    ],
)  # fmt: skip
def test_what_was_left_out_is_named_with_the_way_out(home: Home, code: str, pattern: str) -> None:
    assert last_lines(home, code) == [
        f"liveviz: this site serves sparse without {pattern}, which live cells rarely need.",
        f'{WAY_OUT}["{pattern}"]',
    ]


@pytest.mark.parametrize(
    "code",
    ["import sparse.no", "from sparse import no", "import sparse.stub", "open('one.csv')", "open(99)", "1 / 0"],
)
def test_other_errors_are_as_they_were(home: Home, code: str) -> None:
    assert not any("liveviz" in line for line in last_lines(home, code))


def test_a_package_that_does_without_its_own_module_does_so(home: Home) -> None:
    assert dict(home.cell("import sparse\nsparse.fast"))["execute_reply"]["status"] == "ok"


def test_a_path_that_is_no_path_or_cannot_be_listed_changes_no_error(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "archive.zip"
    archive.touch()
    odd: list[Any] = [None, 3, "no\0path", str(archive), str(tmp_path / "missing"), *sys.path]
    home.cell("import os, sparse\nfile = os.path.dirname(sparse.__file__) + '/data/one.csv'")
    monkeypatch.setattr(sys, "path", odd)
    assert last_lines(home, "open('one.csv')")[-1].startswith("FileNotFoundError")
    assert last_lines(home, "open(file)")[-1] == f'{WAY_OUT}["sparse/data/one.csv"]'
