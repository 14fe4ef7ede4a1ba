"""Results are found by what went in, and a damaged one is never taken for good."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from sphinxext_liveviz.__main__ import main
from sphinxext_liveviz.errors import UserError
from sphinxext_liveviz.store import Store, Unreadable

NOTEBOOK: dict[str, Any] = {"cells": [{"id": "a", "outputs": [{"text": "ä</script>"}]}], "nbformat": 4}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_a_good_result_is_found_by_its_key(store: Store) -> None:
    digest = store.put("key", NOTEBOOK, good=True)
    assert store.find("key") == digest
    assert store.notebook(digest) == NOTEBOOK


def test_a_failed_result_can_be_read_but_not_found(store: Store) -> None:
    digest = store.put("key", NOTEBOOK, good=False)
    assert store.find("key") is None
    assert store.notebook(digest) == NOTEBOOK


def test_an_unknown_key_finds_nothing_and_makes_nothing(store: Store, tmp_path: Path) -> None:
    assert store.find("key") is None
    assert list(tmp_path.iterdir()) == []


def test_the_same_result_is_the_same_bytes(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "other")
    assert store.put("one", NOTEBOOK, good=True) == other.put("two", NOTEBOOK, good=True)
    (first,), (second,) = ((tmp_path / name / "notebooks").iterdir() for name in ("store", "other"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("damage", ["cut", "foreign", "not a key", "not text", "elsewhere"])
def test_damage_is_noticed_and_the_file_named(store: Store, tmp_path: Path, damage: str) -> None:
    digest = store.put("key", NOTEBOOK, good=True)
    body, key = tmp_path / f"store/notebooks/{digest}.json", tmp_path / "store/keys/key"
    if damage == "cut":
        body.write_bytes(body.read_bytes()[:-5])
    elif damage == "foreign":
        body.write_bytes(b"{}")
    else:
        key.write_bytes({"not a key": b"", "not text": b"\xff", "elsewhere": b"../../other"}[damage])
    with pytest.raises(Unreadable) as raised:
        store.find("key")
    assert str(body if damage in ("cut", "foreign") else key) in str(raised.value)
    store.put("key", NOTEBOOK, good=True)
    assert store.find("key") == digest


def test_a_result_that_was_removed_is_no_damage(store: Store, tmp_path: Path) -> None:
    digest = store.put("key", NOTEBOOK, good=True)
    (tmp_path / f"store/notebooks/{digest}.json").unlink()
    assert store.find("key") is None
    with pytest.raises(Unreadable, match="it was removed"):
        store.notebook(digest)


def test_a_directory_that_cannot_be_written_is_told_before_anything_runs(store: Store, tmp_path: Path) -> None:
    store.prepare()
    assert not list((tmp_path / "store/notebooks").iterdir())
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="set liveviz_cache_dir to a directory that can be written"):
        Store(tmp_path / "file").prepare()


def test_the_order_of_keys_is_kept(store: Store) -> None:
    """Front ends may give it a meaning, so what is shown is what was made."""
    notebook = {"b": 1, "a": {"d": 2, "c": 3}}
    assert json.dumps(store.notebook(store.put("key", notebook, good=True))) == json.dumps(notebook)


def test_files_are_named_by_their_content(store: Store) -> None:
    first, again, other = store.file(b"1", ".png"), store.file(b"1", ".png"), store.file(b"2", ".png")
    assert first == again != other
    assert (first.read_bytes(), first.suffix) == (b"1", ".png")


def test_an_interrupted_write_leaves_the_old_content(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = store.put("key", NOTEBOOK, good=True)

    def replace(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        store.put("key", {"cells": []}, good=True)
    monkeypatch.undo()
    assert store.find("key") == digest
    assert not list(tmp_path.rglob(".new-*"))


# -- its size ---------------------------------------------------------------------------------------------------------


def _fill(store: Store, root: Path, *, days: dict[str, float]) -> dict[str, str]:
    """Store a result of 10 kB for each name, last used so many days ago."""
    digests = {}
    for name, age in days.items():
        digests[name] = store.put(name, {"cells": [name.ljust(10_000)]}, good=True)
        used = time.time() - age * 86400
        for path in (root / "keys" / name, root / f"notebooks/{digests[name]}.json"):
            os.utime(path, (used, used))
    return digests


def _left(store: Store, names: dict[str, Any]) -> list[str]:
    return [name for name in names if store.find(name) is not None]


def test_what_was_not_used_for_longest_goes_first(store: Store, tmp_path: Path) -> None:
    digests = _fill(store, tmp_path / "store", days={"a": 3, "b": 9, "c": 1, "d": 7})
    done = store.prune(25_000)
    assert (done.removed, done.left < 25_000) == (2, True)
    assert _left(store, digests) == ["a", "c"]
    assert sorted(path.name for path in (tmp_path / "store/keys").iterdir()) == ["a", "c"]


def test_use_keeps_a_result(store: Store, tmp_path: Path) -> None:
    digests = _fill(store, tmp_path / "store", days={"a": 3, "b": 9})
    store.find("b")
    store.prune(15_000)
    assert _left(store, digests) == ["b"]


def test_results_of_this_build_stay_and_those_of_others_that_may_still_run(store: Store, tmp_path: Path) -> None:
    digests = _fill(store, tmp_path / "store", days={"mine": 9, "other": 0.01, "old": 2})
    store.prune(0, keep=[digests["mine"]])
    assert _left(store, digests) == ["mine", "other"]


def test_pictures_and_what_killed_builds_left_behind_count_too(store: Store, tmp_path: Path) -> None:
    picture = store.file(b"picture", ".png")
    remains = picture.with_name(".new-1")
    remains.write_bytes(b"half")
    for path in (picture, remains):
        os.utime(path, (1, 1))
    assert store.file(b"picture", ".png") == picture  # used
    assert store.prune(0).removed == 1
    assert (picture.exists(), remains.exists()) == (True, False)


def test_pruning_by_hand(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digests = _fill(store, tmp_path / "store", days={"a": 3, "b": 9})
    assert main(["prune", str(tmp_path / "store"), "--size", "0.015"]) == 0
    assert capsys.readouterr().out == "1 files removed (0.0 MB), 0.0 MB left\n"
    assert _left(store, digests) == ["a"]


def test_pruning_touches_no_other_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(SystemExit) as raised:
        main(["prune", str(tmp_path), "--size", "0"])
    assert raised.value.code == 2
    assert "holds no results" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").exists()
