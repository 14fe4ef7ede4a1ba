"""Pages that were good the last time, and need not run again while nothing has changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .records import BAD, Difference, Record, Status, Subject

FORMAT = 1
"""Raised when a check looks at something else, or records mean something else."""


class Green:
    """Results of the last check.

    Parameters
    ----------
    path : Path
        A file beside the reports.
    forget : bool
        Begin anew.
    """

    def __init__(self, path: Path, *, forget: bool = False) -> None:
        self._path = path
        self._pages: dict[str, dict[str, Any]] = {} if forget else self._load()

    def find(self, subject: Subject) -> list[Record] | None:
        """Return the records of a page that is as it was, if they were good."""
        known = self._pages.get(subject.docname)
        if known is None or known["fingerprint"] != subject.fingerprint:
            return None
        return [_record(values) for values in known["records"]]

    def keep(self, subject: Subject, records: Sequence[Record]) -> None:
        """Remember a page that is good, and forget one that is not."""
        self._pages.pop(subject.docname, None)
        if not any(record.status in BAD or record.status is Status.SKIPPED for record in records):
            made = [asdict(record) for record in records]
            self._pages[subject.docname] = {"fingerprint": subject.fingerprint, "records": made}

    def save(self, docnames: Collection[str]) -> None:
        """Write the file, without documents that are gone."""
        pages = {docname: page for docname, page in sorted(self._pages.items()) if docname in docnames}
        self._path.write_text(json.dumps({"format": FORMAT, "pages": pages}), encoding="utf-8")

    def _load(self) -> dict[str, dict[str, Any]]:
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}  # none yet, or damaged: then all pages run
        return dict(found["pages"]) if isinstance(found, dict) and found.get("format") == FORMAT else {}


def _record(values: dict[str, Any]) -> Record:
    differences = [Difference(*difference) for difference in values["differences"]]
    return Record(**{**values, "status": Status(values["status"]), "differences": differences, "unchanged": True})
