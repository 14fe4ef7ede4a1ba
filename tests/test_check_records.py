"""What is made of what was seen of a page, and what is written of it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from sphinxext_liveviz.check.green import Green
from sphinxext_liveviz.check.judge import Settings, judge
from sphinxext_liveviz.check.records import BAD, Observed, Record, Seen, Status, Subject
from sphinxext_liveviz.check.report import line_of, summary, write_reports
from sphinxext_liveviz.model import Cell

SETTINGS = Settings(10, 1e-6)


def cell(index: int = 0, **options: Any) -> Cell:
    return Cell("page", index, f"c{index}", "code", "page.rst", 10 * index + 6, **options)


def printed(text: str, reply: str = "ok", ename: str = "ValueError", **more: Any) -> Seen:
    message = {
        "header": {"msg_type": "stream"},
        "parent_header": {"msg_id": ""},
        "content": {"name": "stdout", "text": text},
    }
    content = {"status": reply, "ename": ename, "evalue": "bad", "execution_count": 1}
    return Seen([message], content, begun=True, seconds=0.5, **more)


def subject(*cells: Cell, static: str | None = "text", **options: Any) -> Subject:
    stored = {
        "cells": [
            {
                "id": one.id,
                "execution_count": 1,
                "outputs": [{"output_type": "stream", "name": "stdout", "text": static}],
            }
            for one in cells
        ]
    }
    return Subject("page", "page.html", cells, None if static is None else stored, fingerprint="f", **options)


def judged(page: Subject, *seen: Seen, **options: Any) -> list[Record]:
    for one, what in zip(page.cells, seen, strict=True):
        for message in what.messages:
            message["parent_header"]["msg_id"] = one.id
    observed = Observed({one.id: what for one, what in zip(page.cells, seen, strict=True)}, 2.0, 1000, **options)
    return judge(page, observed, SETTINGS, None, "chromium")


def statuses(page: Subject, *seen: Seen, **options: Any) -> list[str]:
    return [str(record.status) for record in judged(page, *seen, **options)]


def test_a_cell_that_ran_and_shows_the_same_is_good() -> None:
    (record,) = judged(subject(cell()), printed("text"))
    assert (record.status, record.reason, record.seconds) == (Status.RAN, "", 0.5)
    assert (record.startup, record.memory) == (2.0, 1000)


@pytest.mark.parametrize(
    ("seen", "status", "reason"),
    [
        (printed("other"), "differs", "stdout: it prints something else\n-text\n+other"),
        (printed("text", "error"), "failed", "ValueError: bad"),
        (printed("text", failure="Python has died"), "failed", "Python has died"),
        (Seen(begun=True, is_late=True), "timeout", "it did not end in time"),
        (Seen(is_late=True), "timeout", "Python did not start in time"),
        (printed("text", complaints=["an output could not be shown"]), "complains", "an output could not be shown"),
        (printed("text", left=["http://other/"]), "complains", "asks another origin: http://other/"),
    ],
)
def test_what_went_wrong_is_told(seen: Seen, status: str, reason: str) -> None:
    (record,) = judged(subject(cell()), seen)
    assert (str(record.status), record.reason) == (status, reason)
    assert record.status in BAD


def test_cells_below_one_that_fails_did_not_run() -> None:
    page = subject(cell(), cell(1), cell(2))
    assert statuses(page, printed("text"), printed("", "error"), Seen()) == ["ran", "failed", "not run"]


def test_an_expected_error_is_good_and_a_missing_one_is_not_and_neither_stops_the_page() -> None:
    page = subject(cell(raises="ValueError"), cell(1))
    assert statuses(page, printed("text", "error"), printed("text")) == ["ran", "ran"]
    assert statuses(page, printed("text"), printed("text")) == ["failed", "ran"]
    assert statuses(page, printed("text", "error", "KeyError"), Seen()) == ["failed", "not run"]


def test_a_volatile_cell_may_show_anything_and_one_without_static_output_too() -> None:
    assert statuses(subject(cell(volatile=True)), printed("other")) == ["ran"]
    assert statuses(subject(cell(execute=False)), printed("other")) == ["ran"]
    assert statuses(subject(cell(), static=None), printed("other")) == ["ran"]


def test_a_cell_has_a_tolerance_of_its_own() -> None:
    assert statuses(subject(cell(tolerance=0.1), static="1.0"), printed("1.05")) == ["ran"]
    assert statuses(subject(cell(), static="1.0"), printed("1.05")) == ["differs"]


def test_static_cells_are_a_choice_or_a_claim_that_is_tried() -> None:
    assert statuses(subject(cell(static=True, reason="takes a day")), Seen()) == ["static"]
    claim = cell(static=True, reason="needs threads")
    assert statuses(subject(claim), printed("text", "error")) == ["limited"]
    assert statuses(subject(claim), printed("other")) == ["limited"]
    assert statuses(subject(claim), printed("text")) == ["outdated"]
    (record,) = judged(subject(claim), Seen())
    assert (str(record.status), record.reason) == ("limited", "needs threads (not tried)")


def test_a_page_that_needs_the_network_is_skipped_without_one_and_must_use_it() -> None:
    page = subject(cell(), requires=("network",))
    asking = printed("text", left=["http://data/"])
    failing = printed("text", "error", left=["http://data/"])
    assert statuses(page, asking) == ["ran"]
    assert statuses(page, failing, unreachable=["http://data/"]) == ["skipped"]
    assert statuses(page, failing) == ["failed"]
    assert statuses(page, printed("text")) == ["outdated"]


def test_pages_and_cells_can_be_left_out() -> None:
    settings = Settings(10, 1e-6, ignore=("guide/.*", "page:2"))
    assert settings.ignores("guide/start")
    assert settings.ignores("page", 2)
    assert not settings.ignores("page")
    assert not settings.ignores("page", 22)


def records() -> list[Record]:
    page = subject(cell(), cell(1), cell(2))
    return judged(page, printed("text"), printed("<b>\x00", "error"), Seen())


def test_reports_say_the_same_in_each_form(tmp_path: Path) -> None:
    made = records()
    write_reports(tmp_path, made, "A <site>")
    assert (tmp_path / "output.txt").read_text() == (
        "page.rst:16: [failed] cell 2: ValueError: bad\npage.rst:26: [not run] cell 3: cell 2 failed\n"
    )
    lines = [json.loads(line) for line in (tmp_path / "output.json").read_text().splitlines()]
    assert [(line["cell"], line["status"]) for line in lines] == [(1, "ran"), (2, "failed"), (3, "not run")]
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()[0]
    counted = {name: suite.attrib[name] for name in ("tests", "failures", "skipped")}
    assert counted == {"tests": "3", "failures": "1", "skipped": "1"}
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["skipped"]]
    report = (tmp_path / "report.html").read_text()
    assert "A &lt;site&gt;" in report
    assert "ValueError: bad" in report
    assert summary(made) == "3 cells: 1 ran, 1 failed, 1 not run"


def test_a_line_of_the_text_report_is_one_line() -> None:
    (record,) = judged(subject(cell()), printed("other"))
    assert line_of(record) == "page.rst:6: [differs] cell 1: stdout: it prints something else; -text; +other"


def test_a_good_page_is_remembered_until_something_changes(tmp_path: Path) -> None:
    page = subject(cell())
    good = judged(page, printed("text"))
    green = Green(tmp_path / "known.json")
    assert green.find(page) is None
    green.keep(page, good)
    green.save(["page"])
    (known,) = Green(tmp_path / "known.json").find(page) or []
    assert (known.status, known.unchanged, known.seconds) == (Status.RAN, True, 0.5)
    assert Green(tmp_path / "known.json", forget=True).find(page) is None
    changed = Subject("page", "page.html", page.cells, page.notebook, fingerprint="another")
    assert Green(tmp_path / "known.json").find(changed) is None


def test_a_bad_page_is_not_remembered_and_forgets_that_it_was_good(tmp_path: Path) -> None:
    page = subject(cell())
    green = Green(tmp_path / "known.json")
    green.keep(page, judged(page, printed("text")))
    green.keep(page, judged(page, printed("other")))
    green.save(["page"])
    assert Green(tmp_path / "known.json").find(page) is None


def test_a_damaged_memory_is_none(tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text("{")
    assert Green(tmp_path / "known.json").find(subject(cell())) is None
