"""After any sequence of edits, what an incremental build leaves is what a clean build makes.

Nothing is normalised: HTML pages and our own files are compared byte for byte. Left out are Sphinx's search index, and
edits that Sphinx itself does not follow up in documents that it does not read again: titles and the toctree, which
other pages repeat in their navigation.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from .docs import ROOTS, Docs

PAGES = ("first", "guide/second", "guide/third")

CODES = (
    "x = 1",
    "x = 2\nx",
    "print('x is', x)",  # fails where nothing above has set x
    "import math\nmath.tau",
    "from pathlib import Path\nprint(Path('data.txt').read_text())",
    "import helper\nhelper.value",
    "1 / 0",
    "raise KeyError('x')",
    "class Rich:\n    def _repr_html_(self):\n        return '<b>rich</b>'\nRich()",
    "not python",
)
OPTIONS = (
    *(":static:", ":no-exec:", ":raises:", ":hide-code:", ":hide-output:", ":caption: Words", ":class: wide"),
    *(":requirements: tabulate", ":timeout: 90", ":depends: data.txt", ":linenos:"),
)
STATIC, NO_EXEC, RAISES = range(3)


@dataclass(frozen=True)
class Block:
    """A cell, with a paragraph above it."""

    code: str
    options: tuple[str, ...] = (":depends: data.txt",)
    prose: str = "Prose."

    def text(self) -> str:
        lines = [".. live-cell::", *(f"   {option}" for option in self.options), ""]
        return "\n".join([self.prose, "", *lines, *(f"   {line}" for line in self.code.splitlines()), ""])


@dataclass
class Sources:
    """The documents, and what their cells read and import."""

    pages: dict[str, list[Block]] = field(
        default_factory=lambda: {
            PAGES[0]: [Block(CODES[0]), Block(CODES[2])],
            PAGES[1]: [Block(CODES[4]), Block(CODES[5])],
            PAGES[2]: [Block(CODES[1])],
        }
    )
    data: str = "0"
    helper: str = "0"

    def write(self, docs: Docs) -> None:
        """Write the files that differ from what is there."""
        files = {"index.rst": "Index\n=====\n\n.. toctree::\n\n" + "".join(f"   {name}\n" for name in PAGES)}
        for name, blocks in self.pages.items():
            files[f"{name}.rst"] = f"{name}\n{'=' * len(name)}\n\n" + "\n".join(block.text() for block in blocks)
        for directory in ("", "guide/"):
            files[f"{directory}data.txt"] = self.data
            files[f"{directory}helper.py"] = f"value = {self.helper}\n"
        for name, text in files.items():
            path = docs.source / name
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                docs.write(name, text)


Edit = Callable[[Sources, str, int, int], None]


def _block(change: Callable[[Block, int], Block]) -> Edit:
    def edit(sources: Sources, page: str, place: int, what: int) -> None:
        blocks = sources.pages[page]
        if blocks:
            blocks[place % len(blocks)] = change(blocks[place % len(blocks)], what)

    return edit


def _toggled(block: Block, what: int) -> Block:
    option = OPTIONS[what % len(OPTIONS)]
    left = tuple(item for item in block.options if item != option)
    return replace(block, options=left if left != block.options else (*left, option))


def _add(sources: Sources, page: str, place: int, what: int) -> None:
    sources.pages[page].insert(place, Block(CODES[what % len(CODES)]))


def _remove(sources: Sources, page: str, place: int, what: int) -> None:
    del sources.pages[page][place : place + 1]


def _turn(sources: Sources, page: str, place: int, what: int) -> None:
    sources.pages[page].reverse()


def _swap(sources: Sources, page: str, place: int, what: int) -> None:
    other = PAGES[what % len(PAGES)]
    sources.pages[page], sources.pages[other] = sources.pages[other], sources.pages[page]


def _data(sources: Sources, page: str, place: int, what: int) -> None:
    sources.data = str(what)


def _helper(sources: Sources, page: str, place: int, what: int) -> None:
    sources.helper = str(what)


def _nothing(sources: Sources, page: str, place: int, what: int) -> None:
    pass


EDITS: dict[str, Edit] = {
    "code": _block(lambda block, what: replace(block, code=CODES[what % len(CODES)])),
    "option": _block(_toggled),
    "prose": _block(lambda block, what: replace(block, prose="\n\n".join(["Prose."] * (what % 3 + 1)))),
    "add": _add,
    "remove": _remove,
    "turn": _turn,
    "swap": _swap,
    "data": _data,
    "helper": _helper,
    "nothing": _nothing,
}

Step = tuple[str, str, int, int]
STEPS = st.tuples(st.sampled_from(sorted(EDITS)), st.sampled_from(PAGES), st.integers(0, 2), st.integers(0, 10))


def _files(docs: Docs) -> dict[str, bytes]:
    out = docs.source / "_build/html"
    ours = [*out.rglob("*.html"), *(out / "_static/liveviz").rglob("*"), *(out / "_images").rglob("*")]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in ours if path.is_file()}


@pytest.fixture(scope="module")
def new_directory(tmp_path_factory: pytest.TempPathFactory, runtime: None) -> Callable[[], Path]:
    return lambda: tmp_path_factory.mktemp("edits") / "docs"


@given(st.lists(st.lists(STEPS, min_size=1, max_size=3), min_size=1, max_size=4))
@settings(max_examples=20, derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@example([[("code", PAGES[0], 0, 6)], [("code", PAGES[0], 0, 0)]])
@example([[("option", PAGES[0], 1, NO_EXEC)]])
@example([[("option", PAGES[0], 1, NO_EXEC)], [("option", PAGES[0], 1, NO_EXEC)], [("option", PAGES[0], 0, STATIC)]])
@example([[("code", PAGES[1], 0, 6), ("option", PAGES[1], 0, RAISES)], [("option", PAGES[1], 0, RAISES)]])
@example([[("option", PAGES[1], 0, 3), ("option", PAGES[1], 1, 4)], [("option", PAGES[2], 0, 5)]])
@example([[("remove", PAGES[2], 0, 0)], [("add", PAGES[2], 0, 1)]])
@example(
    [[("swap", PAGES[0], 0, 1)], [("data", PAGES[0], 0, 5)], [("helper", PAGES[0], 0, 7), ("turn", PAGES[1], 0, 0)]]
)
def test_an_incremental_build_leaves_what_a_clean_build_makes(
    new_directory: Callable[[], Path], builds: list[list[Step]]
) -> None:
    sources, docs = Sources(), Docs(Path(shutil.copytree(ROOTS / "blank", new_directory())))
    sources.write(docs)
    docs.build()
    for steps in builds:
        for edit, page, place, what in steps:
            EDITS[edit](sources, page, place, what)
        sources.write(docs)
        note(docs.build().status)
    clean = Docs(Path(shutil.copytree(docs.source, new_directory(), ignore=shutil.ignore_patterns("_build"))))
    clean.build()
    made, expected = _files(docs), _files(clean)
    assert sorted(made) == sorted(expected)
    for name in expected:
        assert made[name] == expected[name], name
