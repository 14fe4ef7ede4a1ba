"""What a service worker is told to store, and which worker a build leaves behind."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sphinxext_liveviz.config import LiveConfig
from sphinxext_liveviz.html.digests import digest_of, remembered
from sphinxext_liveviz.html.offline import Plan, make_plan, remover, worker
from sphinxext_liveviz.memory import Memory
from sphinxext_liveviz.model import Cell, Runtime, RuntimeFile
from sphinxext_liveviz.runtime import Outcome

from .conftest import MakeDocs
from .docs import Built

LOCK = "_static/liveviz/immutable/lock-1/pyodide-lock.json"


def _page(root: Path, name: str, *, head: str = "", packages: Sequence[str] = (), **more: Any) -> None:
    up = "../" * name.count("/")
    manifest = {
        "pyodide": {"version": "1", "indexURL": f"{up}_static/liveviz/immutable/pyodide-1/", "lockFileURL": up + LOCK},
        "docname": "_static/liveviz/liveviz.js",
        "packages": packages,
        "live": f"{up}_static/liveviz/immutable/live-1/",
        "kernel": f"{up}_static/liveviz/immutable/kernel-1.zip",
        "offline": f"{up}liveviz-sw.js",
        "scripts": [],
        "cells": [{"code": "../secret.txt"}],
        **more,
    }
    block = f'<script type="application/json" id="liveviz-manifest">{json.dumps(manifest)}</script>'
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(f"<html><head>{head}</head><body>{block}</body></html>", encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a site of small files."""
    ours = tmp_path / "_static/liveviz/immutable"
    packages = {name: {"file_name": f"../packages/1/{name}.whl"} for name in ("one", "two")}
    packages["far"] = {"file_name": "https://host.example/far.whl"}
    for name, content in {
        "pyodide-1/pyodide.asm.wasm": "wasm",
        "lock-1/pyodide-lock.json": json.dumps({"packages": packages}),
        "packages/1/one.whl": "one",
        "packages/1/two.whl": "two",
        "live-1/session.js": "session",
        "kernel-1.zip": "kernel",
        "image-1/memory.pack": "memory",
        "image-2/memory.pack": "another",
    }.items():
        (ours / name).parent.mkdir(parents=True, exist_ok=True)
        (ours / name).write_text(content, encoding="utf-8")
    for name in ("secret.txt", "liveviz-sw.js", "_static/liveviz/liveviz.js"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


def _shown(plan: Plan, page: str) -> list[str]:
    return [plan.files[position][0] for position in plan.pages[page][1]]


def _live(plan: Plan, page: str) -> set[str]:
    names = (plan.files[position][0] for position in plan.kinds[plan.pages[page][0]])
    return {name.removeprefix("_static/liveviz/immutable/") for name in names}


COMMON = {"kernel-1.zip", "live-1/session.js", "lock-1/pyodide-lock.json", "pyodide-1/pyodide.asm.wasm"}


def test_live_cells_need_what_their_manifest_names_and_the_wheels_of_their_packages(root: Path) -> None:
    _page(root, "index.html")
    _page(root, "guide/more.html", packages=["one", "far"], image="../_static/liveviz/immutable/image-2/")
    plan = make_plan(root, ["guide/more.html", "index.html"], digest_of)
    assert _live(plan, "index.html") == COMMON
    # Whatever the manifest comes to name comes along.
    assert _live(plan, "guide/more.html") == COMMON | {"packages/1/one.whl", "image-2/memory.pack"}
    assert plan.size == sum((root / name).stat().st_size for name, _, _ in plan.files)
    assert all(digest_of(root / name) == sha256 for name, sha256, _ in plan.files)


def test_live_cells_need_the_files_that_they_read(root: Path) -> None:
    """Their paths in the source may be those of something else in the site."""
    file = root / "_static/liveviz/immutable/files/1/data.csv"
    file.parent.mkdir(parents=True)
    file.write_text("data", encoding="utf-8")
    _page(root, "index.html", directory="", files=[["secret.txt", "_static/liveviz/immutable/files/1/data.csv"]])
    plan = make_plan(root, ["index.html"], digest_of)
    assert _live(plan, "index.html") == COMMON | {"files/1/data.csv"}


def test_live_cells_need_the_fonts_of_their_style_sheets(root: Path) -> None:
    for name, content in {"widgets.css": '@font-face { src: url("./icons.woff2") }', "icons.woff2": "font"}.items():
        (root / "_static/liveviz/immutable/vendor-1").mkdir(exist_ok=True)
        (root / "_static/liveviz/immutable/vendor-1" / name).write_text(content, encoding="utf-8")
    _page(root, "index.html", likely=["_static/liveviz/immutable/vendor-1/widgets.css"])
    plan = make_plan(root, ["index.html"], digest_of)
    assert _live(plan, "index.html") == COMMON | {"vendor-1/widgets.css", "vendor-1/icons.woff2"}


def test_pages_that_need_the_same_are_of_one_kind(root: Path) -> None:
    for name in ("a.html", "b/index.html"):
        _page(root, name, packages=["one"])
    _page(root, "c.html", packages=["one", "two"])
    plan = make_plan(root, ["a.html", "b/index.html", "c.html"], digest_of)
    assert [plan.pages[name][0] for name in ("a.html", "b/index.html", "c.html")] == [0, 0, 1]
    assert len(plan.kinds) == 2


def test_pages_without_live_cells_are_left_out(root: Path) -> None:
    (root / "about.html").write_text("<p>no cells", encoding="utf-8")
    _page(root, "static.html", pyodide=None)
    assert make_plan(root, ["about.html", "static.html"], digest_of) == Plan((), (), {})


def test_what_shows_a_page_is_read_off_it(root: Path) -> None:
    for name, content in {
        "_static/theme.css": '@import "more.css"; body { background: url("img/a%20b.png") }',
        "_static/more.css": "@font-face { src: url(fonts/f.woff2?v=2#iefix) } a { background: url(data:x) }",
        "_static/fonts/f.woff2": "font",
        "_static/img/a b.png": "picture",
        "_images/plot.png": "plot",
        "_images/large.png": "large",
        "icon.svg": "icon",
        "_static/liveviz/assets/draw.js": "draw",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    head = """
        <link rel="stylesheet" type="text/css" href="../_static/theme.css?v=1&amp;w=2">
        <link rel='shortcut icon' href='../icon.svg'>
        <link rel="next" title="More" href="more.html"><a href="../secret.txt">no</a>
        <script src="../_static/liveviz/liveviz.js?v=3"></script><script src="https://host.example/far.js"></script>
        <script src="../_static/liveviz/immutable/live-1/session.js?v=4"></script>
        <img alt="> is fine" src="../_images/plot.png" srcset="../_images/plot.png 1x, ../_images/large.png 2x">
        <img src="../../outside.png"><img src="../liveviz-sw.js"><img src="gone.png">
    """
    scripts = ["../_static/liveviz/assets/draw.js?v=5", "https://host.example/far.js"]
    _page(root, "guide/more.html", head=head, scripts=scripts)
    _page(root, "guide/start.html")
    plan = make_plan(root, ["guide/more.html", "guide/start.html"], digest_of)
    assert set(_shown(plan, "guide/more.html")) == {
        "guide/more.html",
        "_static/theme.css?v=1&w=2",
        "_static/more.css",
        "_static/fonts/f.woff2?v=2",
        "_static/img/a%20b.png",
        "icon.svg",
        "_static/liveviz/liveviz.js?v=3",
        "_static/liveviz/assets/draw.js?v=5",
        "_static/liveviz/immutable/live-1/session.js",
        "_images/plot.png",
        "_images/large.png",
    }
    assert _shown(plan, "guide/start.html") == ["guide/start.html"]


def test_the_worker_of_another_content_is_of_another_deploy(root: Path) -> None:
    _page(root, "index.html")
    scripts = [worker(make_plan(root, ["index.html"], digest_of)) for _ in range(2)]
    _page(root, "index.html", head="<title>Changed</title>")
    scripts.append(worker(make_plan(root, ["index.html"], digest_of)))
    first, again, changed = (json.loads(script.split(b"\n")[0][len("self.OFFLINE = ") : -1]) for script in scripts)
    assert first == again
    assert first["deploy"] != changed["deploy"]
    assert first.keys() == {"deploy", "immutable", "files", "kinds", "pages"}


def test_digests_are_remembered_until_a_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("1")
    digest = remembered(Memory())
    first = digest(path)
    assert first == digest(path) == digest_of(path)
    path.write_text("22")
    assert digest(path) == digest_of(path) != first


# -- builds -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let builds find a small bundle."""
    core = tmp_path / "pyodide.mjs"
    core.write_text("core")

    def make_runtime(config: LiveConfig, pages: Mapping[str, Sequence[Cell]], *_: Any, **__: Any) -> Outcome:
        lock: dict[str, Any] = {"info": {}, "packages": {}}
        files = (RuntimeFile(core.name, str(core)),)
        runtime = Runtime("1.2.3", "3.12", None, lock, dict.fromkeys(pages, ()), files)
        bundled = config.distribution == "bundle"
        return Outcome(runtime if bundled else replace(runtime, index_url="https://x.example/"), (), ())

    monkeypatch.setattr("sphinxext_liveviz.preparing.make_runtime", make_runtime)


def _listed(built: Built) -> dict[str, Any]:
    head, _, _ = built.text("liveviz-sw.js").partition("\n")
    found: dict[str, Any] = json.loads(head[len("self.OFFLINE = ") : -1])
    return found


ON: dict[str, Any] = {"liveviz_offline": "1", "liveviz_distribution": "bundle"}


@pytest.mark.parametrize(
    ("builder", "page"), [("html", "guide/plot.html"), ("dirhtml", "guide/plot/index.html"), ("singlehtml", None)]
)
def test_each_builder_of_sites_lists_the_pages_that_it_wrote(
    make_docs: MakeDocs, bundle: None, builder: str, page: str | None
) -> None:
    built = make_docs("bokeh").build(builder, **ON)
    listed = _listed(built)
    if page is None:  # its one page has several documents, and so is static
        assert listed["pages"] == {}
        return
    assert page in listed["pages"]
    assert built.manifest(page)["offline"] == "../" * page.count("/") + "liveviz-sw.js"
    assert f"({len(listed['files'])} files for {len(listed['pages'])} live pages" in built.status
    names = [name for name, _, _ in listed["files"]]
    assert len(names) == len(set(names))
    assert all((built.out / name.partition("?")[0]).is_file() for name in names)


def test_a_single_page_with_one_document_of_cells_is_listed(make_docs: MakeDocs, bundle: None) -> None:
    docs = make_docs("blank")
    docs.write("index.rst", "Page\n====\n\n.. live-cell::\n\n   1\n")
    assert list(_listed(docs.build("singlehtml", **ON))["pages"]) == ["index.html"]


def test_a_builder_of_page_fragments_has_no_place_for_a_worker(make_docs: MakeDocs, bundle: None) -> None:
    built = make_docs("cells").build("json", **ON)
    assert not (built.out / "liveviz-sw.js").exists()
    assert '"offline\\' not in built.text("one.fjson")


def test_without_it_a_site_has_what_removes_an_earlier_one(make_docs: MakeDocs, bundle: None) -> None:
    docs = make_docs("cells")
    built = docs.build(liveviz_distribution="bundle")
    assert (built.out / "liveviz-sw.js").read_bytes() == remover()
    assert "offline" not in built.manifest("one.html")
    on = docs.build(**ON)
    assert on.executed == []
    assert "one.html" in _listed(on)["pages"]
    assert docs.build(**ON).written == []
    off = docs.build(liveviz_distribution="bundle")
    assert (off.out / "liveviz-sw.js").read_bytes() == remover()
    assert "offline" not in off.manifest("one.html")


def test_a_site_without_cells_has_none_unless_there_was_one(make_docs: MakeDocs, bundle: None) -> None:
    docs = make_docs("blank")
    assert not (docs.build(**ON).out / "liveviz-sw.js").exists()
    docs.write("page.rst", ":orphan:\n\nPage\n====\n\n.. live-cell::\n\n   1\n")
    assert "page.html" in _listed(docs.build(**ON))["pages"]
    docs.write("page.rst", ":orphan:\n\nPage\n====\n")
    assert (docs.build(**ON).out / "liveviz-sw.js").read_bytes() == remover()


def test_offline_needs_a_bundle_and_says_so(make_docs: MakeDocs, bundle: None) -> None:
    built = make_docs("cells").build(liveviz_offline=True)
    assert "liveviz_offline = True has no effect" in built.warnings
    assert "[liveviz.config]" in built.warnings
    assert (built.out / "liveviz-sw.js").read_bytes() == remover()
    assert "offline" not in built.manifest("one.html")
