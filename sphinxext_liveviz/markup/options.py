"""Options of the directive: each declared once, with the function that validates and converts its value."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

from docutils.parsers.rst import directives

_STATES = 100
"""States that ``embed`` allows by itself."""
_EXCEPTION = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


def seconds(value: str | None) -> float:
    """Convert the value of ``timeout``."""
    try:
        number = float(value or "")
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ValueError(f"{value or ''!r} is not a number of seconds above 0; write for instance 300")
    return number


def first_line(value: str | None) -> int:
    """Convert the value of ``lineno-start``."""
    try:
        return int(value or "")
    except ValueError:
        raise ValueError(f"{value or ''!r} is not the number of a line; write for instance 10") from None


def exception(value: str | None) -> str:
    """Convert the value of ``raises``: empty, or the name of an exception."""
    name = (value or "").strip()
    if name and not _EXCEPTION.fullmatch(name):
        raise ValueError(
            f"{name!r} is not the name of one exception; write for instance ZeroDivisionError, "
            "or nothing to expect any exception"
        )
    return name


def requirements(value: str | None) -> tuple[str, ...]:
    """Convert the value of ``requirements``: separated by white space, so each is written without any inside."""
    from packaging.requirements import InvalidRequirement, Requirement

    items = tuple(item.strip(",") for item in (value or "").split())
    if not items:
        raise ValueError("no requirement is named; write for instance numpy>=2 xarray")
    for item in items:
        try:
            Requirement(item)
        except InvalidRequirement:
            raise ValueError(
                f"{item!r} is not a requirement; write for instance numpy>=2 xarray, "
                "with spaces between requirements and none inside"
            ) from None
    return items


def files(value: str | None) -> tuple[str, ...]:
    """Convert the value of ``depends`` or ``files``: separated by white space, quoted where a name has some inside."""
    try:
        patterns = tuple(shlex.split(value or ""))
    except ValueError as error:
        raise ValueError(f"{value!r} cannot be read ({error}); write for instance data/*.csv 'my notes.txt'") from None
    if not patterns:
        raise ValueError("no file is named; write for instance data/*.csv")
    return patterns


def tolerance(value: str | None) -> float:
    """Convert the value of ``tolerance``."""
    try:
        number = float(value or "")
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError(f"{value or ''!r} is not a relative difference from 0; write for instance 0.001")
    return number


def states(value: str | None) -> int:
    """Convert the value of ``embed``: empty, or how many states there may be."""
    text = (value or "").strip() or str(_STATES)
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{text!r} is not a number of states from 1; write for instance 500, or nothing for {_STATES}")
    return int(text)


def reason(value: str | None) -> str:
    """Convert the value of ``static``: empty, or why the cell is never live."""
    return (value or "").strip()


OPTIONS: dict[str, Callable[[str], Any]] = {
    "name": directives.unchanged,
    "caption": directives.unchanged_required,
    "class": directives.class_option,
    "linenos": directives.flag,
    "lineno-start": first_line,
    "emphasize-lines": directives.unchanged_required,
    "hide-code": directives.flag,
    "hide-output": directives.flag,
    "static": reason,
    "no-exec": directives.flag,
    "raises": exception,
    "timeout": seconds,
    "requirements": requirements,
    "depends": files,
    "files": files,
    "embed": states,
    "volatile": directives.flag,
    "tolerance": tolerance,
}
"""``option_spec`` of the directive. The first six are Sphinx's own for code blocks."""
