"""Results are found by what went in, and a damaged one is never taken for good."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

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


@pytest.mark.parametrize("damage", ["cut", "gone", "key"])
def test_damage_is_noticed(store: Store, tmp_path: Path, damage: str) -> None:
    digest = store.put("key", NOTEBOOK, good=True)
    body = tmp_path / "store" / "notebooks" / f"{digest}.json"
    if damage == "cut":
        body.write_bytes(body.read_bytes()[:-5])
    elif damage == "gone":
        body.unlink()
    else:
        (tmp_path / "store" / "keys" / "key").write_bytes(b"\xff")
    with pytest.raises(Unreadable):
        store.find("key")
    store.put("key", NOTEBOOK, good=True)
    assert store.find("key") == digest


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
