"""Wheels from a package index, here a directory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sphinxext_liveviz.runtime.cache import DAY, HOUR, Cache
from sphinxext_liveviz.runtime.registry import Registry, Wheel
from sphinxext_liveviz.runtime.run import Run
from sphinxext_liveviz.runtime.target import Target

from .wheels import PLATFORM, entry, make_wheel, serving

INFO = {"arch": "wasm32", "platform": "emscripten_3_1_58", "python": "3.12.7"}


class Pip:
    """Counts the calls of pip, and can be taken away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[Sequence[str]] = []
        self.failure: str | None = None
        run = subprocess.run

        def count(command: Sequence[str], **options: Any) -> Any:
            self.calls.append(command)
            if self.failure is not None:
                return subprocess.CompletedProcess(command, 1, "", self.failure)
            return run(command, **options)

        monkeypatch.setattr(subprocess, "run", count)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a directory the only package index that pip knows."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    return tmp_path / "index"


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> Pip:
    return Pip(monkeypatch)


def registry(tmp_path: Path) -> Registry:
    binary = entry(make_wheel(tmp_path / "official", "numpy", tag=f"cp312-cp312-{PLATFORM}"))
    target = Target.of_lock({"info": INFO, "packages": {"numpy": binary}})
    return Registry(target, Run(Cache(tmp_path / "cache"), lambda _: None))


def one(tmp_path: Path, requirement: str) -> Wheel | str:
    return registry(tmp_path).find([requirement])[requirement]


def found(tmp_path: Path, requirement: str) -> Wheel:
    wheel = one(tmp_path, requirement)
    assert isinstance(wheel, Wheel)
    return wheel


def test_a_wheel_is_known_without_being_fetched(tmp_path: Path, index: Path) -> None:
    file = make_wheel(index, "param", "2.0", requires=["colorcet"])
    wheel = found(tmp_path, "param==2.0")
    assert (wheel.name, wheel.version, wheel.file_name, wheel.requires) == ("param", "2.0", file.name, ("colorcet",))
    assert wheel.sha256 == entry(file)["sha256"]
    assert not (tmp_path / "cache" / "files").exists()


def test_it_is_fetched_and_verified(tmp_path: Path, index: Path) -> None:
    file = make_wheel(index, "param")
    wheel = found(tmp_path, "param==1.0")
    path = registry(tmp_path).fetch([wheel])[wheel]
    assert isinstance(path, Path)
    assert path.read_bytes() == file.read_bytes()


def test_a_file_that_changed_behind_its_hash_is_refused(tmp_path: Path, index: Path) -> None:
    file = make_wheel(index, "param")
    wheel = found(tmp_path, "param==1.0")
    file.write_bytes(file.read_bytes() + b"more")
    assert "another sha256" in str(registry(tmp_path).fetch([wheel])[wheel])


def test_an_index_on_the_network_gives_the_same(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [make_wheel(index, "param"), make_wheel(index, "colorcet"), make_wheel(index, "markdown")]
    with serving(index) as url:
        monkeypatch.setenv("PIP_FIND_LINKS", url)
        wheels = [found(tmp_path, name) for name in ("param", "colorcet", "markdown")]
        assert wheels[0].url == f"{url}param-1.0-py3-none-any.whl"
        files[1].unlink()
        files[2].write_bytes(b"something else")
        paths = registry(tmp_path).fetch(wheels)
    assert isinstance(path := paths[wheels[0]], Path)
    assert path.read_bytes() == files[0].read_bytes()
    assert "404" in str(paths[wheels[1]])
    assert "pip" in str(paths[wheels[2]])


def test_wheels_fit_the_python_and_the_platform_in_the_browser(tmp_path: Path, index: Path) -> None:
    make_wheel(index, "param", "1.0")
    make_wheel(index, "param", "2.0", requires_python=">=3.13")
    make_wheel(index, "param", "3.0", tag="cp312-cp312-manylinux_2_17_x86_64")
    make_wheel(index, "contourpy", "1.0", tag=f"cp312-cp312-{PLATFORM}")
    make_wheel(index, "nh3", "1.0", tag=f"cp38-abi3-{PLATFORM}")
    names = [found(tmp_path, name).file_name for name in ("param", "contourpy", "nh3")]
    assert names == [
        "param-1.0-py3-none-any.whl",
        f"contourpy-1.0-cp312-cp312-{PLATFORM}.whl",
        f"nh3-1.0-cp38-abi3-{PLATFORM}.whl",
    ]


def test_one_call_of_pip_serves_many(tmp_path: Path, index: Path, pip: Pip) -> None:
    for name in ("a", "b", "c"):
        make_wheel(index, name)
    answers = registry(tmp_path).find(["a==1.0", "b==1.0", "c==1.0"])
    assert all(isinstance(answer, Wheel) for answer in answers.values())
    assert len(pip.calls) == 1


def test_one_that_is_missing_does_not_keep_the_others(tmp_path: Path, index: Path, pip: Pip) -> None:
    for name in ("a", "b", "d"):
        make_wheel(index, name)
    answers = registry(tmp_path).find(["a==1.0", "b==1.0", "c<2,>=1", "d==1.0"])
    assert [name for name, answer in answers.items() if isinstance(answer, str)] == ["c<2,>=1"]
    assert "No matching distribution" in str(answers["c<2,>=1"]) or "Could not find" in str(answers["c<2,>=1"])


def test_exact_versions_are_asked_for_once(
    tmp_path: Path, index: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(index, "param")
    found(tmp_path, "param==1.0")
    age(monkeypatch, 100 * DAY)
    found(tmp_path, "param==1.0")
    assert len(pip.calls) == 1


def test_the_newest_is_asked_for_once_a_day(
    tmp_path: Path, index: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(index, "param")
    found(tmp_path, "param")
    make_wheel(index, "param", "2.0")
    assert found(tmp_path, "param").version == "1.0"
    age(monkeypatch, 2 * DAY)
    assert found(tmp_path, "param").version == "2.0"


def test_that_there_is_none_is_believed_for_an_hour(
    tmp_path: Path, index: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.mkdir()
    assert isinstance(one(tmp_path, "param==1.0"), str)
    assert isinstance(one(tmp_path, "param==1.0"), str)
    assert len(pip.calls) == 1
    make_wheel(index, "param")
    age(monkeypatch, 2 * HOUR)
    found(tmp_path, "param==1.0")


def test_an_index_out_of_reach_is_asked_once_in_a_build_and_again_in_the_next(
    tmp_path: Path, index: Path, pip: Pip
) -> None:
    pip.failure = "WARNING: Retrying after connection broken by 'NewConnectionError'\nERROR: No matching distribution"
    build = registry(tmp_path)
    assert all(
        "pip cannot reach its registry: 'NewConnectionError'" in str(answer)
        for answer in build.find(["a==1", "b==1", "c==1"]).values()
    )
    build.find(["d==1"])
    assert len(pip.calls) == 1
    pip.failure = None
    make_wheel(index, "a", "1")
    found(tmp_path, "a==1")


def test_what_was_good_yesterday_serves_when_the_index_is_out_of_reach(
    tmp_path: Path, index: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(index, "param")
    found(tmp_path, "param")
    age(monkeypatch, 2 * DAY)
    pip.failure = "after connection broken by 'X'"
    assert found(tmp_path, "param").version == "1.0"


def test_without_pip_the_answer_tells_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "ensurepip" in str(one(tmp_path, "param"))


@pytest.mark.parametrize(
    ("url", "usable"),
    [
        ("https://files.example/param.whl", True),
        ("http://files.example/param.whl", False),
        ("file:///srv/param.whl", False),
        ("https://me:secret@files.example/param.whl", False),
        (None, False),
    ],
)
def test_readers_are_sent_only_where_their_browser_can_go(url: str | None, usable: bool) -> None:
    assert (Wheel("param", "1", "param.whl", "00", (), url).for_browsers is not None) == usable


def age(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    later = time.time() + seconds
    monkeypatch.setattr(time, "time", lambda: later)
