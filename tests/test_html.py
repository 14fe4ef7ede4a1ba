"""Pages with cells get what they need, from the site itself; other pages get nothing."""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import distribution, version
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from sphinxext_liveviz.config import LiveConfig
from sphinxext_liveviz.html.assets import asked_by, libraries, local, merged
from sphinxext_liveviz.html.digests import digest_of
from sphinxext_liveviz.html.layout import IMMUTABLE
from sphinxext_liveviz.html.mirror import mirror
from sphinxext_liveviz.html.site import Site, kernel_name
from sphinxext_liveviz.kernel import SCHEMA
from sphinxext_liveviz.model import BOKEH, Cell, Runtime, RuntimeFile
from sphinxext_liveviz.runtime import Outcome

from .conftest import BuildOnce, MakeDocs
from .docs import Built


def _scripts(built: Built, name: str) -> list[str]:
    """Return our scripts of a page and those that they put into it, as paths from our directory, in order."""
    found = re.findall(r'<script [^>]*src="([^"?]+)[^"]*"', built.text(name))
    page = (built.out / name).parent
    asked = [src for src in found if "liveviz" in src] + built.manifest(name)["scripts"]
    paths = [os.path.relpath((page / src).resolve(), built.out.resolve()) for src in asked]
    assert all((built.out / path).is_file() for path in paths)
    return [path.removeprefix("_static/liveviz/") for path in paths]


# -- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["plain.html", "genindex.html", "search.html"])
def test_a_page_without_cells_has_nothing_of_ours(build_once: BuildOnce, name: str) -> None:
    text = build_once("bokeh").text(name)
    assert "live" not in text.lower()
    assert "bokeh-" not in text


def test_a_page_loads_only_what_its_outputs_ask_for(build_once: BuildOnce) -> None:
    built = build_once("bokeh")
    assert _scripts(built, "index.html") == ["liveviz.js"]
    bokeh, panel, *_ = libraries()
    main = f"{bokeh.directory}bokeh-{version('bokeh')}.min.js"
    assert _scripts(built, "guide/plot.html") == ["liveviz.js", main]
    ours, first, *_, last = _scripts(built, "guide/panel.html")
    assert (ours, first, last) == ("liveviz.js", main, f"{panel.directory}panel.min.js")


def test_the_only_script_in_a_pages_source_is_small_and_loads_from_disk(build_once: BuildOnce) -> None:
    built = build_once("bokeh")
    (ours,) = re.findall(r"<script [^>]*liveviz/[^>]*>", built.text("guide/panel.html"))
    assert "async" in ours
    assert "module" not in ours
    assert "://" not in ours
    assert (built.out / "_static/liveviz/liveviz.js").stat().st_size < 16e3


def test_a_bokeh_document_is_a_data_block(build_once: BuildOnce) -> None:
    html = build_once("bokeh").text("guide/plot.html")
    (block,) = re.findall(
        rf'data-mime="{re.escape(BOKEH)}"[^>]*><script type="application/json">(.*?)</script></div>', html
    )
    assert r"\u003c/script>\u003cb>bold" in block


@pytest.mark.parametrize(
    ("builder", "name", "up"),
    [
        ("html", "index.html", ""),
        ("html", "guide/plot.html", "../"),
        ("dirhtml", "guide/plot/index.html", "../../"),
    ],
)
def test_addresses_are_relative_to_the_page(build_once: BuildOnce, builder: str, name: str, up: str) -> None:
    built = build_once("bokeh", builder)
    manifest = built.manifest(name)
    assert manifest["kernel"] == f"{up}_static/liveviz/{kernel_name()}"
    lock = rf"{re.escape(up)}_static/liveviz/immutable/lock-[0-9a-f]{{12}}/pyodide-lock\.json"
    assert re.fullmatch(lock, manifest["pyodide"]["lockFileURL"])
    assert manifest["pyodide"]["indexURL"] == "https://pyodide.example/full/"
    page = (built.out / name).parent
    assert (page / manifest["kernel"]).is_file()
    assert (page / manifest["pyodide"]["lockFileURL"]).is_file()
    assert all((page / directory).is_dir() for directory in manifest["assets"].values())
    assert _scripts(built, name)[0] == "liveviz.js"


def test_the_manifest_describes_the_cells(build_once: BuildOnce) -> None:
    built = build_once("markup")
    manifest = built.manifest("options_md.html")
    assert (manifest["schema"], manifest["docname"], manifest["packages"]) == (1, "options_md", [])
    plain, full, *_ = manifest["cells"]
    (first, *_) = built.domain.cells("options_md")
    assert plain == {
        "id": first.id,
        "number": 1,
        "code": "x = 1\nprint(x)",
        "path": "options_md.md",
        "line": 11,
        "static": False,
        "raises": None,
    }
    assert (full["static"], full["raises"]) == (True, "ZeroDivisionError")
    html = built.text("options_md.html")
    assert html.count('id="liveviz-manifest"') == 1
    assert html.index('id="liveviz-manifest"') > html.index("live-cell")


def test_a_builder_of_page_fragments_works(build_once: BuildOnce) -> None:
    assert "liveviz-manifest" in build_once("bokeh", "json").text("guide/plot.fjson")


def test_pages_are_written_again_when_their_packages_change(
    make_docs: MakeDocs, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = make_docs("cells")
    docs.build()

    def make_runtime(config: LiveConfig, pages: Mapping[str, Sequence[Cell]], *_: Any, **__: Any) -> Outcome:
        runtime = Runtime(config.pyodide_version, "3.12", "https://pyodide.example/full/", {}, {"one": ("numpy",)})
        return Outcome(runtime, (), ())

    monkeypatch.setattr("sphinxext_liveviz.preparing.make_runtime", make_runtime)
    built = docs.build()
    assert built.executed == []
    assert built.manifest("one.html")["packages"] == ["numpy"]
    assert docs.build().written == []


# -- files ------------------------------------------------------------------------------------------------------------


def test_the_sites_files_are_the_installed_ones(build_once: BuildOnce) -> None:
    root = build_once("bokeh").out / "_static" / "liveviz"
    bokeh, panel, *_ = libraries()
    for library in (bokeh, panel):
        for name, path in library.files([]):
            assert (root / library.directory / name).read_bytes() == path.read_bytes()
    assert (root / panel.directory / "bundled/theme/default.css").is_file()
    assert not (root / panel.directory / "bundled/font-awesome").exists()
    assert sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) < 12e6


def test_a_site_without_plots_has_no_front_end_files(build_once: BuildOnce) -> None:
    root = build_once("cells").out / "_static" / "liveviz"
    assert (root / "liveviz.js").is_file()
    assert not (root / "assets").exists()


def test_a_site_without_cells_has_no_files_of_ours(make_docs: MakeDocs) -> None:
    assert not (make_docs("blank").build().out / "_static" / "liveviz").exists()


def test_panels_extensions_are_copied_when_asked_for() -> None:
    _, panel, *_ = libraries()
    names = {name for name, _ in panel.files(["bundled/modal/a11y-dialog@8.1.1/dist/a11y-dialog.min.js"])}
    assert any(name.startswith("bundled/modal/") for name in names)
    assert not any(name.startswith("bundled/datatabulator/") for name in names)


def test_the_kernels_archive_holds_the_kernel_and_nothing_else() -> None:
    content = Site(None).files({})[kernel_name()]
    assert callable(content)
    with zipfile.ZipFile(BytesIO(content())) as archive:
        names = archive.namelist()
        assert f"SCHEMA = {SCHEMA}" in archive.read("sphinxext_liveviz/kernel/__init__.py").decode()
    assert all(re.fullmatch(r"sphinxext_liveviz/kernel/.*\.py", name) for name in names)
    assert names == sorted(names)


def _runtime(directory: Path, *, core: str, wheel: str, bundle: bool = True) -> Runtime:
    """Make a runtime of a core and a wheel, whose name and version do not tell what they hold."""
    lock: dict[str, Any] = {"packages": {}}
    files = []
    for name, content in (("pyodide.mjs", core), ("own-1-py3-none-any.whl", wheel), ("image-1/memory.pack", "memory")):
        path = directory / hashlib.sha256(content.encode()).hexdigest()
        path.write_text(content)
        files.append(RuntimeFile(name, str(path)))
        if name.endswith(".whl"):
            lock["packages"]["own"] = {"name": "own", "file_name": name, "sha256": path.name, "depends": []}
    lock["packages"]["far"] = {"name": "far", "file_name": "https://pyodide.example/far.whl", "sha256": "0" * 64}
    return Runtime("0.1.0", "3.12", None if bundle else "https://pyodide.example/", lock, {}, tuple(files))


def _names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_a_bundle_keeps_the_names_of_what_has_not_changed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    seen = []
    for core, wheel in (("core", "wheel"), ("core", "another wheel"), ("another core", "another wheel")):
        site = Site(_runtime(tmp_path, core=core, wheel=wheel))
        mirror(root, site.files({}))
        pyodide = site.pyodide()
        assert pyodide is not None
        place, lock = (Path(pyodide[key]).relative_to("_static/liveviz") for key in ("indexURL", "lockFileURL"))
        assert (root / place / "pyodide.mjs").read_text() == core
        assert (root / "immutable/image-1/memory.pack").read_text() == "memory"
        packages = json.loads((root / lock).read_bytes())["packages"]
        assert packages["far"]["file_name"] == "https://pyodide.example/far.whl"
        # Older Pyodides look for wheels from their own directory, newer ones from that of the lock.
        for base in (place, lock.parent):
            assert (root / base / packages["own"]["file_name"]).read_text() == wheel
        seen.append((place, lock, _names(root)))
    assert seen[0][0] == seen[1][0] != seen[2][0]
    assert seen[0][1] != seen[1][1] == seen[2][1]
    assert len({len(names) for _, _, names in seen}) == 1  # what is of no use any more is gone


def test_names_below_immutable_tell_the_content_and_all_others_are_few(tmp_path: Path) -> None:
    asked = {
        "page": {"js": [], "css": [], "modules": [], "files": [library.prefix for library in libraries()], "mimes": []}
    }
    files = Site(_runtime(tmp_path, core="core", wheel="wheel")).files(asked)
    lasting = {name for name in files if name.startswith(IMMUTABLE)}
    assert files.keys() - lasting == {"liveviz.js", "liveviz.css"}
    assert all(re.match(r"immutable/(.*[-/][0-9a-f]{12}[./]|image-1/)", name) for name in lasting)


def test_what_no_public_place_has_is_served_by_the_site(tmp_path: Path) -> None:
    files = Site(_runtime(tmp_path, core="core", wheel="wheel", bundle=False)).files({})
    assert any(re.fullmatch(r"immutable/packages/[0-9a-f]{12}/own-1-py3-none-any\.whl", name) for name in files)


def test_the_front_end_of_a_checkout_may_change_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = type(distribution("bokeh"))  # the standard library's, or that of a backport, whichever was imported
    read = kind.read_text
    monkeypatch.setattr(kind, "read_text", lambda self, name: None if name == "RECORD" else read(self, name))
    libraries.cache_clear()
    try:
        assert [library.directory for library in libraries()] == [
            f"assets/{name}-{version(name)}/" for name in ("bokeh", "panel", "plotly")
        ]
    finally:
        libraries.cache_clear()


def test_scripts_whose_names_do_not_tell_their_content_have_a_query_that_does(
    make_docs: MakeDocs, monkeypatch: pytest.MonkeyPatch
) -> None:
    bokeh, *_ = libraries()
    own = replace(bokeh, directory=f"assets/bokeh-{version('bokeh')}/")
    monkeypatch.setattr("sphinxext_liveviz.html.assets.libraries", lambda: (own,))
    docs = make_docs("bokeh")
    (docs.source / "guide/panel.md").unlink()
    built = docs.build()
    (script,) = built.manifest("guide/plot.html")["scripts"]
    path, _, query = script.partition("?v=")
    assert path == f"../_static/liveviz/{own.directory}bokeh-{version('bokeh')}.min.js"
    assert query == digest_of(built.out / "guide" / path)[:8]


def test_a_mirror_touches_only_what_differs(tmp_path: Path) -> None:
    source, root = tmp_path / "source", tmp_path / "root"
    source.write_text("1")
    files: dict[str, Path | bytes] = {"a/b/copied": source, "a/written": b"2", "old/gone": b"3"}
    mirror(root, files)
    states = {name: (root / name).stat().st_mtime_ns for name in files}
    del files["old/gone"]
    files["new"] = b"4"
    mirror(root, files)
    assert {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()} == files.keys()
    assert not (root / "old").exists()
    assert all((root / name).stat().st_mtime_ns == states[name] for name in ("a/b/copied", "a/written"))
    source.write_text("22")
    files["a/written"] = b"5"
    mirror(root, files)
    assert ((root / "a/b/copied").read_text(), (root / "a/written").read_text()) == ("22", "5")


def test_a_mirror_of_nothing_makes_nothing(tmp_path: Path) -> None:
    mirror(tmp_path / "root", {})
    assert not (tmp_path / "root").exists()


# -- what outputs ask for ---------------------------------------------------------------------------------------------


def _asking(*js: str, text: str = "") -> dict[str, Any]:
    return {"data": {BOKEH: {"doc": {"title": text}, "roots": [], "resources": {"js": list(js), "css": []}}}}


def test_addresses_anywhere_in_a_document_are_found() -> None:
    bokeh, panel, *_ = libraries()
    text = f'<link href="{panel.prefix}css/card.css"> {bokeh.prefix}bokeh-1.2.3.min.js?v=1 https://other.example/x.js'
    asked = asked_by({"cells": [{"outputs": [_asking("https://other.example/x.js", text=text), {"text": "no data"}]}]})
    assert asked == {
        "js": ["https://other.example/x.js"],
        "css": [],
        "modules": [],
        "files": [f"{bokeh.prefix}bokeh-1.2.3.min.js", f"{panel.prefix}css/card.css"],
        "mimes": [BOKEH],
    }


def test_the_order_of_scripts_is_right_for_every_output() -> None:
    parts = [
        {"js": order, "css": [], "modules": [], "files": [], "mimes": []}
        for order in (["a", "z"], ["a", "m", "z"], ["b"], ["c", "a"])
    ]
    assert merged([*parts, None])["js"] == ["c", "a", "m", "z", "b"]


def test_addresses_of_no_known_library_stay_as_they_are() -> None:
    assert local("https://other.example/x.js") == "https://other.example/x.js"
    bokeh, *_ = libraries()
    assert local(f"{bokeh.prefix}bokeh-1.2.3.min.js") == f"{bokeh.directory}bokeh-1.2.3.min.js"
