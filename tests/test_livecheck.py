"""The builder livecheck in a real browser: what is wrong with a live cell is found, and named as what it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sphinxext_liveviz.check.judge import Settings
from sphinxext_liveviz.check.records import BAD, Record, Status, Subject
from sphinxext_liveviz.check.run import check_pages
from sphinxext_liveviz.errors import UserError
from sphinxext_liveviz.html.page import manifest_in
from sphinxext_liveviz.model import Cell
from tests.docs import ROOTS

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("check")]

ROOT = Path(__file__).parents[1]
EXPECTED = {
    "choice:1": "static",
    "choice:2": "ignored",
    "crashes:1": "failed",
    "differs:1": "differs",
    "differs:2": "differs",
    "differs:3": "ran",
    "differs:4": "ran",
    "differs:5": "ran",
    "differs:6": "differs",
    "guide/files:1": "ran",
    "guide/undeclared:1": "failed",
    "guide/web:1": "ran",
    "hangs:1": "ran",
    "hangs:2": "timeout",
    "hangs:3": "not run",
    "homely:1": "outdated",
    "ignored:1": "ignored",
    "index:1": "ran",
    "leaves:1": "complains",
    "limits:1": "limited",
    "limits:2": "outdated",
    "limits:3": "ran",
    "missing:1": "failed",
    "missing:2": "not run",
    "network:1": "skipped",
    "pinned:1": "failed",
    "processes:1": "limited",
    "threads:1": "failed",
}
REASONS = {
    "crashes:1": "RuntimeError: unreachable",
    "differs:1": "stdout: it prints something else\n-the static text\n+another text live",
    "differs:2": "text/html: table 1: row 2, column 2: '2' is '2.5' live\n"
    "-<table><tr><th>a<th>b</tr><tr><td>1<td>2</tr></table>\n"
    "+<table><tr><th>a<th>b</tr><tr><td>1<td>2.5</tr></table>",
    "differs:6": "stderr: it prints something else\n+a warning of the other version",
    "guide/undeclared:1": "FileNotFoundError: [Errno 44] No such file or directory: 'undeclared.txt'",
    "hangs:2": "it did not end in time",
    "hangs:3": "cell 2 failed",
    "leaves:1": "asks another origin: http://127.0.0.1:9/",
    "missing:1": "ModuleNotFoundError: No module named 'only_here'",
    "network:1": "needs the network, which does not answer here: http://127.0.0.1:9/",
    "pinned:1": "ModuleNotFoundError: No module named 'colorama'",
    "processes:1": "needs processes",
    "threads:1": "RuntimeError: can't start new thread",
}


class Checked:
    """A site under test, and what its last check said."""

    def __init__(self, directory: Path) -> None:
        self.source = directory / "docs"
        self.out = directory / "out"
        shutil.copytree(ROOTS / "hostile", self.source)

    def check(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "sphinxext_liveviz", "check", str(self.source), str(self.out), *options]
        environment = {**os.environ, "NO_COLOR": "1"}  # CI services get logs in colour
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600
        )

    def records(self) -> dict[str, dict[str, Any]]:
        lines = (self.out / "output.json").read_text(encoding="utf-8").splitlines()
        return {f"{record['docname']}:{record['cell']}": record for record in map(json.loads, lines)}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    return Checked(tmp_path_factory.mktemp("livecheck"))


@pytest.fixture(scope="module")
def hostile(site: Checked) -> tuple[Checked, subprocess.CompletedProcess[str], dict[str, dict[str, Any]]]:
    """Check the whole hostile site, once."""
    done = site.check("--workers", "3")
    return site, done, site.records()


Hostile = tuple[Checked, subprocess.CompletedProcess[str], dict[str, dict[str, Any]]]


def test_a_hostile_site_gives_exactly_the_expected_report(hostile: Hostile) -> None:
    _, done, records = hostile
    assert {key: record["status"] for key, record in records.items()} == EXPECTED, done.stderr
    assert {key: records[key]["reason"] for key in REASONS} == REASONS
    assert done.returncode == 1


def test_each_form_of_the_report_tells_of_each_cell_that_is_bad(hostile: Hostile) -> None:
    site, done, records = hostile
    bad = {key for key, status in EXPECTED.items() if status in BAD}
    lines = (site.out / "output.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == sum(status != "ran" for status in EXPECTED.values())
    suites = ElementTree.parse(site.out / "junit.xml").getroot()
    failed = {
        f"{case.attrib['classname']}:{case.attrib['name'].removeprefix('cell ')}"
        for case in suites.iter("testcase")
        if case.find("failure") is not None
    }
    assert failed == bad
    for key in bad:
        record = records[key]
        assert (
            f"{record['path']}:{record['line']}: WARNING: live cell {record['cell']}: {record['status']}" in done.stderr
        )


def test_what_differs_is_shown_side_by_side(hostile: Hostile) -> None:
    site, _, records = hostile
    report = (site.out / "report.html").read_text(encoding="utf-8")
    for key in ("differs:1", "differs:2"):
        pictures = records[key]["pictures"]
        assert [picture.rpartition("-")[2] for picture in pictures] == ["static.png", "live.png"]
        for picture in pictures:
            assert (site.out / picture).read_bytes().startswith(b"\x89PNG")
            assert picture in report


def test_a_record_tells_what_a_page_costs(hostile: Hostile) -> None:
    _, _, records = hostile
    record = records["index:1"]
    assert record["startup"] > 0
    assert record["seconds"] > 0
    assert record["memory"] > 10_000_000


def test_the_build_foresees_what_can_be_seen_from_the_code(hostile: Hostile) -> None:
    _, done, _ = hostile
    foreseen = {
        ("missing.rst:6", "liveviz.import"),
        ("pinned.rst:7", "liveviz.lock"),
        ("pinned.rst:10", "liveviz.import"),
        ("threads.rst:8", "liveviz.capability"),
        ("undeclared.rst:6", "liveviz.file"),
    }
    log = done.stderr.replace("\n    ", " ").replace("\nLive cells", " Live cells")
    told = {
        (line.partition(": WARNING")[0].rpartition("/")[2], line.rpartition("[")[2].rstrip("]"))
        for line in log.splitlines()
        if ": WARNING: " in line and not line.endswith("[liveviz.check]") and "live cell " not in line
    }
    assert told == foreseen


def test_only_what_has_changed_since_it_was_good_runs_again(hostile: Hostile) -> None:
    site, _, _ = hostile
    only = ("--only", "index", "--only", "guide/files")
    done = site.check(*only)
    assert done.returncode == 0, done.stderr
    assert "2 of 2 pages need not run" in done.stdout
    assert {record["unchanged"] for record in site.records().values()} == {True}

    index = site.source / "index.rst"
    index.write_text(index.read_text().replace("all is well", "all is better"))
    done = site.check(*only)
    assert done.returncode == 0, done.stderr
    assert {key: record["unchanged"] for key, record in site.records().items()} == {
        "index:1": False,
        "guide/files:1": True,
    }

    done = site.check(*only, "-E")
    assert done.returncode == 0, done.stderr
    assert {record["unchanged"] for record in site.records().values()} == {False}


def test_node_gives_a_quick_answer(hostile: Hostile) -> None:
    site, _, _ = hostile
    pages = ["index", "guide/files", "differs", "missing", "hangs", "threads", "choice"]
    done = site.check("--engine", "node", *(part for page in pages for part in ("--only", page)))
    records = site.records()
    expected = {key: status for key, status in EXPECTED.items() if key.partition(":")[0] in pages}
    assert {key: record["status"] for key, record in records.items()} == expected, done.stderr
    assert {record["engine"] for record in records.values()} == {"node"}
    assert done.returncode == 1


# -- mutations ----------------------------------------------------------------------------------------------------


def replace_in(path: Path, old: str, new: str) -> None:
    """Change a file of a copy, which must not change the original that it may be a link to."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.unlink()
    path.write_text(text.replace(old, new), encoding="utf-8")


def spoil(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: len(content) // 2])


def find(site: Path, pattern: str) -> Path:
    (found,) = site.glob(f"_static/liveviz/{pattern}")
    return found


def nothing(site: Path) -> None:
    """Break nothing."""


Break = Callable[[Path], object]
BROKEN: dict[str, tuple[str, Break]] = {
    "a wheel is another file": ("failed", lambda site: spoil(find(site, "immutable/packages/*/param-*.whl"))),
    "Python is cut off": ("failed", lambda site: spoil(find(site, "immutable/pyodide-*/pyodide.asm.wasm"))),
    "the kernel is gone": ("failed", lambda site: find(site, "immutable/kernel-*.zip").unlink()),
    "the worker is gone": ("failed", lambda site: find(site, "immutable/live-*/worker.js").unlink()),
    "the session cannot be parsed": (
        "failed",
        lambda site: replace_in(find(site, "immutable/live-*/session.js"), "export class", "export klass"),
    ),
    "the page's script is gone": ("failed", lambda site: (site / "_static/liveviz/liveviz.js").unlink()),
    "the page is gone": ("failed", lambda site: (site / "index.html").unlink()),
    "no package is loaded": (
        "failed",
        lambda site: replace_in(site / "index.html", '"packages":["param"]', '"packages":[]'),
    ),
    "the live code prints something else": (
        "differs",
        lambda site: replace_in(site / "index.html", r"print(\"all is", r"print(\"not all is"),
    ),
    "the live code shows something else": (
        "differs",
        lambda site: replace_in(site / "index.html", r"name=\"here\"", r"name=\"there\""),
    ),
    "an output cannot be drawn": (
        "complains",
        lambda site: replace_in(find(site, "immutable/live-*/mime.js"), "element.append(literal(", "element.fail(("),
    ),
    "the kernel prints to nobody": (
        "differs",
        lambda site: replace_in(find(site, "immutable/live-*/worker.js"), "send: (text, views) => {", MUTE),
    ),
}
MUTE = "send: (text, views) => { if (text.includes('\"stream\"')) return;"


@pytest.fixture(scope="module")
def good(hostile: Hostile) -> tuple[Path, Subject]:
    """Give the site, and its good page."""
    site = hostile[0].out / "html"
    manifest = manifest_in((site / "index.html").read_text(encoding="utf-8"))
    (record,) = manifest["cells"]
    cell = Cell("index", 0, record["id"], record["code"], record["path"], record["line"])
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": record["code"].split('"')[1] + "\n"},
        {"output_type": "execute_result", "data": {"text/plain": "Parameterized(name='here')"}, "metadata": {}},
    ]
    notebook = {"cells": [{"id": cell.id, "execution_count": 1, "outputs": outputs}]}
    return site, Subject("index", "index.html", (cell,), notebook, manifest=manifest)


def run(site: Path, subjects: list[Subject], pictures: Path) -> Iterator[tuple[str, Record]]:
    records: list[tuple[str, Record]] = []
    check_pages(
        subjects,
        engine="chromium",
        site=site,
        hosts=(),
        settings=Settings(15, 1e-6),
        pictures=pictures,
        workers=3,
        told=lambda subject, made: records.extend((subject.docname, record) for record in made),
    )
    yield from records


def test_whatever_breaks_alone_is_caught(good: tuple[Path, Subject], tmp_path: Path) -> None:
    """Copies of a good site, each with one thing broken; the copy in which nothing is must be good."""
    site, page = good
    subjects, expected = [], {"nothing": "ran"}
    for number, (name, (status, broken)) in enumerate({"nothing": ("ran", nothing), **BROKEN}.items()):
        copy = tmp_path / f"site{number}"
        shutil.copytree(site, copy, copy_function=os.link)
        broken(copy)
        expected[name] = status
        subjects.append(replace(page, docname=name, address=f"site{number}/index.html"))
    wrong = {
        name: f"{record.status}: {record.reason}"
        for name, record in run(tmp_path, subjects, tmp_path / "p")
        if record.status != expected[name]
    }
    assert wrong == {}


def test_a_static_output_that_is_not_what_runs_is_caught(good: tuple[Path, Subject], tmp_path: Path) -> None:
    site, page = good
    assert page.notebook is not None
    (cell,) = page.notebook["cells"]
    old = replace(page, notebook={"cells": [{**cell, "outputs": cell["outputs"][:1]}]})
    ((_, record),) = run(site, [old], tmp_path)
    assert record.status is Status.DIFFERS
    assert record.reason.startswith("outputs: 0 outputs are 1 live")


# -- what it takes ------------------------------------------------------------------------------------------------


def test_without_playwright_the_way_out_is_told(
    good: tuple[Path, Subject], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    with pytest.raises(UserError, match=r"pip install sphinxext-liveviz\[check\]"):
        list(run(good[0], [good[1]], tmp_path))


def test_without_a_browser_the_ways_out_are_told(
    good: tuple[Path, Subject], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEVIZ_CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(UserError, match=r"there is no chromium here.*playwright install.*on PATH.*node"):
        list(run(good[0], [good[1]], tmp_path))
