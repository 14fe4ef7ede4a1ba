"""Writes what came of a check: ``output.txt`` for people, ``output.json`` and ``junit.xml`` for programs."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from .html_report import html_report
from .records import BAD, Record, Status

_NO_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])


def write_reports(directory: Path, records: Sequence[Record], title: str) -> None:
    """Write all reports into a directory.

    Parameters
    ----------
    directory : Path
        It is there.
    records : sequence of Record
        By page and cell.
    title : str
        Name of the site.
    """
    files = {
        "output.txt": "".join(f"{line_of(record)}\n" for record in records if record.status is not Status.RAN),
        "output.json": "".join(f"{json.dumps(asdict(record))}\n" for record in records),
        "junit.xml": junit(records),
        "report.html": html_report(records, title),
    }
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")


def line_of(record: Record) -> str:
    """Return a record as a line of ``output.txt``."""
    reason = record.reason.replace("\n", "; ")
    return f"{record.path}:{record.line}: [{record.status}] cell {record.cell}{': ' if reason else ''}{reason}"


def summary(records: Iterable[Record]) -> str:
    """Count the records of each status."""
    statuses = [record.status for record in records]
    counts = [f"{statuses.count(status)} {status}" for status in Status if status in statuses]
    return f"{len(statuses)} cell{'s' * (len(statuses) != 1)}: {', '.join(counts)}" if counts else "no cells"


def junit(records: Sequence[Record]) -> str:
    """Return records as JUnit XML: a suite a page, a case a cell."""
    root = ElementTree.Element("testsuites", name="livecheck")
    for docname in dict.fromkeys(record.docname for record in records):
        page = [record for record in records if record.docname == docname]
        bad = sum(record.status in BAD for record in page)
        skipped = sum(record.status not in BAD and record.status is not Status.RAN for record in page)
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=docname,
            tests=str(len(page)),
            failures=str(bad),
            errors="0",
            skipped=str(skipped),
            time=f"{sum(record.seconds or 0.0 for record in page) + (page[0].startup or 0.0):.3f}",
        )
        for record in page:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=docname,
                name=f"cell {record.cell}",
                file=record.path,
                line=str(record.line),
                time=f"{record.seconds or 0.0:.3f}",
            )
            reason = record.reason.translate(_NO_XML)
            if record.status in BAD:
                failure = ElementTree.SubElement(case, "failure", type=record.status, message=reason.partition("\n")[0])
                failure.text = reason
            elif record.status is not Status.RAN:
                ElementTree.SubElement(case, "skipped", message=f"{record.status}: {reason}".removesuffix(": "))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
