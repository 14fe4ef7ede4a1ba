"""The report for people with a browser: what differs, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from .records import BAD, Record, Status

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem;
  color-scheme: light dark }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .3rem .6rem; vertical-align: top }
tr { border-bottom: 1px solid #8884 } pre { overflow: auto; background: #8881; padding: .6rem; max-height: 24rem }
.bad { color: #c02828 } .good { color: #1a7f37 } .other { color: #777 }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem } .sides > * { min-width: 0 }
img { max-width: 100%; border: 1px solid #8884 } h2 { margin-top: 2.5rem }
"""


def html_report(records: Sequence[Record], title: str) -> str:
    """Return the report as a page that needs nothing but its pictures."""
    return "".join(_page(records, title))


def _page(records: Sequence[Record], title: str) -> Iterator[str]:
    bad = [record for record in records if record.status in BAD]
    yield f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>livecheck: {escape(title)}</title>\n'
    yield f"<style>{_STYLE}</style>\n<h1>livecheck: {escape(title)}</h1>\n"
    yield f"<p>{len(records)} cells, {len(bad)} of them not as they should be.</p>\n"
    yield "<table><tr><th>Cell<th>Status<th>Why<th>Start<th>Seconds<th>Memory</tr>\n"
    for record in records:
        yield _row(record)
    yield "</table>\n"
    for record in bad:
        yield from _details(record)
    yield "</html>\n"


def _row(record: Record) -> str:
    where = escape(f"{record.path}:{record.line}, cell {record.cell}")
    link = f'<a href="#{record.id}">{where}</a>' if record.status in BAD else where
    kind = "bad" if record.status in BAD else "good" if record.status is Status.RAN else "other"
    status = f"{record.status}, unchanged" if record.unchanged else str(record.status)
    numbers = (
        "" if record.startup is None else f"{record.startup:.1f} s",
        "" if record.seconds is None else f"{record.seconds:.2f} s",
        "" if record.memory is None else f"{record.memory / 1e6:.0f} MB",
    )
    cells = [link, f'<span class="{kind}">{status}</span>', escape(record.reason.partition("\n")[0]), *numbers]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _details(record: Record) -> Iterator[str]:
    yield f'<h2 id="{record.id}">{escape(f"{record.path}:{record.line}, cell {record.cell}")}: {record.status}</h2>\n'
    yield f"<pre>{escape(record.reason)}</pre>\n"
    if record.pictures:
        yield from _sides(*(f'<img src="{escape(picture)}" alt="">' for picture in record.pictures))
    for difference in record.differences:
        if difference.static or difference.live:
            yield f"<h3>{escape(difference.what)}</h3>\n"
            yield from _sides(f"<pre>{escape(difference.static)}</pre>", f"<pre>{escape(difference.live)}</pre>")
    if record.warnings:
        yield f"<h3>Written to stderr live only</h3>\n<pre>{escape(chr(10).join(record.warnings))}</pre>\n"


def _sides(*sides: str) -> Iterator[str]:
    yield '<div class="sides">'
    for name, side in zip(("static", "live"), sides, strict=False):
        yield f"<div><strong>{name}</strong><br>{side}</div>"
    yield "</div>\n"
