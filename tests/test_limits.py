"""What cells cannot do live: found in their code, said by their authors, shown on the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sphinxext_liveviz.execution.foresee import foresee
from sphinxext_liveviz.limits import needed, reads_urls, uses_of
from sphinxext_liveviz.memory import Memory
from sphinxext_liveviz.model import Cell, Mounted, Page
from tests.conftest import MakeDocs


@pytest.mark.parametrize(
    ("code", "call", "needs"),
    [
        ("import threading\nthreading.Thread()", "threading.Thread", "threads"),
        ("from threading import Thread as T\nT()", "threading.Thread", "threads"),
        (
            "import concurrent.futures as f\nf.ThreadPoolExecutor(2)",
            "concurrent.futures.ThreadPoolExecutor",
            "threads",
        ),
        ("import subprocess as sp\nsp.run(['ls'])", "subprocess.run", "processes"),
        ("import os\ndef f():\n    os.system('ls')", "os.system", "processes"),
        ("import socket\nsocket.socket()", "socket.socket", "sockets"),
    ],
)
def test_calls_that_browsers_do_not_answer_are_found(code: str, call: str, needs: str) -> None:
    (use,) = uses_of(code)
    assert (use.call, use.needs) == (call, needs)


@pytest.mark.parametrize(
    "code",
    [
        "import threading\nthreading.Lock()",
        "import subprocess",
        "class socket:\n    socket = int\nsocket.socket()",
        "run(['ls'])",
        "this is not Python",
    ],
)
def test_what_works_is_not_warned_of(code: str) -> None:
    assert uses_of(code) == []


def test_a_reason_that_begins_with_needs_is_a_claim() -> None:
    assert needed("needs threads, sockets") == ("threads", "sockets")
    assert needed("takes a day") == ()
    assert needed("") == ()


@pytest.mark.parametrize(
    ("code", "reads"),
    [
        ("import urllib.request", True),
        ("from urllib import request", True),
        ("import requests\nrequests.get(address)", True),
        ("import pandas as pd\npd.read_csv('https://example.org/data.csv')", True),
        ("import pandas as pd\npd.read_csv('data.csv')", False),
        ("print('see https://example.org')", False),
        ("from urllib.parse import quote", False),
    ],
)
def test_cells_that_read_addresses_get_what_that_takes(code: str, reads: bool) -> None:
    assert reads_urls(code) is reads


def page(directory: Path, *code: str, **options: Any) -> Page:
    cells = (Cell("p", i, f"c{i}", text, "p.rst", 10 * i + 1, **options) for i, text in enumerate(code))
    return Page("p", str(directory), tuple(cells))


def test_files_that_are_not_declared_are_warned_of_with_their_line(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a")
    code = "import csv\nopen('data.csv')\nopen('other.csv')"
    (problem,) = foresee(page(tmp_path, code), (), Memory().open("foreseen"))
    assert (problem.subtype, problem.location) == ("file", "p.rst:2")
    there = Mounted("data.csv", str(data), "0" * 64)
    assert list(foresee(page(tmp_path, code), (there,), Memory().open("foreseen"))) == []


@pytest.mark.parametrize(
    "code",
    [
        "open('data.csv', 'w')",
        "Path('data.csv').open('a')",
        "Path('data.csv').write_text('b')",
        "open('data.csv', mode='ab')",
        "frame.to_csv('data.csv')",
        "plt.savefig('data.csv')",
    ],
)
def test_a_file_that_a_cell_writes_need_not_be_there(tmp_path: Path, code: str) -> None:
    (tmp_path / "data.csv").write_text("of the last build")
    assert list(foresee(page(tmp_path, code, "open('data.csv')"), (), Memory().open("foreseen"))) == []


def test_only_cells_that_are_meant_to_work_live_are_looked_at(tmp_path: Path) -> None:
    code = "import os\nos.fork()"
    known = Memory().open("foreseen")
    assert [problem.subtype for problem in foresee(page(tmp_path, code), (), known)] == ["capability"]
    assert list(foresee(page(tmp_path, code, static=True), (), known)) == []
    assert list(foresee(page(tmp_path, code, raises="OSError"), (), known)) == []


def cells(*texts: str, head: str = "") -> str:
    body = "\n".join(f".. live-cell::\n{text}\n" for text in texts)
    return f"{head}Title\n=====\n\n{body}"


STATIC = "   :static: needs sockets\n\n   1 + 1"
LIVE = "\n   1 + 1"


def test_a_page_says_why_a_cell_is_not_live(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.write("index.rst", cells(STATIC, "   :static:\n\n   2", LIVE))
    text = docs.build().text("index.html")
    assert text.count("live-reason") == 1
    assert "Not live: needs sockets" in text
    assert "Not live" not in docs.build("text").text("index.txt")


def test_a_document_says_what_all_of_its_cells_need(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.write("index.rst", cells(LIVE, STATIC, head=":liveviz_live_requires: threads, network\n\n"))
    built = docs.build()
    first, second = built.domain.cells("index")
    assert (first.static, first.reason) == (True, "needs threads")
    assert second.reason == "needs sockets"
    assert built.domain.required("index") == ("threads", "network")
    assert "Not live: needs threads" in built.text("index.html")
    docs.write("index.rst", cells(LIVE, head=":liveviz_live_requires: network\n\n"))
    built = docs.build()
    assert [cell.static for cell in built.domain.cells("index")] == [False]
    assert "Not live" not in built.text("index.html")


def test_a_markdown_document_says_it_in_its_front_matter(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.write("page.md", "---\norphan: true\nliveviz_live_requires: sockets\n---\n# T\n\n```{live-cell}\n1\n```\n")
    built = docs.build()
    assert [cell.reason for cell in built.domain.cells("page")] == ["needs sockets"]
    assert "Not live: needs sockets" in built.text("page.html")


def test_what_a_document_needs_survives_parallel_reading(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    for number in range(12):
        docs.write(f"page{number}.rst", cells(LIVE, head=":orphan:\n:liveviz_live_requires: sockets\n\n"))
    built = docs.build(jobs=2)
    assert {built.domain.required(f"page{number}") for number in range(12)} == {("sockets",)}
    assert all(built.domain.cells(f"page{number}")[0].static for number in range(12))


def test_a_need_that_nobody_knows_is_a_warning(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.write("index.rst", cells(LIVE, head=":liveviz_live_requires: magic\n\n"))
    assert "'magic' is not known; it is one or more of threads, processes, sockets, network" in docs.build().warnings


def test_files_of_cells_are_in_the_site_and_their_pages_know_where(make_docs: MakeDocs) -> None:
    docs = make_docs("blank")
    docs.write("index.rst", cells("   :files: *.csv\n\n   print(open('a.csv').read())"))
    docs.write("guide/page.rst", ":orphan:\n\n" + cells("\n   print(open('../all.txt').read())"))
    docs.write("a.csv", "one\n")
    docs.write("all.txt", "all\n")
    built = docs.build(liveviz_files=["all.txt"])
    assert not built.warnings
    assert [path for path, _ in built.manifest("index.html")["files"]] == ["all.txt", "a.csv"]
    manifest = built.manifest("guide/page.html")
    assert manifest["directory"] == "guide"
    ((path, url),) = manifest["files"]
    assert path == "all.txt"
    assert (built.out / "guide" / url).read_text() == "all\n"
    docs.write("a.csv", "two\n")
    again = docs.build(liveviz_files=["all.txt"])
    assert again.executed == ["index cell 1/1"]
    (new,) = [url for path, url in again.manifest("index.html")["files"] if path == "a.csv"]
    assert (again.out / new).read_text() == "two\n"
