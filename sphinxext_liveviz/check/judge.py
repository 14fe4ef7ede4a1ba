"""From what was seen of a page to a record for each of its cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..execution.notebook import PageNotebook
from ..execution.worker import expected
from ..limits import NETWORK, needed
from ..model import Cell, Page
from .compare import Far, Pair, compare, picture_pairs
from .records import Difference, Observed, Record, Seen, Status, Subject


@dataclass(frozen=True)
class Settings:
    """How strict a check is."""

    timeout: float
    """Seconds for each cell."""
    tolerance: float
    """Relative, for numbers; a cell's own comes first."""
    distance: float = 0.15
    """How far pictures may be apart, from 0 to 1."""
    start: float = 180.0
    """Seconds for Python to start: on a busy machine, with other pages beside it."""
    ignore: tuple[str, ...] = ()
    """Patterns of ``page`` or ``page:cell``."""

    def limit(self, cell: Cell) -> float:
        """Return the seconds that a cell may run."""
        return max(self.timeout, cell.timeout or 0.0)

    def ignores(self, docname: str, cell: int | None = None) -> bool:
        """Whether a page, or a cell of it, is left out."""
        name = docname if cell is None else f"{docname}:{cell}"
        return any(re.fullmatch(pattern, name) for pattern in self.ignore)


def pairs_of(subject: Subject, observed: Observed) -> list[Pair]:
    """Return all pictures of a page that have to be looked at."""
    live = _notebook(subject, observed)
    return [
        pair
        for cell in subject.cells
        if (static := _static(subject, cell)) is not None
        for pair in picture_pairs(static, live[cell.id])
    ]


def judge(subject: Subject, observed: Observed, settings: Settings, far: Far | None, engine: str) -> list[Record]:
    """Return what came of each cell of a page, in order."""
    live = _notebook(subject, observed)
    records = []
    failed: Cell | None = None
    for cell in subject.cells:
        seen = observed.cells[cell.id]
        record = Record(subject.docname, cell.number, cell.id, cell.path, cell.line, Status.RAN, engine=engine)
        record.seconds = seen.seconds
        if settings.ignores(subject.docname, cell.number):
            record.status = Status.IGNORED
        else:
            differences = _differences(subject, cell, live[cell.id], settings, far) if seen.reply else []
            if cell.static:
                _judge_static(record, cell, seen, differences)
            elif failed is not None:
                record.status, record.reason = Status.NOT_RUN, f"cell {failed.number} failed"
            else:
                _judge_live(record, subject, cell, seen, differences, observed)
        if not cell.static and failed is None and _stops(cell, seen):
            failed = cell
        if seen.reply:
            record.warnings = _warnings(_static(subject, cell), live[cell.id])
        records.append(record)
    _note_page(records, subject, observed)
    return records


def _judge_static(record: Record, cell: Cell, seen: Seen, differences: list[Difference]) -> None:
    record.reason = cell.reason
    if not needed(cell.reason):
        record.status = Status.STATIC
    elif seen.reply is not None and _as_meant(cell, seen) and not differences and not seen.failure:
        record.status = Status.OUTDATED
        record.reason = f"“{cell.reason}” no longer holds: it runs live, so take the option :static: away"
    else:
        record.status = Status.LIMITED
        if seen.reply is None and not seen.failure and not seen.is_late:
            record.reason += " (not tried)"


def _judge_live(
    record: Record, subject: Subject, cell: Cell, seen: Seen, differences: list[Difference], observed: Observed
) -> None:
    record.differences, record.complaints, record.left = differences, seen.complaints, seen.left
    if NETWORK in subject.requires:
        record.left = []
    if seen.failure:
        record.status, record.reason = Status.FAILED, seen.failure
    elif seen.is_late:
        what = "it did not end" if seen.begun else "Python did not start"
        record.status, record.reason = Status.TIMEOUT, f"{what} in time"
    elif not _as_meant(cell, seen):
        record.status, record.reason = Status.FAILED, _why(cell, seen)
    elif differences:
        record.status = Status.DIFFERS
        record.reason = "\n".join(f"{one.what}: {one.message}" for one in differences)
    elif record.complaints or record.left:
        record.status = Status.COMPLAINS
        left = [f"asks another origin: {address}" for address in record.left]
        record.reason = "\n".join([*record.complaints, *left])
    if record.status in (Status.FAILED, Status.COMPLAINS) and NETWORK in subject.requires and observed.unreachable:
        record.status = Status.SKIPPED
        record.reason = f"needs the network, which does not answer here: {observed.unreachable[0]}"


def _note_page(records: list[Record], subject: Subject, observed: Observed) -> None:
    ran = [record for record in records if record.seconds is not None]
    if ran:
        ran[0].startup, ran[-1].memory = observed.startup, observed.memory
    asked = any(seen.left for seen in observed.cells.values())
    alive = [record for record in records if record.status is Status.RAN]
    if NETWORK in subject.requires and not asked and alive and len(alive) == len(ran):
        alive[0].status = Status.OUTDATED
        alive[0].reason = "“needs network” no longer holds: no other origin was asked, so take it away"


def _notebook(subject: Subject, observed: Observed) -> dict[str, list[dict[str, Any]]]:
    """Return what a run has put out, by cell."""
    made = PageNotebook(Page(subject.docname, "", subject.cells))
    for cell in subject.cells:
        for message in observed.cells[cell.id].messages:
            made.receive(message)
    return {cell["id"]: cell["outputs"] for cell in made.notebook["cells"]}


def _static(subject: Subject, cell: Cell) -> list[dict[str, Any]] | None:
    """Return the static outputs of a cell; None when it has not run."""
    if subject.notebook is None or not cell.execute:
        return None
    stored = next((one for one in subject.notebook["cells"] if one["id"] == cell.id), None)
    return None if stored is None or stored["execution_count"] is None else stored["outputs"]


def _differences(
    subject: Subject, cell: Cell, live: Sequence[dict[str, Any]], settings: Settings, far: Far | None
) -> list[Difference]:
    static = _static(subject, cell)
    if static is None or cell.volatile:
        return []
    tolerance = settings.tolerance if cell.tolerance is None else cell.tolerance
    # One number for both: a cell that says how exact its numbers are says so of its pictures too.
    distance = settings.distance if cell.tolerance is None else max(settings.distance, cell.tolerance)
    return compare(static, live, tolerance=tolerance, far=far, distance=distance)


def _as_meant(cell: Cell, seen: Seen) -> bool:
    if seen.reply is None:
        return False
    if seen.reply["status"] == "ok":
        return cell.raises is None or not cell.execute
    return expected(cell.raises, seen.reply)


def _stops(cell: Cell, seen: Seen) -> bool:
    """Whether the page runs none of the cells below."""
    if seen.failure or seen.is_late or seen.reply is None:
        return True
    return bool(seen.reply["status"] == "error") and not expected(cell.raises, seen.reply)


def _why(cell: Cell, seen: Seen) -> str:
    if seen.reply is None:
        return "it did not run"
    if seen.reply["status"] == "ok":
        return f"{cell.raises or 'no exception'} was expected, and none was raised"
    return f"{seen.reply['ename']}: {seen.reply['evalue']}"


def _warnings(static: Sequence[dict[str, Any]] | None, live: Sequence[dict[str, Any]]) -> list[str]:
    known = {
        line for output in static or () if output["output_type"] == "stream" for line in output["text"].split("\n")
    }
    return [
        line
        for output in live
        if output["output_type"] == "stream" and output["name"] == "stderr"
        for line in output["text"].split("\n")
        if line.strip() and line not in known
    ]
