"""The download cache."""

from __future__ import annotations

import hashlib
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from sphinxext_liveviz.errors import UserError
from sphinxext_liveviz.runtime.cache import HOUR, Cache, WrongHash

CONTENT = bytes(range(256)) * 1024
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def test_a_file_is_found_by_its_content(tmp_path: Path) -> None:
    kept = Cache(tmp_path).keep(CONTENT, "a.whl", SHA256)
    assert Cache(tmp_path).find(SHA256, "a.whl") == kept
    assert kept.is_absolute()
    assert kept.name == "a.whl"
    assert Cache(tmp_path).find(SHA256, "b.whl") is None


def test_a_kept_file_may_be_read_by_all_who_may_read_the_user_s_files(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    assert Cache(tmp_path).keep(CONTENT, "a.whl").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_other_content_than_expected_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongHash, match="another sha256"):
        Cache(tmp_path).keep(b"other", "a.whl", SHA256)
    assert Cache(tmp_path).find(SHA256, "a.whl") is None


def test_a_damaged_file_is_not_found_and_can_be_replaced(tmp_path: Path) -> None:
    path = Cache(tmp_path).keep(CONTENT, "a.whl")
    path.write_bytes(CONTENT[:-1])
    assert Cache(tmp_path).find(SHA256, "a.whl") is None
    assert Cache(tmp_path).keep(CONTENT, "a.whl") == path
    assert path.read_bytes() == CONTENT


def test_answers_grow_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)
    cache.remember("is there", "x", answer=["yes"])
    assert Cache(tmp_path).recall("is there", "x") == ["yes"]
    assert cache.recall("is there", "y") is None
    later = time.time() + 2 * HOUR
    monkeypatch.setattr(time, "time", lambda: later)
    assert cache.recall("is there", "x", within=HOUR) is None
    assert cache.recall("is there", "x", within=3 * HOUR) == ["yes"]


def test_a_damaged_answer_is_asked_for_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.remember("x", answer=1)
    (file,) = (tmp_path / "answers").iterdir()
    file.write_text('{"answer": ')
    assert cache.recall("x") is None
    cache.remember("x", answer=2)
    assert cache.recall("x") == 2


def test_a_cache_that_cannot_be_written_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="Set SPHINXEXT_LIVEVIZ_CACHE"):
        Cache(tmp_path / "file" / "cache")


def test_the_environment_moves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPHINXEXT_LIVEVIZ_CACHE", str(tmp_path / "mine"))
    assert Cache.of_user().root == tmp_path / "mine"
    monkeypatch.setenv("SPHINXEXT_LIVEVIZ_CACHE", "")
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: None)
    assert "sphinxext_liveviz" in Cache.of_user().root.parts


def race(root: Path) -> bool:
    """Keep what the others keep at the same time; whatever is found must be whole."""
    for number in range(60):
        content = CONTENT + bytes([number])
        sha256 = hashlib.sha256(content).hexdigest()
        found = Cache(root).find(sha256, "a.whl") or Cache(root).keep(content, "a.whl", sha256)
        Cache(root).remember("question", answer=number)
        if found.read_bytes() != content or not isinstance(Cache(root).recall("question"), int):
            return False
    return True


def test_builds_may_run_at_the_same_time(tmp_path: Path) -> None:
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as builds:
        assert all(builds.map(race, [tmp_path] * 3))
    assert not list(tmp_path.rglob(".part-*"))
