"""Pure wheels built from source."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from sphinxext_liveviz.runtime.cache import Cache
from sphinxext_liveviz.runtime.registry import Wheel
from sphinxext_liveviz.runtime.run import Run
from sphinxext_liveviz.runtime.source import NotPure, Sources, pure_wheel
from sphinxext_liveviz.runtime.target import Target

from .wheels import make_project, make_sdist, make_wheel

TARGET = Target("3.12.7", (), {"python_version": "3.12"})
MACHINE = "cp311-cp311-linux_x86_64"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a directory the only package index that pip knows."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    return tmp_path / "index"


def sources(tmp_path: Path) -> Sources:
    return Sources(TARGET, Run(Cache(tmp_path / "cache"), lambda _: None))


def built(tmp_path: Path, requirement: str) -> Wheel:
    wheel = sources(tmp_path).build(requirement)
    assert isinstance(wheel, Wheel)
    return wheel


def test_a_wheel_of_pure_python_gets_the_tag_that_says_so(tmp_path: Path) -> None:
    wheel, content = pure_wheel(make_wheel(tmp_path, "PyYAML", "6.0", requires=["x"], tag=MACHINE), TARGET)
    assert (wheel.name, wheel.version, wheel.requires, wheel.url) == ("pyyaml", "6.0", ("x",), None)
    assert wheel.file_name == "PyYAML-6.0-py3-none-any.whl"
    assert wheel.sha256 == hashlib.sha256(content).hexdigest()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        tags = archive.read("PyYAML-6.0.dist-info/WHEEL").decode()
        assert "Tag: py3-none-any" in tags
        assert "Root-Is-Purelib: true" in tags
        assert MACHINE not in tags
        rows = list(csv.reader(io.StringIO(archive.read("PyYAML-6.0.dist-info/RECORD").decode())))
        assert {row[0] for row in rows} == set(archive.namelist())
        for name, digest, length in rows:
            data = archive.read(name)
            if digest:
                expected = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                assert (digest, int(length)) == (f"sha256={expected}", len(data))


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    first = make_wheel(tmp_path / "a", "demo", tag=MACHINE)
    second = make_wheel(tmp_path / "b", "demo", tag="cp313-cp313-win_amd64")
    os.utime(second, (0, 0))
    assert pure_wheel(first, TARGET) == pure_wheel(second, TARGET)


@pytest.mark.parametrize(
    "name", ["demo/fast.cpython-311-x86_64-linux-gnu.so", "demo.libs/libx.so.1.2", "demo/fast.pyd"]
)
def test_native_code_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotPure, match="native code"):
        pure_wheel(make_wheel(tmp_path, "demo", files={"demo/__init__.py": "", name: ""}), TARGET)


def test_another_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotPure, match=r"requires Python >=3\.13, Pyodide has 3\.12\.7"):
        pure_wheel(make_wheel(tmp_path, "demo", requires_python=">=3.13"), TARGET)


def test_a_source_distribution_is_built_once(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_sdist(index, "demo")
    wheel = built(tmp_path, "demo==1.0")
    assert wheel.file_name == "demo-1.0-py3-none-any.whl"
    monkeypatch.setattr(subprocess, "run", None)
    assert built(tmp_path, "demo==1.0") == wheel


def test_a_build_that_was_removed_from_the_cache_is_made_again(tmp_path: Path, index: Path) -> None:
    make_sdist(index, "demo")
    wheel = built(tmp_path, "demo==1.0")
    cache = Cache(tmp_path / "cache")
    path = cache.find(wheel.sha256, wheel.file_name)
    assert path is not None
    path.unlink()
    assert built(tmp_path, "demo==1.0") == wheel
    assert path.exists()


def test_what_needs_a_compiler_says_so_and_is_not_tried_again(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sdist(index, "demo", native=True)
    assert "native code (demo/fast.so)" in str(sources(tmp_path).build("demo==1.0"))
    assert "Could not find a version" in str(sources(tmp_path).build("not-there==1.0"))
    monkeypatch.setattr(subprocess, "run", None)
    assert "native code (demo/fast.so)" in str(sources(tmp_path).build("demo==1.0"))


def test_a_checkout_is_built_again_after_a_change_only(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path / "project", "demo", "1.1.dev0")
    requirement = f"demo @ {project.as_uri()}"
    first = built(tmp_path, requirement)
    assert first.version == "1.1.dev0"
    with monkeypatch.context() as without_pip:
        without_pip.setattr(subprocess, "run", None)
        (project / "docs" / "_build").mkdir(parents=True)
        (project / "docs" / "_build" / ".buildinfo").touch()
        (project / "docs" / "_build" / "index.html").touch()
        assert built(tmp_path, requirement) == first
    make_project(project, "demo", "1.1.dev1")
    assert built(tmp_path, requirement).version == "1.1.dev1"
